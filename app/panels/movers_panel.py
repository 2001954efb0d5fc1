"""Movers: the instruments that moved most today, with the turnover of each."""

from app.desk import Desk
from app.models.movers_model import MoversModel
from app.models.pace import Pace
from app.panels.tabbed_panel import TabbedPanel
from app.state.changes import Changes
from widgets.theme import Theme

REFRESH_NS = 1_000_000_000
OFFSET_NS = 150_000_000


class MoversPanel(TabbedPanel):
    """The list by change and the list by turnover."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        """Empty until quotes come."""
        super().__init__(desk, theme, "movers", ("Movers", "Turnover"))
        self.model = MoversModel(desk.state, self)
        self.by_change = self.add_table("Movers", self.model, "No trades today", "")
        self.by_volume = self.add_table("Turnover", self.model, "No trades today", "")
        self.by_change.sort_by(1, descending=True)
        self.by_volume.sort_by(2, descending=True)
        self._pace = Pace(REFRESH_NS, OFFSET_NS)
        for view in (self.by_change, self.by_volume):
            view.rowActivated.connect(self._chosen)

    def show_changes(self, changes: Changes) -> None:
        """Once a second is enough for a ranking."""
        if changes.instruments:
            self.show_all()
        elif self._pace.due(self.desk.clock()):
            self.model.refresh(range(self.model.count()))

    def show_all(self) -> None:
        """List anew."""
        self.model.reset()

    def _chosen(self, row: int) -> None:
        self.select(self.desk.state.market.instruments.at(row).instrument)
