"""Moving an own order on the chart, with the mouse or the keys: it only asks, and stays where it is until answered.

Rules: what is moved is the order as it was shown when the button went down; if its terms change or it ends meanwhile,
the move is given up and it is said why. Escape gives up. Keys: O takes the next order, the arrows move it, Enter asks.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from widgets.announcing import announce
from widgets.chart import mouse_routing
from widgets.chart.marks import AlertLine, OrderLine, OrderMove
from widgets.chart.mouse_routing import MouseHandler, MouseRouter, PlotPoint
from widgets.chart.own_layer import OwnLayer
from widgets.chart.pane import Pane
from widgets.formatting import format_price
from widgets.side import WORDS
from widgets.theme import Theme

FAR_TICKS = 10
_STEPS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}


class OrderMouse(QObject, MouseHandler):
    """`moveRequested(OrderMove)` when the button is let go, `moveAborted(reason)` when the order became another."""

    moveRequested = Signal(object)
    moveAborted = Signal(str)

    def __init__(self, owner: QWidget, viewport: QWidget, layer: OwnLayer, pane: Pane, router: MouseRouter) -> None:
        """`owner` has the keyboard; `viewport` is where Qt delivers presses of the mouse."""
        QObject.__init__(self, owner)
        self._owner, self._layer, self._pane, self._router = owner, layer, pane, router
        self._under: OrderLine | None = None
        self._grabbed: OrderLine | None = None
        self._row_offset = 0.0
        self._asked = False
        layer.orders_changed = self._orders_changed
        router.add(self, mouse_routing.ORDER)
        owner.installEventFilter(self)
        viewport.installEventFilter(self)
        self._viewport = viewport

    @property
    def theme(self) -> Theme:
        """The theme of the chart now."""
        return self._layer.theme

    def set_alerts(self, alerts: list[AlertLine]) -> None:
        """Prices that are watched."""
        self._layer.alerts = list(alerts)
        self._layer.update()

    def done(self) -> None:
        """The question is answered: nothing is on its way any more."""
        self._grabbed, self._asked, self._layer.chosen = None, False, None
        self.show(None)

    # the mouse

    def press(self, at: PlotPoint) -> bool:
        """Grab the order that was here when the button went down."""
        order = self._under
        if order is None or at.button is not Qt.MouseButton.LeftButton or at.pane is not self._pane:
            return False
        self.done()
        self._grabbed = order
        self._row_offset = self._layer.frame.y_px_of(order.price) - at.pane_y
        return True

    def drag(self, at: PlotPoint) -> None:
        """The price follows the pointer, on the tick grid."""
        order = self._grabbed
        if order is not None:
            row = at.y - self._pane.frame.top + self._row_offset
            self.show(OrderMove(order, self._layer.frame.tick_at(row)))

    def release(self, at: PlotPoint) -> None:
        """Ask for the price where the order was taken to."""
        self.drag(at)
        self._ask()

    def cancel(self) -> None:
        """Nothing is asked."""
        self.done()

    def hover(self, at: PlotPoint) -> Qt.CursorShape | None:
        """Arrows over an order that can be moved."""
        order = self._layer.order_at(at.x, at.pane_y) if at.pane is self._pane else None
        return Qt.CursorShape.SizeVerCursor if order is not None and order.movable else None

    # the keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note what was under the pointer at a press; take the keys that are for orders."""
        if watched is self._viewport and event.type() == QEvent.Type.MouseButtonPress:
            assert isinstance(event, QMouseEvent)
            self._note_press(event)
        elif watched is self._owner and event.type() == QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)
            return self._key(event)
        return False

    def _note_press(self, event: QMouseEvent) -> None:
        place = self._to_pane(event)
        order = self._layer.order_at(*place) if place is not None else None
        self._under = order if order is not None and order.movable else None

    def _to_pane(self, event: QMouseEvent) -> tuple[float, float] | None:
        scene = self._layer.scene()
        views = scene.views() if scene is not None else []
        if not views:
            return None
        point = self._layer.mapFromScene(views[0].mapToScene(event.position().toPoint()))
        return point.x(), point.y()

    def _key(self, event: QKeyEvent) -> bool:
        key, move = Qt.Key(event.key()), self._layer.move
        if key == Qt.Key.Key_O and not event.modifiers() and not self._router.busy:
            return self._choose_next()
        if self._layer.chosen is None or move is None or self._asked:
            return False
        if key in _STEPS:
            far = FAR_TICKS if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            step = _STEPS[key] * far * self._layer.frame.tick_size
            self.show(replace(move, price=move.price + step))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self._ask()
        elif key == Qt.Key.Key_Escape:
            self.done()
        else:
            return False
        return True

    def _choose_next(self) -> bool:
        orders = [order for order in self._layer.orders if order.movable]
        if not orders:
            return False
        keys = [order.key for order in orders]
        place = keys.index(self._layer.chosen) + 1 if self._layer.chosen in keys else 0
        order = orders[place % len(orders)]
        self.done()
        self._grabbed, self._layer.chosen = order, order.key
        self.show(OrderMove(order, order.price))
        return True

    # both

    def _ask(self) -> None:
        move = self._layer.move
        if move is None or move.price == move.order.price:
            self.done()
            return
        self._asked = True
        self.moveRequested.emit(move)

    def _orders_changed(self) -> None:
        grabbed = self._grabbed
        if grabbed is None:
            return
        now = next((order for order in self._layer.orders if order.key == grabbed.key), None)
        if now is not None and now.terms == grabbed.terms and now.movable:
            return
        self._router_cancel()
        self.done()
        self.moveAborted.emit("The order has ended" if now is None else "The order has changed")

    def _router_cancel(self) -> None:
        if self._router.busy:
            self._router.cancel()

    def show(self, move: OrderMove | None) -> None:
        """Draw an order on its way; None draws none."""
        if move != self._layer.move:
            self._layer.move = move
            if move is not None and self._layer.chosen is not None:
                price = format_price(move.price, self._layer.frame.price_decimals)
                announce(self._owner, f"{WORDS[move.order.side]} {move.order.text} to {price}")
        self._layer.update()


def attached(owner: QWidget, pane: Pane, router: MouseRouter) -> OrderMouse:
    """Let own orders of a pane that is on a screen be moved. Raise `StopIteration` for one that shows none."""
    layer = next(one for one in pane.layers if isinstance(one, OwnLayer))
    return OrderMouse(owner, layer.scene().views()[0].viewport(), layer, pane, router)
