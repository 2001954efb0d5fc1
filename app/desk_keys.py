"""What keys and commands do to the panels: always to those of the link group that had the keyboard last."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.desk import Desk
from app.models.own_money import hide_money, is_money_hidden
from app.panels.catalogue import KINDS
from app.settings import MOTION, PRIVACY
from app.workspace import Workspace
from server.protocol.enums import Side


class DeskKeys:
    """The bindings of the actions that concern panels; `main` is the window that panels come back to."""

    def __init__(self, desk: Desk, workspace: Workspace, main: QWidget) -> None:
        """Nothing is pressed."""
        self._desk, self._workspace, self._main = desk, workspace, main

    def instrument(self) -> int:
        """The instrument that keys mean."""
        return self._desk.selection.of(self._workspace.active_group())

    def bindings(self) -> dict[str, Callable[[], object]]:
        """What is done, by the name of the action."""
        desk, active, workspace = self._desk, self._workspace.active, self._workspace
        return {
            "arm": self._arm,
            "send": lambda: active("ticket").send(),
            "buy": lambda: desk.want_draft(workspace.active_group(), Side.BUY, None, None),
            "sell": lambda: desk.want_draft(workspace.active_group(), Side.SELL, None, None),
            "cancel_selected": lambda: active("blotter").cancel_selected(),
            "cancel_buys": lambda: desk.cancel_all(self.instrument(), Side.BUY),
            "cancel_instrument": lambda: desk.cancel_all(self.instrument()),
            "cancel_all": desk.cancel_all,
            "next": lambda: self._step(1),
            "previous": lambda: self._step(-1),
            "centre": lambda: active("ladder").centre(),
            "studies": lambda: active("chart").choose_studies(),
            "next_link": self._next_link,
            "pop_out": self._pop_out,
            "motion": self._other_motion,
            "privacy": self._other_privacy,
        } | {
            f"open_{kind.name}": lambda kind=kind: workspace.open(kind.name) for kind in KINDS
        } | {
            f"dock_{kind.name}": lambda kind=kind: workspace.open_here(kind.name) for kind in KINDS
        }  # fmt: skip

    def _arm(self) -> None:
        """The armed ladder is disarmed; else the one that keys mean is armed."""
        if self._desk.armed:
            self._desk.set_armed(False)
        else:
            self._workspace.active("ladder").arm(armed=True)

    def _next_link(self) -> None:
        panel = self._workspace.focused()
        if panel is not None:
            panel.next_link()

    def _pop_out(self) -> None:
        """The panel with the focus goes to a window of its own, or back."""
        panel = self._workspace.focused()
        if panel is not None and panel.window() is self._main:
            self._workspace.to_new_window(panel)
        elif panel is not None:
            self._workspace.to_main_window(panel)

    def _other_motion(self) -> None:
        """Nothing flashes any more, or again as it was."""
        self._desk.settings.put(MOTION, "full" if self._desk.is_calm else "reduced")
        self._desk.looks_changed.emit()

    def _other_privacy(self) -> None:
        """Hide the own money, or show it."""
        hide_money(not is_money_hidden())
        self._desk.settings.put(PRIVACY, "on" if is_money_hidden() else "off")
        self._desk.looks_changed.emit()

    def _step(self, by: int) -> None:
        market = self._desk.state.market
        if len(market.instruments):
            row = (market.instruments.row(self.instrument()) + by) % len(market.instruments)
            self._desk.select(market.instruments.at(row).instrument, self._workspace.active_group())
