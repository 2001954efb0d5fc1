"""Positions, money and the day's result as they come from events and marks."""

import numpy as np
import pytest

from app.state.bar_size import BarSize
from app.state.workstation import Workstation
from server.client.incoming import Channel, ChannelState, StreamState
from server.protocol import control
from server.protocol.enums import EventKind, OrderState, Side, Topic
from tests.app.made import NOON, account, command, event, instrument, levels, position, quote, received, trades


@pytest.fixture
def state() -> Workstation:
    """One instrument, one account, one quote: last 48.37, previous close 48.00."""
    state = Workstation()
    state.apply_instruments(control.Instruments(instruments=[instrument()]))
    state.apply_accounts(control.Accounts(accounts=[account()]))
    state.market.apply_quotes(np.array([1], np.uint32), quote(), NOON)
    state.take_changes()
    return state


def bought(quantity: int, price: int, sequence: int = 1) -> np.ndarray:
    """The execution of a buy order."""
    return event(EventKind.EXECUTED, order_id=77, leaves=0, filled=quantity, last_price=price, last_quantity=quantity,
                 state=OrderState.FILLED, side=Side.BUY, sequence=sequence)  # fmt: skip


def test_a_fill_shows_in_orders_fills_position_and_money(state: Workstation) -> None:
    state.apply_sent(command(), NOON)
    state.apply_events(event(EventKind.ACCEPTED), resumed=False)
    state.apply_events(
        np.concatenate([bought(500, 4833), position(500, 500 * 4833, 1_000_000 - 500 * 4833)]), resumed=False
    )
    state.revalue()
    changes = state.take_changes()
    assert changes.orders == {0}
    assert changes.fills == [0]
    assert changes.positions == {0}
    assert [int(notice.kind) for notice in changes.notices] == [EventKind.EXECUTED]
    money = state.accounts.accounts[3]
    assert money.open_profit == money.day_profit == 500 * (4837 - 4833)
    assert money.equity == 1_000_000 + 500 * 4
    assert money.gross == 500 * 4837


def test_the_day_counts_what_was_carried_from_the_close(state: Workstation) -> None:
    state.apply_events(position(100, 100 * 4000, 0), resumed=False)
    state.revalue()
    assert state.accounts.accounts[3].day_profit == 100 * (4837 - 4800)
    assert state.accounts.accounts[3].open_profit == 100 * (4837 - 4000)


def test_the_day_is_the_same_whether_the_instruments_come_before_or_after_the_fills(state: Workstation) -> None:
    late = Workstation()
    rows = np.concatenate([event(EventKind.ACCEPTED), bought(500, 4833), position(500, 500 * 4833, 0)])
    for one in (state, late):
        one.apply_events(rows, resumed=True)
    late.apply_instruments(control.Instruments(instruments=[instrument()]))
    late.apply_accounts(control.Accounts(accounts=[account()]))
    late.market.apply_quotes(np.array([1], np.uint32), quote(), NOON)
    for one in (state, late):
        one.revalue()
        one.revalue()
    assert late.accounts.accounts[3].day_profit == state.accounts.accounts[3].day_profit == 500 * 4


def test_positions_older_than_the_accounts_answer_are_not_applied(state: Workstation) -> None:
    state.apply_accounts(control.Accounts(accounts=[account(cash=7)], stream_sequence=10))
    state.apply_events(position(1, 1, 999, stream_sequence=10), resumed=True)
    assert state.accounts.accounts[3].cash == 7
    state.apply_events(position(1, 1, 999, stream_sequence=11), resumed=True)
    assert state.accounts.accounts[3].cash == 999


def test_a_lost_order_path_leaves_unanswered_orders_unknown(state: Workstation) -> None:
    state.apply_sent(command(), NOON)
    state.apply_stream_state(StreamState(Channel.ORDERS, ChannelState.DOWN), NOON)
    assert state.orders.rows["state"][0] == OrderState.UNKNOWN
    assert state.take_changes().orders == {0}


def test_a_lost_feed_marks_every_book(state: Workstation) -> None:
    state.market.apply_market_data(received(Topic.DEPTH, levels((Side.BUY, 100, 5)), snapshot=True), NOON)
    assert state.market.book(1).complete
    state.apply_stream_state(StreamState(Channel.MARKET_DATA, ChannelState.DOWN), NOON)
    assert not state.market.book(1).complete


def test_live_trades_move_ring_chart_and_time(state: Workstation) -> None:
    series = state.market.chart(1, BarSize.of_time(60_000_000_000))
    state.market.apply_market_data(received(Topic.TRADES, trades((NOON + 5, 4840, 3))), NOON)
    changes = state.take_changes()
    assert changes.trades == {1: 1}
    assert changes.bars[series].appended == 1
    assert state.market.time_ns == NOON + 5


def test_quotes_know_where_the_last_price_moved(state: Workstation) -> None:
    state.market.apply_quotes(np.array([1], np.uint32), quote(last=4830), NOON + 1)
    quotes = state.market.quotes
    assert (int(quotes.direction[0]), int(quotes.moved_ns[0])) == (-1, NOON + 1)
    assert quotes.change(0) == 30


def test_fills_of_a_time_when_we_were_away_are_late_those_of_the_first_start_are_not(state: Workstation) -> None:
    fill = event(EventKind.EXECUTED, leaves=0, filled=500, last_price=4830, last_quantity=500)
    for number, (resumed, late) in enumerate(((True, False), (False, False), (True, True)), 1):
        fill["sequence"] = number
        state.apply_events(fill, resumed=resumed)
        assert bool(state.fills.rows["late"][number - 1]) is late
        state.apply_synced()
    assert state.take_away().fills == 1
    assert state.take_away().fills == 0
