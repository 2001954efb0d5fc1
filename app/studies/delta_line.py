"""Delta of each bar, or its sum since the session began, in lots.

Rules: integers; a bar of which not every trade is known has none.
"""

import numpy as np
from numpy.typing import NDArray

from app.studies.footprint import deltas
from app.studies.running import begins_of, running_sums
from app.studies.tape import Tape, bar_keys
from app.studies.value_rows import ValueRows
from app.studies.vwap import DAY_NS


class DeltaLine:
    """One row of values, one column a bar."""

    def __init__(self, tape: Tape, *, cumulative: bool = False, session_ns: int = DAY_NS) -> None:
        """No bars."""
        self.tape, self.cumulative, self.session_ns = tape, cumulative, session_ns
        self._values = ValueRows(1)
        self._closed = 0
        self._total = 0
        self._session = -1
        self._reloads = tape.reloads

    @property
    def values(self) -> NDArray[np.float64]:
        """The row; NaN where not every trade is known."""
        return self._values.rows

    def compute(self, rows: NDArray[np.void]) -> None:
        """Everything anew, for BAR_RECORD rows."""
        self._values.clear(len(rows))
        self._closed, self._total, self._session, self._reloads = 0, 0, -1, self.tape.reloads
        self.advance(rows)

    def advance(self, rows: NDArray[np.void]) -> None:
        """Bars were appended, or the last one changed; where trades came before others all is computed anew."""
        if self._reloads != self.tape.reloads or len(rows) < self._closed:
            self.compute(rows)
            return
        self._values.fit(len(rows))
        first = max(self._closed, self.tape.first_covered(rows))
        if first >= len(rows):
            return
        times = rows["time_ns"][first:]
        keys, name = bar_keys(rows[first:])
        begin = int(np.searchsorted(self.tape.rows[name], keys[0]))
        sums = deltas(self.tape.rows[begin:], keys, name)
        if self.cumulative:
            sessions = times // self.session_ns
            sums = running_sums(sums, begins_of(sessions, self._session), self._total)
        self._values.rows[0, first:] = sums
        if len(times) > 1:
            self._closed = first + len(times) - 1
            self._total, self._session = int(sums[-2]), int(times[-2]) // self.session_ns
