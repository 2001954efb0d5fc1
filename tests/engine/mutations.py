"""Each check disabled in turn: a scenario must fail, or the check is not tested.

Rules: plain Python only (NUMBA_DISABLE_JIT=1), where a kernel is a function that can be replaced. A reason is disabled
by letting `refused` give no reason in its place, so that the checks behind it go on; a path to the book by letting
`check_risk` pass everything in the module that asks it. Only scenarios that pass without any change count; those whose
table names the reason are tried first.
`NUMBA_DISABLE_JIT=1 python -m tests.engine.mutations [--only NAME]` prints what each mutation was noticed by.
"""

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import server.engine
from server.engine.exchange import Exchange
from server.engine.kernel import U
from server.protocol.enums import RejectReason
from tests.scenarios.playing import play
from tests.scenarios.table import Scenario, read_scenarios

SCENARIOS = Path(__file__).parents[1] / "scenarios"
REFUSERS = ("refused", "refused_of")
RISK_ENTRY = "check_risk"
NO_REASON = U(0)
NOT_REFUSALS = {
    RejectReason.NONE: "no refusal",
    RejectReason.BUSY: "the gateway's",
    RejectReason.NOT_ENTITLED: "the gateway's",
    RejectReason.GROUP_TOO_LARGE: "of a thousand lines: tests/scenarios/test_large_groups.py",
}
"""Reasons that no check of the engine gives, and why."""


def engine_modules() -> list[ModuleType]:
    """All modules of the engine."""
    names = [f"server.engine.{module.name}" for module in pkgutil.iter_modules(server.engine.__path__)]
    return [importlib.import_module(name) for name in names]


@contextmanager
def replaced(name: str, modules: list[ModuleType], change: Callable[[Any], Any]) -> Iterator[None]:
    """With the name of each module bound to what `change` makes of it."""
    before = [(module, getattr(module, name)) for module in modules if hasattr(module, name)]
    for module, own in before:
        setattr(module, name, change(own))
    try:
        yield
    finally:
        for module, own in before:
            setattr(module, name, own)


def without_reason(reason: RejectReason) -> Callable[[Any], Any]:
    """A `refused` that never gives this reason."""

    def change(refuse: Any) -> Any:
        def refused(m: Any, given: Any, *rest: Any) -> Any:
            return NO_REASON if int(given) == reason else refuse(m, given, *rest)

        return refused

    return change


def no_risk(_: Any) -> Any:
    """A `check_risk` that lets everything pass."""
    return lambda *_: NO_REASON


def notices(scenario: Scenario) -> bool:
    """Whether a scenario fails now; an error in the engine is a failure too."""
    try:
        return bool(play(scenario, Exchange)[0])
    except (ArithmeticError, AssertionError, LookupError, ValueError):
        return True


def speaks_of(scenario: Scenario, word: str) -> bool:
    """Whether the table names the word."""
    return any(word in f"{line} ".split() for step in scenario.steps for line in step.expected)


def scenarios_to_try() -> list[Scenario]:
    """Those that the engine passes as it is."""
    chosen = [scenario for scenario in read_scenarios(SCENARIOS) if "engine" not in scenario.waits_for]
    return [scenario for scenario in chosen if not notices(scenario)]


def mutations() -> Iterator[tuple[str, Any]]:
    """(name, what makes it) of each: all reasons of the engine, then all paths to the book."""
    modules = engine_modules()
    for reason in RejectReason:
        if reason not in NOT_REFUSALS:
            yield reason.name, lambda reason=reason: disabled_reason(reason, modules)
    for module in modules:
        if hasattr(module, RISK_ENTRY) and not module.__name__.endswith(".risk"):
            name = f"no risk in {module.__name__.rpartition('.')[2]}"
            yield name, lambda module=module: replaced(RISK_ENTRY, [module], no_risk)


@contextmanager
def disabled_reason(reason: RejectReason, modules: list[ModuleType]) -> Iterator[None]:
    """Without this reason in any module."""
    change = without_reason(reason)
    with replaced(REFUSERS[0], modules, change), replaced(REFUSERS[1], modules, change):
        yield


def noticed_by(name: str, mutation: Any, scenarios: list[Scenario]) -> Scenario | None:
    """The first scenario that fails under a mutation."""
    ordered = sorted(scenarios, key=lambda scenario: not speaks_of(scenario, name))
    with mutation():
        return next((scenario for scenario in ordered if notices(scenario)), None)


def main() -> int:
    """Prints every mutation; exit status 1 if one was not noticed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", help="the mutations with this in their name")
    options = parser.parse_args()
    scenarios = scenarios_to_try()
    missed = 0
    for name, mutation in mutations():
        if options.only and options.only not in name:
            continue
        scenario = noticed_by(name, mutation, scenarios)
        missed += scenario is None
        sys.stdout.write(f"{name:32} {scenario or 'NOT NOTICED'}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{missed} mutations not noticed\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
