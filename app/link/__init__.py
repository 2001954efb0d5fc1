"""The I/O thread around `server.client`: it owns the sockets, the window's thread owns everything else.

Rules: no Qt here; what crosses between the threads goes through `Inbox` (to the window) and `Outbox` (to the wire).
"""
