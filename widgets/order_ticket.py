"""The order ticket: side, type, quantity, price, what the order would do, and one button that says all of it.

Rules: what is sent is the draft that the button says, taken when it is pressed; nothing is sent by Enter alone.
Every control is reached by Tab; arrows step price and quantity; Ctrl+Enter sends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from widgets import side as sides
from widgets.choice_box import ChoiceBox
from widgets.controls import FlatButton, SideButton
from widgets.formatting import format_price, format_quantity, format_quantity_short, parse_price, parse_quantity
from widgets.order_draft import LIMIT, MARKET, ORDER_TYPES, TIMES_IN_FORCE, OrderDraft
from widgets.order_preview import OrderPreview, PreviewRow, SendButton
from widgets.painting import painted
from widgets.theme import Theme

CONTROL_PX, FIELD_PX, LABEL_PX = 24, 80, 52
_TIME_NAMES = {"day": "Day", "gtc": "GTC", "ioc": "IOC", "fok": "FOK"}


class OrderTicket(QWidget):
    """Enters orders for one instrument. Prices in price units, quantities in lots."""

    draftChanged = Signal(object)
    submitted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._symbol, self._decimals, self._tick, self._lot, self._quantity_decimals = "", 2, 1, 1, 0
        self._market: tuple[int | None, int | None, int | None] = (None, None, None)
        self._blocked = ""
        self.setAccessibleName("Order ticket")
        self._buy = SideButton(theme, "BUY", "buy", "up", self)
        self._sell = SideButton(theme, "SELL", "sell", "down", self)
        self._buy.setChecked(True)
        self._type, self._time = ChoiceBox(theme, self), ChoiceBox(theme, self)
        self._post_only = FlatButton(theme, "Post-only", self, figure="off", height_px=CONTROL_PX, short_text="Post")
        self._quantity, self._price = QLineEdit(self), QLineEdit(self)
        self._preset_row = QHBoxLayout()
        self._presets: list[FlatButton] = []
        self._preview, self._send = OrderPreview(theme, self), SendButton(theme, self)
        self._price_buttons = self._make_price_buttons(theme)
        self._labels: list[QLabel] = []
        self._lay_out()
        self._connect()
        self.set_theme(theme)
        self._changed()

    def _make_price_buttons(self, theme: Theme) -> list[FlatButton]:
        actions: list[tuple[str, str, Callable[[], None]]] = [
            ("Bid", "Price at the bid", lambda: self._price_from(self._market[0])),
            ("Mid", "Price in the middle", self._price_at_middle),
            ("Ask", "Price at the ask", lambda: self._price_from(self._market[1])),
            ("−1 t", "Price one tick lower", lambda: self.step_price(-1)),
            ("+1 t", "Price one tick higher", lambda: self.step_price(1)),
        ]
        buttons = []
        for text, name, act in actions:
            button = FlatButton(theme, text, self, height_px=CONTROL_PX, pad_px=6)
            button.setAccessibleName(name)
            button.clicked.connect(lambda _=False, act=act: act())
            buttons.append(button)
        return buttons

    def _lay_out(self) -> None:
        sides_row = QHBoxLayout()
        sides_row.setSpacing(0)
        sides_row.addWidget(self._buy)
        sides_row.addWidget(self._sell)
        self._preset_row.setSpacing(4)
        kinds, quantity, price = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for row in (kinds, quantity, price):
            row.setSpacing(4)
        for widget in (self._type, self._time, self._post_only):
            kinds.addWidget(widget, 1)
        quantity.addWidget(self._quantity, 1)
        quantity.addLayout(self._preset_row)
        price.addWidget(self._price, 1)
        for button in self._price_buttons:
            price.addWidget(button)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, LABEL_PX)
        grid.setColumnStretch(1, 1)
        for i, (text, row, buddy) in enumerate(
            (("Type", kinds, self._type), ("Quantity", quantity, self._quantity), ("Price", price, self._price))
        ):
            label = QLabel(text, self)
            label.setBuddy(buddy)
            self._labels.append(label)
            grid.addWidget(label, i, 0)
            grid.addLayout(row, i, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addLayout(sides_row)
        column.addLayout(grid)
        column.addWidget(self._preview)
        column.addWidget(self._send)
        column.addStretch(1)

    def _connect(self) -> None:
        self._type.addItems([name.capitalize() for name in ORDER_TYPES])
        self._time.addItems([_TIME_NAMES[name] for name in TIMES_IN_FORCE])
        self._type.setAccessibleName("Order type")
        self._time.setAccessibleName("Time in force")
        self._post_only.setCheckable(True)
        for field, name in ((self._quantity, "Quantity"), (self._price, "Price")):
            field.setAccessibleName(name)
            field.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            field.setMinimumWidth(FIELD_PX)
            field.installEventFilter(self)
            field.textEdited.connect(lambda _: self._changed())
        for box in (self._type, self._time):
            box.currentIndexChanged.connect(lambda _: self._changed())
        self._buy.toggled.connect(lambda _: self._changed())
        self._post_only.toggled.connect(lambda _: self._changed())
        self._send.clicked.connect(self.submit)
        context = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for keys, act in (
            ("Ctrl+Return", self.submit),
            ("Ctrl+Enter", self.submit),
            ("Alt+B", lambda: self.set_draft(side=sides.BUY)),
            ("Alt+S", lambda: self.set_draft(side=sides.SELL)),
        ):
            QShortcut(QKeySequence(keys), self, act, context=context)

    # what it shows

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        for part in (self._buy, self._sell, self._post_only, *self._presets, *self._price_buttons, self._preview,
                     self._send, self._type, self._time):  # fmt: skip
            part.set_theme(theme)
        for field in (self._quantity, self._price):
            field.setFont(theme.fonts.data)
        for widget in self._labels:
            widget.setFont(theme.fonts.label)
        palette = self.palette()
        palette.setColor(palette.ColorRole.WindowText, theme.color("label"))
        for label in self._labels:
            label.setPalette(palette)
        self.update()

    def set_instrument(
        self, symbol: str, price_decimals: int, tick_size: int, lot: int = 1, quantity_decimals: int = 0
    ) -> None:
        """Enter orders for another instrument; the price goes, the quantity stays."""
        self._symbol, self._decimals, self._tick = symbol, price_decimals, tick_size
        self._lot, self._quantity_decimals = lot, quantity_decimals
        self._market = (None, None, None)
        self._price.clear()
        self._changed()

    def set_presets(self, quantities: Sequence[int]) -> None:
        """Quantities of one press each."""
        for button in self._presets:
            self._preset_row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._presets = []
        for quantity in quantities:
            button = FlatButton(self._theme, format_quantity_short(quantity), self, mono=True, height_px=CONTROL_PX,
                                pad_px=5)  # fmt: skip
            button.setCheckable(True)
            button.setAccessibleName(f"Quantity {quantity}")
            button.setProperty("quantity", quantity)
            button.clicked.connect(lambda _=False, quantity=quantity: self.set_draft(quantity=quantity))
            self._presets.append(button)
            self._preset_row.addWidget(button)
        self._fit_buttons()
        self._changed()

    def set_market(self, bid: int | None, ask: int | None, last: int | None) -> None:
        """What Bid, Mid and Ask mean now; it never changes a price that is entered."""
        self._market = (bid, ask, last)

    def set_draft(self, side: int | None = None, price: int | None = None, quantity: int | None = None) -> None:
        """Fill in what is given; nothing is sent."""
        if side is not None:
            (self._sell if side == sides.SELL else self._buy).setChecked(True)
        if price is not None:
            self._price.setText(format_price(price, self._decimals))
        if quantity is not None:
            self._quantity.setText(format_quantity(quantity, self._quantity_decimals))
        self._changed()

    def set_preview(self, rows: Sequence[PreviewRow]) -> None:
        """What the draft would do."""
        self._preview.set_rows(rows)

    def set_blocked(self, reason: str) -> None:
        """Why nothing can be sent now; empty if it can."""
        if reason != self._blocked:
            self._blocked = reason
            self._changed()

    def draft(self) -> OrderDraft:
        """The order as entered."""
        order_type = ORDER_TYPES[self._type.currentIndex()]
        price = parse_price(self._price.text(), self._decimals)
        return OrderDraft(
            symbol=self._symbol,
            side=sides.SELL if self._sell.isChecked() else sides.BUY,
            order_type=order_type,
            time_in_force=TIMES_IN_FORCE[self._time.currentIndex()],
            quantity=parse_quantity(self._quantity.text(), self._quantity_decimals) or 0,
            price=price if order_type == LIMIT else None,
            post_only=self._post_only.isChecked() and order_type == LIMIT,
            price_decimals=self._decimals,
            quantity_decimals=self._quantity_decimals,
        )

    def submit(self) -> None:
        """Send what the button says, if it says an order."""
        draft = self.draft()
        if not self._problem(draft):
            self.submitted.emit(draft)

    def focus_price(self) -> None:
        """Put the keyboard to the price."""
        self._price.setFocus()
        self._price.selectAll()

    # what the trader does

    def step_price(self, ticks: int) -> None:
        """Move the price by ticks; from the market's side if there is none yet."""
        price = parse_price(self._price.text(), self._decimals)
        if price is None:
            near = self._market[1 if self._sell.isChecked() else 0]
            price = near if near is not None else self._market[2]
            if price is None:
                return
        else:
            price = (price // self._tick + ticks) * self._tick
        self.set_draft(price=price)

    def _price_from(self, price: int | None) -> None:
        if price is not None:
            self.set_draft(price=price)

    def _price_at_middle(self) -> None:
        bid, ask, _ = self._market
        if bid is not None and ask is not None:
            self.set_draft(price=(bid + ask) // 2 // self._tick * self._tick)

    def _problem(self, draft: OrderDraft) -> str:
        if self._blocked:
            return self._blocked
        if draft.quantity % max(self._lot, 1):
            return f"Quantity in steps of {format_quantity(self._lot, self._quantity_decimals)}"
        if draft.price is not None and draft.price % self._tick:
            return f"Price in steps of {format_price(self._tick, self._decimals)}"
        return draft.problem()

    def _changed(self) -> None:
        draft = self.draft()
        market = draft.order_type == MARKET
        self._price.setEnabled(not market)
        self._post_only.setEnabled(not market)
        for button in self._price_buttons:
            button.setEnabled(not market)
        self._post_only.set_figure("on" if self._post_only.isChecked() else "off")
        for button in self._presets:
            button.setChecked(button.property("quantity") == draft.quantity)
        self._send.set_draft(draft, self._problem(draft))
        self.draftChanged.emit(draft)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows step the price by ticks and the quantity by lots; with Shift by ten."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            direction = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
            steps = direction * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
            if steps and watched is self._price:
                self.step_price(steps)
                return True
            if steps and watched is self._quantity:
                self.set_draft(quantity=max(self.draft().quantity + steps * self._lot, 0))
                return True
        return super().eventFilter(watched, event)

    def minimumSizeHint(self) -> QSize:
        """The fields; presets and price buttons give way."""
        return QSize(LABEL_PX + 2 * FIELD_PX + 24, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width for the buttons."""
        super().resizeEvent(event)
        self._fit_buttons()

    def _fit_buttons(self) -> None:
        """Show as many presets and price buttons as there is room for."""
        for buttons in (self._presets, self._price_buttons):
            room = self.width() - 16 - LABEL_PX - 4 - FIELD_PX
            for button in buttons:
                room -= button.minimumSizeHint().width() + 4
                button.setVisible(room >= 0)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """The chrome behind the controls."""
        del event
        painter.fillRect(self.rect(), self._theme.color("chrome"))
