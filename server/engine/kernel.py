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
from numpy.typing import NDArray

Words = NDArray[np.uint64]
"""Memory as unsigned words. Every address, link and bitmap is one of them."""
Signed = NDArray[np.int64]
"""The same memory as signed words: prices, quantities, money."""
U = np.uint64
Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS: Final = {"error_model": "numpy", "nogil": True}


def sources_digest() -> str:
    """A short hash over everything that decides what the compiled code is."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    checked = bool(numba.config.BOUNDSCHECK)
    digest.update(f"{numba.__version__} {np.__version__} {llvmlite.binding.get_host_cpu_name()} {checked}".encode())
    return digest.hexdigest()[:20]


def cache_directory() -> Path:
    """Where compiled kernels are kept: TRADEPIT_CACHE, or the user's cache directory."""
    root = os.environ.get("TRADEPIT_CACHE") or platformdirs.user_cache_dir("tradepit")
    return Path(root) / "kernels" / sources_digest()


numba.config.CACHE_DIR = str(cache_directory())


def kernel(function: Function) -> Function:
    """A step of the engine, compiled as part of the entry that calls it."""
    return numba.njit(**_OPTIONS)(function)


def inline(function: Function) -> Function:
    """A step so small or so hot that it always becomes part of its caller."""
    return numba.njit(forceinline=True, **_OPTIONS)(function)


def entry(function: Function) -> Function:
    """A kernel that is called from Python; its compiled form is kept on disk."""
    return numba.njit(cache=True, **_OPTIONS)(function)
