"""The watchlist: all instruments; the selected line is what every linked panel shows."""

from app.desk import Desk
from app.models.watchlist_model import WatchlistModel
from app.panels.panel import Panel
from app.state.changes import Changes
from widgets.theme import Theme
from widgets.watchlist import WatchlistView


class WatchlistPanel(Panel):
    """Every instrument under its group."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        """Empty until the server has listed its instruments."""
        super().__init__(desk, theme, "watchlist", "Watchlist", link="A")
        self.model = WatchlistModel(desk.state, desk.clock, desk.trust.stale_ns, self)
        self.view = WatchlistView(theme, parent=self.body)
        self.view.set_model(self.model)
        self.column.addWidget(self.view, 1)
        self.view.rowSelected.connect(self._chosen)

    def show_changes(self, changes: Changes) -> None:
        """Lines whose quote changed or went stale; all of them if the feed came or went."""
        if changes.instruments:
            self.show_all()
        instruments = self.desk.state.market.instruments
        if changes.streams:
            rows = set(range(len(instruments)))
        else:
            stale = changes.stale.union(self.desk.state.market.stale.instruments())
            rows = changes.quotes | {instruments.row(number) for number in stale}
        self.model.update(rows)

    def show_all(self) -> None:
        """List anew."""
        self.model.flashes = not self.desk.is_calm
        self.model.relist()
        count = len(self.desk.state.market.instruments)
        self.header.set_meta(f"{count} of {count}" if count else "")
        self.show_instrument(self.instrument)

    def _chosen(self, line: int) -> None:
        instrument = self.model.instrument_at(line) if line >= 0 else 0
        if instrument:
            self.select(instrument)

    def show_instrument(self, instrument: int) -> None:
        """Another instrument."""
        line = self.model.line_of(instrument)
        if line >= 0:
            self.view.select_row(line)
