"""All widgets on made-up data, to look at and to test: no server, no clock, one seed."""
