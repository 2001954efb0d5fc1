"""The tokens are readable: contrast recomputed from the file, for every theme and palette, as the look promises it."""

import json
from typing import Any

import pytest

from widgets.theme import PALETTE_NAMES, THEME_NAMES, TOKENS_FILE

SURFACES = ("canvas", "chrome", "raised", "selected", "zebra")
INKS = ("text", "text_2", "label", "buy", "sell", "up", "down", "own", "warning", "stale")
FILLS = (
    ("on_buy", "buy"), ("on_sell", "sell"), ("on_warning", "warning"), ("on_alarm", "alarm"),
    ("on_mode", "mode_demo"), ("on_mode", "mode_replay"),
)  # fmt: skip
TINTS = ("buy_tint", "sell_tint", "up_tint", "down_tint", "own_tint")
PROMISED = {
    "dark": {"text": (15.8, 11.1), "text_2": (10.0, 7.0), "label": (7.0, 4.9), "buy": (8.0, 5.6), "sell": (8.2, 5.8),
             "up": (8.9, 6.2), "down": (6.8, 4.7), "own": (9.2, 6.4), "warning": (10.9, 7.6), "stale": (8.0, 5.6)},
    "light": {"text": (18.0, 14.0), "text_2": (9.2, 7.1), "label": (6.3, 4.9), "buy": (6.2, 4.8), "sell": (5.9, 4.6),
              "up": (5.8, 4.5), "down": (6.4, 5.0), "own": (7.1, 5.5), "warning": (6.5, 5.0), "stale": (6.9, 5.4)},
}  # fmt: skip
PAIRS = [(theme, palette) for theme in THEME_NAMES for palette in PALETTE_NAMES]


def colors(theme: str, palette: str) -> dict[str, Any]:
    """All tokens of one look."""
    tokens = json.loads(TOKENS_FILE.read_text(encoding="utf-8"))
    return {**tokens["themes"][theme], **tokens["palettes"][palette][theme]}


def luminance(color: str) -> float:
    """Relative luminance of WCAG 2."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("theme", "palette"), PAIRS)
def test_ink_is_readable_on_every_surface(theme: str, palette: str) -> None:
    look = colors(theme, palette)
    poor = {
        (ink, surface): round(contrast(look[ink], look[surface]), 2)
        for ink in INKS
        for surface in SURFACES
        if contrast(look[ink], look[surface]) < 4.5
    }
    assert not poor


@pytest.mark.parametrize(("theme", "palette"), PAIRS)
def test_ink_is_readable_on_fills_and_tints(theme: str, palette: str) -> None:
    look = colors(theme, palette)
    assert all(contrast(look[ink], look[fill]) >= 4.5 for ink, fill in FILLS)
    for tint in TINTS:
        ink = tint.removesuffix("_tint")
        assert contrast(look["text"], look[tint]) >= 4.7, tint
        assert contrast(look[ink], look[tint]) >= 4.5, tint


@pytest.mark.parametrize("theme", THEME_NAMES)
def test_the_table_of_the_look_is_true(theme: str) -> None:
    look = colors(theme, "standard")
    for ink, (on_canvas, lowest) in PROMISED[theme].items():
        assert contrast(look[ink], look["canvas"]) == pytest.approx(on_canvas, abs=0.06), ink
        assert min(contrast(look[ink], look[s]) for s in SURFACES) == pytest.approx(lowest, abs=0.06), ink


def test_side_and_direction_are_never_the_same_colour() -> None:
    for theme, palette in PAIRS:
        look = colors(theme, palette)
        assert len({look[token] for token in ("buy", "sell", "up", "down", "own", "warning", "alarm")}) == 7
