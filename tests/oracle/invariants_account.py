"""What must be true of accounts, whatever came before: all of it added up anew.

Rules: these are the full sums; the ledger checks after every command what moved in it.
"""

from collections import defaultdict

from tests.oracle.exchange import OracleExchange
from tests.oracle.holds import held_by, unit_of


def check_accounts(x: OracleExchange) -> None:
    """Raises AssertionError with what is wrong."""
    check_sums(x)
    check_lots(x)
    check_holds(x)
    for account in (x.accounts | x.system).values():
        for currency in account.balances:
            x.ledger.check_identity(account, currency)


def check_sums(x: OracleExchange) -> None:
    """Cash of all accounts sums to zero per currency, lots per instrument."""
    cash: defaultdict[int, int] = defaultdict(int)
    net: defaultdict[int, int] = defaultdict(int)
    for account in (x.accounts | x.system).values():
        for currency, balance in account.balances.items():
            cash[currency] += balance.cash
    for (_, instrument), position in x.positions.items():
        net[instrument] += position.net
    assert not any(cash.values()), f"cash of all accounts: {dict(cash)}"
    assert not any(net.values()), f"net of all accounts: {dict(net)}"


def check_lots(x: OracleExchange) -> None:
    """A position without lots costs nothing; the lots that are kept make up net and cost."""
    for key, position in x.positions.items():
        assert position.net or not position.cost, f"cost of nothing in {key}"
        if position.lots:
            assert sum(lot.net for lot in position.lots) == position.net, f"lots of {key}"
            assert sum(lot.cost for lot in position.lots) == position.cost, f"cost of the lots of {key}"


def check_holds(x: OracleExchange) -> None:
    """Each live order holds what it must; reserves, open quantities and counts are the sums of that."""
    reserved: defaultdict[tuple[int, int], int] = defaultdict(int)
    committed: defaultdict[tuple[int, int], int] = defaultdict(int)
    count: defaultdict[int, int] = defaultdict(int)
    open_quantity: defaultdict[tuple[int, int, int], int] = defaultdict(int)
    for order in x.live.values():
        held = held_by(x, order)
        assert (held.money, held.quantity) == (order.hold.money, order.hold.quantity), f"order {order.order_id} holds"
        number, instrument = order.account.number, order.instrument
        reserved[number, instrument.currency] += held.money
        committed[number, instrument.currency] += held.quantity * unit_of(instrument)
        open_quantity[number, instrument.number, order.side] += held.quantity
        count[number] += 1
    for instrument in x.instruments.values():
        for link in instrument.links:
            number, held = link.account.number, link.hold
            reserved[number, instrument.currency] += held.money
            committed[number, instrument.currency] += held.quantity * unit_of(instrument)
            open_quantity[number, instrument.number, link.side] += held.quantity
    for number, account in x.accounts.items():
        assert account.live_orders == count[number], f"live orders of account {number}"
        for currency, balance in account.balances.items():
            assert balance.reserved == reserved[number, currency], f"reserved of account {number}"
            assert balance.committed == committed[number, currency], f"committed of account {number}"
    for (number, instrument_number), position in x.positions.items():
        for side, quantity in enumerate((position.open_buy, position.open_sell)):
            assert quantity == open_quantity[number, instrument_number, side], f"open of account {number}"
