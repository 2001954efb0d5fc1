"""What a column of a blotter is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

Cell = tuple[str, str, str, float | None, Any]


class ColumnLike(Protocol):
    """Anything with these attributes describes a column.

    `align`: "l", "r", "c". `kind`: "text" (words), "name" (an instrument), "data" (figures), "progress" (a line under
    the figure), "meter" (a used limit before it), "bar" (a grey bar that fills the spare width), "spark" (a course),
    "range" (where the last price and the open stand in the day, two fractions).
    `filter`: "text", "any", "min", "none".
    """

    @property
    def title(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def align(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def filter(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    title: str
    width: int
    align: str = "l"
    kind: str = "data"
    filter: str = "none"
