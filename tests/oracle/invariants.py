"""What must be true of the oracle after every command, whatever came before."""

from collections import defaultdict

from server.protocol.enums import Phase, Side
from tests.oracle.exchange import OracleExchange


def check_invariants(x: OracleExchange) -> None:
    """Raises AssertionError with what is wrong."""
    assert sum(account.cash for account in x.accounts.values()) == 0, "cash of all accounts"
    net: defaultdict[int, int] = defaultdict(int)
    for (_, instrument), position in x.positions.items():
        net[instrument] += position.net
    assert not any(net.values()), f"net of all accounts: {dict(net)}"
    check_books(x)
    check_holds(x)


def check_books(x: OracleExchange) -> None:
    """The books hold exactly the live orders, and are uncrossed where they trade."""
    resting = set()
    for instrument in x.instruments.values():
        if instrument.phase == Phase.CONTINUOUS:
            assert not instrument.book.crossed(), f"instrument {instrument.number} is crossed"
        for side in Side:
            for order in instrument.book.orders(side):
                resting.add(order.order_id)
                assert 0 < order.leaves == order.quantity - order.filled, f"order {order.order_id}"
    assert resting == set(x.live), "resting and live orders differ"
    assert len(x.keys) == len(x.live), "one key for each live order"


def check_holds(x: OracleExchange) -> None:
    """Reserves, open quantities and counts are the sums over the live orders."""
    reserved: defaultdict[int, int] = defaultdict(int)
    count: defaultdict[int, int] = defaultdict(int)
    open_quantity: defaultdict[tuple[int, int, int], int] = defaultdict(int)
    for order in x.live.values():
        reserved[order.account.number] += order.reserve
        count[order.account.number] += 1
        open_quantity[order.account.number, order.instrument.number, order.side] += order.leaves
    for number, account in x.accounts.items():
        assert account.reserved == reserved[number], f"reserved of account {number}"
        assert account.live_orders == count[number], f"live orders of account {number}"
    for (account_number, instrument), position in x.positions.items():
        assert position.open_buy == open_quantity[account_number, instrument, Side.BUY], "open to buy"
        assert position.open_sell == open_quantity[account_number, instrument, Side.SELL], "open to sell"
