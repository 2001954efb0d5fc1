"""How a chart shows its bars."""

from __future__ import annotations

from enum import Enum


class ChartType(Enum):
    """The value is what a setting keeps."""

    CANDLES = "candles"
    HOLLOW = "hollow"
    BARS = "bars"
    LINE = "line"
    AREA = "area"
    HEIKIN_ASHI = "heikin_ashi"
    RENKO = "renko"

    @property
    def words(self) -> str:
        """What a person reads."""
        return _WORDS[self]

    @property
    def of_closes(self) -> bool:
        """Whether it shows closes alone."""
        return self in (ChartType.LINE, ChartType.AREA)


_WORDS = {
    ChartType.CANDLES: "Candles", ChartType.HOLLOW: "Hollow candles", ChartType.BARS: "Bars",
    ChartType.LINE: "Line", ChartType.AREA: "Area", ChartType.HEIKIN_ASHI: "Heikin-Ashi", ChartType.RENKO: "Renko",
}  # fmt: skip
