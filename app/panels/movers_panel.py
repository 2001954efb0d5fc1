"""Hot lists: what moves, trades and swings most today, ranked by the server over all instruments."""

from typing import Final

from app.desk import Desk
from app.models.hot_list_model import HotListModel
from app.models.pace import Pace
from app.panels.tabbed_panel import TabbedPanel
from app.state.changes import Changes
from server.protocol import control
from server.protocol.enums import Ranking
from widgets.formatting import format_time_of_day
from widgets.theme import Theme

REFRESH_NS: Final = 2_000_000_000
OFFSET_NS: Final = 150_000_000
ROWS: Final = 50
LISTS: Final = (
    ("Up", Ranking.GAINERS),
    ("Down", Ranking.LOSERS),
    ("Unusual", Ranking.RELATIVE_VOLUME),
    ("Range", Ranking.RANGE),
    ("Turnover", Ranking.TURNOVER),
)


class MoversPanel(TabbedPanel):
    """A tab for each ranking; only the one that is seen is asked for."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        """Empty until the server has answered."""
        super().__init__(desk, theme, "movers", tuple(title for title, _ in LISTS))
        self.models = [HotListModel(desk.state, ranking, self) for _, ranking in LISTS]
        self.views = [
            self.add_table(title, model, "No ranking yet", "The server ranks what traded today")
            for (title, _), model in zip(LISTS, self.models, strict=True)
        ]
        for view in self.views:
            view.header.setSectionsClickable(False)
            view.rowActivated.connect(self._chosen)
        self._pace = Pace(REFRESH_NS, OFFSET_NS)
        self.tabs.currentChanged.connect(lambda _: self._pace.soon())

    @property
    def model(self) -> HotListModel:
        """The list that is shown."""
        return self.models[self.tabs.current()]

    def show_changes(self, changes: Changes) -> None:
        """A list that came; the next one is asked for in a while."""
        if changes.instruments:
            self.show_all()
        elif self.model.ranking in changes.hot_lists:
            self.model.take()
            self._show_age()
        if len(self.desk.state.market.instruments) and self._pace.due(self.desk.clock()):
            self.desk.link.request(control.GetHotList(ranking=self.model.ranking, count=ROWS))

    def show_all(self) -> None:
        """Everything that is here."""
        for model in self.models:
            model.take()
        self._pace.soon()
        self._show_age()

    def saved(self) -> dict[str, object]:
        """Which list, and the columns."""
        return {**super().saved(), "tab": self.tabs.current()}

    def restore(self, saved: dict[str, object]) -> None:
        """Show that list."""
        super().restore(saved)
        tab = saved.get("tab")
        if isinstance(tab, int) and 0 <= tab < len(LISTS):
            self.tabs.set_current(tab)
            self.stack.setCurrentIndex(tab)

    def _show_age(self) -> None:
        as_of_ns = self.model.as_of_ns()
        self.set_meta(format_time_of_day(as_of_ns) if as_of_ns else "")

    def _chosen(self, row: int) -> None:
        self.select(self.model.instrument_at(row))
