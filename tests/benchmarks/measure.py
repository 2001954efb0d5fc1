"""What a benchmark is: a named figure beside a yardstick taken in the same run.

Rules: a module of this folder exposes `MEASURES`; a measure is run at most once; names stay the same for ever, as
the figures of years are compared by name; nothing here fails because something was slow.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """One figure. `yardstick` is in the same unit; None where nothing comparable exists."""

    name: str
    unit: str
    value: float
    yardstick: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Value by yardstick, or None."""
        return self.value / self.yardstick if self.yardstick else None


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure: `run` returns (value, yardstick) in `unit`; the yardstick may be None."""

    name: str
    unit: str
    run: Callable[[], tuple[float, float | None]]
    peer: bool = False
    """True: measures somebody else's program; run with --peers alone."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the results."""
        return (self.name,)

    def results(self) -> Iterable[Result]:
        """Runs it."""
        value, yardstick = self.run()
        yield Result(self.name, self.unit, value, yardstick)


@dataclass(frozen=True, slots=True)
class MeasureGroup:
    """Several figures from one run: `run` yields a `Result` for each name of `names`."""

    names: tuple[str, ...]
    run: Callable[[], Iterable[Result]]
    peer: bool = False

    def results(self) -> Iterable[Result]:
        """Runs it."""
        yield from self.run()


AnyMeasure = Measure | MeasureGroup
