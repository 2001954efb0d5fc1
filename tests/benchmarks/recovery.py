"""Recovery: commands per second from the journal's files to an engine that is ready, event log included.

Rules: measured are the opening of the journal (every frame verified), the replay through the engine and the opening of
the event log; frames hold one to eight commands, as under light load, which is the slow case. Yardstick: the engine
alone on the same commands in memory. The files lie in a temporary directory and are in the page cache.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.engine.exchange import Exchange
from server.journal import event_checkpoint
from server.journal.event_log import EventLog
from server.journal.journal import Journal
from server.protocol.enums import CommandKind, OrderType, Phase, Right, TimeInForce
from server.protocol.records import COMMAND, LIST_INSTRUMENT, NO_PRICE, OPEN_ACCOUNT
from tests.benchmarks.measure import MeasureGroup, Result

COMMANDS: Final = 200_000
FRAME_COMMANDS_MAX: Final = 8
SEED: Final = 20_230_207
BATCH: Final = 1 << 16
ROUNDS: Final = 3
_SESSION, _USER, _ACCOUNT, _INSTRUMENT, _INSTANCE = 1, 7, 3, 1, 99


def founding() -> NDArray[np.void]:
    """One instrument in continuous trading, one rich account, one trader with an open session."""
    rows = np.zeros(5, COMMAND)
    rows["group_count"] = rows["shard"] = 1
    rows["version"] = 1
    rows["kind"] = [
        CommandKind.LIST_INSTRUMENT, CommandKind.OPEN_ACCOUNT, CommandKind.GRANT, CommandKind.SESSION_OPENED,
        CommandKind.SET_PHASE,
    ]  # fmt: skip
    rows["instrument"][[0, 4]] = _INSTRUMENT
    rows["account"][[1, 2]] = _ACCOUNT
    rows["user"] = [0, 0, 0, _USER, 0]
    listing = rows[:1].view(LIST_INSTRUMENT)
    listing["symbol"], listing["price_min"], listing["price_max"] = b"VLTA", 1, 100_000
    listing["quantity_max"], listing["cash_scale"], listing["reference_price"] = 1_000_000, 1, NO_PRICE
    listing["tick_size"], listing["lot_size"] = 1, 1
    account = rows[1:2].view(OPEN_ACCOUNT)
    account["name"], account["credit_limit"], account["short_allowed"] = b"bench", 1 << 61, 1
    account["orders_max"] = 1 << 31
    rows["flags"][2], rows["decision_maker"][2] = Right.TRADE | Right.VIEW, _USER
    rows["session"][3] = _SESSION
    rows["side"][4], rows["price"][4] = Phase.CONTINUOUS, NO_PRICE
    return rows


def order_flow(count: int) -> NDArray[np.void]:
    """`count` stamped commands: two new limit orders near one price, then a cancel of a recent one, and so on."""
    draw = np.random.default_rng(SEED)
    first = founding()
    orders = np.zeros(count - len(first), COMMAND)
    number = np.arange(len(orders))
    is_cancel = number % 3 == 2
    orders["group_count"] = orders["shard"] = orders["version"] = 1
    orders["kind"] = np.where(is_cancel, CommandKind.CANCEL_ORDER, CommandKind.NEW_ORDER)
    orders["session"], orders["user"], orders["client_instance"] = _SESSION, _USER, _INSTANCE
    orders["counter"] = number + 1
    created = np.cumsum(~is_cancel)
    recent = np.maximum(1, created - draw.integers(0, 200, len(orders)))
    orders["order_id"][is_cancel] = (1 << 48 | recent)[is_cancel]
    new = ~is_cancel
    side = draw.integers(0, 2, len(orders))
    price = 50_000 + np.where(side == 0, -1, 1) * draw.integers(-3, 60, len(orders))
    for name, values in (
        ("side", side), ("price", price), ("quantity", draw.integers(1, 100, len(orders))),
        ("order_type", np.full(len(orders), OrderType.LIMIT)), ("time_in_force", np.full(len(orders), TimeInForce.DAY)),
        ("account", np.full(len(orders), _ACCOUNT)), ("instrument", np.full(len(orders), _INSTRUMENT)),
    ):  # fmt: skip
        orders[name][new] = values[new]
    commands = np.concatenate([first, orders])
    commands["sequence"] = np.arange(1, count + 1)
    commands["time_ns"] = 1_700_000_000_000_000_000 + np.arange(count) * 20_000
    return commands


def write(directory: Path, commands: NDArray[np.void]) -> int:
    """Journal and event log as a server would have left them; the state hash at their end."""
    exchange = Exchange()
    journal = Journal.open(directory)
    log = EventLog.open(directory, epoch=journal.epoch, journal_sequence=0)
    sizes = np.random.default_rng(SEED).integers(1, FRAME_COMMANDS_MAX + 1, len(commands))
    start = 0
    for size in sizes:
        batch = commands[start : start + int(size)]
        if not len(batch):
            break
        journal.append(batch)
        outputs = exchange.apply(batch)
        log.append(outputs.events, outputs.market_data)
        start += len(batch)
    log.close()
    journal.close()
    return exchange.state_hash()


def recover(directory: Path) -> tuple[float, float, int]:
    """Seconds for all of it, seconds of reading alone, and the state hash; without a checkpoint, as after a kill."""
    (directory / "events" / event_checkpoint.FILE_NAME).unlink(missing_ok=True)
    started = time.perf_counter()
    exchange = Exchange()
    journal = Journal.open(directory)
    log = EventLog.open(directory, epoch=journal.epoch, journal_sequence=journal.last_sequence)
    read = time.perf_counter() - started
    for batch in journal.replay(split_after=log.last_command_sequence):
        exchange.apply(batch)
    elapsed = time.perf_counter() - started
    log.close()
    journal.close()
    return elapsed, read, exchange.state_hash()


def engine_alone(commands: NDArray[np.void]) -> float:
    """Seconds of the engine for the same commands in the same batches."""
    exchange = Exchange()
    started = time.perf_counter()
    for start in range(0, len(commands), BATCH):
        exchange.apply(commands[start : start + BATCH])
    return time.perf_counter() - started


def measure() -> Iterator[Result]:
    """The best of a few rounds, each with the engine alone beside it."""
    commands = order_flow(COMMANDS)
    engine_alone(commands[:1000])
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        expected = write(directory, commands)
        rounds: list[tuple[float, float, float]] = []
        for _ in range(ROUNDS):
            elapsed, read, state_hash = recover(directory)
            assert state_hash == expected, "recovery gave another state"
            rounds.append((elapsed, read, engine_alone(commands)))
    elapsed, read, alone = min(rounds)
    note = f"engine alone; {read:.2f} of {elapsed:.2f} s read and verify both logs"
    yield Result("recovery.commands_per_s", "1/s", COMMANDS / elapsed, COMMANDS / alone, note)


MEASURES = [MeasureGroup(("recovery.commands_per_s",), measure)]
