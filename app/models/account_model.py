"""The accounts' money: cash, reservations, buying power, equity and results."""

from typing import Final

from PySide6.QtCore import QObject

from app.models.keyed_model import Cell, Heading, KeyedModel
from app.models.own_money import own_money, own_tone
from app.state.workstation import Workstation

HEADINGS: Final = (
    Heading("Account", 110, "l", "name", "text"),
    Heading("Cur.", 44, "l", "text", "any"),
    Heading("Cash", 116, "r"),
    Heading("Reserved", 104, "r"),
    Heading("Credit", 104, "r"),
    Heading("Buying power", 116, "r"),
    Heading("Equity", 116, "r"),
    Heading("Open P&L", 96, "r"),
    Heading("Day P&L", 96, "r"),
    Heading("Gross", 116, "r"),
)


class AccountModel(KeyedModel):
    """Accounts in the order in which the server named them."""

    headings = HEADINGS

    def __init__(self, state: Workstation, parent: QObject | None = None) -> None:
        """A model over the state's accounts."""
        super().__init__(parent)
        self._state = state

    def count(self) -> int:
        """All accounts."""
        return len(self._state.accounts.accounts)

    def cell(self, row: int, column: int) -> Cell:
        """What a cell shows."""
        account = list(self._state.accounts.accounts.values())[row]
        if column == 0:
            return account.name, "", "", None, None
        if column == 1:
            return account.currency, "text_2", "", None, None
        amounts = (
            account.cash, account.reserved, account.credit_limit, account.buying_power, account.equity,
            account.open_profit, account.day_profit, account.gross,
        )  # fmt: skip
        amount, result = amounts[column - 2], column in (7, 8)
        tone = own_tone(amount) if result else ""
        return own_money(amount, account.money_decimals, signed=result), tone, "", float(amount), None
