"""How numba's compiler is led: each step is lowered once and by itself; the entry alone links, optimises, emits them.

Numba would otherwise optimise and emit each step with all that it calls, and copy all that into each of its callers:
many times the work in all. Rules: relies on internals of numba 0.68, the range that pyproject.toml names; no other
module than this and `steps` does.
"""

from collections.abc import Callable
from typing import Any, Final

import llvmlite.binding as llvm
from llvmlite.ir import PointerType
from numba.core import compiler, typed_passes, untyped_passes
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_lock import global_compiler_lock
from numba.core.compiler_machinery import register_pass
from numba.core.funcdesc import PythonFunctionDescriptor
from numba.core.lowering import Lower
from numba.core.registry import cpu_target
from numba.core.typed_passes import NativeLowering

from server.engine.steps import Step, call_of

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

OPTIONS: Final = {"error_model": "numpy", "nogil": True, "no_cfunc_wrapper": True, "_nrt": False}
"""No step allocates, so none counts references (`_nrt`): the counts are atomic and cost more than the steps."""

_ATTRIBUTES: Final = {"inline": ("alwaysinline",), "kernel": (), "cold": ("noinline", "cold", "optsize")}
"""What LLVM is told of a step's function. What is seldom done is neither copied into its callers nor optimised there:
the entry compiles in less time, and its usual path stays short."""

_APART: Final = ("arg.c.", "arg.ev.", "arg.md.")
"""Commands, events, market data: what kernels call them."""

_steps: dict[str, Step] = {}
"""By symbol: what an entry finds the steps by that its code names."""

ModuleOf = Callable[[Step], bytes]


def declare(step: Step) -> None:
    """Makes a step known, so that kernels can call it."""
    _steps[step.symbol] = step
    build = call_of(step, _described(step))
    build.signature = step.signature.args  # type: ignore[attr-defined]
    build.libs = ()  # type: ignore[attr-defined]
    cpu_target.target_context._defns[step].append(build, step.signature.args)  # noqa: SLF001


def declared() -> list[Step]:
    """All steps that are known, in the order in which they were declared."""
    return list(_steps.values())


def _described(step: Step) -> Any:
    """What numba's convention needs to know to call a step."""
    code = step.function.__code__
    return PythonFunctionDescriptor(
        native=True,
        modname=step.function.__module__,
        qualname=step.function.__qualname__,
        unique_name=step.symbol,
        doc="",
        typemap=None,
        restype=step.signature.return_type,
        calltypes=None,
        args=list(code.co_varnames[: code.co_argcount]),
        kws=(),
        mangler=_symbol,
        argtypes=step.signature.args,
    )


def _symbol(prefix: str, _types: Any, **_: Any) -> str:
    """How the linker knows a step: by its module and its name."""
    return prefix


class ApartLower(Lower):
    """Numba's lowering, with the promise that inputs and outputs lie apart from the memory and from each other.

    LLVM would otherwise read words of the memory again after every word of an event that is written.
    """

    def setup_function(self, fndesc: Any) -> None:
        """Marks the pointers of these arguments, by the names that they have in all kernels."""
        super().setup_function(fndesc)
        for argument in self.function.args:
            if argument.name.startswith(_APART) and isinstance(argument.type, PointerType):
                argument.add_attribute("noalias")


class StepLowering(NativeLowering):
    """Lowers a step to LLVM's language and no further."""

    _name = "step_lowering"

    def run_pass(self, state: Any) -> bool:
        """The library holds the step's own function; those that it calls are declared in it."""
        context = state.targetctx
        state.library = library = context.codegen().create_library(state.func_id.func_qualname)
        described = PythonFunctionDescriptor.from_specialized_function(
            state.func_ir,
            state.typemap,
            state.return_type,
            state.calltypes,
            mangler=_symbol,
            inline=False,
            noalias=False,
            abi_tags=(),
        )
        with context.push_code_library(library):
            lower = ApartLower(context, library, described, state.func_ir, metadata=state.metadata)
            lower.lower()
        state["cr"] = compiler._LowerResult(described, lower.call_helper, cfunc=None, env=lower.env)  # noqa: SLF001
        return True


class EntryLowering(NativeLowering):
    """Lowers an entry and links all of its steps."""

    _name = "entry_lowering"
    module_of: ModuleOf

    @property
    def lowering_class(self) -> type[Lower]:
        """As of steps."""
        return ApartLower

    def run_pass(self, state: Any) -> bool:
        """As numba's, with another way of linking."""
        library = state.targetctx.codegen().create_library(state.func_id.func_qualname)
        library.enable_object_caching()
        link = library.finalize

        def finalize() -> None:
            link_steps(library._final_module, EntryLowering.module_of)  # noqa: SLF001
            link()

        library.finalize = finalize
        state.library = library
        return bool(super().run_pass(state))


def link_steps(module: Any, module_of: ModuleOf) -> None:
    """Takes into a module every step that it reaches, directly or not, each once and for itself alone."""
    missing = [*_calls(module)]
    linked: set[str] = set()
    while missing:
        symbol = missing.pop()
        if symbol not in linked:
            linked.add(symbol)
            step = llvm.parse_bitcode(module_of(_steps[symbol]))
            missing += _calls(step)
            module.link_in(step)
    for symbol in linked:
        module.get_function(symbol).linkage = "internal"


def _calls(module: Any) -> list[str]:
    """The steps that a module names and does not hold."""
    return [function.name for function in module.functions if function.is_declaration and function.name in _steps]


for _lowering in (StepLowering, EntryLowering):
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


class EntryCompiler(CompilerBase):
    """Numba's compiler with `EntryLowering` as its last pass."""

    def define_pipelines(self) -> list[Any]:
        """The one pipeline."""
        return _pipeline(self.state, EntryLowering)


def compile_step(step: Step) -> bytes:
    """A step in LLVM's language, as bitcode. Raises numba's errors."""
    flags = compiler.Flags()
    cpu_target.options.parse_as_flags(flags, {**OPTIONS, "no_cpython_wrapper": True, "nopython": True})
    with global_compiler_lock:
        result = compiler.compile_extra(
            cpu_target.typing_context,
            cpu_target.target_context,
            step.function,
            args=step.signature.args,
            return_type=step.signature.return_type,
            flags=flags,
            locals={},
            pipeline_class=StepCompiler,
        )
    library = result.library
    module = library._final_module  # noqa: SLF001
    for helper in dict.fromkeys(library._linking_libraries):  # noqa: SLF001
        module.link_in(helper._get_module_for_linking(), preserve=True)  # noqa: SLF001
    function = module.get_function(step.symbol)
    for attribute in _ATTRIBUTES[step.kind]:
        function.add_function_attribute(attribute)
    return bytes(module.as_bitcode())
