"""The market of a run: instruments, accounts, users, and who of them trades, operates or breaks things."""

from server.client.session import SessionWishes
from server.protocol.enums import AtEnd
from server.settings import AccountSetting, CurrencySetting, InstrumentSetting, Reference, UserSetting
from tests.simulator.program import INSTRUMENTS, PRICE

USERS = {"ann": 7, "bob": 8, "cat": 9, "dan": 10, "eve": 11, "ops": 12, "mon": 13, "viv": 14}
ACCOUNTS = {"ann": 100, "bob": 200, "cat": 300, "dan": 400, "eve": 500}
TRADERS = ("ann", "bob", "cat", "dan", "ann")
"""One of them has two sessions at once."""
WISHES = (
    SessionWishes(AtEnd.CANCEL_ON_DISCONNECT, 1500, 2000), SessionWishes(AtEnd.CANCEL_ON_DISCONNECT, 300, 2500),
    SessionWishes(AtEnd.CANCEL_ALWAYS, 0, 2000), SessionWishes(), SessionWishes(AtEnd.KEEP, 700, 3000),
)  # fmt: skip
"""What each of them asks to be done with its orders when it is gone."""
VANDAL, OPERATOR = "eve", "ops"
MONITOR, VIEWER = "mon", "viv"
"""Who follow drop copies: of everything, and of the accounts that it may view."""
VIEWED = ("ann", "cat")


def reference() -> Reference:
    """Three instruments; users with an account each, operators and a viewer without one."""
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
                viewed=[ACCOUNTS[name] for name in VIEWED] if user == VIEWER else [],
                operator=user in (OPERATOR, MONITOR),
            )
            for user, number in USERS.items()
        ],
    )  # fmt: skip
