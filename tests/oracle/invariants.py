"""What must be true of the oracle after every command, whatever came before."""

from server.protocol.enums import Phase, Side
from tests.oracle.exchange import OracleExchange
from tests.oracle.invariants_account import check_accounts
from tests.oracle.phases import waiting_orders
from tests.oracle.state import Order, Where


def check_invariants(x: OracleExchange) -> None:
    """Raises AssertionError with what is wrong."""
    check_books(x)
    check_accounts(x)


def check_books(x: OracleExchange) -> None:
    """Every live order is in exactly one place, and a book is uncrossed where it trades."""
    found: list[Order] = []
    for instrument in x.instruments.values():
        book = instrument.book
        if instrument.phase == Phase.CONTINUOUS and not instrument.has_bounds:
            assert not book.crossed(), f"instrument {instrument.number} is crossed"
        for side in Side:
            found += book.orders(side)
        found += [*instrument.waiting, *waiting_orders(x, instrument)]
    numbers = [order.order_id for order in found]
    assert len(numbers) == len(set(numbers)), "an order is in two places"
    assert set(numbers) == set(x.live), "placed and live orders differ"
    for order in found:
        check_order(order)
    made = sum(len(orders) for orders in x.keys.values())
    assert made == len(x.live), "one key for each live order"


def check_order(order: Order) -> None:
    """What is entered is filled, shown, unshown, or gone."""
    assert order.leaves > 0, f"order {order.order_id} has nothing open"
    assert order.leaves == order.quantity - order.filled, f"order {order.order_id}"
    assert 0 <= order.shown <= order.leaves or order.where != Where.BOOK, f"order {order.order_id} shows too much"
    if order.display_quantity and order.where == Where.BOOK:
        assert 0 < order.displayed <= order.display_quantity, f"iceberg {order.order_id}"
