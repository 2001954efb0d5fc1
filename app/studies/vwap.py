"""The average price weighted by volume since a session or an anchor, with bands of standard deviations.

Rules: sums are integers, measured from a price near by, so that they stay small: volume, volume x distance and volume
x distance squared. Where the trades of a bar are known the squares are theirs; else they are taken from the bar's
high, low and close. The average itself follows from the bars' turnover and is exact either way.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.studies.running import begins_of, running_sums
from app.studies.tape import Tape, bar_keys
from app.studies.value_rows import ValueRows

DAY_NS: Final = 86_400_000_000_000
BANDS: Final = (1.0, 2.0)
_SUM_MAX: Final = float(1 << 61)
_Ints = NDArray[Any]
"""Of int64, or of Python's integers where those would not do."""
_Totals = tuple[int, int, int]


class VwapLine:
    """VWAP, and an upper and a lower line for each band, one column a bar, in price units."""

    def __init__(
        self, tape: Tape, *, session_ns: int = DAY_NS, anchor_ns: int = 0, bands: tuple[float, ...] = BANDS
    ) -> None:
        """Anew at each multiple of `session_ns`, or once from `anchor_ns` on (`session_ns` 0)."""
        self.tape, self.session_ns, self.anchor_ns, self.bands = tape, session_ns, anchor_ns, bands
        self._values = ValueRows(1 + 2 * len(bands))
        self._closed = 0
        self._session = 0
        self._base = 0
        self._totals: _Totals = (0, 0, 0)
        self._reloads = tape.reloads
        self._open = (-1, 0, 0)

    @property
    def values(self) -> NDArray[np.float64]:
        """Rows VWAP, upper, lower, upper, lower...; NaN where nothing traded yet."""
        return self._values.rows

    def compute(self, rows: NDArray[np.void]) -> None:
        """Everything anew, for BAR_RECORD rows."""
        self._values.clear(len(rows))
        self._closed, self._session, self._totals, self._open = 0, -1, (0, 0, 0), (-1, 0, 0)
        self._reloads = self.tape.reloads
        self.advance(rows)

    def advance(self, rows: NDArray[np.void]) -> None:
        """Bars were appended, or the last one changed; where trades came before others all is computed anew."""
        if self._reloads != self.tape.reloads or len(rows) < self._closed:
            self.compute(rows)
            return
        self._values.fit(len(rows))
        if len(rows):
            self._continue(rows, self._closed)

    def _continue(self, rows: NDArray[np.void], first: int) -> None:
        """Values of the bars from `first` on; all but the last of them are closed afterwards."""
        times = rows["time_ns"][first:]
        sessions = times // self.session_ns if self.session_ns else np.where(times >= self.anchor_ns, 0, -1)
        begins = begins_of(sessions, self._session)
        lengths = np.diff(np.append(begins, len(times)))
        lead = int(begins[0]) if len(begins) else len(times)
        opens = rows["open"][first:][begins]
        bases = np.concatenate([np.full(lead, self._base), np.repeat(opens, lengths)])
        parts = self._parts(rows[first:], bases)
        sums = [running_sums(part, begins, total) for part, total in zip(parts, self._totals, strict=True)]
        self._values.rows[:, first:] = self._lines(sums, bases, sessions >= 0)
        if len(times) > 1:
            self._closed = first + len(times) - 1
            self._session, self._base = int(sessions[-2]), int(bases[-2])
            self._totals = (int(sums[0][-2]), int(sums[1][-2]), int(sums[2][-2]))

    def _parts(self, rows: NDArray[np.void], bases: NDArray[np.int64]) -> tuple[_Ints, _Ints, _Ints]:
        """Volume, volume x distance, volume x distance squared of each bar."""
        volume = rows["volume"]
        distances = [rows[name] - bases for name in ("high", "low", "close")]
        greatest = max(float(np.abs(distance).max()) for distance in distances)
        carried = float(max(abs(total) for total in self._totals))
        exact = volume.astype(object) if greatest**2 * float(volume.sum()) * 3 + carried > _SUM_MAX else volume
        squares = sum((distance.astype(exact.dtype) ** 2 * exact for distance in distances), exact * 0) // 3
        squares = self._with_trades(rows, bases, squares)
        return exact, rows["turnover"] - bases * exact, squares

    def _with_trades(self, rows: NDArray[np.void], bases: NDArray[np.int64], squares: _Ints) -> _Ints:
        """Squares of the trades themselves, for the bars of which every trade is known."""
        trades, covered = self.tape.rows, self.tape.first_covered(rows)
        if covered == len(rows):
            return squares
        keys, name = bar_keys(rows[covered:])
        taken, held = self._open[1:] if self._open[0] == keys[-1] and len(keys) == 1 else (-1, 0)
        begin = taken if taken >= 0 else int(np.searchsorted(trades[name], keys[0]))
        fresh = trades[begin:]
        place = np.searchsorted(keys, fresh[name], side="right") - 1
        distance = (fresh["price"] - bases[covered:][place]).astype(squares.dtype)
        sums = np.zeros(len(keys), squares.dtype)
        np.add.at(sums, place, distance**2 * fresh["quantity"])
        sums[-1] += held
        self._open = (int(keys[-1]), len(trades), int(sums[-1]))
        squares[covered:] = sums
        return squares

    def _lines(self, sums: list[_Ints], bases: NDArray[np.int64], inside: NDArray[np.bool_]) -> NDArray[np.float64]:
        volume, moment, squares = (np.asarray(one, np.float64) for one in sums)
        known = inside & (volume > 0)
        lines = np.full((1 + 2 * len(self.bands), len(volume)), np.nan)
        mean = moment[known] / volume[known]
        spread = np.sqrt(np.maximum(squares[known] / volume[known] - mean * mean, 0.0))
        lines[0, known] = bases[known] + mean
        for place, factor in enumerate(self.bands):
            lines[1 + 2 * place, known] = lines[0, known] + factor * spread
            lines[2 + 2 * place, known] = lines[0, known] - factor * spread
        return lines
