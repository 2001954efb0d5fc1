"""The test command: stages in a row, each with its budget; then a table of times, the slowest tests, one last line.

Rules: every stage runs, also after a failed one; a stage over its budget is said, not failed; one that hangs for
three times its budget is ended. The last line is `tests: N passed, N failed, N skipped`.
"""

import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from installer.environment import Environment
from installer.machine import Machine

SLOWEST: Final = 10
FAILURES_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Stage:
    """Commands that belong together. `pytest` arguments make one more command, whose tests are counted."""

    name: str
    budget_minutes: float
    commands: tuple[tuple[str, ...], ...] = ()
    pytest: tuple[str, ...] = ()


STAGES: Final = (
    Stage(
        "style",
        2.0,
        commands=(
            ("ruff", "check", "--no-cache", "."),
            ("ruff", "format", "--no-cache", "--check", "."),
            ("lint-imports", "--no-cache"),
            ("mypy",),
            ("vulture",),
        ),
    ),
    Stage("docs", 1.0, pytest=("tests/architecture",)),
    Stage(
        "fast",
        3.0,
        pytest=("-n", "2", "--ignore=tests/architecture", "-m", "not (slow or differential or window or recovery)"),
    ),
    Stage("differential", 5.0, pytest=("-n", "2", "-m", "differential and not slow")),
    Stage("window", 3.0, pytest=("-n", "2", "-m", "window and not slow")),
    Stage("recovery", 3.0, pytest=("-n", "2", "-m", "recovery and not slow")),
    Stage(
        "simulator",
        5.0,
        commands=(("python", "-m", "tests.simulator", "--count", "140", "--minutes", "4", "--jobs", "2"),),
    ),
)
SLOW_STAGE: Final = Stage("slow", 60.0, pytest=("-m", "slow", "--timeout", "1800"))


@dataclass(slots=True)
class Tally:
    """What the tests of a run came to."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    times: list[tuple[float, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def add(self, report: Path) -> None:
        """Adds the cases of a JUnit report."""
        for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it just now
            outcomes = {child.tag for child in case}
            name = f"{case.get('classname')}::{case.get('name')}"
            if outcomes & {"failure", "error"}:
                self.failed += 1
                self.failures.append(name)
            elif "skipped" in outcomes:
                self.skipped += 1
            else:
                self.passed += 1
            self.times.append((float(case.get("time", "0")), name))

    def slowest(self) -> Iterator[str]:
        """The slowest tests, one a line."""
        for seconds, name in sorted(self.times, reverse=True)[:SLOWEST]:
            yield f"{seconds:8.2f} s  {name}"

    def last_line(self) -> str:
        """The line that a reader of the log looks for."""
        return f"tests: {self.passed} passed, {self.failed} failed, {self.skipped} skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a stage went."""

    stage: Stage
    seconds: float
    failures: tuple[str, ...]


def run(environment: Environment, machine: Machine, names: Sequence[str] | None = None, *, slow: bool = False) -> int:
    """Runs the stages (all, or those named) and prints the summary. Returns the exit status."""
    chosen = [stage for stage in STAGES if not names or stage.name in names]
    if slow:
        chosen.append(SLOW_STAGE)
    tally = Tally()
    outcomes = [run_stage(stage, environment, machine, tally) for stage in chosen]
    sys.stdout.write("\n".join(summary(outcomes, tally)) + "\n")
    sys.stdout.flush()
    return 1 if tally.failed or any(outcome.failures for outcome in outcomes) else 0


def run_stage(stage: Stage, environment: Environment, machine: Machine, tally: Tally) -> Outcome:
    """Runs the commands of one stage, their output going through."""
    began_s = time.monotonic()
    failures: list[str] = []
    deadline_s = stage.budget_minutes * 180
    for command in stage.commands:
        announce(stage, command)
        status = machine.call([str(environment.scripts / command[0]), *command[1:]], environment.project, deadline_s)
        if status != 0:
            failures.append(f"{command[0]} ended with {status}")
    if stage.pytest:
        failures += run_pytest(stage, environment, machine, tally, deadline_s)
    return Outcome(stage, time.monotonic() - began_s, tuple(failures))


def run_pytest(
    stage: Stage, environment: Environment, machine: Machine, tally: Tally, deadline_s: float
) -> Iterator[str]:
    """Runs a stage's tests and adds them to the tally. Yields what went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        words = ("pytest", *stage.pytest, "-q", "--continue-on-collection-errors")
        announce(stage, words)
        command = [str(environment.python), "-m", *words, f"--junit-xml={report}", f"--basetemp={folder}/tests"]
        status = machine.call(command, environment.project, deadline_s)
        if report.exists():
            tally.add(report)
        if status == 5:
            yield "no test was found"
        elif status != 0:
            yield f"pytest ended with {status}"


def announce(stage: Stage, command: Sequence[str]) -> None:
    """Says what runs now."""
    sys.stdout.write(f"\n== {stage.name}: {' '.join(command)}\n")
    sys.stdout.flush()


def summary(outcomes: Sequence[Outcome], tally: Tally) -> Iterator[str]:
    """The table of stages, the slowest tests, the last line."""
    yield ""
    yield f"{'stage':<14}{'seconds':>9}{'budget':>9}  result"
    for outcome in outcomes:
        budget_s = outcome.stage.budget_minutes * 60
        result = "; ".join(outcome.failures) or "ok"
        late = ", over its budget" if outcome.seconds > budget_s else ""
        yield f"{outcome.stage.name:<14}{outcome.seconds:>9.1f}{budget_s:>9.0f}  {result}{late}"
    yield f"{'all':<14}{sum(outcome.seconds for outcome in outcomes):>9.1f}"
    if tally.times:
        yield ""
        yield f"the {SLOWEST} slowest tests:"
        yield from tally.slowest()
    if tally.failures:
        yield ""
        yield "tests that failed:"
        yield from (f"  {name}" for name in tally.failures[:FAILURES_SHOWN])
    yield ""
    failed = [outcome.stage.name for outcome in outcomes if outcome.failures]
    yield f"FAILED: {', '.join(failed)}" if failed else "all stages passed"
    yield tally.last_line()
