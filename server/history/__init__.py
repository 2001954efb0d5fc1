"""History: ticks, bars and depth of every instrument, folded from the event log by a process of its own.

Rules: derived and rebuildable; the exchange never waits for it. `ticks.py` and `bar_units.py` are arithmetic,
`books.py` replays depth; `store.py` and `depth_store.py` own the files, `folding.py` follows the log; `queries.py`,
`volumes.py` and `depth_queries.py` make pages in slices, `service.py` answers without sockets, and `__main__.py` is the
process.
"""
