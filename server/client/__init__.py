"""The one client of the exchange: for the workstation, the simulator, the load generator and the tests.

Rules: `session`, `streams`, `order_entry` and `book` are pure (bytes and times in, values out); `connection` alone
owns sockets, in the thread that calls it, and starts no thread of its own.
"""
