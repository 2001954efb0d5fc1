"""Compiling all kernels once, at set-up. Their compiled form is kept on disk, so that later starts load it."""

import gc
from collections.abc import Callable

import numpy as np

from server.engine import layout as at
from server.engine import views
from server.engine.exchange import Exchange
from server.engine.kernel import cache_directory
from server.engine.margin import measure
from server.engine.memory import enlarge_index
from server.engine.trades import enlarge_trades
from server.protocol.enums import CommandKind
from server.protocol.records import LIST_INSTRUMENT


def warm_up(progress: Callable[[str], None]) -> None:
    """Compiles, or loads, every kernel that is called from Python; `progress` hears of each step.

    The compiler leaves millions of small objects behind; looking through them for cycles would cost an eighth of it.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        _compile(progress)
    finally:
        if collects:
            gc.enable()


def _compile(progress: Callable[[str], None]) -> None:
    progress(f"kernels in {cache_directory()}")
    progress("compiling the engine (one to two minutes, once)")
    exchange = Exchange()
    listing = np.zeros(1, LIST_INSTRUMENT)
    listing["kind"], listing["group_count"] = CommandKind.LIST_INSTRUMENT, 1
    listing["sequence"], listing["time_ns"] = 1, 1
    listing["instrument"] = 1
    listing["price_min"], listing["price_max"], listing["tick_size"] = 1, 100, 1
    listing["quantity_max"], listing["cash_scale"], listing["lot_size"] = 100, 1, 1
    exchange.apply(listing)
    progress("compiling readers and the state hash")
    enlarge_index(exchange.memory, at.KEY_INDEX)
    enlarge_trades(exchange.memory)
    measure(exchange.memory, exchange.memory.view(np.int64), exchange.memory[at.HOUSE], False)
    exchange.state_hash()
    views.last_counter(exchange, 1, 1)
    progress("kernels are ready")
