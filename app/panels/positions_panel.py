"""Positions of the account and its money, one under each tab."""

from app.desk import Desk
from app.models.account_model import AccountModel
from app.models.own_money import own_money, own_tone
from app.models.positions_model import PositionsModel
from app.panels.tabbed_panel import TabbedPanel
from app.state.changes import Changes
from widgets.theme import Theme


class PositionsPanel(TabbedPanel):
    """What the user holds and what it is worth at the last price."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        """Empty until the accounts are known."""
        super().__init__(desk, theme, "positions", ("Positions", "Accounts"))
        self.positions = PositionsModel(desk.state, desk.trust.is_stale, self)
        self.money = AccountModel(desk.state, self)
        self.view = self.add_table("Positions", self.positions, "No positions", "A fill opens one")
        self.money_view = self.add_table("Accounts", self.money, "No accounts", "The server has granted none")
        self.view.rowActivated.connect(self._chosen)

    def show_changes(self, changes: Changes) -> None:
        """Rows that changed, and what depends on the prices."""
        if changes.instruments or changes.streams:
            self.show_all()
            return
        if changes.positions:
            self.positions.refresh(changes.positions)
        if changes.accounts or changes.positions:
            self.money.refresh(range(self.money.count()))
            self._show_totals()

    def show_all(self) -> None:
        """Everything."""
        self.positions.reset()
        self.money.reset()
        self._show_totals()

    def _show_totals(self) -> None:
        state = self.desk.state
        account = state.accounts.accounts.get(self.desk.account)
        held = int((state.accounts.positions.column("net") != 0).sum())
        self.set_figures([held, len(state.accounts.accounts)])
        if account is None:
            return
        self.set_meta(f"marked at last · {account.currency}")
        if not len(state.accounts.positions):
            self.view.set_totals([])
            return
        decimals = account.money_decimals
        totals = [("", "")] * len(self.positions.headings)
        totals[0] = (f"{held} open", "")
        for column, amount in ((4, account.open_profit), (5, account.day_profit)):
            totals[column] = (own_money(amount, decimals, signed=True), own_tone(amount))
        net = sum(int(value) for value in state.accounts.positions.column("value"))
        totals[6] = (own_money(net, decimals, shown_decimals=0), "")
        self.view.set_totals(totals)

    def _chosen(self, row: int) -> None:
        self.select(int(self.desk.state.accounts.positions.rows["instrument"][row]))
