"""Fonts by role. Inter for words, JetBrains Mono for figures, DejaVu where the system has neither.

Digits are tabular and ligatures are off in every role, so that figures stand under each other.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF

FALLBACKS = {
    "Inter": ("Inter", "Inter Variable", "DejaVu Sans"),
    "JetBrains Mono": ("JetBrains Mono", "DejaVu Sans Mono"),
}
RASTER_WEIGHT = 100
"""Qt's rasteriser draws small Inter about this much heavier than the reference pictures have it."""
_ON = ("tnum", "cv05", "ss03")
_OFF = ("liga", "calt", "clig", "dlig")


def installed_family(family: str) -> str:
    """The first of `family` and its fallbacks that is installed, else the system's fixed or general font."""
    installed = set(QFontDatabase.families())
    for candidate in FALLBACKS.get(family, (family,)):
        if candidate in installed:
            return candidate
    system = QFontDatabase.SystemFont.FixedFont if "Mono" in family else QFontDatabase.SystemFont.GeneralFont
    return QFontDatabase.systemFont(system).family()


def make_font(family: str, size_px: int, weight: int) -> QFont:
    """A font of that size with tabular digits and without ligatures."""
    font = QFont(installed_family(family))
    font.setPixelSize(size_px)
    font.setWeight(QFont.Weight(weight))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    for tag in _ON:
        font.setFeature(QFont.Tag(tag), 1)
    for tag in _OFF:
        font.setFeature(QFont.Tag(tag), 0)
    return font


class FontSet:
    """The fonts of the tokens file by role."""

    def __init__(self, roles: dict[str, dict[str, Any]]) -> None:
        def role(name: str) -> QFont:
            return make_font(roles[name]["family"], roles[name]["px"], roles[name]["weight"])

        label = roles["label"]
        self.label = make_font(label["family"], label["px"], label["weight"] - RASTER_WEIGHT)
        self.label_strong = make_font(label["family"], label["px"], 600)
        self.data = role("data")
        self.data_strong = role("data_strong")
        self.display = role("display")
        self.action = role("action")
        self.badge = role("badge")
        self.worst = role("worst")

    def mono_advance(self) -> float:
        """Width of one figure of the data font, in px."""
        return QFontMetricsF(self.data).horizontalAdvance("0")
