"""The engine on a made order flow of 1,000,000 commands, beside the flow's own pure-Python replay.

Rules: every command passes every check, idempotency and risk included; positions, cash, events and market data are
all written; tape and book checksums must equal those of the flow. Runs are interleaved; the median pair counts;
processor time is taken, so that what else the machine does counts less.
`python -m tests.benchmarks engine` prints both figures.
"""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from server.engine import layout as at
from server.engine.exchange import Exchange
from server.engine.hashing import hash_words
from server.engine.hashing_rows import instrument_rows, order_rows
from server.protocol.enums import CommandKind, EventKind, OrderFlag, OrderType, Phase, Right, TimeInForce
from server.protocol.records import COMMAND, LIST_INSTRUMENT, NO_PRICE, OPEN_ACCOUNT
from tests.benchmarks import gen_orderflow as flow
from tests.benchmarks.measure import Measure

COMMANDS = 1_000_000
SEED = 20240607
BATCH = 2048
PAIRS = 9
USERS = 4
SHARD = 1
PUBLIC_BITS = np.uint64((1 << 48) - 1)


@dataclass(frozen=True, slots=True)
class Flow:
    """One order flow: as the generator gives it, as commands, and the result that any replay must give."""

    records: list[tuple[int, ...]]
    instruments: int
    opening: NDArray[np.void]
    commands: NDArray[np.void]
    trades: int
    tape: int
    book: int


@cache
def make_flow(instruments: int, count: int = COMMANDS) -> Flow:
    """Generates a flow and translates it: order n of the flow is the place that the engine's public id n takes."""
    records, engine = flow.generate(count, instruments, SEED)
    opening = opening_commands(instruments)
    commands = translate(records, instruments)
    commands["sequence"] += np.uint64(len(opening))
    return Flow(records, instruments, opening, commands, engine.trades, engine.tape, engine.book_checksum())


def opening_commands(instruments: int) -> NDArray[np.void]:
    """Lists the instruments, opens accounts and sessions, and continuous trading."""
    rows = []
    for number in range(1, instruments + 1):
        row = np.zeros(1, LIST_INSTRUMENT)
        row["kind"], row["instrument"], row["symbol"] = CommandKind.LIST_INSTRUMENT, number, f"I{number}"
        row["price_min"], row["price_max"], row["tick_size"], row["lot_size"] = 1, 1_000_000, 1, 1
        row["quantity_max"], row["cash_scale"], row["reference_price"] = 1_000_000, 1, NO_PRICE
        rows.append(row.view(COMMAND))
    for user in range(1, USERS + 1):
        row = np.zeros(1, OPEN_ACCOUNT)
        row["kind"], row["account"], row["orders_max"] = CommandKind.OPEN_ACCOUNT, user, 1_000_000
        row["credit_limit"], row["position_max"], row["short_allowed"] = 1 << 60, 1 << 60, 1
        rows.append(row.view(COMMAND))
        rows.append(command(CommandKind.GRANT, account=user, decision_maker=user, flags=Right.TRADE))
        rows.append(command(CommandKind.SESSION_OPENED, session=user, user=user))
    rows.append(command(CommandKind.SET_PHASE, side=Phase.CONTINUOUS, price=NO_PRICE))
    opening = np.concatenate(rows)
    opening["group_count"] = 1
    opening["sequence"] = opening["time_ns"] = np.arange(1, len(opening) + 1)
    return opening


def command(kind: CommandKind, **fields: int) -> NDArray[np.void]:
    """One COMMAND row."""
    row = np.zeros(1, COMMAND)
    row["kind"] = kind
    for name, value in fields.items():
        row[name] = value
    return row


def translate(records: list[tuple[int, ...]], instruments: int) -> NDArray[np.void]:
    """The flow as commands. A replace names the order first entered, and its new total includes what was filled."""
    book = flow.Engine(instruments)
    orders = 0
    first = {}  # place -> (order id, filled before this place, quantity of this place)
    columns = np.zeros((len(records), 4), np.int64)  # order id, total, user, counter
    counters = [0] * (USERS + 1)
    for number, (op, side, _, instrument, place, new_place, price, quantity) in enumerate(records):
        order_id, total = 0, quantity
        if op == flow.NEW:
            orders += 1
            first[place] = (orders, 0, quantity)
            user = orders % USERS + 1
        else:
            order_id, filled, before = first.pop(place)
            filled += before - book.orders[place][3]
            user = order_id % USERS + 1
            book.cancel(place)
            if op == flow.REPLACE:
                total = filled + quantity
                first[new_place] = (order_id, filled, quantity)
                place = new_place
        if op != flow.CANCEL:
            book.new(instrument, side, place, price, quantity)
        counters[user] += 1
        columns[number] = (order_id and SHARD << 48 | order_id), total, user, counters[user]
    return as_commands(np.array(records, np.int64), columns)


