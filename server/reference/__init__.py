"""Reference data: what an instrument is called, in which steps its price moves, when it trades.

Rules: text and numbers in, checked values and command records out; no file, socket or clock is touched here, and of
the server only `server.protocol` is known.
"""
