"""The engine without accounts, risk, fees and events (`server.engine.switches`), beside the flow's own replay.

Rules: for comparison with engines that only match; the same source and flows as in `engine_flow`, and tape and book
must equal those of the flow. A process has one engine, so each figure is taken in one of its own, with its yardstick.
`python -m tests.benchmarks engine.bare` prints both figures.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from server.engine.hashing import hash_words
from server.engine.switches import BARE, ENGINE
from server.protocol.enums import CommandKind, MarketDataKind
from tests.benchmarks.engine_flow import PUBLIC_BITS, Flow, batches, book_checksum, fresh_exchange, paired
from tests.benchmarks.measure import Measure

ROOT = Path(__file__).parents[2]


def check(made: Flow) -> None:
    """One run whose trades are collected from market data: raises if tape or book are not those of the flow."""
    exchange = fresh_exchange(made)
    takers = public_ids(made)
    words = []
    for batch in batches(made):
        outputs = exchange.apply(batch)
        assert not len(outputs.events), "an event was written: this engine is not bare"
        words.append(tape_of(outputs.market_data, takers[outputs.market_data["sequence"] - batch_start(made)]))
    tape = np.concatenate(words)
    assert len(tape) == 3 * made.trades and int(hash_words(tape)) == made.tape, "the tape is another"
    assert book_checksum(exchange) == made.book, "the book is another"


def batch_start(made: Flow) -> np.uint64:
    """The sequence of the flow's first command."""
    return np.uint64(made.commands["sequence"][0])


def public_ids(made: Flow) -> NDArray[np.uint64]:
    """The public id that each command's order has from then on: each new order and each replace takes the next."""
    taken = made.commands["kind"] != CommandKind.CANCEL_ORDER
    return np.cumsum(taken).astype(np.uint64)


def tape_of(records: NDArray[np.void], takers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Maker, taker, price and quantity of each trade; `takers`: the order of each record's command."""
    traded = records["kind"] == MarketDataKind.EXECUTE
    trades = records[traded]
    price_quantity = trades["price"].astype(np.uint64) << np.uint64(32) | trades["quantity"].astype(np.uint64)
    return np.stack((trades["public_order_id"] & PUBLIC_BITS, takers[traded], price_quantity), axis=1).ravel()


def run(instruments: int) -> tuple[float, float]:
    """(engine, replay) in nanoseconds a command, measured in a process that has the bare engine."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.engine_bare", str(instruments)],
        cwd=ROOT,
        env={**os.environ, "TRADEPIT_ENGINE": BARE},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        raise RuntimeError(ended.stderr)
    engine, replay = json.loads(ended.stdout)
    return engine, replay


def main() -> None:
    """Measures in this process and prints the pair."""
    assert ENGINE == BARE, f"TRADEPIT_ENGINE is not {BARE}"
    sys.stdout.write(json.dumps(paired(int(sys.argv[1]), check)) + "\n")


MEASURES = [
    Measure("engine.bare.flow1.ns_per_command", "ns", lambda: run(1)),
    Measure("engine.bare.flow100.ns_per_command", "ns", lambda: run(100)),
]

if __name__ == "__main__":
    main()
