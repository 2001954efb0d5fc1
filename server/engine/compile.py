"""Compiling all kernels once, at set-up. Their compiled form is kept on disk, so that later starts load it.

Rules: steps do not depend on each other, so that several processes share them: each claims the next that nobody has.
`python -m server.engine.compile CLAIMS` is such a process; what one of them leaves undone, the entry compiles itself.
"""

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from server.engine import layout as at
from server.engine import views
from server.engine.exchange import Exchange
from server.engine.kernel import cache_directory, module_of, path_of
from server.engine.lowering import declared
from server.engine.margin import measure
from server.engine.memory import enlarge_index
from server.engine.steps import Step
from server.engine.trades import enlarge_trades
from server.protocol.enums import CommandKind
from server.protocol.records import LIST_INSTRUMENT

_FEW: Final = 50
"""So few steps are not worth a second process."""
_PROCESSES_MAX: Final = 8
_ROOT: Final = Path(__file__).parents[2]


def warm_up(progress: Callable[[str], None]) -> None:
    """Compiles, or loads, every kernel that is called from Python; `progress` hears of each step."""
    progress(f"kernels in {cache_directory()}")
    with _without_collector():
        _compile_steps(progress)
        _compile_entries(progress)
    progress("kernels are ready")


@contextmanager
def _without_collector() -> Iterator[None]:
    """The compiler leaves millions of small objects; looking through them for cycles would cost an eighth of it."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _compile_steps(progress: Callable[[str], None]) -> None:
    """Compiles the steps that are not kept yet, in as many processes as there are processors."""
    missing = [step for step in declared() if not path_of(step).exists()]
    if not missing:
        return
    progress(f"compiling the engine's {len(missing)} steps (about a minute, once)")
    count = min(os.cpu_count() or 1, _PROCESSES_MAX) if len(missing) > _FEW else 1
    with TemporaryDirectory() as claims:
        command = [sys.executable, "-m", "server.engine.compile", claims]
        others = [subprocess.Popen(command, cwd=_ROOT) for _ in range(count - 1)]
        compile_unclaimed(missing, Path(claims), progress)
        for other in others:
            other.wait()


def compile_unclaimed(steps: Sequence[Step], claims: Path, progress: Callable[[str], None]) -> None:
    """Compiles those of the steps that no other process with the same folder of claims has begun."""
    told = 0
    for step in steps:
        path = path_of(step)
        try:
            (claims / path.name).touch(exist_ok=False)
        except FileExistsError:
            continue
        module_of(step)
        parts = 10 * len(list(claims.iterdir())) // len(steps)
        if parts > told:
            told = parts
            progress(f"compiled {10 * told} % of the steps")


def _compile_entries(progress: Callable[[str], None]) -> None:
    """Links and optimises what is called from Python, by calling each once."""
    progress("linking the engine")
    exchange = Exchange()
    listing = np.zeros(1, LIST_INSTRUMENT)
    listing["kind"], listing["group_count"] = CommandKind.LIST_INSTRUMENT, 1
    listing["sequence"], listing["time_ns"] = 1, 1
    listing["instrument"] = 1
    listing["price_min"], listing["price_max"], listing["tick_size"] = 1, 100, 1
    listing["quantity_max"], listing["cash_scale"], listing["lot_size"] = 100, 1, 1
    exchange.apply(listing)
    progress("linking readers and the state hash")
    enlarge_index(exchange.memory, at.KEY_INDEX)
    enlarge_trades(exchange.memory)
    measure(exchange.memory, exchange.memory.view(np.int64), exchange.memory[at.HOUSE], False)
    exchange.state_hash()
    views.last_counter(exchange, 1, 1)


if __name__ == "__main__":
    with _without_collector():
        compile_unclaimed(
            [step for step in declared() if not path_of(step).exists()], Path(sys.argv[1]), lambda _: None
        )
