"""What an account has at this moment, on the oracle and on the engine."""

from server.engine import views
from server.engine.exchange import Exchange
from tests.oracle import OracleExchange

FIELDS = ("net", "cost", "realised", "open_buy", "open_sell")
MORE = ("fees", "income", "lots")
"""Shown where they are not 0."""


def balance_of(x: OracleExchange | Exchange, account: int) -> tuple[int, int]:
    """(cash, reserved) in the account's own currency."""
    if isinstance(x, Exchange):
        _, cash, reserved = views.account_terms(x, account)
        return cash, reserved
    return x.accounts[account].cash, x.accounts[account].reserved


def position_of(x: OracleExchange | Exchange, account: int, instrument: int) -> dict[str, int]:
    """The position's numbers; all 0 if there is none."""
    if isinstance(x, Exchange):
        rows = views.positions(x, account)
        rows = rows[rows["instrument"] == instrument]
        return {name: int(rows[name][0]) if len(rows) else 0 for name in FIELDS + MORE}
    position = x.positions.get((account, instrument))
    numbers = {name: getattr(position, name, 0) for name in FIELDS + MORE[:2]}
    return numbers | {"lots": len(getattr(position, "lots", ()))}


def position_in_words(x: OracleExchange | Exchange, account: int, instrument: int) -> list[str]:
    """The position and the money of its account, in two lines."""
    position = position_of(x, account, instrument)
    cash, reserved = balance_of(x, account)
    more = "".join(f" {name} {position[name]}" for name in MORE if position[name])
    return [
        f"net {position['net']} cost {position['cost']} realised {position['realised']}{more}",
        f"open {position['open_buy']}/{position['open_sell']} cash {cash} reserved {reserved}",
    ]
