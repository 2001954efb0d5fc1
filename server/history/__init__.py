"""History: ticks and bars of every instrument, folded from the event log by a process of its own.

Rules: derived and rebuildable; the exchange never waits for it; `ticks.py` is pure, `store.py` owns the files,
`folding.py` follows the log, `service.py` answers requests without sockets, `__main__.py` is the process.
"""
