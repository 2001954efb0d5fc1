"""The drawing tools beside a chart: buttons of 24 px in as many columns as the height needs."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from widgets.controls import paint_border
from widgets.drawing.drawing import KINDS, DrawingKind
from widgets.drawing.tool_glyphs import SIDE_PX, draw_tool_glyph
from widgets.painting import painted
from widgets.theme import Theme

BUTTON_PX = 24
GAP_PX = 5
DEEDS = (
    ("undo", "Undo drawing", "Ctrl+Z"), ("redo", "Redo drawing", "Ctrl+Y"),
    ("numbers", "Edit the drawing by numbers", "F2"), ("lock", "Lock or unlock the drawing", "Alt+L"),
    ("remove", "Delete the drawing", "Backspace"), ("compare", "Compare with other instruments", "Alt+K"),
    ("export", "Export picture or bars", "Ctrl+E"),
)  # fmt: skip
SWITCHES = (("magnet", "Magnet: snap to open, high, low, close", "Alt+O"), ("show", "Show drawings", "Alt+S"))


class ToolButton(QAbstractButton):
    """A sign with a name; checked it is inverted."""

    def __init__(self, theme: Theme, glyph: str, name: str, key: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._glyph = glyph
        self.setFixedSize(BUTTON_PX, BUTTON_PX)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(name)
        self.setAccessibleDescription(f"key {key}" if key else "")
        self.setToolTip(f"{name}  {key}".rstrip())
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self.update()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint ground, sign and focus."""
        del event
        theme, on = self._theme, self.isChecked()
        hot = self.underMouse() and self.isEnabled()
        painter.fillRect(self.rect(), theme.color("text" if on else "selected" if hot else "chrome"))
        ink = "canvas" if on else "text_2" if self.isEnabled() else "hairline_strong"
        corner = (BUTTON_PX - SIDE_PX) / 2
        draw_tool_glyph(painter, self._glyph, corner, corner, theme.color(ink))
        if self.hasFocus():
            paint_border(painter, theme, self.rect(), True, True, False)


class ToolStrip(QWidget):
    """Tools, switches and deeds. `toolChosen` gives a `DrawingKind` or None for the pointer."""

    toolChosen = Signal(object)
    switched = Signal(str, bool)
    deedRequested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Drawing tools")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)
        self._theme = theme
        self._tools: dict[DrawingKind | None, ToolButton] = {
            None: self._button("pointer", "Pointer: select and move", "Esc", checkable=True)
        }
        for kind, terms in KINDS.items():
            self._tools[kind] = self._button(kind.value, terms.name, terms.key, checkable=True)
        self._switches = {name: self._button(name, text, key, checkable=True) for name, text, key in SWITCHES}
        self._deeds = {name: self._button(name, text, key) for name, text, key in DEEDS}
        for kind, button in self._tools.items():
            button.clicked.connect(lambda _=False, kind=kind: self.toolChosen.emit(kind))
        for name, button in self._switches.items():
            button.setChecked(True)
            button.toggled.connect(lambda on, name=name: self.switched.emit(name, on))
        for name, button in self._deeds.items():
            button.clicked.connect(lambda _=False, name=name: self.deedRequested.emit(name))
        self.set_tool(None)
        self.set_state(0, 0, selected=False)
        self._arrange()

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        for button in self._buttons():
            button.set_theme(theme)
        self.update()

    def set_tool(self, kind: DrawingKind | None) -> None:
        """Mark the active tool."""
        for other, button in self._tools.items():
            button.setChecked(other is kind)

    def set_switch(self, name: str, on: bool) -> None:
        """Mark "magnet" or "show" as on or off."""
        self._switches[name].setChecked(on)

    def set_state(self, undo: int, redo: int, *, selected: bool) -> None:
        """How many edits can be undone and done again, and whether a drawing is selected."""
        for name, enabled in (("undo", undo > 0), ("redo", redo > 0), ("numbers", selected), ("lock", selected),
                              ("remove", selected)):  # fmt: skip
            self._deeds[name].setEnabled(enabled)

    def sizeHint(self) -> QSize:
        """As wide as its columns."""
        return QSize(self._columns(self.height()) * BUTTON_PX + 1, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another height may need another number of columns."""
        super().resizeEvent(event)
        self._arrange()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """The chrome and a hairline towards the chart."""
        del event
        painter.fillRect(self.rect(), self._theme.color("chrome"))
        painter.fillRect(self.width() - 1, 0, 1, self.height(), self._theme.color("hairline"))

    def _button(self, glyph: str, name: str, key: str, *, checkable: bool = False) -> ToolButton:
        button = ToolButton(self._theme, glyph, name, key, self)
        button.setCheckable(checkable)
        return button

    def _groups(self) -> tuple[list[ToolButton], ...]:
        return list(self._tools.values()), list(self._switches.values()), list(self._deeds.values())

    def _buttons(self) -> list[ToolButton]:
        return [button for group in self._groups() for button in group]

    def _columns(self, height: int) -> int:
        per_column = max((height - 2 * GAP_PX) // BUTTON_PX, 1)
        return -(-len(self._buttons()) // per_column)

    def _arrange(self) -> None:
        """Down the columns; with one column a gap between the groups."""
        columns = self._columns(self.height())
        per_column = -(-len(self._buttons()) // columns)
        place, y = 0, 0
        for group in self._groups():
            for button in group:
                column, row = divmod(place, per_column)
                button.move(column * BUTTON_PX, row * BUTTON_PX + (y if columns == 1 else 0))
                place += 1
            y += GAP_PX
        if self.width() != columns * BUTTON_PX + 1:
            self.setFixedWidth(columns * BUTTON_PX + 1)
