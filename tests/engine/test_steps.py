"""Steps are compiled one by one: their types come from annotations, their fingerprints from all that they name."""

import os
import subprocess
import sys
from pathlib import Path
from types import FunctionType
from typing import Any

import numba
import numpy as np
import pytest

from server.engine.compile import compile_unclaimed
from server.engine.kernel import U, Words
from server.engine.lowering import declared
from server.engine.steps import Step, fingerprint

BASE = U(2)
LIMIT = np.int64(7)
NAMES_OF_THIS_MODULE = "second word of the memory"

compiled_only = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="as plain Python there are no steps")


def first(m: Words) -> np.uint64:
    """A step that names one constant."""
    return m[BASE]


def second(m: Words) -> np.uint64:
    """A step that names something that no step can hold."""
    return m[U(len(NAMES_OF_THIS_MODULE))]


def untyped(m: Words, number: float) -> None:
    """A step with a type that the engine has not."""
    m[BASE] = U(number)


def print_of(function: Any, **names: Any) -> str:
    """The fingerprint of a function whose module names other values."""
    other = FunctionType(function.__code__, {**function.__globals__, **names}, function.__name__)
    other.__annotations__ = function.__annotations__
    other.__module__ = function.__module__
    return fingerprint(Step(other, "kernel"))


def test_a_fingerprint_changes_with_what_a_step_names() -> None:
    assert print_of(first) == print_of(first)
    assert print_of(first, BASE=U(3)) != print_of(first)
    assert print_of(first, BASE=np.int64(2)) != print_of(first), "a number of another type is another code"
    assert print_of(first, LIMIT=np.int64(8)) == print_of(first), "a name that it does not use"


def test_a_step_names_numbers_and_functions_alone() -> None:
    with pytest.raises(TypeError, match="second word"):
        print_of(second)
    with pytest.raises(TypeError, match="float"):
        Step(untyped, "kernel")


@compiled_only
def test_python_cannot_call_a_step() -> None:
    with pytest.raises(TypeError, match="find is a step"):
        next(step for step in declared() if step.symbol == "server.engine.memory.find")(1)


@compiled_only
def test_processes_share_the_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr("server.engine.compile.module_of", lambda step: made.append(step.symbol))
    steps = declared()[:20]
    for step in steps[::3]:
        compile_unclaimed([step], tmp_path, lambda _: None)
    told: list[str] = []
    compile_unclaimed(steps, tmp_path, told.append)
    assert sorted(made) == sorted(step.symbol for step in steps), "each once"
    assert told[-1] == "compiled 100 % of the steps"


def test_an_index_outside_of_the_memory_is_an_error_where_indexes_are_checked(tmp_path: Path) -> None:
    program = (
        "import numpy as np; from server.engine.memory import find_row; "
        "find_row(np.zeros(8, np.uint64), np.uint64(1), np.uint64(2))"
    )
    environment = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "TRADEPIT_CACHE": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert "IndexError" in ended.stderr
