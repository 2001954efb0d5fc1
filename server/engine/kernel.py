"""How a function becomes a kernel: the decorators, and the name of the directory that keeps compiled code.

Numba's cache does not see a change in another file, so the directory is named by a hash over all sources of the
engine, numba's version and the processor; bounds-checked code has a directory of its own. With NUMBA_DISABLE_JIT=1
the same functions run as plain Python.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import llvmlite.binding
import numba
import numpy as np
import platformdirs

from server.engine.lowering import ColdCompiler, EntryCompiler, StepCompiler
from server.engine.words import Signed as Signed
from server.engine.words import Words as Words
from server.engine.words import as_words as as_words

U = np.uint64
Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS: Final = {"error_model": "numpy", "nogil": True, "no_cfunc_wrapper": True, "_nrt": False}
"""No step allocates, so none counts references (`_nrt`): the counts are atomic and cost more than the steps."""


_STEP: Final = {**_OPTIONS, "no_cpython_wrapper": True, "pipeline_class": StepCompiler}
_ENTRY: Final = {**_OPTIONS, "pipeline_class": EntryCompiler}


def sources_digest() -> str:
    """A short hash over everything that decides what the compiled code is."""
    digest = hashlib.sha256()
    engine = Path(__file__).parent
    for path in [*sorted(engine.glob("*.py")), *sorted((engine.parent / "protocol").glob("*.py"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    checked = bool(numba.config.BOUNDSCHECK)
    digest.update(f"{numba.__version__} {np.__version__} {llvmlite.binding.get_host_cpu_name()} {checked}".encode())
    return digest.hexdigest()[:20]


def cache_directory() -> Path:
    """Where compiled kernels are kept: TRADEPIT_CACHE, or the user's cache directory."""
    root = os.environ.get("TRADEPIT_CACHE") or platformdirs.user_cache_dir("tradepit")
    return Path(root) / "kernels" / sources_digest()


numba.config.CACHE_DIR = str(cache_directory())
numba.config.SLP_VECTORIZE = 1  # neighbouring words of a record are written together


def kernel(function: Function) -> Function:
    """A step of the engine, compiled as part of the entry that calls it."""
    return numba.njit(**_STEP)(function)


def inline(function: Function) -> Function:
    """A step so small or so hot that it always becomes part of its caller."""
    return numba.njit(forceinline=True, **_STEP)(function)


def cold(function: Function) -> Function:
    """A step that is seldom taken: kept out of its callers and of the usual path."""
    return numba.njit(forceinline=False, **{**_STEP, "pipeline_class": ColdCompiler})(function)


def entry(function: Function) -> Function:
    """A kernel that is called from Python; its compiled form is kept on disk."""
    return numba.njit(cache=True, **_ENTRY)(function)
