"""A value in a block on the axis of a pane."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AxisTag:
    """`fill`, `ink` and `frame` are tokens."""

    price: float
    fill: str
    ink: str
    frame: str
    strong: bool = False
