"""How a function becomes a kernel: the decorators, and the name of the directory that keeps compiled code.

Numba's cache does not see a change in another file, so the directory is named by a hash over all sources of the
engine, numba's version and the processor; bounds-checked code has a directory of its own. With NUMBA_DISABLE_JIT=1
the same functions run as plain Python.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any, Final, TypeVar, cast

import llvmlite.binding
import numba
import numpy as np
import platformdirs

from server.engine.lowering import OPTIONS, EntryCompiler, EntryLowering, compile_step, declare
from server.engine.steps import Step, fingerprint
from server.engine.switches import ENGINE
from server.engine.words import Signed as Signed
from server.engine.words import Words as Words
from server.engine.words import as_words as as_words

U = np.uint64
Function = TypeVar("Function", bound=Callable[..., Any])

_ENTRY: Final = {**OPTIONS, "pipeline_class": EntryCompiler}


def _digest_of_sources() -> "hashlib._Hash":
    digest = hashlib.sha256()
    engine = Path(__file__).parent
    for path in [*sorted(engine.glob("*.py")), *sorted((engine.parent / "protocol").glob("*.py"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest


def rules_digest() -> bytes:
    """32 bytes over everything that decides what the words of a memory mean: another build reads none of them."""
    digest = _digest_of_sources()
    digest.update(f"{ENGINE} {sys.byteorder}".encode())
    return digest.digest()


def sources_digest() -> str:
    """A short hash over everything that decides what the compiled code is."""
    digest = _digest_of_sources()
    checked = bool(numba.config.BOUNDSCHECK)
    processor = llvmlite.binding.get_host_cpu_name()
    digest.update(f"{numba.__version__} {np.__version__} {processor} {checked} {ENGINE}".encode())
    return digest.hexdigest()[:20]


def cache_root() -> Path:
    """TRADEPIT_CACHE, or the user's cache directory."""
    return Path(os.environ.get("TRADEPIT_CACHE") or platformdirs.user_cache_dir("tradepit"))


def cache_directory() -> Path:
    """Where compiled entries are kept."""
    return cache_root() / "kernels" / sources_digest()


numba.config.CACHE_DIR = str(cache_directory())
numba.config.SLP_VECTORIZE = 1  # neighbouring words of a record are written together


def _step(function: Function, kind: str) -> Function:
    """A step that kernels can call; as plain Python the function itself."""
    if numba.config.DISABLE_JIT:
        return function
    step = Step(cast("FunctionType", function), kind)
    declare(step)
    return cast("Function", step)


def kernel(function: Function) -> Function:
    """A step of the engine, compiled as part of the entry that calls it."""
    return _step(function, "kernel")


def inline(function: Function) -> Function:
    """A step so small or so hot that it always becomes part of its caller."""
    return _step(function, "inline")


def cold(function: Function) -> Function:
    """A step that is seldom taken: kept out of its callers and of the usual path."""
    return _step(function, "cold")


def entry(function: Function) -> Function:
    """A kernel that is called from Python; its compiled form is kept on disk."""
    return numba.njit(cache=True, **_ENTRY)(function)


def tools_digest() -> str:
    """A short hash over what compiles: the files that lead the compiler, its version, Python's and the processor."""
    digest = hashlib.sha256()
    for name in ("kernel", "steps", "lowering", "words", "bits"):
        digest.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    checked = bool(numba.config.BOUNDSCHECK)
    processor = llvmlite.binding.get_host_cpu_name()
    digest.update(f"{sys.version} {numba.__version__} {np.__version__} {processor} {checked}".encode())
    return digest.hexdigest()[:20]


_STEPS: Final = cache_root() / "steps" / tools_digest()
"""Each step that was compiled, by its fingerprint: an edit compiles what it changed and links again."""


def path_of(step: Step) -> Path:
    """Where the compiled form of a step is kept."""
    return _STEPS / f"{fingerprint(step)}.bc"


def module_of(step: Step) -> bytes:
    """The compiled form of a step, read or else made and kept."""
    path = path_of(step)
    if path.exists():
        return path.read_bytes()
    module = compile_step(step)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(module)
    unfinished.replace(path)
    return module


EntryLowering.module_of = module_of
