"""The exchange's edge: sessions, order entry, control plane, egress and market data.

Rules: what decides is logic without sockets, files or a clock (time is passed in as `now_ns`), and is tested so; only
`sockets.py` knows ZeroMQ. A broken wire costs the session that broke it and nothing else. Who sent a message is the
CURVE key that the connection proved (`User-Id`), never what the message says.
"""
