"""TA-Lib, imported when it is first needed. Everything that calls it is here.

Rules: a series is computed whole once; from then on a handle of TA-Lib carries it forward, one closed bar at a time,
and is asked what the open bar would give. Both equal the whole series bit for bit, at a cost that does not grow.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from app.studies.kinds import Kind, ParameterInvalid

_Result = float | tuple[float, ...]
_TRIAL_BARS = 64


class Handle(Protocol):
    """A series of TA-Lib that goes on."""

    def update(self, *inputs: float) -> _Result:
        """Take a closed bar."""

    def peek(self, *inputs: float) -> _Result:
        """What `update` would give; nothing is kept."""


class Opened(NamedTuple):
    """A series that was computed: rows of outputs, NaN where there is none, and how it goes on (None: too short)."""

    values: NDArray[np.float64]
    handle: Handle | None


@cache
def _library() -> ModuleType:
    import_module("talib.abstract")
    import_module("talib.stream")
    return import_module("talib")


def load() -> None:
    """Import TA-Lib now, for example away from the thread that paints."""
    _library()


def lookback(kind: Kind, parameters: Mapping[str, float]) -> int:
    """How many bars have no value at the beginning. Raises `ParameterInvalid` if TA-Lib refuses the parameters."""
    try:
        return int(_library().abstract.Function(kind.name, **parameters).lookback)
    except Exception as error:  # TA-Lib raises nothing narrower
        raise ParameterInvalid(f"{kind.title} does not take these parameters together.") from error


def check(kind: Kind, parameters: Mapping[str, float]) -> None:
    """Raises `ParameterInvalid` for values that TA-Lib refuses, alone or together."""
    for name, value in parameters.items():
        kind.parameter(name).checked(value)
    lookback(kind, parameters)
    trial = np.arange(1.0, _TRIAL_BARS + 1)
    try:
        getattr(_library(), kind.name)(*[trial] * len(kind.inputs), **parameters)
    except Exception as error:  # TA-Lib raises nothing narrower
        raise ParameterInvalid(f"{kind.title} does not take these parameters together.") from error


def whole(kind: Kind, parameters: Mapping[str, float], inputs: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """The outputs over a whole series, one row each; NaN before the first value."""
    if not len(inputs[0]):
        return np.empty((len(kind.outputs), 0))
    results = getattr(_library(), kind.name)(*inputs, **parameters)
    return _rows(kind, results, lookback(kind, parameters))


def opened(kind: Kind, parameters: Mapping[str, float], inputs: Sequence[NDArray[np.float64]]) -> Opened:
    """The outputs over a whole series, and its handle after the last bar. TA-Lib needs contiguous inputs."""
    before = lookback(kind, parameters)
    if len(inputs[0]) <= before:
        return Opened(np.full((len(kind.outputs), len(inputs[0])), np.nan), None)
    library = _library()
    try:
        handle, results = getattr(library.stream, kind.name).open_and_fill(*inputs, **parameters)
    except library.InsufficientHistory:
        return Opened(whole(kind, parameters, inputs), None)
    return Opened(_rows(kind, results, before), handle)


def _rows(kind: Kind, results: object, before: int) -> NDArray[np.float64]:
    """Results of TA-Lib as rows of floats. Whole numbers have no NaN there: before the first value stand zeros."""
    columns = results if isinstance(results, tuple | list) else (results,)
    rows = np.array(columns, np.float64)
    if any(output.whole for output in kind.outputs):
        rows[:, :before] = np.nan
    return rows
