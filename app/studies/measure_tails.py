"""`python -m app.studies.measure_tails`: measures how long a tail each study needs and writes `tail_lengths.json`.

Rules: a study over the bars from a place on is held against the same study over all bars; the length is where the
last value that differs by more than the tolerance stands. Taken over kinds of markets, places and periods, then
half as much again. What has not settled within `LONGEST` bars has no length: it is computed whole.
"""

import sys
import warnings
from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.studies.bar_inputs import Units, column
from app.studies.catalogue import kinds
from app.studies.choice import chosen
from app.studies.kinds import Kind
from app.studies.library import lookback, whole
from app.studies.tail_lengths import FILE, TOLERANCE, Tail, periods
from server.protocol.records import BAR_RECORD

BARS: Final = 14_000
LONGEST: Final = 6_000
STARTS: Final = (701, 2_500, 4_999)
FACTORS: Final = (0.5, 1.0, 3.0, 8.0)
MARGIN: Final = 1.5
SPARE: Final = 16
AVERAGES: Final = 14
_UNITS: Final = Units(100, 1)
_Rows = NDArray[np.void]


def market(seed: int, step: float, drift: float, waves: float, still: float) -> _Rows:
    """Bars of a made market: size of steps, drift, height of slow waves, share of bars without a move."""
    draw = np.random.default_rng(seed)
    moves = np.rint(draw.normal(drift, step, BARS)) * (draw.random(BARS) >= still)
    place = np.arange(BARS)
    close = 20_000 + np.cumsum(moves) + np.rint(waves * np.sin(place / 17.0) + waves * np.sin(place / 210.0))
    close = np.abs(close) + 100
    opened = np.concatenate([close[:1], close[:-1]]) + np.rint(draw.normal(0, step / 4, BARS))
    rows = np.zeros(BARS, BAR_RECORD)
    rows["open"], rows["close"] = opened, close
    rows["high"] = np.maximum(opened, close) + np.rint(np.abs(draw.normal(0, step, BARS))) * (draw.random(BARS) > still)
    rows["low"] = np.minimum(opened, close) - np.rint(np.abs(draw.normal(0, step, BARS))) * (draw.random(BARS) > still)
    rows["low"] = np.maximum(rows["low"], 1)
    rows["volume"] = np.rint(draw.exponential(500, BARS))
    return rows


MARKETS: Final = (
    (1, 5.0, 0.0, 0.0, 0.1), (2, 40.0, 0.0, 0.0, 0.0), (3, 2.0, 0.4, 0.0, 0.3), (4, 1.0, 0.0, 300.0, 0.0),
    (5, 3.0, 0.0, 0.0, 0.7),
)  # fmt: skip


def settled_after(kind: Kind, parameters: dict[str, float], inputs: list[NDArray[np.float64]]) -> int:
    """Bars after a start until all values agree with those of the whole series; `BARS` if they never do."""
    truth = whole(kind, parameters, inputs)
    worst = 0
    for start in STARTS:
        part = whole(kind, parameters, [one[start:] for one in inputs])
        here = truth[:, start:]
        with np.errstate(invalid="ignore"):
            near = np.abs(part - here) <= TOLERANCE * np.maximum(1.0, np.abs(here))
        wrong = np.flatnonzero(~(near | (part == here) | (np.isnan(part) & np.isnan(here))).all(axis=0))
        worst = max(worst, int(wrong[-1]) + 1 if len(wrong) else 0)
    return worst if worst <= LONGEST else BARS


def parameter_sets(kind: Kind) -> Iterator[tuple[str, dict[str, float]]]:
    """Lines of the table, with the parameters to measure for each."""
    default = dict(chosen(kind).parameters)
    averages = [one.name for one in kind.parameters if one.type == "average"]
    for number in range(AVERAGES) if averages else [0]:
        key = f"{kind.name}/{number}" if averages else kind.name
        typed = {**default, **dict.fromkeys(averages, number)}
        for factor in FACTORS:
            scaled = dict(typed)
            for one in kind.parameters:
                if one.type == "whole":
                    scaled[one.name] = max(int(one.least), round(typed[one.name] * factor))
            if lookback(kind, scaled) < LONGEST // 2 and (scaled != typed or factor == 1.0):
                yield key, scaled


def tail_of(kind: Kind, measured: list[tuple[float, int]]) -> Tail | None:
    """The line of pairs of (sum of periods, length)."""
    if kind.path_dependent or not measured or max(length for _, length in measured) >= BARS:
        return None
    low, high = min(measured), max(measured)
    slope = max(0.0, (high[1] - low[1]) / (high[0] - low[0])) if high[0] > low[0] else 0.0
    constant = max(length - slope * period for period, length in measured)
    return Tail(round(MARGIN * max(constant, 0.0)) + SPARE, round(MARGIN * slope, 2))


def main() -> int:
    """Writes the table. Returns the exit status."""
    warnings.simplefilter("ignore")
    markets = [market(*shape) for shape in MARKETS]
    table: dict[str, Tail | None] = {}
    for kind in (one for one in kinds().values() if one.source == "bars"):
        measured: dict[str, list[tuple[float, int]]] = {}
        if kind.path_dependent:
            table[kind.name] = None
            continue
        for key, parameters in parameter_sets(kind):
            units = _UNITS.of_kind(kind)
            columns = [[column(rows, one.default, units) for one in kind.inputs] for rows in markets]
            worst = max(settled_after(kind, parameters, inputs) for inputs in columns)
            measured.setdefault(key, []).append((periods(kind, parameters), worst))
        table.update({key: tail_of(kind, pairs) for key, pairs in measured.items()})
        sys.stdout.write("".join(f"{key} {pairs} -> {table[key]}\n" for key, pairs in measured.items()))
    lines = [
        f"{msgspec.json.encode(key).decode()}: {msgspec.json.encode(tail).decode()}" for key, tail in table.items()
    ]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
