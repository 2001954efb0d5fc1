"""What a person drew on a chart: a kind, anchors in (time, price), a style. No Qt, no pixels.

Rules: anchors are integers (ns since the epoch, price units), so that a drawing survives another bar size, another
scale and older history; a drawing never changes, an edit makes another one with the same number.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import NamedTuple

TIME_MAX_NS = 2**62
PRICE_MAX = 2**53
TEXT_MAX = 500
INKS = ("text", "text_2", "label")
DASHES = ("solid", "dashed", "dotted")
WIDTHS_PX = (1, 2)


@unique
class DrawingKind(StrEnum):
    """What a drawing is; the values stand in files and never change."""

    TREND_LINE = "trend_line"
    RAY = "ray"
    EXTENDED_LINE = "extended_line"
    CHANNEL = "channel"
    RETRACEMENT = "retracement"
    EXTENSION = "extension"
    RECTANGLE = "rectangle"
    TEXT = "text"
    MEASURE = "measure"
    PRICE_LINE = "price_line"
    TIME_LINE = "time_line"


class Anchor(NamedTuple):
    """A point of the market."""

    time_ns: int
    price: int


@dataclass(frozen=True, slots=True)
class DrawingStyle:
    """How the lines look: `ink` is one of `INKS`, `dash` one of `DASHES`, `width_px` one of `WIDTHS_PX`."""

    ink: str = "text_2"
    dash: str = "solid"
    width_px: int = 1


@dataclass(frozen=True, slots=True)
class Drawing:
    """One drawing; `number` is its own among those of its instrument."""

    number: int
    kind: DrawingKind
    anchors: tuple[Anchor, ...]
    style: DrawingStyle = DrawingStyle()
    text: str = ""
    locked: bool = False


@dataclass(frozen=True, slots=True)
class KindTerms:
    """What a kind needs: its name, how many anchors, the key that starts it, what each anchor is called."""

    name: str
    key: str
    anchors: tuple[str, ...]

    @property
    def anchor_count(self) -> int:
        """How many points have to be set."""
        return len(self.anchors)


KINDS: dict[DrawingKind, KindTerms] = {
    DrawingKind.TREND_LINE: KindTerms("Trend line", "Alt+T", ("Begin", "End")),
    DrawingKind.RAY: KindTerms("Ray", "Alt+R", ("Begin", "Through")),
    DrawingKind.EXTENDED_LINE: KindTerms("Extended line", "Alt+E", ("First", "Second")),
    DrawingKind.CHANNEL: KindTerms("Parallel channel", "Alt+C", ("Begin", "End", "Width")),
    DrawingKind.RETRACEMENT: KindTerms("Fibonacci retracement", "Alt+F", ("From", "To")),
    DrawingKind.EXTENSION: KindTerms("Fibonacci extension", "Alt+X", ("From", "To", "Back to")),
    DrawingKind.RECTANGLE: KindTerms("Rectangle", "Alt+B", ("Corner", "Opposite")),
    DrawingKind.TEXT: KindTerms("Text", "Alt+N", ("Place",)),
    DrawingKind.MEASURE: KindTerms("Measure", "Alt+M", ("From", "To")),
    DrawingKind.PRICE_LINE: KindTerms("Price line", "Alt+H", ("Price",)),
    DrawingKind.TIME_LINE: KindTerms("Time line", "Alt+V", ("Time",)),
}
"""In the order of the tool bar."""


def problem_of(drawing: Drawing) -> str:
    """What is wrong with a drawing that came from outside, in a few words; "" if nothing is."""
    if len(drawing.anchors) != KINDS[drawing.kind].anchor_count:
        return f"{len(drawing.anchors)} anchors"
    if drawing.number < 1:
        return f"number {drawing.number}"
    for anchor in drawing.anchors:
        if not (abs(anchor.time_ns) <= TIME_MAX_NS and abs(anchor.price) <= PRICE_MAX):
            return f"an anchor at {anchor.time_ns}, {anchor.price}"
    style = drawing.style
    if style.ink not in INKS or style.dash not in DASHES or style.width_px not in WIDTHS_PX:
        return f"a style of {style.ink}, {style.dash}, {style.width_px} px"
    return f"a text of {len(drawing.text)} characters" if len(drawing.text) > TEXT_MAX else ""


def label_of(drawing: Drawing) -> str:
    """How a screen reader and the list of drawings call it."""
    words = [KINDS[drawing.kind].name]
    if drawing.text:
        words.append(drawing.text.splitlines()[0][:40])
    if drawing.locked:
        words.append("locked")
    return ", ".join(words)
