"""How numba's compiler is led: each step is lowered once and by itself; the entry alone links, optimises, emits them.

Numba would otherwise optimise and emit each step with all that it calls, and copy all that into each of its callers:
many times the work in all. Rules: relies on internals of numba 0.68, the range that pyproject.toml names; no other
module does.
"""

from typing import Any, Final

from numba.core import typed_passes, untyped_passes
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering

_NEEDLESS: Final = (
    untyped_passes.WithLifting,
    untyped_passes.InlineClosureLikes,
    untyped_passes.DeadBranchPrune,
    untyped_passes.RewriteDynamicRaises,
    untyped_passes.MakeFunctionToJitFunction,
    untyped_passes.InlineInlinables,
    untyped_passes.FindLiterallyCalls,
    untyped_passes.LiteralUnroll,
    untyped_passes.LiteralPropagationSubPipelinePass,
    typed_passes.NopythonRewrites,
    typed_passes.NoPythonSupportedFeatureValidation,
    typed_passes.DumpParforDiagnostics,
)
"""Passes that change nothing in a kernel: it has no closures, no `with`, no `raise`, no array expressions."""


def link_only(library: Any) -> None:
    """Makes a step's library hold its own function and no more; what it calls is noted, not copied."""
    library.finalize = lambda: setattr(library, "_finalized", True)


def link_all(library: Any) -> None:
    """Makes an entry's library take in, once, everything that is called from it, directly or not.

    Callers come before what they call: LLVM takes a function in only where something has asked for it already.
    """
    link_called = library.finalize

    def finalize() -> None:
        library._linking_libraries = callers_first(library)[1:]  # noqa: SLF001
        link_called()

    library.finalize = finalize


def callers_first(library: Any) -> list[Any]:
    """The library and all that it reaches, each behind everything that calls it."""
    visited: set[int] = set()
    finished: list[Any] = []

    def visit(caller: Any) -> None:
        visited.add(id(caller))
        for called in caller._linking_libraries:  # noqa: SLF001
            if id(called) not in visited:
                visit(called)
        finished.append(caller)

    visit(library)
    return finished[::-1]


class StepLowering(NativeLowering):
    """Lowers a step to LLVM's language and leaves optimising and machine code to the entry that contains it."""

    _name = "step_lowering"

    def run_pass(self, state: Any) -> bool:
        """As numba's, but the library is neither optimised nor loaded; the step is known by a token."""
        state.flags.no_compile = True
        state.library = state.targetctx.codegen().create_library(state.func_id.func_qualname)
        link_only(state.library)
        super().run_pass(state)
        lowered = state["cr"]
        token = object().__sizeof__  # unique and of the type numba asks for; a call from Python is a TypeError
        state.targetctx.insert_user_function(token, lowered.fndesc, [state.library])
        state["cr"] = lowered._replace(cfunc=token)
        return True


class ColdLowering(StepLowering):
    """As `StepLowering`, and the step stays a function of its own, made small rather than fast.

    What is seldom done is then neither copied into its callers nor optimised there: the entry compiles in less time,
    and its usual path stays short.
    """

    _name = "cold_lowering"

    def run_pass(self, state: Any) -> bool:
        """Lowers it and marks its LLVM function."""
        super().run_pass(state)
        function = state.library._final_module.get_function(state["cr"].fndesc.llvm_func_name)  # noqa: SLF001
        for attribute in ("noinline", "cold", "optsize"):
            function.add_function_attribute(attribute)
        return True


class EntryLowering(NativeLowering):
    """Lowers an entry and links all of its steps."""

    _name = "entry_lowering"

    def run_pass(self, state: Any) -> bool:
        """As numba's, with another way of linking."""
        state.library = state.targetctx.codegen().create_library(state.func_id.func_qualname)
        state.library.enable_object_caching()
        link_all(state.library)
        return bool(super().run_pass(state))


for _lowering in (StepLowering, ColdLowering, EntryLowering):
    register_pass(mutates_CFG=True, analysis_only=False)(_lowering)


def _pipeline(state: Any, lowering: type[NativeLowering]) -> list[Any]:
    """Numba's default passes for compiled code, the needless ones left out, with another lowering."""
    passes = DefaultPassBuilder.define_nopython_pipeline(state)
    passes.passes = [
        (lowering if step is NativeLowering else step, why) for step, why in passes.passes if step not in _NEEDLESS
    ]
    passes.finalize()
    return [passes]


class StepCompiler(CompilerBase):
    """Numba's compiler with `StepLowering` as its last pass."""

    def define_pipelines(self) -> list[Any]:
        """The one pipeline."""
        return _pipeline(self.state, StepLowering)


class ColdCompiler(CompilerBase):
    """Numba's compiler with `ColdLowering` as its last pass."""

    def define_pipelines(self) -> list[Any]:
        """The one pipeline."""
        return _pipeline(self.state, ColdLowering)


class EntryCompiler(CompilerBase):
    """Numba's compiler with `EntryLowering` as its last pass."""

    def define_pipelines(self) -> list[Any]:
        """The one pipeline."""
        return _pipeline(self.state, EntryLowering)
