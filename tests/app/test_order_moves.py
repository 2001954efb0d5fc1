"""Orders moved on the chart of the real window: a drag asks, a yes replaces what was shown at the press."""

from collections.abc import Iterator

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from server.client.incoming import StaleChange, StaleReason
from server.protocol.enums import CommandKind, EventKind, OrderState, OrderType, Side, Topic
from server.protocol.records import NO_PRICE, ORDER_TERMS
from tests.app.desk_rig import DeskRig
from tests.app.made import NOON, bars, event
from tests.app.test_window import window_of
from widgets.chart import OrderMove
from widgets.order_move_prompt import OrderMovePrompt

pytestmark = pytest.mark.window
MINUTE = 60_000_000_000


class Pointer:
    """A mouse on the plot of the chart, in px of the plot."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self._canvas, self._qtbot = window.chart.view._canvas, qtbot
        self.x = 200

    def at(self, y: float) -> QPoint:
        return self._canvas.mapFromScene(self._canvas.box.mapToScene(QPointF(self.x, y)))

    def press(self, y: float) -> None:
        self._qtbot.mouseMove(self._canvas.viewport(), self.at(y))
        self._qtbot.mousePress(self._canvas.viewport(), Qt.MouseButton.LeftButton, pos=self.at(y))

    def drag(self, begin: float, end: float) -> None:
        for i in range(1, 11):
            self.move(begin + (end - begin) * i / 10)

    def move(self, y: float) -> None:
        """With the button down, which QTest's own move cannot say."""
        local = QPointF(self.at(y))
        moved = QMouseEvent(
            QEvent.Type.MouseMove, local, QPointF(self._canvas.viewport().mapToGlobal(local.toPoint())),
            Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(self._canvas.viewport(), moved)

    def release(self, y: float) -> None:
        self._qtbot.mouseRelease(self._canvas.viewport(), Qt.MouseButton.LeftButton, pos=self.at(y))


class Chart:
    """The window with bars around 48.33 and an own buy of 500 at 48.33."""

    def __init__(self, rig: DeskRig, window: MainWindow, qtbot: QtBot) -> None:
        self.rig, self.window, self.pointer, self.qtbot = rig, window, Pointer(window, qtbot), qtbot
        self.panel = window.chart
        page = bars(*((NOON - (200 - i) * 5 * MINUTE, 4820 + i % 30, 3) for i in range(200)))
        rig.desk.state.market.apply_bars(self.panel._series, page, more=False)
        rig.frame()
        rig.answer(event(EventKind.ACCEPTED))
        window.chart.view.grab()

    def row(self, price: int) -> int:
        return self.panel.view._frame.y_px_of(price)

    def drag(self, begin: int, end: int) -> OrderMovePrompt | None:
        self.pointer.press(self.row(begin))
        self.pointer.drag(self.row(begin), self.row(end))
        self.pointer.release(self.row(end))
        return self.panel.tools.moves.prompt

    @property
    def sent(self) -> list[np.void]:
        return [commands[0] for commands in self.rig.link.sent]


@pytest.fixture
def chart(qtbot: QtBot) -> Iterator[Chart]:
    """A chart whose mouse is never too fast."""
    rig = DeskRig()
    limit = pg.getConfigOption("mouseRateLimit")
    pg.setConfigOption("mouseRateLimit", -1)
    yield Chart(rig, window_of(rig, qtbot), qtbot)
    pg.setConfigOption("mouseRateLimit", limit)


def wait_out(prompt: OrderMovePrompt) -> None:
    """As if the guard time had passed."""
    prompt._now_ms = lambda: prompt._changed_ms + 1000


def test_a_drag_asks_and_a_yes_replaces_what_was_shown(chart: Chart) -> None:
    prompt = chart.drag(4833, 4829)
    assert prompt is not None and prompt.isVisible() and chart.sent == []
    assert "48.33 → 48.29" in prompt.accessibleDescription()
    wait_out(prompt)
    chart.qtbot.mouseClick(prompt._send, Qt.MouseButton.LeftButton)
    (sent,) = chart.sent
    assert (sent["kind"], sent["order_id"], sent["price"], sent["quantity"]) == (
        CommandKind.REPLACE_ORDER,
        77,
        4829,
        500,
    )
    assert chart.panel.tools.moves.prompt is None and chart.panel.tools.moves.mouse._layer.move is None


def test_enter_leaves_the_order_and_so_does_escape(chart: Chart) -> None:
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        prompt = chart.drag(4833, 4829)
        assert prompt is not None
        wait_out(prompt)
        assert prompt.focusWidget() is prompt._cancel
        chart.qtbot.keyClick(prompt, key)
        assert chart.panel.tools.moves.prompt is None and chart.sent == []


def test_keys_and_clicks_that_come_too_early_do_nothing(chart: Chart) -> None:
    prompt = chart.drag(4833, 4829)
    assert prompt is not None
    prompt._now_ms = lambda: prompt._changed_ms + 100
    prompt._send.setFocus()
    chart.qtbot.keyClick(prompt._send, Qt.Key.Key_Space)
    chart.qtbot.keyClick(prompt, Qt.Key.Key_Return)
    chart.qtbot.mouseClick(prompt._send, Qt.MouseButton.LeftButton)
    assert chart.sent == [] and prompt.isVisible()


def test_escape_during_the_drag_gives_up(chart: Chart) -> None:
    chart.pointer.press(chart.row(4833))
    chart.pointer.drag(chart.row(4833), chart.row(4829))
    assert chart.panel.tools.moves.mouse._layer.move == OrderMove(chart.panel.tools.moves.mouse._layer.orders[0], 4829)
    chart.qtbot.keyClick(chart.panel.view, Qt.Key.Key_Escape)
    chart.pointer.release(chart.row(4829))
    assert chart.panel.tools.moves.prompt is None and chart.sent == []
    assert chart.panel.tools.moves.mouse._layer.move is None


REPLACED = event(EventKind.REPLACED, price=4831, state=OrderState.NEW)
CANCELED = event(EventKind.CANCELED, leaves=0, state=OrderState.CANCELED)


@pytest.mark.parametrize("happens", [REPLACED, CANCELED], ids=["replaced", "cancelled"])
def test_an_order_that_changes_while_it_is_dragged_is_not_moved(chart: Chart, happens: np.ndarray) -> None:
    said: list[str] = []
    chart.rig.desk.message.connect(lambda kind, title, detail: said.append(title))
    chart.pointer.press(chart.row(4833))
    chart.pointer.drag(chart.row(4833), chart.row(4829))
    chart.rig.answer(happens)
    chart.pointer.move(chart.row(4828))
    chart.pointer.release(chart.row(4828))
    assert chart.panel.tools.moves.prompt is None and chart.sent == []
    assert said == ["NOT CHANGED"]


@pytest.mark.parametrize("happens", [REPLACED, CANCELED], ids=["replaced", "cancelled"])
def test_an_order_that_changes_while_the_question_stands_ends_it(chart: Chart, happens: np.ndarray) -> None:
    prompt = chart.drag(4833, 4829)
    assert prompt is not None
    wait_out(prompt)
    chart.rig.answer(happens)
    assert chart.panel.tools.moves.prompt is None and chart.sent == [] and not prompt.isVisible()


def test_a_fill_while_the_question_stands_is_said_and_the_wait_begins_anew(chart: Chart) -> None:
    prompt = chart.drag(4833, 4829)
    assert prompt is not None
    prompt._now_ms = lambda: 10**9
    chart.rig.answer(
        event(EventKind.EXECUTED, leaves=200, filled=300, last_price=4833, last_quantity=300,
              state=OrderState.PARTIALLY_FILLED)
    )  # fmt: skip
    assert "200 of 500" in prompt.accessibleDescription()
    prompt._send.setFocus()
    chart.qtbot.keyClick(prompt._send, Qt.Key.Key_Space)
    assert chart.sent == []
    wait_out(prompt)
    chart.qtbot.keyClick(prompt._send, Qt.Key.Key_Space)
    assert [int(sent["quantity"]) for sent in chart.sent] == [500]


def test_a_stale_price_blocks_the_question_and_the_send(chart: Chart) -> None:
    prompt = chart.drag(4833, 4829)
    assert prompt is not None
    wait_out(prompt)
    chart.rig.link.inbox.put([StaleChange(Topic.QUOTE, 1, StaleReason.GAP)])
    chart.rig.frame()
    assert not prompt.can_confirm and not prompt._send.isEnabled()
    prompt._confirm()
    assert chart.sent == []
    prompt.reject()
    assert chart.drag(4833, 4829) is None


def test_the_keys_move_an_order_too(chart: Chart) -> None:
    view = chart.panel.view
    for key in (Qt.Key.Key_O, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        chart.qtbot.keyClick(view, key)
    chart.qtbot.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    chart.qtbot.keyClick(view, Qt.Key.Key_Return)
    prompt = chart.panel.tools.moves.prompt
    assert prompt is not None
    wait_out(prompt)
    prompt._send.setFocus()
    chart.qtbot.keyClick(prompt, Qt.Key.Key_Return)
    assert [int(sent["price"]) for sent in chart.sent] == [4822]


def test_what_was_under_the_pointer_at_the_press_is_grabbed_although_it_moves_before_the_drag(chart: Chart) -> None:
    chart.pointer.press(chart.row(4833))
    view = chart.panel.view
    other = view._canvas.own.orders[0]
    view.set_orders([other, *[type(other)(99, 1, 4832 - i, "7", terms=("x",), movable=True) for i in range(2)]])
    view.panes.price.frame.scale.move(12)
    chart.pointer.drag(chart.row(4833), chart.row(4833) + 40)
    move = view._canvas.own.move
    assert move is not None and move.order.key == other.key


def stop(kind: EventKind, order_type: OrderType = OrderType.STOP, price: int = 4700) -> np.ndarray:
    """A sell stop at 48.25."""
    return event(kind, order_id=78, counter=2, order_type=order_type, price=price, value=4825, side=Side.SELL)


def test_a_waiting_stop_stands_at_its_stop_price_until_it_is_reached(chart: Chart) -> None:
    def lines() -> list[tuple[int, str]]:
        return [(one.price, one.style) for one in chart.panel.view._canvas.own.orders if one.side == Side.SELL]

    chart.rig.answer(stop(EventKind.ACCEPTED))
    assert lines() == [(4825, "stop")]
    chart.rig.answer(stop(EventKind.RESTATED))
    assert lines() == [(4825, "stop")]
    chart.rig.answer(stop(EventKind.TRIGGERED))
    assert lines() == [(4700, "working")]
    chart.rig.answer(stop(EventKind.RESTATED))
    assert lines() == [(4700, "working")]


@pytest.mark.parametrize(("order_type", "limit"), [(OrderType.STOP, NO_PRICE), (OrderType.STOP_LIMIT, 4697)])
def test_a_stop_is_moved_with_its_terms_and_a_limit_keeps_its_distance(
    chart: Chart, order_type: OrderType, limit: int
) -> None:
    chart.rig.answer(stop(EventKind.ACCEPTED, order_type))
    prompt = chart.drag(4825, 4822)
    assert prompt is not None
    wait_out(prompt)
    prompt._send.click()
    (group,) = chart.rig.link.sent
    assert group["kind"].tolist() == [CommandKind.REPLACE_ORDER, CommandKind.ORDER_TERMS]
    assert (group["order_id"][0], group["price"][0], group["quantity"][0]) == (78, limit, 500)
    assert group.view(ORDER_TERMS)["stop_price"][1] == 4822


def test_a_stop_that_trails_is_not_grabbed(chart: Chart) -> None:
    chart.rig.answer(stop(EventKind.ACCEPTED, OrderType.TRAILING_STOP))
    assert chart.drag(4825, 4822) is None
