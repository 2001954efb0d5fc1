"""The engine where it is hardest: a wide price range, many instruments, many live orders, longest batch, memory.

Rules: the same checks, events and money as in `engine_flow`, whose flows these are, with one thing changed; each
figure stands beside the plain case taken in the same run, both the least of a few runs.
`python -m tests.benchmarks engine` prints them all.
"""

import gc
import time
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np

from server.engine import layout as at
from server.engine.exchange import Exchange
from server.protocol.enums import CommandKind, OrderType, Side, TimeInForce
from server.protocol.records import COMMAND
from tests.benchmarks.engine_flow import SEED, SHARD, Flow, batches, fresh_exchange, make_flow, opening_commands
from tests.benchmarks.measure import Measure, MeasureGroup, Result

RUNS = 3
MIDDLE = 500_000
COUNT = 300_000
TICKS = 1_000_000
INSTRUMENTS = (1, 100, 5_000)
LIVE_ORDERS = (1_000, 10_000, 100_000, 1_000_000)


def batch_seconds(made: Flow) -> list[float]:
    """The time of each batch, in one run."""
    exchange = fresh_exchange(made)
    marks = [time.process_time()]
    for batch in batches(made):
        exchange.apply(batch)
        marks.append(time.process_time())
    return [after - before for before, after in pairwise(marks)]


def nanoseconds(made: Flow, skipped: int = 0) -> float:
    """Nanoseconds a command once `skipped` commands have filled the books: the least of a few runs."""
    gc.collect()
    first = -(-skipped // len(batches(made)[0]))
    timed = len(made.commands) - first * len(batches(made)[0])
    return min(sum(batch_seconds(made)[first:]) for _ in range(RUNS)) * 1e9 / timed


@cache
def flow1() -> float:
    """The plain case: one instrument, 5,000 live orders."""
    return nanoseconds(make_flow(1))


def spread(made: Flow) -> Flow:
    """The same flow with its prices pulled apart over a million ticks: every order, trade and queue stays."""
    commands = made.commands.copy()
    priced = commands["kind"] != CommandKind.CANCEL_ORDER
    prices = commands["price"][priced]
    lowest, highest = int(prices.min()), int(prices.max())
    commands["price"][priced] = 1 + (prices - lowest) * ((TICKS - 1) // (highest - lowest))
    return replace(made, commands=commands)


def wide() -> tuple[float, float]:
    """(prices over a million ticks, flow1) in nanoseconds a command."""
    return nanoseconds(spread(make_flow(1))), flow1()


def worst_batch() -> tuple[float, float]:
    """(longest, median) batch of flow1 in microseconds; the longest of the best run."""
    runs = [batch_seconds(make_flow(1)) for _ in range(RUNS)]
    best = min(runs, key=max)
    return max(best) * 1e6, float(np.median(best)) * 1e6


def by_instruments() -> Iterable[Result]:
    """Nanoseconds a command by number of instruments."""
    for number in INSTRUMENTS:
        yield Result(f"engine.instruments.{number}.ns", "ns", nanoseconds(make_flow(number, COUNT)), flow1())


def passive_flow(live: int) -> Flow:
    """Fills a book with `live` orders, then cancels one at random and enters another, COUNT commands in all."""
    draw = np.random.default_rng(SEED)
    orders = live + COUNT // 2
    rows = np.zeros(live + COUNT, COMMAND)
    entered = np.concatenate([np.arange(live), live + 1 + 2 * np.arange(COUNT // 2)])
    side = draw.integers(0, 2, orders)
    depth = np.minimum(draw.geometric(0.005, orders), MIDDLE - 1)
    rows["kind"] = CommandKind.CANCEL_ORDER
    rows["kind"][entered] = CommandKind.NEW_ORDER
    rows["side"][entered] = side
    rows["price"][entered] = np.where(side == Side.BUY, MIDDLE - depth, MIDDLE + depth)
    rows["quantity"][entered] = draw.integers(1, 100, orders)
    rows["instrument"][entered] = 1
    rows["account"][entered] = 1
    rows["order_type"], rows["time_in_force"] = OrderType.LIMIT, TimeInForce.GTC
    alive = list(range(1, live + 1))
    for number, place in enumerate(draw.integers(0, live, COUNT // 2).tolist()):
        rows["order_id"][live + 2 * number] = SHARD << 48 | alive[place]
        alive[place] = live + 1 + number
    rows["group_count"] = rows["session"] = rows["user"] = rows["client_instance"] = 1
    rows["counter"] = np.arange(1, len(rows) + 1)
    opening = opening_commands(1)
    rows["sequence"] = rows["time_ns"] = np.arange(1, len(rows) + 1) + len(opening)
    return Flow([], 1, opening, rows, 0, 0, 0)


def by_live_orders() -> Iterable[Result]:
    """Nanoseconds a command by number of live orders, and what one of them takes of the memory."""
    for live in LIVE_ORDERS:
        made = passive_flow(live)
        yield Result(f"engine.live_orders.{live}.ns", "ns", nanoseconds(made, live), flow1())
    yield Result("engine.bytes_per_live_order", "bytes", bytes_per_order(made, LIVE_ORDERS[-1]))


def bytes_per_order(made: Flow, live: int) -> float:
    """Rows and index of the orders that fill the books, divided by how many live."""
    exchange = fresh_exchange(made)
    before = words_used(exchange)
    for batch in batches(replace(made, commands=made.commands[:live])):
        exchange.apply(batch)
    return (words_used(exchange) - before) * 8 / int(exchange.memory[at.LIVE_ORDERS])


def words_used(exchange: Exchange) -> int:
    """Words of the memory that are in use, or were and are kept."""
    return int(exchange.memory[at.MEMORY_USED])


MEASURES = [
    Measure("engine.wide.flow1.ns_per_command", "ns", wide),
    Measure("engine.worst_batch.us", "us", worst_batch),
    MeasureGroup(tuple(f"engine.instruments.{number}.ns" for number in INSTRUMENTS), by_instruments),
    MeasureGroup(
        (*(f"engine.live_orders.{live}.ns" for live in LIVE_ORDERS), "engine.bytes_per_live_order"), by_live_orders
    ),
]
