"""Where the crosshair of each link group is: charts of a group show the same time, whatever their bar size.

Rules: whoever moved it is not told; a chart that is gone takes its crosshair with it.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cross:
    """A time, and a price of an instrument if the pointer is at one."""

    time_ns: int
    instrument: int
    price: float | None


Show = Callable[[str, Cross | None], None]


class Crosshairs:
    """Who shows crosshairs; each is told (group, cross), None when the pointer has left."""

    def __init__(self) -> None:
        """Nobody."""
        self._shows: list[Show] = []

    def add(self, show: Show) -> None:
        """Tell `show` from now on."""
        self._shows.append(show)

    def remove(self, show: Show) -> None:
        """Tell it no more."""
        if show in self._shows:
            self._shows.remove(show)

    def put(self, group: str, cross: Cross | None, by: Show) -> None:
        """The pointer is somewhere else; everybody but `by` is told."""
        for show in tuple(self._shows):
            if show != by:
                show(group, cross)
