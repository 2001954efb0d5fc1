"""All widgets together: every page paints in every look, every control has a name, nothing hot has a style rule."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from widgets import fonts
from widgets.__main__ import PAGES
from widgets.gallery.desk import desk
from widgets.glyphs import GLYPH_NAMES, STATES
from widgets.style_sheet import chrome_style_sheet
from widgets.theme import PALETTE_NAMES, Theme, retheme

pytestmark = pytest.mark.window
Shown = Callable[..., Any]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_paints_in_both_themes(each_theme: Theme, shown: Shown, page: str) -> None:
    window = shown(PAGES[page](each_theme), 1920, 1080)
    image = window.grab().toImage()
    colours = {image.pixel(x, y) for x in range(0, 1920, 7) for y in range(0, 1080, 7)}
    assert len(colours) > 12


@pytest.mark.parametrize("palette", PALETTE_NAMES)
def test_every_palette_paints(qapp: QApplication, shown: Shown, palette: str) -> None:
    look = Theme.load("dark", palette)
    image = shown(desk(look), 1920, 1080).grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(1580, 1920, 2) for y in range(430, 480)}
    assert look.color("buy").name() in colours


def test_a_theme_is_changed_while_it_runs(theme: Theme, shown: Shown) -> None:
    window = shown(desk(theme), 1920, 1080)
    light = Theme.load("light")
    retheme(window, light)
    image = window.grab().toImage()
    for left, top in ((40, 100), (400, 120), (400, 660), (1140, 120), (1600, 120), (1600, 480), (40, 880), (1200, 880)):
        lightness = [image.pixelColor(left + x, top + y).lightness() for x in range(0, 90, 3) for y in range(0, 60, 3)]
        assert sorted(lightness)[len(lightness) // 2] > 200, (left, top)


@pytest.mark.parametrize("page", PAGES)
def test_every_control_has_a_name(theme: Theme, shown: Shown, page: str) -> None:
    window = shown(PAGES[page](theme), 1920, 1080)
    nameless = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.accessibleName()
        and not widget.focusProxy()
        and not isinstance(widget.parentWidget(), QLineEdit)
        and widget.isVisible()
    ]
    assert not [f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}" for widget in nameless]


def test_no_style_rule_on_the_items_of_a_view(theme: Theme) -> None:
    assert "::item" not in chrome_style_sheet(theme.hex)


def test_every_order_state_has_a_glyph() -> None:
    assert set(STATES) <= set(GLYPH_NAMES)


def test_flashes_stay_below_three_a_second(theme: Theme) -> None:
    assert theme.motion["flash_ms"] <= 160
    assert theme.motion["flash_per_s_max"] <= 3


def test_a_system_without_the_fonts_has_others(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FALLBACKS", {"Inter": ("No such font",), "JetBrains Mono": ("No such Mono",)})
    look = Theme.load("dark")
    for font in (look.fonts.label, look.fonts.data):
        assert QFontMetricsF(font).horizontalAdvance("48.37") > 10


def test_digits_are_tabular(theme: Theme) -> None:
    for font in (theme.fonts.label, theme.fonts.data, theme.fonts.data_strong, theme.fonts.display):
        metrics = QFontMetricsF(font)
        widths = {round(metrics.horizontalAdvance(digit * 8), 3) for digit in "0123456789"}
        assert len(widths) == 1
