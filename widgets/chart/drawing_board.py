"""Everything about drawings of one chart: tool, layer, mouse, keys, menu, dialog.

Rules: edits go out by `put`, `removed`, `undo`, `redo`; what is drawn comes in by `set_drawings`. Each deed of the
mouse has a key: a tool by its letter, an anchor by arrows and Enter, a drawing by Tab, arrows, F2, Backspace.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QCursor, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from widgets.announcing import announce
from widgets.chart import mouse_routing
from widgets.chart.drawing_layer import DrawingLayer
from widgets.chart.drawing_mouse import GrabbingMouse, PlacingMouse
from widgets.chart.mouse_routing import MouseRouter
from widgets.chart.pane import Z_DRAWINGS, Pane
from widgets.drawing.drawing import DASHES, INKS, KINDS, WIDTHS_PX, Drawing, DrawingKind, label_of
from widgets.drawing.drawing_dialog import INK_WORDS, DrawingDialog
from widgets.drawing.tool import DrawingTool
from widgets.theme import Theme

FAR_STEP = 10
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}


class DrawingBoard(QObject):
    """The drawings of a chart. `owner` is the widget that has the keyboard."""

    put = Signal(object)
    removed = Signal(int)
    undo = Signal()
    redo = Signal()
    toolChanged = Signal(object)
    selectionChanged = Signal(object)
    switched = Signal(str, bool)
    deedRequested = Signal(str)
    """A key asked for a deed that is none of drawings."""

    def __init__(self, owner: QWidget, pane: Pane, router: MouseRouter, theme: Theme) -> None:
        super().__init__(owner)
        self._owner, self._pane = owner, pane
        self.tool = DrawingTool(self.put.emit)
        self.layer = DrawingLayer(pane.frame, theme, self.tool)
        pane.add_layer(self.layer, Z_DRAWINGS)
        self._placing = PlacingMouse(self.layer, pane, self._changed)
        self._grabbing = GrabbingMouse(self.layer, pane, self._changed, self.edit, self._open_menu)
        router.add(self._placing, mouse_routing.TOOL)
        router.add(self._grabbing, mouse_routing.DRAWING)
        self._router = router
        self._handle: int | None = None
        self._told: tuple[DrawingKind | None, Drawing | None] = (None, None)
        self._keys = self._bound_keys()
        owner.installEventFilter(self)

    def set_drawings(self, drawings: Sequence[Drawing]) -> None:
        """What is drawn on the instrument."""
        self.tool.set_drawings(drawings)
        self._changed()

    def start(self, kind: DrawingKind | None) -> None:
        """Take a tool; None is the pointer."""
        self._router.cancel()
        self.tool.start(kind)
        self._changed()

    @property
    def magnet(self) -> bool:
        """Whether points snap to the prices of bars; Ctrl turns it for one point."""
        return self._placing.magnet

    def switch(self, name: str, on: bool) -> None:
        """Turn "magnet" or "show" on or off."""
        if name == "magnet":
            self._placing.magnet = self._grabbing.magnet = on
        else:
            self.layer.hidden = not on
        self.switched.emit(name, on)
        self._changed()

    def do(self, deed: str) -> None:
        """One of the deeds of the tool strip that are about drawings: others do nothing."""
        deeds: dict[str, Callable[[], object]] = {
            "undo": self.undo.emit, "redo": self.redo.emit, "numbers": self.edit, "lock": self.turn_lock,
            "remove": self.remove,
        }  # fmt: skip
        if deed in deeds:
            deeds[deed]()

    def edit(self) -> None:
        """The selected drawing by numbers."""
        drawing = self.tool.selection
        if drawing is None:
            return
        frame = self._pane.frame
        dialog = DrawingDialog(self.layer.theme, drawing, frame.decimals, self._owner, zone=frame.span.zone)
        dialog.applied.connect(self.put)
        dialog.removeRequested.connect(self.removed)
        dialog.open()

    def remove(self) -> None:
        """Delete the selected drawing, unless it is locked."""
        drawing = self.tool.selection
        if drawing is not None and not drawing.locked:
            self.removed.emit(drawing.number)

    def turn_lock(self) -> None:
        """Lock the selected drawing, or unlock it."""
        drawing = self.tool.selection
        if drawing is not None:
            self.put.emit(replace(drawing, locked=not drawing.locked))

    def copy(self) -> None:
        """A copy of the selected drawing beside it."""
        self.tool.copy(self.layer.plane)
        self._changed()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The keys, before the chart has them; keys of tools win over shortcuts of the window."""
        del watched
        if event.type() not in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            return False
        assert isinstance(event, QKeyEvent)
        if event.type() == QEvent.Type.ShortcutOverride:
            if self._deed_of(event) is not None:
                event.accept()
            return False
        deed = self._deed_of(event)
        if deed is None:
            return False
        deed()
        self._changed()
        return True

    def _deed_of(self, event: QKeyEvent) -> Callable[[], object] | None:
        """What a key does now; None where it is not for drawings."""
        bound = self._keys.get(QKeySequence(event.keyCombination()).toString())
        if bound is not None:
            return bound
        tool, key = self.tool, Qt.Key(event.key())
        far = FAR_STEP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        if key in _ARROWS and (tool.is_placing or tool.selected):
            bars, ticks = _ARROWS[key]
            return lambda: tool.step(self.layer.plane, bars * far, ticks * far, self._handle)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if tool.is_placing:
                return lambda: tool.set_anchor(self.layer.plane)
            return self.edit if tool.selected else None
        if key == Qt.Key.Key_Escape and (tool.is_busy or tool.selected):
            return self._escape
        if not tool.selected:
            return None
        return {Qt.Key.Key_Backspace: self.remove, Qt.Key.Key_F2: self.edit, Qt.Key.Key_H: self._next_handle}.get(key)

    def _bound_keys(self) -> dict[str, Callable[[], object]]:
        keys: dict[str, Callable[[], object]] = {
            terms.key: (lambda kind=kind: self.start(kind)) for kind, terms in KINDS.items()
        }
        return keys | {
            "Ctrl+Z": self.undo.emit,
            "Ctrl+Y": self.redo.emit,
            "Ctrl+Shift+Z": self.redo.emit,
            "Ctrl+D": self.copy,
            "Alt+L": self.turn_lock,
            "Alt+K": lambda: self.deedRequested.emit("compare"),
            "Ctrl+E": lambda: self.deedRequested.emit("export"),
            "Alt+O": lambda: self.switch("magnet", not self.magnet),
            "Alt+S": lambda: self.switch("show", self.layer.hidden),
            "Alt+Right": lambda: self._select(1),
            "Alt+Left": lambda: self._select(-1),
        }

    def _select(self, by: int) -> None:
        self._handle = None
        self.tool.select_next(by)

    def _escape(self) -> None:
        if not self._router.cancel():
            self.tool.cancel()

    def _next_handle(self) -> None:
        """Arrows move the whole drawing, then its first anchor, its second, and the whole again."""
        drawing = self.tool.selection
        if drawing is not None:
            place = -1 if self._handle is None else self._handle
            self._handle = place + 1 if place + 1 < len(drawing.anchors) else None

    def _open_menu(self) -> None:
        drawing = self.tool.selection
        if drawing is None:
            return
        menu = QMenu(self._owner)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Edit by numbers\tF2", self.edit)
        menu.addAction("Copy\tCtrl+D", self.copy)
        menu.addAction("Unlock\tAlt+L" if drawing.locked else "Lock\tAlt+L", self.turn_lock)
        menu.addSeparator()
        style = drawing.style
        widths = [f"{px} px" for px in WIDTHS_PX]
        for words, values, name in (
            (INK_WORDS, INKS, "ink"), (DASHES, DASHES, "dash"), (widths, WIDTHS_PX, "width_px"),
        ):  # fmt: skip
            for word, value in zip(words, values, strict=True):
                changed = replace(drawing, style=replace(style, **{name: value}))
                action = menu.addAction(f"{name.split('_')[0].capitalize()}: {word}")
                action.setCheckable(True)
                action.setChecked(getattr(style, name) == value)
                action.triggered.connect(lambda _=False, changed=changed: self.put.emit(changed))
            menu.addSeparator()
        menu.addAction("Delete\tBackspace", self.remove).setEnabled(not drawing.locked)
        menu.popup(QCursor.pos())

    def _changed(self) -> None:
        """Paint, and tell who shows the tool and the selection."""
        self.layer.update()
        tool = self.tool
        told = (tool.kind, tool.selection)
        if told == self._told:
            return
        before, self._told = self._told, told
        if before[0] is not told[0]:
            announce(self._owner, f"{KINDS[tool.kind].name}: set its points" if tool.kind else "pointer")
            self.toolChanged.emit(tool.kind)
        if before[1] != told[1]:
            if before[1] is None or told[1] is None or before[1].number != told[1].number:
                self._handle = None
            announce(self._owner, label_of(told[1]) if told[1] else "no drawing selected")
            self.selectionChanged.emit(told[1])
