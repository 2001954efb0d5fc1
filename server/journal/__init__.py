"""The journal and the event log: what was decided and what was published, as chained frames in segment files.

Rules: the journal is the only source of recovery; the event log is derived from it, may lag and never leads;
nothing here knows what a command means. `journal.py` and `event_log.py` are the two doors.
"""
