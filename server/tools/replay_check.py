"""What the engine made of a recorded day, compared with what the exchange published.

Rules: trades and deletes are compared one by one, in order; every figure that is not found again is a difference, and
so is every command that the engine refused.
"""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import CancelReason, EventKind, Liquidity, RejectReason, Side
from server.tools.replay_book import Levels, moments
from server.tools.replay_feed import CLOSING_CALL_BEGINS_NS
from server.tools.replay_messages import NO_AGGRESSOR, RecordedDay

SHOWN_MAX: Final = 5
CONTINUOUS_PHASE: Final = 2

Records = NDArray[np.void]
TRADE_FIELDS: Final = ("bid_number", "ask_number", "aggressor", "price", "quantity")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One kind of thing: how many were `published`, how many of them the engine gave too, and what differs."""

    name: str
    published: int
    equal: int
    differences: tuple[str, ...]
    note: str = ""

    @property
    def difference_count(self) -> int:
        """What was published and not found, or found and never published."""
        return len(self.differences)


def compare(day: RecordedDay, events: Records, market_data: Records) -> list[Comparison]:
    """All comparisons of a day; `events` and `market_data` are the engine's whole output."""
    return [
        *compare_trades(day, events),
        compare_deletes(day, events),
        compare_snapshots(day, market_data),
        compare_refusals(events),
    ]


def compare_trades(day: RecordedDay, events: Records) -> list[Comparison]:
    """Continuous trades, then each auction, one by one."""
    published = _trade_rows(day.trades)
    made = _trade_rows(engine_trades(events))
    results = []
    for name, rows, own in zip(
        ("continuous trades", "opening auction", "closing auction"), _parted(published), _parted(made), strict=True
    ):
        prices = sorted({row[3] for row in rows})
        note = f"at {prices[0] / 100:.2f}" if "auction" in name and len(prices) == 1 else ""
        results.append(_one_by_one(name, rows, own, note))
    return results


def engine_trades(events: Records) -> Records:
    """The engine's trades as the exchange would publish them, in order. Each is two EXECUTED events, side by side."""
    executed = events[events["kind"] == EventKind.EXECUTED]
    first, second = executed[0::2], executed[1::2]
    assert (first["trade_id"] == second["trade_id"]).all(), "an execution without its other side"
    first_buys = first["side"] == Side.BUY
    trades = np.zeros(len(first), [(name, "<i8") for name in TRADE_FIELDS])
    trades["bid_number"] = np.where(first_buys, first["label"], second["label"]).astype(np.int64)
    trades["ask_number"] = np.where(first_buys, second["label"], first["label"]).astype(np.int64)
    trades["aggressor"] = np.where(first["liquidity"] == Liquidity.AUCTION, NO_AGGRESSOR, second["side"])
    trades["price"], trades["quantity"] = first["last_price"], first["last_quantity"]
    return trades


def compare_deletes(day: RecordedDay, events: Records) -> Comparison:
    """Each delete must find what the exchange says was left."""
    deletes = day.orders[day.orders["is_delete"]]
    canceled = events[(events["kind"] == EventKind.CANCELED) & (events["reason"] == CancelReason.REQUESTED)]
    published = _rows(deletes["number"], deletes["side"], deletes["price"], deletes["quantity"])
    made = _rows(canceled["label"].astype(np.int64), canceled["side"], canceled["price"], canceled["last_quantity"])
    return _one_by_one("deletes", published, made)


def compare_snapshots(day: RecordedDay, market_data: Records) -> Comparison:
    """Each ten-level snapshot of continuous trading must be the book at a moment not before the last one's.

    The exchange ends continuous trading with an empty placeholder, which is no book.
    """
    snapshots = day.snapshots[day.snapshots["phase"] == CONTINUOUS_PHASE]
    wanted = [_levels(levels) for levels in snapshots["levels"].tolist()]
    seen: dict[Levels, list[int]] = defaultdict(list)
    keys = set(wanted)
    for sequence, levels in moments(market_data):
        if levels in keys:
            seen[levels].append(sequence)
    found, empty, last = 0, [], 0
    differences = []
    for row, levels in enumerate(wanted):
        time_text = clock_text(int(snapshots["time_ns"][row]))
        if levels == ((), ()) and snapshots["time_ns"][row] >= CLOSING_CALL_BEGINS_NS:
            empty.append(time_text)
            continue
        sequences = seen.get(levels, [])
        at = bisect_left(sequences, last)
        if at == len(sequences):
            differences.append(f"no moment has the book of the snapshot of {time_text}")
            continue
        found, last = found + 1, sequences[at]
    note = f"and {len(empty)} empty placeholder at {', '.join(empty)}" if empty else ""
    return Comparison("snapshots", len(wanted), found, tuple(differences), note)


def compare_refusals(events: Records) -> Comparison:
    """The exchange took every order of the day, so must the engine."""
    rejected = events[events["kind"] == EventKind.REJECTED]
    texts = [
        f"command {sequence} was refused: {RejectReason(reason).name}"
        for sequence, reason in zip(rejected["command_sequence"].tolist(), rejected["reason"].tolist(), strict=True)
    ]
    return Comparison("refused", 0, 0, tuple(texts))


def clock_text(time_ns: int) -> str:
    """Nanoseconds since midnight as HH:MM:SS."""
    minutes, seconds = divmod(time_ns // 1_000_000_000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}"


def _levels(levels: list[list[list[int]]]) -> Levels:
    """A published snapshot without its empty places."""
    bids, asks = (tuple((price, quantity) for price, quantity in side if price) for side in levels)
    return bids, asks


def _rows(*columns: NDArray[np.generic]) -> list[tuple[int, ...]]:
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _trade_rows(trades: Records) -> list[tuple[int, ...]]:
    return _rows(*(trades[name] for name in TRADE_FIELDS))


def _parted(rows: list[tuple[int, ...]]) -> tuple[list[tuple[int, ...]], ...]:
    """Continuous trades, auction trades before the first of them, auction trades after it."""
    first = next((at for at, row in enumerate(rows) if row[2] != NO_AGGRESSOR), len(rows))
    return (
        [row for row in rows if row[2] != NO_AGGRESSOR],
        [row for row in rows[:first] if row[2] == NO_AGGRESSOR],
        [row for row in rows[first:] if row[2] == NO_AGGRESSOR],
    )


def _one_by_one(name: str, published: list[tuple[int, ...]], made: list[tuple[int, ...]], note: str = "") -> Comparison:
    """Compare two lists place by place; what one has more than the other is different too."""
    differences = [
        f"{name} {place + 1}: published {one}, the engine gave {other}"
        for place, (one, other) in enumerate(zip(published, made, strict=False))
        if one != other
    ]
    equal = min(len(published), len(made)) - len(differences)
    differences += [f"{name}: the engine did not give {one}" for one in published[len(made) :]]
    differences += [f"{name}: never published {other}" for other in made[len(published) :]]
    return Comparison(name, len(published), equal, tuple(differences), note)
