"""The exchange: pure, deterministic, compiled. `apply(commands)` is all that happens to it.

Rules: `resources/docs/RULEBOOK.md` says what every command does; nothing here reads a clock, a file, a random number or
a float. The state is one array of 64-bit words (`layout.py`), which grows with what lives in it.
"""
