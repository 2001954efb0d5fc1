"""The theme: colours, sizes, dashes and fonts by meaning, read from `resources/themes/tokens.json`.

A widget asks for a meaning ("buy", "own", "stale") and never for a colour value. A theme is immutable; to change the
look, load another one and hand it to the widgets (`retheme`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from widgets.fonts import FontSet
from widgets.hatch import hatch_pixmap
from widgets.style_sheet import chrome_style_sheet

TOKENS_FILE = Path(__file__).resolve().parent.parent / "resources" / "themes" / "tokens.json"
THEME_NAMES = ("dark", "light")
PALETTE_NAMES = ("standard", "colour_blind_safe", "east_asian")


class Theme:
    """Colours, sizes and fonts of one theme and palette."""

    def __init__(self, name: str, palette_name: str, tokens: dict[str, Any]) -> None:
        """Raise `KeyError` for a theme or palette that the tokens do not have."""
        values = {**tokens["themes"][name], **tokens["palettes"][palette_name][name]}
        self.name = name
        self.palette_name = palette_name
        self.is_dark = name == "dark"
        self.heat = tuple(QColor(value) for value in values.pop("heat"))
        self.hex = values
        self.px: dict[str, Any] = tokens["px"]
        self.motion: dict[str, int] = tokens["motion"]
        self.fonts = FontSet(tokens["type"])
        self._dashes: dict[str, list[float]] = tokens["dash"]
        self._colors = {token: QColor(value) for token, value in values.items()}
        self._brushes = {token: QBrush(color) for token, color in self._colors.items()}
        self._pens: dict[tuple[str, float, str], QPen] = {}

    @classmethod
    def load(cls, name: str = "dark", palette: str = "standard") -> Theme:
        """Read the tokens file and give the theme `name` with the palette `palette`."""
        return cls(name, palette, json.loads(TOKENS_FILE.read_text(encoding="utf-8")))

    def color(self, token: str) -> QColor:
        """The colour of a meaning. Raise `KeyError` for an unknown token."""
        return self._colors[token]

    def brush(self, token: str) -> QBrush:
        """A solid brush in the colour of `token`."""
        return self._brushes[token]

    def pen(self, token: str, width: float = 1, dash: str = "") -> QPen:
        """A flat-capped pen; `dash` names a dash of the tokens file, or a gap pattern such as "1 2"."""
        key = (token, width, dash)
        pen = self._pens.get(key)
        if pen is None:
            pen = QPen(self._colors[token], width)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            if dash:
                pattern = self._dashes.get(dash) or [float(part) for part in dash.split()]
                pen.setDashPattern([part / width for part in pattern])
            self._pens[key] = pen
        return pen

    @cached_property
    def hatch(self) -> QPixmap:
        """One tile of the stale hatch."""
        return hatch_pixmap(self._colors["stale_tint"], self._colors["stale_hatch"])

    @cached_property
    def hatch_lines(self) -> QPixmap:
        """One tile of the lines alone, to lie over what was painted."""
        return hatch_pixmap(QColor(0, 0, 0, 0), self._colors["stale_hatch"])

    @cached_property
    def palette(self) -> QPalette:
        """The QPalette for the Fusion style."""
        role = QPalette.ColorRole
        pairs: Sequence[tuple[QPalette.ColorRole, str]] = (
            (role.Window, "chrome"),
            (role.WindowText, "text"),
            (role.Base, "canvas"),
            (role.AlternateBase, "zebra"),
            (role.Text, "text"),
            (role.PlaceholderText, "label"),
            (role.Button, "chrome"),
            (role.ButtonText, "text"),
            (role.BrightText, "text"),
            (role.Highlight, "selected"),
            (role.HighlightedText, "text"),
            (role.ToolTipBase, "raised"),
            (role.ToolTipText, "text"),
            (role.Link, "text"),
            (role.LinkVisited, "text_2"),
            (role.Light, "raised"),
            (role.Midlight, "hairline"),
            (role.Mid, "hairline"),
            (role.Dark, "hairline"),
            (role.Shadow, "hairline"),
            (role.Accent, "text"),
        )
        palette = QPalette()
        for color_role, token in pairs:
            palette.setColor(color_role, self._colors[token])
        for color_role in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, color_role, self._colors["label"])
        return palette

    def apply(self, app: QApplication) -> None:
        """Give the whole application this look: Fusion, palette, label font and the style sheet of the chrome."""
        app.setStyle("Fusion")
        app.setPalette(self.palette)
        app.setFont(self.fonts.label)
        app.setStyleSheet(chrome_style_sheet(self.hex))


def retheme(root: QWidget, theme: Theme) -> None:
    """Hand `theme` to `root` and to every widget below it that has `set_theme`."""
    for widget in [root, *root.findChildren(QWidget)]:
        set_theme = getattr(widget, "set_theme", None)
        if set_theme is not None:
            set_theme(theme)
