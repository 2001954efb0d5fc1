"""One indicator over the bars of a chart: its values and how they go on with the market.

Rules: `values` has a column for each bar that was shown to it. The handle of TA-Lib holds every bar but the last,
which is still open; a tick asks it and keeps nothing, so a corrected last bar costs no more than a new one.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.studies.bar_inputs import Units, column, figures
from app.studies.choice import Choice
from app.studies.kinds import Kind
from app.studies.library import Handle, Opened, lookback, opened, whole
from app.studies.value_rows import ValueRows

Columns = dict[tuple[str, Units], NDArray[np.float64]]
"""Fields of the same bars, by what they are and in which units."""


class Indicator:
    """A chosen indicator and its values."""

    def __init__(self, kind: Kind, choice: Choice, units: Units) -> None:
        """No bars. Raises `ParameterInvalid`."""
        self.kind, self.choice = kind, choice
        self.units = units.of_kind(kind)
        self.lookback = lookback(kind, choice.parameters)
        self.version = 0
        """Rises when what is being computed elsewhere is no longer wanted."""
        self.awaited = False
        """Whether values are being computed elsewhere."""
        self._values = ValueRows(len(kind.outputs))
        self._handle: Handle | None = None
        self._closed = 0

    @property
    def values(self) -> NDArray[np.float64]:
        """Outputs x bars, NaN where there is no value; a view, valid until the next change."""
        return self._values.rows

    def inputs(self, rows: NDArray[np.void], held: Columns | None = None) -> list[NDArray[np.float64]]:
        """What the study takes of some bars; `held` keeps columns for others that take them of the same bars."""
        held = {} if held is None else held
        for name in self.choice.inputs:
            if (name, self.units) not in held:
                held[name, self.units] = column(rows, name, self.units)
        return [held[name, self.units] for name in self.choice.inputs]

    def computed(self, rows: NDArray[np.void], held: Columns | None = None) -> Opened:
        """The whole series over closed bars. Changes nothing here, so any thread may do it."""
        return opened(self.kind, self.choice.parameters, self.inputs(rows, held))

    def forget(self, count: int) -> None:
        """Other bars: no value is known, and nothing that is under way is wanted."""
        self.version += 1
        self._values.clear(count)
        self._handle, self._closed = None, 0

    def prepend(self, count: int) -> None:
        """Older bars came: values stay with their bars, the new ones have none yet."""
        self.version += 1
        self._values.prepend(count)
        self._closed += count

    def adopt(self, result: Opened, rows: NDArray[np.void]) -> None:
        """Take a series that was computed over the first bars of `rows`, and go on to the last."""
        count = result.values.shape[1]
        self._values.clear(len(rows))
        self._values.rows[:, :count] = result.values
        self._handle, self._closed = result.handle, count
        self.advance(rows)

    def splice(self, values: NDArray[np.float64]) -> None:
        """Replace the values of the first bars; what follows was right already."""
        self._values.rows[:, : values.shape[1]] = values

    def fit(self, count: int) -> None:
        """Keep a column for each bar, while values are computed elsewhere."""
        self._values.fit(count)

    def advance(self, rows: NDArray[np.void]) -> None:
        """Bars were appended, or the last one changed."""
        count = len(rows)
        if count != len(self._values):
            self._values.fit(count)
        if self._handle is None:
            self._begin(rows)
            return
        values = self._values.rows
        while self._closed < count - 1:
            values[:, self._closed] = self._handle.update(*self._figures(rows, self._closed))
            self._closed += 1
        values[:, count - 1] = self._handle.peek(*self._figures(rows, count - 1))

    def behind(self, rows: NDArray[np.void]) -> int:
        """How many closed bars it has not taken."""
        return len(rows) - 1 - self._closed

    def _begin(self, rows: NDArray[np.void]) -> None:
        """Values of bars that are too few for a handle."""
        count = len(rows)
        if count <= self.lookback:
            return
        result = opened(self.kind, self.choice.parameters, self.inputs(rows[: count - 1]))
        if result.handle is None:
            self._values.rows[:] = whole(self.kind, self.choice.parameters, self.inputs(rows))
            return
        self._values.rows[:, : count - 1] = result.values
        self._handle, self._closed = result.handle, count - 1
        self.advance(rows)

    def _figures(self, rows: NDArray[np.void], place: int) -> Sequence[float]:
        known = figures(rows[place], self.units)
        return [known[name] for name in self.choice.inputs]
