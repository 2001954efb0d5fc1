"""Orders, fills and the activity of the session, one under each tab."""

from typing import Final

import numpy as np

from app.desk import Desk
from app.models.activity_model import ActivityLine, ActivityModel
from app.models.fills_model import FillsModel
from app.models.notices import notice_line
from app.models.orders_model import RUNNING, OrdersModel
from app.models.pace import Pace
from app.panels.tabbed_panel import TabbedPanel
from app.state.changes import Changes
from server.protocol.enums import Side
from server.protocol.records import NO_PRICE
from widgets.formatting import format_money
from widgets.table import BlotterView
from widgets.theme import Theme

AGE_NS: Final = 1_000_000_000
AGE_OFFSET_NS: Final = 350_000_000
ORDERS, FILLS, ACTIVITY = range(3)
_TONES: Final = {"alarm": ("alarm", "rejected"), "warning": ("warning", "rejected"), "own": ("own", "filled")}


class BlotterPanel(TabbedPanel):
    """The user's orders and what became of them."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        """Empty until private events come."""
        super().__init__(desk, theme, "blotter", ("Orders", "Fills", "Activity"))
        self.orders = OrdersModel(desk.state, desk.market_now, self)
        self.fills = FillsModel(desk.state, self)
        self.activity = ActivityModel(self)
        self.views = [
            self.add_table("Orders", self.orders, "No orders today", "Ctrl+Enter sends the ticket"),
            self.add_table("Fills", self.fills, "No fills today", "A fill shows here as it happens"),
            self.add_table("Activity", self.activity, "Nothing has happened yet", ""),
        ]
        for view in self.views:
            view.sort_by(0, descending=True)
        self.orders_view.rowActivated.connect(self._chosen)
        self._ages = Pace(AGE_NS, AGE_OFFSET_NS)
        desk.message.connect(self._told)
        self._notes = desk.watch(self._note)

    @property
    def orders_view(self) -> BlotterView:
        """The table of orders."""
        return self.views[ORDERS]

    def cancel_selected(self) -> None:
        """Cancel the order that is selected in the table."""
        row = self.orders_view.selected_row()
        if row >= 0:
            self.desk.cancel_row(row)

    def show_changes(self, changes: Changes) -> None:
        """Rows that changed; ages once a second."""
        rows = changes.orders
        if self._ages.due(self.desk.clock()):
            self.orders.refresh(self.orders.live_rows(), RUNNING)
        if changes.rolled_back or changes.instruments:
            self.show_all()
        if rows:
            self.orders.refresh(rows)
            self._show_order_totals()
        if changes.fills:
            self.fills.refresh(())
            self._show_fill_totals()
        self._show_counts()

    def show_all(self) -> None:
        """Everything."""
        self.orders.reset()
        self.fills.reset()
        self._show_order_totals()
        self._show_fill_totals()
        self._show_counts()

    def _note(self, changes: Changes) -> None:
        """Activity is noted even while the dock is hidden."""
        for notice in changes.notices:
            self.activity.add(notice_line(self.desk.state, notice))

    def close_panel(self) -> None:
        """The activity of this blotter goes with it."""
        self.desk.watchers.remove(self._notes)
        super().close_panel()

    def _show_counts(self) -> None:
        self.set_figures([len(self.desk.state.orders), len(self.desk.state.fills), self.activity.count()])
        live = len(self.desk.state.orders.live())
        self.set_meta(f"{live} working · open + today")

    def _show_order_totals(self) -> None:
        state = self.desk.state
        sums = {Side.BUY: 0, Side.SELL: 0}
        decimals, currency = 2, ""
        for row in state.orders.live().tolist():
            order = state.orders.rows[row]
            info = state.market.instruments.get(int(order["instrument"]))
            if info is not None and order["price"] != NO_PRICE:
                decimals, currency = info.money_decimals, info.currency
                sums[Side(int(order["side"]))] += int(order["price"]) * int(order["leaves"]) * info.cash_scale
        count = len(state.orders)
        if not count:
            self.orders_view.set_totals([])
            return
        totals = [("", "")] * len(self.orders.headings)
        totals[0] = (f"{count} orders", "")
        totals[6] = (f"Working {currency}", "label")
        totals[8] = (format_money(sum(sums.values()), decimals, shown_decimals=0), "")
        totals[10] = ("Buy / sell", "label")
        texts = [format_money(sums[side], decimals, shown_decimals=0) for side in Side]
        totals[12] = (" / ".join(texts), "")
        self.orders_view.set_totals(totals)

    def _show_fill_totals(self) -> None:
        rows = self.desk.state.fills.rows
        if not len(rows):
            self.views[FILLS].set_totals([])
            return
        totals = [("", "")] * len(self.fills.headings)
        totals[0] = (f"{len(rows)} fills", "")
        bought = int(np.count_nonzero(rows["side"] == Side.BUY))
        totals[2] = (f"{bought} buys / {len(rows) - bought} sells", "label")
        self.views[FILLS].set_totals(totals)

    def _chosen(self, row: int) -> None:
        self.select(int(self.desk.state.orders.rows["instrument"][row]))

    def _told(self, kind: str, title: str, detail: str) -> None:
        tone, glyph = _TONES.get(kind, ("text", "working"))
        self.activity.add(ActivityLine(self.desk.market_now(), tone, glyph, title, detail))
