"""Commands for a person: demo, replay, journal, admin and load. Each is started by its module name."""
