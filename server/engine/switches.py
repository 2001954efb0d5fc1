"""Which engine this process has: the whole one, or, for comparison in benchmarks alone, one that only matches.

Rules: TRADEPIT_ENGINE is read once, before anything is compiled. A switch is a constant for the compiler, so that the
whole engine contains no trace of it. The bare engine takes every client for one user with every right; it keeps books,
terms, phases and market data as the rule book says. No server runs on it.
"""

import os
from typing import Final

FULL: Final = "full"
BARE: Final = "bare"
ENGINE: Final = os.environ.get("TRADEPIT_ENGINE") or FULL
if ENGINE not in (FULL, BARE):
    raise ValueError(f"TRADEPIT_ENGINE is {ENGINE!r}; it may be {FULL!r} or {BARE!r}")

WITH_ACCOUNTS: Final = ENGINE == FULL
"""Who sends, rights, counters, risk, money, positions, the orders of an account, the record of trades."""
WITH_EVENTS: Final = ENGINE == FULL
"""Event records and their numbers; without them what is written of an event lands in the first row and is lost."""
