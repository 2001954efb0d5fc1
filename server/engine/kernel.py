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
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering
from numpy.typing import NDArray

Words = NDArray[np.uint64]
"""Memory as unsigned words. Every address, link and bitmap is one of them."""
Signed = NDArray[np.int64]
"""The same memory as signed words: prices, quantities, money."""
U = np.uint64
Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS: Final = {"error_model": "numpy", "nogil": True, "no_cfunc_wrapper": True, "_nrt": False}
"""No step allocates, so none counts references (`_nrt`): the counts are atomic and cost more than the steps."""


class StepLowering(NativeLowering):
    """Lowers a step to LLVM's language and leaves optimising and machine code to the entry that contains it.

    Numba would otherwise optimise and emit each step with all that it calls: three times the work in all.
    """

    _name = "step_lowering"

    def run_pass(self, state: Any) -> bool:
        """As numba's, but the library is neither optimised nor loaded; the step is known by a token."""
        state.flags.no_compile = True
        library = state.targetctx.codegen().create_library(state.func_id.func_qualname)
        library._optimize_final_module = lambda: None  # noqa: SLF001
        library._finalize_final_module = lambda: setattr(library, "_finalized", True)  # noqa: SLF001
        state.library = library
        super().run_pass(state)
        lowered = state["cr"]
        token = object().__sizeof__  # unique and of the type numba asks for; a call from Python is a TypeError
        state.targetctx.insert_user_function(token, lowered.fndesc, [state.library])
        state["cr"] = lowered._replace(cfunc=token)
        return True


class StepCompiler(CompilerBase):
    """Numba's compiler with `StepLowering` as its last pass."""

    def define_pipelines(self) -> list[Any]:
        """One pipeline: the default one for compiled code."""
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.passes = [(StepLowering if step is NativeLowering else step, why) for step, why in passes.passes]
        passes.finalize()
        return [passes]


register_pass(mutates_CFG=True, analysis_only=False)(StepLowering)
_STEP: Final = {**_OPTIONS, "no_cpython_wrapper": True, "pipeline_class": StepCompiler}


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


def entry(function: Function) -> Function:
    """A kernel that is called from Python; its compiled form is kept on disk."""
    return numba.njit(cache=True, **_OPTIONS)(function)
