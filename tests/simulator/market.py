"""The market of a run: instruments, accounts, users, and who of them trades, operates or breaks things."""

from server.settings import AccountSetting, CurrencySetting, InstrumentSetting, Reference, UserSetting
from tests.simulator.program import INSTRUMENTS, PRICE

USERS = {"ann": 7, "bob": 8, "cat": 9, "dan": 10, "eve": 11, "ops": 12}
ACCOUNTS = {"ann": 100, "bob": 200, "cat": 300, "dan": 400, "eve": 500}
TRADERS = ("ann", "bob", "cat", "dan", "ann")
"""One of them has two sessions at once."""
VANDAL, OPERATOR = "eve", "ops"


def reference() -> Reference:
    """Three instruments; users with an account each, and an operator without one."""
    return Reference(
        currencies=[CurrencySetting(number=1, code="EUR", money_decimals=2)],
        instruments=[
            InstrumentSetting(
                instrument=number, symbol=f"SIM{number}", name=f"Simulated {number}", price_max=100_000,
                quantity_max=1_000_000, reference_price=PRICE,
            )
            for number in INSTRUMENTS
        ],
        accounts=[
            AccountSetting(account=account, name=f"A-{account}", cash=10**10) for account in ACCOUNTS.values()
        ],
        users=[
            UserSetting(
                user_id=number, user=user, password="", accounts=[ACCOUNTS[user]] if user in ACCOUNTS else [],
                operator=user == OPERATOR,
            )
            for user, number in USERS.items()
        ],
    )  # fmt: skip
