"""How many bars before a place decide the value there, to 1e-9: the table that `measure_tails` writes.

Rules: a length is a constant and so many bars for each bar of the periods, as measured, with a margin; where types of
averages are chosen, each has its own line and their lengths add up. What depends on the first bar has no length.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from app.studies.kinds import Kind

FILE: Final = Path(__file__).with_name("tail_lengths.json")
TOLERANCE: Final = 1e-9
"""Agreement is relative to the value, or absolute where the value is below one."""


class Tail(msgspec.Struct, frozen=True, array_like=True):
    """`constant` bars and `per_period` bars for each bar of the sum of periods."""

    constant: int
    per_period: float


@cache
def _table() -> dict[str, Tail | None]:
    return msgspec.json.decode(FILE.read_bytes(), type=dict[str, Tail | None])


def keys(kind: Kind, parameters: Mapping[str, float]) -> list[str]:
    """The lines of the table that a study with these parameters needs.

    Those of the averages themselves too: a study of one average twice may settle where the average does not.
    """
    types = {int(parameters[one.name]) for one in kind.parameters if one.type == "average"}
    if not types:
        return [kind.name]
    return [f"{name}/{number}" for number in sorted(types) for name in dict.fromkeys((kind.name, "MA"))]


def periods(kind: Kind, parameters: Mapping[str, float]) -> float:
    """The sum of the parameters that are numbers of bars."""
    return sum(parameters[one.name] for one in kind.parameters if one.type == "whole")


def tail_length(kind: Kind, parameters: Mapping[str, float]) -> int | None:
    """Bars that have to stand before the first value that is right; None where all of them have to."""
    lines = [_table().get(key) for key in keys(kind, parameters)]
    if kind.path_dependent or not lines:
        return None
    total = 0.0
    for line in lines:
        if line is None:
            return None
        total += line.constant + line.per_period * periods(kind, parameters)
    return round(total) + 1
