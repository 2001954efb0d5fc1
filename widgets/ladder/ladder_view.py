"""The ladder as a panel: quantity presets above, the rows, the position and the cancels below."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from widgets.controls import FlatButton
from widgets.formatting import MINUS, format_quantity
from widgets.ladder.ladder_canvas import LadderCanvas
from widgets.ladder.levels import Levels, OwnLevel
from widgets.ladder.painting import HEADER_PX
from widgets.ladder.scene import LadderScene
from widgets.painting import painted
from widgets.side import BUY, SELL
from widgets.state_overlay import StateOverlay
from widgets.text_cache import TextCache
from widgets.theme import Theme

CONTROLS_PX, POSITION_PX, BUTTONS_PX = 28, 26, 30
IMBALANCE_PX = 56
ALL_SIDES = -1


class LadderView(QWidget):
    """A depth ladder for one instrument. Prices in price units, quantities in lots, arrays best first."""

    priceClicked = Signal(object)
    cancelClicked = Signal(object)
    cancelSideRequested = Signal(int)
    flattenRequested = Signal()
    quantityChanged = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._position = ("", "", "label")
        self.canvas = LadderCanvas(theme, self)
        self.canvas.priceClicked.connect(self.priceClicked)
        self.canvas.cancelClicked.connect(self.cancelClicked)
        self._presets = QButtonGroup(self)
        self._presets.idClicked.connect(self._preset_chosen)
        self._preset_row = QHBoxLayout()
        self._buttons = self._make_buttons(theme)
        self._lay_out(theme)
        self._overlay = StateOverlay(theme, self.canvas, HEADER_PX, hatches=False)
        self.set_theme(theme)

    def _make_buttons(self, theme: Theme) -> dict[int, FlatButton]:
        buttons = {
            BUY: FlatButton(theme, "Cancel buys", self, pad_px=6, short_text="Buys"),
            SELL: FlatButton(theme, "Cancel sells", self, pad_px=6, short_text="Sells"),
            ALL_SIDES: FlatButton(theme, "Cancel all", self, key="F11", pad_px=6, short_text="All"),
        }
        for side, button in buttons.items():
            button.clicked.connect(lambda _=False, side=side: self.cancelSideRequested.emit(side))
        return buttons

    def _lay_out(self, theme: Theme) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(8, 4, 8, 4)
        top.setSpacing(4)
        self._preset_row.setSpacing(4)
        self._preset_row.setContentsMargins(32, 0, 0, 0)
        top.addLayout(self._preset_row)
        top.addStretch(1)
        self._sum = FlatButton(theme, "Sum", self, pad_px=6)
        self._sum.setCheckable(True)
        self._sum.setAccessibleDescription("what stands up to each price")
        self._sum.toggled.connect(self.set_sums)
        top.addWidget(self._sum)
        self._centre = FlatButton(theme, "Centre", self, key="Space")
        self._centre.clicked.connect(self.centre)
        top.addWidget(self._centre)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(8, POSITION_PX, 8, 8)
        bottom.setSpacing(4)
        for button in self._buttons.values():
            bottom.addWidget(button)
        self._flatten = FlatButton(theme, "Flatten…", self, pad_px=6, short_text="Flat…")
        self._flatten.clicked.connect(self.flattenRequested)
        bottom.addWidget(self._flatten)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.canvas, 1)
        column.addLayout(bottom)

    # what it shows

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._label, self._data = TextCache(theme.fonts.label), TextCache(theme.fonts.data)
        for part in (self.canvas, self._overlay, self._sum, self._centre, self._flatten, *self._buttons.values()):
            part.set_theme(theme)
        for button in self._presets.buttons():
            if isinstance(button, FlatButton):
                button.set_theme(theme)
        self.update()

    def set_instrument(
        self, symbol: str, price_decimals: int, tick_size: int, lot: int = 1, quantity_decimals: int = 0
    ) -> None:
        """Show another instrument: everything of the one before goes, the next book is centred."""
        del lot
        before = self.canvas.scene
        self.canvas.scene = LadderScene(
            symbol=symbol, price_decimals=price_decimals, tick_size=tick_size, quantity_decimals=quantity_decimals,
            rows=before.rows, state=before.state, sums=before.sums,
        )  # fmt: skip
        self.canvas.setAccessibleName(f"Depth ladder {symbol}")
        self._buttons[ALL_SIDES].setText(f"Cancel {symbol}")
        self.set_position_text("", "")
        self._count_orders()
        self.canvas.fit_columns()

    def set_book(
        self, bid_prices: ArrayLike, bid_quantities: ArrayLike, ask_prices: ArrayLike, ask_quantities: ArrayLike,
        revision: int = 0, bid_orders: ArrayLike = (), ask_orders: ArrayLike = (),
    ) -> None:  # fmt: skip
        """The book, best first. Any of the sides may be empty. `revision` comes back with a click."""
        before = self.canvas.scene.imbalance_percent()
        self.canvas.set_levels(
            Levels.of(bid_prices, bid_quantities, ask_prices, ask_quantities, revision, bid_orders, ask_orders)
        )
        if before != self.canvas.scene.imbalance_percent():
            self.update(0, self.canvas.geometry().bottom() + 1, self.width(), POSITION_PX)

    def set_sums(self, sums: bool) -> None:
        """Show what stands up to each price instead of at it."""
        self._sum.setChecked(sums)
        self.canvas.scene.sums = sums
        self.canvas.update()

    def set_own_orders(self, orders: Iterable[OwnLevel]) -> None:
        """Own working quantity by price."""
        own = tuple(orders)
        if own != self.canvas.scene.own:
            self.canvas.scene.own = own
            self._count_orders()
            self.canvas.update()

    def set_last_trade(self, price: int | None, side: int | None = None) -> None:
        """The price of the last trade; its cell is inverted. The triangle says where it came from."""
        del side
        scene = self.canvas.scene
        before = scene.last_price
        if price == before:
            return
        if price is not None and before is not None:
            scene.last_rises = price > before
        scene.last_price = price
        for value in (before, price):
            if value is not None:
                self.canvas.update_row(scene.row_of(value))

    def set_day_range(self, high: int | None, low: int | None) -> None:
        """Highest and lowest price of the day."""
        scene = self.canvas.scene
        changed = {scene.high_price, scene.low_price} ^ {high, low}
        scene.high_price, scene.low_price = high, low
        for price in changed:
            if price is not None:
                self.canvas.update_row(scene.row_of(price))

    def set_average_price(self, price: float | None) -> None:
        """Average price of the own position, in price units; None for no position."""
        if price != self.canvas.scene.average_price:
            self.canvas.scene.average_price = price
            self.canvas.update()

    def set_traded_volume(self, prices: ArrayLike, quantities: ArrayLike) -> None:
        """What traded at each price today, in any order."""
        scene = self.canvas.scene
        before, scale = scene.volume_by_row(), scene.volume_scale()
        scene.traded_prices = np.asarray(prices, np.int64)
        scene.traded_quantities = np.asarray(quantities, np.int64)
        after = scene.volume_by_row()
        if scale != scene.volume_scale():
            self.canvas.update()
            return
        changed = before != after
        changed[[before.argmax(), after.argmax()]] |= before.argmax() != after.argmax()
        for row in np.flatnonzero(changed).tolist():
            self.canvas.update_row(row)

    def set_position_text(self, position: str, result: str, tone: str = "label") -> None:
        """The position and its open P&L, as text; `tone` colours the second."""
        if self._position != (position, result, tone):
            self._position = (position, result, tone)
            self.update(0, self.canvas.geometry().bottom() + 1, self.width(), POSITION_PX)

    def set_presets(self, quantities: list[int], chosen: int = 0) -> None:
        """The quantities to choose from; `chosen` is an index."""
        for button in self._presets.buttons():
            self._presets.removeButton(button)
            self._preset_row.removeWidget(button)
            button.hide()
            button.deleteLater()
        for i, quantity in enumerate(quantities):
            button = FlatButton(self._theme, format_quantity(quantity), self, mono=True, pad_px=6)
            button.setAccessibleName(f"Quantity {quantity}")
            button.setCheckable(True)
            button.setProperty("quantity", quantity)
            self._presets.addButton(button, i)
            self._preset_row.addWidget(button)
        if quantities:
            self._presets.button(chosen).setChecked(True)
            self.canvas.quantity = quantities[chosen]
            self.quantityChanged.emit(self.canvas.quantity)
        self._fit_presets()

    def set_quantity(self, quantity: int) -> None:
        """The quantity of a click; the preset that equals it is marked."""
        self.canvas.quantity = quantity
        self._presets.setExclusive(False)
        for button in self._presets.buttons():
            button.setChecked(button.property("quantity") == quantity)
        self._presets.setExclusive(True)

    def set_armed(self, armed: bool) -> None:
        """Whether one click sends an order; the amber frame says so."""
        if armed != self.canvas.scene.armed:
            self.canvas.scene.armed = armed
            self.canvas.update()
            self.update()

    def set_state(self, state: str, title: str = "", detail: str = "") -> None:
        """One of the states of `StateOverlay`; only a live or halted ladder takes clicks."""
        self._overlay.set_state("live" if state == "stale" and not title else state, title, detail)
        self.canvas.scene.state = "stale" if state == "disconnected" else state
        self.canvas.update()

    def centre(self) -> None:
        """Put the middle of the book into the middle."""
        self.canvas.centre()

    # the frame around the rows

    def _preset_chosen(self, index: int) -> None:
        self.canvas.quantity = int(self._presets.button(index).property("quantity"))
        self.quantityChanged.emit(self.canvas.quantity)

    def _count_orders(self) -> None:
        own = self.canvas.scene.own
        for side in (BUY, SELL):
            self._buttons[side].set_figure(str(sum(level.side == side for level in own)))
        self._buttons[ALL_SIDES].set_figure(str(len(own)))

    def minimumSizeHint(self) -> QSize:
        """Price and depth, five rows: presets and buttons give way."""
        least = self.canvas.minimumSizeHint()
        return QSize(least.width() + 32, least.height() + CONTROLS_PX + POSITION_PX + BUTTONS_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width for the presets."""
        super().resizeEvent(event)
        self._fit_presets()

    def _fit_presets(self) -> None:
        """Show as many presets as there is room for; the chosen one always."""
        room = self.width() - 60 - self._centre.sizeHint().width() - self._sum.sizeHint().width()
        for button in self._presets.buttons():
            room -= button.sizeHint().width() + 4
            button.setVisible(room >= 0 or button.isChecked())

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint the chrome and the position; armed: the frame."""
        del event
        theme = self._theme
        width, bottom = self.width(), self.canvas.geometry().bottom() + 1
        painter.fillRect(self.rect(), theme.color("chrome"))
        painter.fillRect(0, CONTROLS_PX - 1, width, 1, theme.color("hairline"))
        painter.fillRect(0, bottom, width, 1, theme.color("hairline"))
        painter.setFont(self._label.font)
        painter.setPen(theme.color("label"))
        self._label.left(painter, 8, self._label.top_for(0, CONTROLS_PX), "Qty")
        x, label_top = 8, self._label.top_for(bottom, POSITION_PX)
        data_top = self._data.top_for(bottom, POSITION_PX)
        position, result, tone = self._position
        for name, text, token in (("Position", position or "0", "own" if position else "label"),
                                  ("Open P&L", result or "–", tone)):  # fmt: skip
            painter.setFont(self._label.font)
            painter.setPen(theme.color("label"))
            x += self._label.left(painter, x, label_top, name) + 8
            painter.setFont(self._data.font)
            painter.setPen(theme.color(token))
            x += self._data.left(painter, x, data_top, text) + 20
        self._paint_imbalance(painter, x, bottom)
        if self.canvas.scene.armed:
            painter.setPen(Qt.PenStyle.NoPen)
            for edge in (QRect(0, 0, 2, self.height()), QRect(width - 2, 0, 2, self.height()),
                         QRect(0, self.height() - 2, width, 2)):  # fmt: skip
                painter.fillRect(edge, theme.color("warning"))

    def _paint_imbalance(self, painter: QPainter, left: int, y: int) -> None:
        """How bid and ask within ten levels weigh against each other: a bar of both, and the figure."""
        percent, theme = self.canvas.scene.imbalance_percent(), self._theme
        text = "" if percent is None else f"{percent:+d} %".replace("-", MINUS).replace("+0", "0")
        right = self.width() - 8
        need = self._data.width(text) + 6 + IMBALANCE_PX
        if percent is None or right - need < left or self.canvas.scene.state == "stale":
            return
        painter.setFont(self._data.font)
        painter.setPen(theme.color("text_2"))
        right -= self._data.right(painter, right, self._data.top_for(y, POSITION_PX), text) + 6
        bids = IMBALANCE_PX * (100 + percent) // 200
        bar_y = y + POSITION_PX // 2 - 4
        painter.fillRect(right - IMBALANCE_PX, bar_y, bids, 8, theme.color("buy"))
        painter.fillRect(right - IMBALANCE_PX + bids, bar_y, IMBALANCE_PX - bids, 8, theme.color("sell"))
        painter.fillRect(right - IMBALANCE_PX // 2, bar_y - 2, 1, 12, theme.color("text"))
