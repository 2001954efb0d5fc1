"""All indicators of one chart: which are computed at once, which elsewhere, and what comes back.

Rules: few bars are computed at once; many in a worker, on bars that are closed and so do not change under it. What
came too late, because the bars are others by now, is dropped and computed again.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.studies.bar_inputs import Units
from app.studies.choice import Choice
from app.studies.indicator import Columns, Indicator
from app.studies.library import Opened, whole
from app.studies.tail_lengths import tail_length

AT_ONCE_BARS: Final = 20_000
"""So many are computed in less than a frame."""
BEHIND_MAX: Final = 5_000

_Rows = NDArray[np.void]
_Job = Callable[[], list[Opened]]
Submit = Callable[[_Job], "Future[list[Opened]]"]


class StudySet:
    """Keeps the values of the chosen indicators in step with the bars. BAR_RECORD rows, oldest first."""

    def __init__(self, submit: Submit) -> None:
        """Nothing is chosen. `submit` runs a job on another thread."""
        self.indicators: list[Indicator] = []
        self._submit = submit
        self._units = Units()
        self._future: Future[list[Opened]] | None = None
        self._asked: list[tuple[Indicator, int, int]] = []
        self._wanted: dict[Indicator, int] = {}

    def choose(self, choices: Sequence[Choice], rows: _Rows) -> None:
        """Show these, in this order; one that was there keeps its values. Raises `ParameterInvalid`."""
        held = list(self.indicators)
        chosen = []
        for choice in choices:
            same = next((one for one in held if _computes_alike(one.choice, choice)), None)
            if same is None:
                one = Indicator(choice.kind, choice, self._units)
                one.forget(len(rows))
                self._want(one, 0)
            else:
                held.remove(same)
                one, same.choice = same, choice
            chosen.append(one)
        for gone in held:
            self._wanted.pop(gone, None)
            gone.version += 1
        self.indicators = chosen
        self._compute(rows)

    def reset(self, rows: _Rows, units: Units) -> None:
        """Other bars: everything anew."""
        self._units = units
        for one in self.indicators:
            one.units = units.of_kind(one.kind)
            one.forget(len(rows))
            self._want(one, 0)
        self._compute(rows)

    def prepend(self, rows: _Rows, count: int) -> None:
        """`count` older bars stand before the ones that were there."""
        for one in self.indicators:
            tail = tail_length(one.kind, one.choice.parameters)
            ready = one not in self._wanted and not one.awaited
            one.prepend(count)
            if ready and tail is not None and len(rows) > count + tail:
                self._want(one, count + tail)
            else:
                self._want(one, 0)
        self._compute(rows)

    def advance(self, rows: _Rows) -> None:
        """Bars were appended, or the last one changed."""
        if not len(rows):
            return
        for one in self.indicators:
            if one in self._wanted or one.awaited:
                one.fit(len(rows))
            elif one.behind(rows) > BEHIND_MAX:
                one.version += 1
                self._want(one, 0)
            else:
                one.advance(rows)
        if self._wanted:
            self._compute(rows)

    def settle(self, rows: _Rows) -> bool:
        """Take what was computed elsewhere, if it is ready; say whether values changed."""
        if self._future is None or not self._future.done():
            return False
        results, asked = self._future.result(), self._asked
        self._future, self._asked = None, []
        changed = False
        for result, (one, version, part) in zip(results, asked, strict=True):
            one.awaited = False
            if one.version != version:
                continue
            changed = True
            if part:
                one.splice(result.values)
                one.advance(rows)
            else:
                one.adopt(result, rows)
        self._compute(rows)
        return changed

    @property
    def busy(self) -> bool:
        """Whether values are being computed elsewhere."""
        return self._future is not None

    def _want(self, one: Indicator, part: int) -> None:
        """Ask for the first `part` bars, or for all of them (0)."""
        self._wanted[one] = part

    def _compute(self, rows: _Rows) -> None:
        wanted = {one: part for one, part in self._wanted.items() if not one.awaited}
        at_once = [one for one, part in wanted.items() if (part or len(rows)) <= AT_ONCE_BARS]
        for one in at_once:
            self._finish(one, self._wanted.pop(one), rows)
        later = [(one, part) for one, part in self._wanted.items() if not one.awaited]
        if self._future is not None or not later:
            return
        closed = rows[: len(rows) - 1]
        columns: Columns = {}
        jobs = []
        for one, part in later:
            del self._wanted[one]
            one.awaited = True
            self._asked.append((one, one.version, part))
            jobs.append(_job(one, closed[: part or len(closed)], part, {} if part else columns))
        self._future = self._submit(lambda: [job() for job in jobs])

    def _finish(self, one: Indicator, part: int, rows: _Rows) -> None:
        if not len(rows):
            return
        result = _job(one, rows[: part or len(rows) - 1], part, {})()
        if part:
            one.splice(result.values)
            one.advance(rows)
        else:
            one.adopt(result, rows)


def _job(one: Indicator, rows: _Rows, part: int, columns: Columns) -> Callable[[], Opened]:
    if part:
        return lambda: Opened(whole(one.kind, one.choice.parameters, one.inputs(rows)), None)
    return lambda: one.computed(rows, columns)


def _computes_alike(one: Choice, other: Choice) -> bool:
    return (one.name, one.parameters, one.inputs) == (other.name, other.parameters, other.inputs)
