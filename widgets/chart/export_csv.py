"""Bars as CSV: times in UTC and in the zone of the chart, figures with the decimals that are shown.

Rules: figures are plain (a point, an ASCII minus, no thousands), so that any program reads them; words that a
spreadsheet could take for a formula begin with an apostrophe.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

_NS_PER_S = 10**9
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Column:
    """Values of one length with the bars, NaN for none, in units of 10^-decimals; a name in any words."""

    name: str
    values: NDArray[np.float64]
    decimals: int


@dataclass(frozen=True, slots=True)
class BarTable:
    """What is written: beginnings of bars and the columns beside them, with the zone of the second time."""

    time_ns: NDArray[np.int64]
    columns: Sequence[Column]
    zone: tzinfo = UTC
    zone_name: str = "UTC"


def write_csv(table: BarTable, file: TextIO) -> int:
    """Write head and rows; give how many bars. The file has to be opened with `newline=""`."""
    writer = csv.writer(file)
    local = table.zone is not UTC
    head = ["time UTC", *([f"time {table.zone_name}"] if local else []), *(column.name for column in table.columns)]
    writer.writerow([safe_words(word) for word in head])
    writer.writerows(_rows(table, local=local))
    return len(table.time_ns)


def safe_words(text: str) -> str:
    """The text, such that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def plain_figure(value: float, decimals: int) -> str:
    """A value in units of 10^-decimals as `-1234.50`; "" for NaN."""
    if not np.isfinite(value):
        return ""
    units = round(value)
    whole, part = divmod(abs(units), 10**decimals)
    sign = "-" if units < 0 else ""
    return f"{sign}{whole}.{part:0{decimals}d}" if decimals > 0 else f"{sign}{whole}"


def plain_time(time_ns: int, zone: tzinfo) -> str:
    """ISO 8601 with its offset, to the second or, where there is more, to the nanosecond."""
    second, rest = divmod(time_ns, _NS_PER_S)
    moment = datetime.fromtimestamp(second, zone)
    fraction = f".{rest:09d}" if rest else ""
    offset = "Z" if zone is UTC else moment.strftime("%z")
    offset = offset if len(offset) < 5 else f"{offset[:3]}:{offset[3:]}"
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}{offset}"


def _rows(table: BarTable, *, local: bool) -> Iterator[list[str]]:
    figures = [column.values.tolist() for column in table.columns]
    decimals = [column.decimals for column in table.columns]
    for i, time_ns in enumerate(table.time_ns.tolist()):
        times = [plain_time(time_ns, UTC), *([plain_time(time_ns, table.zone)] if local else [])]
        yield times + [plain_figure(values[i], units) for values, units in zip(figures, decimals, strict=True)]
