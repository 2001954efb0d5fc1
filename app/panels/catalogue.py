"""Every kind of panel once: how it is made, what it is called, where it stands on a desk that nobody has arranged.

Rules: a new kind is one line here; from it follow the command to open another one, the saved layout, the default desk.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.actions import Action
from app.desk import Desk
from app.panels.blotter_panel import BlotterPanel
from app.panels.chart_panel import ChartPanel
from app.panels.depth_panel import DepthPanel
from app.panels.heat_map_panel import HeatMapPanel
from app.panels.ladder_panel import LadderPanel
from app.panels.movers_panel import MoversPanel
from app.panels.panel import Panel
from app.panels.positions_panel import PositionsPanel
from app.panels.tape_panel import TapePanel
from app.panels.ticket_panel import TicketPanel
from app.panels.watchlist_panel import WatchlistPanel
from widgets.theme import Theme


@dataclass(frozen=True, slots=True)
class PanelKind:
    """One kind. `name` stands in saved layouts and never changes."""

    name: str
    title: str
    make: Callable[[Desk, Theme], Panel]
    size: tuple[int, int] = (480, 560)
    """In px, as a window of its own."""
    behind: str = ""
    """On the default desk it is a tab behind the panel of this kind; "" with a place of its own or not there."""
    on_desk: bool = True
    """Whether the default desk has one."""


KINDS: Final = (
    PanelKind("watchlist", "Watchlist", WatchlistPanel, (420, 720)),
    PanelKind("movers", "Movers", MoversPanel, (420, 400)),
    PanelKind("chart", "Chart", ChartPanel, (960, 640)),
    PanelKind("depth", "Depth", DepthPanel, (640, 320)),
    PanelKind("ladder", "Ladder", LadderPanel, (448, 768)),
    PanelKind("heat_map", "Heat map", HeatMapPanel, (900, 828), on_desk=False),
    PanelKind("tape", "Time & sales", TapePanel, (360, 640)),
    PanelKind("ticket", "Order ticket", TicketPanel, (340, 404)),
    PanelKind("blotter", "Orders, fills, activity", BlotterPanel, (1100, 320)),
    PanelKind("positions", "Positions", PositionsPanel, (760, 320)),
)  # fmt: skip


PANEL_ACTIONS: Final = tuple(
    action
    for kind in KINDS
    for action in (
        Action(f"open_{kind.name}", f"Open {kind.title} in a new window", "", "Panels"),
        Action(f"dock_{kind.name}", f"Open {kind.title} in the main window", "", "Panels"),
    )
)


def kind_named(name: str) -> PanelKind | None:
    """The kind of that name; None for one that this build does not have."""
    return next((one for one in KINDS if one.name == name), None)


def make_panel(kind: PanelKind, desk: Desk, theme: Theme, name: str) -> Panel:
    """A panel under its own name: that of the kind for the first one, "chart.2" and so on for others."""
    panel = kind.make(desk, theme)
    panel.kind = kind.name
    panel.setObjectName(name)
    panel.setWindowTitle(kind.title)
    return panel