def as_commands(records: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.void]:
    """Records and what was found out about them as COMMAND rows."""
    op = records[:, 0]
    rows = np.zeros(len(records), COMMAND)
    rows["kind"] = np.select(
        [op == flow.NEW, op == flow.CANCEL],
        [CommandKind.NEW_ORDER, CommandKind.CANCEL_ORDER],
        CommandKind.REPLACE_ORDER,
    )
    rows["group_count"] = 1
    rows["sequence"] = rows["time_ns"] = np.arange(1, len(records) + 1)
    rows["side"], rows["instrument"], rows["price"] = records[:, 1], records[:, 3] + 1, records[:, 6]
    rows["order_id"], rows["quantity"], rows["user"], rows["counter"] = columns.T
    rows["session"] = rows["account"] = rows["client_instance"] = rows["user"]
    rows["order_type"], rows["time_in_force"] = OrderType.LIMIT, TimeInForce.GTC
    rows["flags"][op == flow.REPLACE] = OrderFlag.LOSE_PRIORITY
    return rows


def fresh_exchange(made: Flow) -> Exchange:
    """An exchange that is open for the flow."""
    exchange = Exchange(SHARD)
    exchange.apply(made.opening)
    return exchange


def batches(made: Flow) -> list[NDArray[np.void]]:
    """The commands as the loop would apply them under load."""
    return [made.commands[start : start + BATCH] for start in range(0, len(made.commands), BATCH)]


def check(made: Flow) -> None:
    """One run whose trades are collected: raises if tape or book are not those of the flow."""
    exchange = fresh_exchange(made)
    words = []
    for batch in batches(made):
        events = exchange.apply(batch).events
        assert not np.any(events["kind"] == EventKind.REJECTED), "a command was refused"
        trades = events[events["kind"] == EventKind.EXECUTED]
        maker, taker = trades[::2], trades[1::2]
        price_quantity = maker["last_price"].astype(np.uint64) << np.uint64(32) | maker["last_quantity"].astype(
            np.uint64
        )
        public = (maker["public_order_id"] & PUBLIC_BITS, taker["public_order_id"] & PUBLIC_BITS, price_quantity)
        words.append(np.stack(public, axis=1).ravel())
    tape = np.concatenate(words)
    assert len(tape) == 3 * made.trades and int(hash_words(tape)) == made.tape, "the tape is another"
    assert book_checksum(exchange) == made.book, "the book is another"


def book_checksum(exchange: Exchange) -> int:
    """The flow's checksum of all books."""
    m = exchange.memory
    rows = np.concatenate([order_rows(m, instrument) for instrument in instrument_rows(m)])
    price_quantity = m[rows + at.ORDER_PRICE] << np.uint64(32) | m[rows + at.ORDER_LEAVES]
    words = np.stack((m[rows + at.ORDER_PUBLIC_ID] & PUBLIC_BITS, price_quantity), axis=1).ravel()
    return int(hash_words(words))


def engine_seconds(made: Flow) -> float:
    """The time of one run through `apply`."""
    exchange = fresh_exchange(made)
    work = batches(made)
    apply = exchange.apply
    start = time.process_time()
    for batch in work:
        apply(batch)
    return time.process_time() - start


def replay_seconds(made: Flow) -> float:
    """The time of one run of the flow's own replay."""
    start = time.process_time()
    flow.replay(made.records, made.instruments)
    return time.process_time() - start


def paired(instruments: int, check_run: Callable[[Flow], None]) -> tuple[float, float]:
    """(engine, replay) in nanoseconds a command: the pair with the median ratio, after a run that is checked."""
    made = make_flow(instruments)
    check_run(made)
    gc.collect()
    measured = [(engine_seconds(made), replay_seconds(made)) for _ in range(PAIRS)]
    engine, replay = sorted(measured, key=lambda pair: pair[0] / pair[1])[PAIRS // 2]
    scale = 1e9 / len(made.commands)
    return engine * scale, replay * scale


MEASURES = [
    Measure("engine.flow1.ns_per_command", "ns", lambda: paired(1, check)),
    Measure("engine.flow100.ns_per_command", "ns", lambda: paired(100, check)),
]
