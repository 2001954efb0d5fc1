"""The life of an order as the blotter sees it."""

from app.state.orders import OrderTable
from server.protocol.enums import CommandKind, EventKind, OrderState, RejectReason, Side
from tests.app.made import NOON, command, event


def sent_and_accepted() -> OrderTable:
    """A table with one working order."""
    orders = OrderTable()
    orders.apply_sent(command(), NOON)
    orders.apply_event(event(EventKind.ACCEPTED)[0])
    return orders


def test_an_order_is_seen_from_the_moment_it_was_sent() -> None:
    orders = OrderTable()
    assert orders.apply_sent(command(), NOON) == {0}
    assert orders.rows["state"][0] == OrderState.PENDING_NEW
    assert orders.apply_event(event(EventKind.ACCEPTED)[0]) == 0
    assert len(orders) == 1
    assert orders.rows["state"][0] == OrderState.NEW
    assert orders.rows["order_id"][0] == 77


def test_fills_move_it_to_its_end() -> None:
    orders = sent_and_accepted()
    part = event(EventKind.EXECUTED, leaves=300, filled=200, last_price=4830, last_quantity=200,
                 state=OrderState.PARTIALLY_FILLED)  # fmt: skip
    rest = event(EventKind.EXECUTED, leaves=0, filled=500, last_price=4835, last_quantity=300, state=OrderState.FILLED)
    orders.apply_event(part[0])
    assert orders.live().tolist() == [0]
    orders.apply_event(rest[0])
    assert orders.rows["state"][0] == OrderState.FILLED
    assert orders.average_price(0) == (4830 * 200 + 4835 * 300) / 500
    assert not len(orders.live())


def test_a_refused_cancel_gives_the_order_its_state_back() -> None:
    orders = sent_and_accepted()
    cancel = command(2, kind=CommandKind.CANCEL_ORDER, label=b"", order_id=77)
    assert orders.apply_sent(cancel, NOON + 1) == {0}
    assert orders.rows["state"][0] == OrderState.PENDING_CANCEL
    refused = event(EventKind.REJECTED, counter=2, order_id=0, reason=RejectReason.TOO_LATE, state=OrderState.REJECTED)
    orders.apply_event(refused[0])
    assert orders.rows["state"][0] == OrderState.NEW


def test_a_fill_does_not_hide_that_a_cancel_is_under_way() -> None:
    orders = sent_and_accepted()
    orders.apply_sent(command(2, kind=CommandKind.CANCEL_ORDER, label=b"", order_id=77), NOON)
    part = event(EventKind.EXECUTED, leaves=300, filled=200, last_price=4830, last_quantity=200,
                 state=OrderState.PARTIALLY_FILLED)  # fmt: skip
    orders.apply_event(part[0])
    assert orders.rows["state"][0] == OrderState.PENDING_CANCEL
    assert orders.rows["known_state"][0] == OrderState.PARTIALLY_FILLED


def test_what_was_not_answered_is_unknown_and_stays_visible() -> None:
    orders = OrderTable()
    orders.apply_sent(command(), NOON)
    assert orders.unanswered(NOON + 5) == {0}
    assert orders.rows["state"][0] == OrderState.UNKNOWN
    assert orders.live().tolist() == [0]
    orders.apply_event(event(EventKind.ACCEPTED)[0])
    assert orders.rows["state"][0] == OrderState.NEW


def test_a_duplicate_names_the_order_that_the_first_one_made() -> None:
    orders = OrderTable()
    orders.apply_sent(command(), NOON)
    orders.unanswered(NOON)
    duplicate = event(EventKind.REJECTED, reason=RejectReason.DUPLICATE, state=OrderState.PARTIALLY_FILLED, leaves=400,
                      filled=100)  # fmt: skip
    orders.apply_event(duplicate[0])
    assert orders.rows["state"][0] == OrderState.PARTIALLY_FILLED
    assert orders.rows["order_id"][0] == 77


def test_both_sides_of_a_quote_have_one_key_and_are_two_orders() -> None:
    orders = OrderTable()
    orders.apply_event(event(EventKind.ACCEPTED)[0])
    orders.apply_event(event(EventKind.ACCEPTED, order_id=78, side=Side.SELL)[0])
    assert orders.rows["order_id"].tolist() == [77, 78]
    again = event(EventKind.REJECTED, order_id=78, reason=RejectReason.DUPLICATE, state=OrderState.NEW)
    orders.apply_event(again[0])
    orders.apply_event(event(EventKind.CANCELED, order_id=78, state=OrderState.CANCELED)[0])
    assert orders.rows["order_id"][orders.live()].tolist() == [77]


def test_a_rejected_order_says_why() -> None:
    orders = OrderTable()
    orders.apply_sent(command(), NOON)
    refused = event(EventKind.REJECTED, order_id=0, reason=RejectReason.PRICE_OUT_OF_RANGE, state=OrderState.REJECTED,
                    leaves=0, value=1, limit=2)  # fmt: skip
    orders.apply_event(refused[0])
    order = orders.rows[0]
    assert (order["state"], order["reason"], order["limit"]) == (
        OrderState.REJECTED,
        RejectReason.PRICE_OUT_OF_RANGE,
        2,
    )


def test_an_order_that_waits_too_long_is_unknown_and_never_rejected() -> None:
    orders = OrderTable()
    orders.apply_sent(command(), NOON)
    assert orders.overdue(command(), NOON + 3) == {0}
    assert (orders.rows["state"][0], orders.rows["state_ns"][0]) == (OrderState.UNKNOWN, NOON + 3)
    assert orders.overdue(command(), NOON + 9) == set(), "its age goes on"
    ended = event(EventKind.CANCELED, leaves=0, state=OrderState.CANCELED)
    assert orders.apply_event(ended[0]) == 0, "found by its key: no ACCEPTED ever came"
    assert (orders.rows["state"][0], orders.rows["order_id"][0]) == (OrderState.CANCELED, 77)


def test_one_that_was_answered_does_not_become_unknown() -> None:
    orders = sent_and_accepted()
    assert orders.overdue(command(), NOON + 3) == set()
