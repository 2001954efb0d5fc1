"""The feed joins what belongs together, and the book rebuilt from market data is the exchange's."""

import numpy as np

from server.protocol.enums import CommandKind, Phase, Side
from server.protocol.records import BOOK_RECORD
from server.tools.replay_book import LevelBook, moments
from server.tools.replay_feed import Step, commands_of, steps_of, strictly_rising
from server.tools.replay_messages import NO_AGGRESSOR, ORDERS, SNAPSHOTS, TRADES, RecordedDay, read_day
from tests.golden import make_day

NINE_THIRTY = (9 * 60 + 30) * 60 * 10**9
ADD, EXECUTE = 1, 2


def day_of(orders: list[tuple[int, ...]], trades: list[tuple[int, ...]]) -> RecordedDay:
    """Orders are (place, time, number, is_delete, side, price, quantity)."""
    return RecordedDay("X", 100, np.array(orders, ORDERS), np.array(trades, TRADES), np.zeros(0, SNAPSHOTS))


def orders_of(day: RecordedDay) -> list[Step]:
    return [step for step in steps_of(day) if step.kind != CommandKind.SET_PHASE]


def test_trades_and_the_rest_become_one_order() -> None:
    day = day_of(
        [(1, NINE_THIRTY, 10, False, Side.SELL, 101, 5), (2, NINE_THIRTY, 11, False, Side.SELL, 102, 5),
         (5, NINE_THIRTY, 12, False, Side.BUY, 103, 4)],
        [(3, NINE_THIRTY, 12, 10, Side.BUY, 101, 5), (4, NINE_THIRTY, 12, 11, Side.BUY, 102, 5)],
    )  # fmt: skip
    assert orders_of(day)[-1] == Step(CommandKind.NEW_ORDER, NINE_THIRTY, 12, Side.BUY, 103, 14)


def test_an_order_with_nothing_left_has_its_worst_trade_price() -> None:
    day = day_of(
        [(1, NINE_THIRTY, 10, False, Side.BUY, 101, 5), (2, NINE_THIRTY, 11, False, Side.BUY, 100, 5),
         (5, NINE_THIRTY, 13, False, Side.BUY, 90, 1)],
        [(3, NINE_THIRTY, 10, 12, Side.SELL, 101, 5), (4, NINE_THIRTY, 11, 12, Side.SELL, 100, 3)],
    )  # fmt: skip
    joined = orders_of(day)
    assert joined[2] == Step(CommandKind.NEW_ORDER, NINE_THIRTY, 12, Side.SELL, 100, 8)
    assert joined[3].number == 13


def test_two_aggressors_in_a_row_are_two_orders() -> None:
    day = day_of(
        [(1, NINE_THIRTY, 10, False, Side.BUY, 101, 5)],
        [(2, NINE_THIRTY, 10, 12, Side.SELL, 101, 2), (3, NINE_THIRTY, 10, 13, Side.SELL, 101, 3)],
    )
    assert [(step.number, step.quantity) for step in orders_of(day)] == [(10, 5), (12, 2), (13, 3)]


def test_auctions_uncross_at_their_first_trade() -> None:
    opening, closing = NINE_THIRTY - 5 * 60 * 10**9, 15 * 3600 * 10**9
    day = day_of(
        [(1, opening - 1, 10, False, Side.BUY, 101, 5), (2, opening - 1, 11, False, Side.SELL, 101, 5),
         (4, closing - 10**9, 12, False, Side.BUY, 101, 5), (5, closing - 10**9, 13, False, Side.SELL, 101, 5)],
        [(3, opening, 10, 11, NO_AGGRESSOR, 101, 5), (6, closing, 12, 13, NO_AGGRESSOR, 101, 5)],
    )  # fmt: skip
    kinds = [(step.kind, step.side) for step in steps_of(day)]
    phases = [side for kind, side in kinds if kind == CommandKind.SET_PHASE]
    assert phases == [Phase.PRE_OPEN, Phase.CONTINUOUS, Phase.CLOSING_CALL, Phase.CLOSED]
    assert [kind for kind, _ in kinds].count(CommandKind.NEW_ORDER) == 4


def test_commands_are_stamped_in_order() -> None:
    commands = commands_of(read_day(make_day.PATH), midnight_ns=10**18)
    assert commands["sequence"].tolist() == list(range(1, len(commands) + 1))
    assert (np.diff(commands["time_ns"]) > 0).all()
    counters = commands["counter"][commands["counter"] > 0]
    assert counters.tolist() == list(range(1, len(counters) + 1))


def test_times_rise_and_stay_as_they_were_where_they_can() -> None:
    assert strictly_rising(np.array([5, 5, 5, 9, 7, 30])).tolist() == [5, 6, 7, 9, 10, 30]


def test_an_execution_in_an_auction_changes_the_level_of_the_order() -> None:
    book = LevelBook()
    book.change(ADD, Side.BUY, public_order_id=7, price=105, level_quantity=10)
    book.change(EXECUTE, Side.BUY, public_order_id=7, price=103, level_quantity=4)
    assert book.levels(Side.BUY) == ((105, 4),)
    book.change(EXECUTE, Side.BUY, public_order_id=7, price=103, level_quantity=0)
    assert book.levels(Side.BUY) == ()


def test_a_moment_is_the_book_after_a_whole_command() -> None:
    records = np.zeros(3, BOOK_RECORD)
    records["kind"], records["sequence"] = ADD, (4, 4, 9)
    records["side"], records["price"] = (0, 1, 0), (100, 102, 101)
    records["level_quantity"], records["public_order_id"] = (3, 5, 8), (1, 2, 3)
    assert list(moments(records)) == [(4, (((100, 3),), ((102, 5),))), (9, (((101, 8), (100, 3)), ((102, 5),)))]
