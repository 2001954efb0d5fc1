"""The strip at the top: mode, command line, account and its money, limits, armed state, cancel all, kill switch."""

from collections.abc import Callable
from typing import Final

import numpy as np

from app.desk import Desk
from app.models.own_money import HIDDEN, is_money_hidden, own_money, own_tone
from app.state.accounts import AccountState
from app.state.changes import Changes
from server.protocol.enums import Mode
from widgets.formatting import format_duration, format_percent
from widgets.theme import Theme
from widgets.top_bar import TopBar

DETAILS: Final = {Mode.DEMO: "simulated market", Mode.REPLAY: "recorded market", Mode.LIVE: ""}
HISTORY_NS: Final = 2_000_000_000
HISTORY_POINTS: Final = 120
WARNING_PART: Final = 0.8


class TopStrip:
    """Binds the desk to the top bar."""

    def __init__(self, desk: Desk, theme: Theme, command: Callable[[str], None]) -> None:
        """`command` takes the text that a person entered."""
        self.desk = desk
        self.bar = TopBar(theme)
        self._history: list[float] = []
        self._history_at_ns = 0
        self._accounts: list[int] = []
        self.bar.commandEntered.connect(command)
        self.bar.accountChosen.connect(self._account_chosen)
        self.bar.armToggled.connect(lambda: desk.set_armed(not desk.armed))
        self.bar.cancelAllRequested.connect(desk.cancel_all)
        self.bar.killRequested.connect(self._kill)
        desk.armed_changed.connect(lambda _: self._show_armed())
        desk.account_selected.connect(lambda _: self._show_accounts())
        desk.looks_changed.connect(self._show_money)
        desk.watch(self.show_changes)
        self._show_armed()

    def show_changes(self, changes: Changes) -> None:
        """Figures that changed."""
        if changes.server:
            self._show_mode()
        if changes.accounts:
            if list(self.desk.state.accounts.accounts) != self._accounts:
                self._show_accounts()
            self._show_money()
        if changes.orders:
            self.bar.set_working_count(len(self.desk.state.orders.live(self.desk.account)))
        if self.desk.armed:
            self._show_armed()

    def _show_mode(self) -> None:
        mode = self.desk.state.mode
        if mode is not None:
            self.bar.set_mode(mode.name.lower(), DETAILS[mode])

    def _show_accounts(self) -> None:
        accounts = self.desk.state.accounts.accounts
        self._accounts = list(accounts)
        current = accounts.get(self.desk.account)
        self.bar.set_accounts([one.name for one in accounts.values()], current.name if current else "")
        if current is not None:
            self.bar.set_currency(current.currency)
        self._history.clear()
        self._show_money()

    def _show_money(self) -> None:
        account = self.desk.state.accounts.accounts.get(self.desk.account)
        if account is None:
            return
        decimals, profit = account.money_decimals, account.day_profit
        self.bar.set_equity(own_money(account.equity, decimals))
        percent = format_percent(profit, account.equity - profit, signed=True)
        shown = HIDDEN if is_money_hidden() else f"{percent} %"
        self.bar.set_day_pnl(own_money(profit, decimals, signed=True), shown, own_tone(profit))
        self.bar.set_buying_power(own_money(account.buying_power, decimals))
        self.bar.set_limits(self._limits(account))
        now_ns = self.desk.clock()
        if now_ns >= self._history_at_ns:
            self._history_at_ns = now_ns + HISTORY_NS
            self._history = [*self._history[-HISTORY_POINTS:], float(profit)]
            self.bar.set_pnl_history(np.array(self._history))

    def _limits(self, account: AccountState) -> list[tuple[str, float, bool]]:
        """Limits in use, worst first: cash and credit bound in orders and positions, the largest position."""
        whole = account.cash + account.credit_limit
        cash = account.reserved / whole if whole > 0 else 0.0
        rows = self.desk.state.accounts.positions.rows
        mine = rows[(rows["account"] == account.account) & (rows["position_max"] > 0)]
        position = float((np.abs(mine["net"]) / mine["position_max"]).max()) if len(mine) else 0.0
        limits = sorted([("Cash", cash), ("Position", position)], key=lambda one: -one[1])
        return [(name, part, part >= WARNING_PART) for name, part in limits]

    def _show_armed(self) -> None:
        desk = self.desk
        left = f"one-click on · {format_duration(desk.armed_until_ns - desk.clock())}"
        self.bar.set_armed(desk.armed, left if desk.armed else "one-click off")

    def _account_chosen(self, name: str) -> None:
        for number, one in self.desk.state.accounts.accounts.items():
            if one.name == name:
                self.desk.select_account(number)

    def _kill(self) -> None:
        """Cancel everything of every account and disarm."""
        self.desk.set_armed(False)
        for account in self.desk.state.accounts.accounts:
            self.desk.cancel_account(account)
        self.desk.message.emit("alarm", "KILL SWITCH", "every order of every account was asked to be cancelled")
