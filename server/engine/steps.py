"""A step: one kernel that others call, known to the compiler by its annotations alone.

Numba would compile what a function calls before it knows the type of the call. A step says its types itself, so that
each is compiled by itself, in any order and in several processes at once. Rules: arguments and result are annotated
with the types below; a step is called from other kernels only; what decides its code is in its fingerprint.
"""

import builtins
import dis
import hashlib
import inspect
import typing
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, Final

import numpy as np
from numba.core import cgutils, types
from numba.core.imputils import impl_ret_new_ref
from numba.core.typing import signature
from numba.extending import models, register_model

from server.engine.words import INDEX_IS_CHECKED, SIGNED_WORDS, UNSIGNED_WORDS, Signed, Words

_TYPES: Final[dict[Any, Any]] = {
    Words: UNSIGNED_WORDS,
    Signed: SIGNED_WORDS,
    np.uint64: types.uint64,
    np.int64: types.int64,
    int: types.int64,
    bool: types.boolean,
    type(None): types.none,
}


class Step:
    """A kernel that is part of the entries that reach it. `kind` is how it is lowered: see `server.engine.kernel`."""

    def __init__(self, function: FunctionType, kind: str) -> None:
        self.function = function
        self.kind = kind
        self.symbol = f"{function.__module__}.{function.__qualname__}"
        self.signature = signature_of(function)
        self._numba_type_ = StepType(self)
        """What numba asks of a name that it meets in a kernel."""

    def __call__(self, *_: Any) -> None:
        """Steps have no form that Python can call."""
        raise TypeError(f"{self.symbol} is a step: call an entry, or run with NUMBA_DISABLE_JIT=1")


class StepType(types.Callable, types.Dummy):
    """The type of a step."""

    def __init__(self, step: Step) -> None:
        self.step = step
        super().__init__(f"Step({step.symbol})")

    def get_call_type(self, _context: Any, args: Any, _keywords: Any) -> Any:
        """Its declared types, if so many arguments are given."""
        return self.step.signature if len(args) == len(self.step.signature.args) else None

    def get_call_signatures(self) -> Any:
        """The declared types."""
        return [self.step.signature], False

    def get_impl_key(self, _signature: Any) -> Any:
        """What the call is looked up by when it is lowered."""
        return self.step


register_model(StepType)(models.OpaqueModel)


def signature_of(function: FunctionType) -> Any:
    """The types that a function's annotations name. Raises TypeError for others."""
    hints = typing.get_type_hints(function)
    names = list(inspect.signature(function).parameters)
    return signature(_type_of(hints["return"]), *(_type_of(hints[name]) for name in names))


def _type_of(annotation: Any) -> Any:
    parts = typing.get_args(annotation)
    if typing.get_origin(annotation) is tuple:
        return types.Tuple([_type_of(part) for part in parts])  # type: ignore[attr-defined]
    try:
        return _TYPES[annotation]
    except (KeyError, TypeError):
        raise TypeError(f"{annotation} is no type of a step") from None


def call_of(step: Step, descriptor: Any) -> Callable[..., Any]:
    """The code of a call of a step, whose function is described by `descriptor`.

    A step cannot fail: numba's convention with its error status is followed only where indexes are checked.
    """

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        function = context.declare_function(builder.module, descriptor)
        call = _checked_call if INDEX_IS_CHECKED else _call
        result = call(context, builder, descriptor, function, args)
        return impl_ret_new_ref(context, builder, sig.return_type, result)

    return build


def _checked_call(context: Any, builder: Any, descriptor: Any, function: Any, args: Any) -> Any:
    status, result = context.call_conv.call_function(builder, function, descriptor.restype, descriptor.argtypes, args)
    with cgutils.if_unlikely(builder, status.is_error):
        context.call_conv.return_status_propagate(builder, status)
    return result


def _call(context: Any, builder: Any, descriptor: Any, function: Any, args: Any) -> Any:
    result_at, error_at = (argument.type for argument in function.args[:2])
    slot = cgutils.alloca_once(builder, result_at.pointee)
    words = context.get_arg_packer(descriptor.argtypes).as_arguments(builder, args)
    builder.call(function, [slot, cgutils.get_null_value(error_at), *words])
    if descriptor.restype == types.none:
        return context.get_dummy_value()
    return context.get_returned_value(builder, descriptor.restype, builder.load(slot))


def fingerprint(step: Step) -> str:
    """A hash over all that decides a step's code but the compiler: its instructions and what their names stand for."""
    code = step.function.__code__
    digest = hashlib.sha256(f"{step.symbol} {step.kind} {step.signature}".encode())
    digest.update(code.co_code + repr((code.co_consts[1:], code.co_varnames)).encode())
    for name, value in names_in(step.function):
        digest.update(f"\n{name} {description(value)}".encode())
    return digest.hexdigest()[:32]


def names_in(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """The names that a function takes from its module or asks of a module, with their values."""
    of_module = None
    for instruction in dis.get_instructions(function):
        name = instruction.argval
        if instruction.opname == "LOAD_GLOBAL":
            scope = function.__globals__
            of_module = scope[name] if name in scope else vars(builtins)[name]
            yield name, of_module
        elif instruction.opname in ("LOAD_ATTR", "LOAD_METHOD") and isinstance(of_module, ModuleType):
            of_module = getattr(of_module, name)
            yield name, of_module


def description(value: Any) -> str:
    """What a value means to a step that names it. Raises TypeError for kinds that no step may name."""
    if isinstance(value, (bool, int, np.integer)):
        return f"{type(value).__name__} {int(value)}"
    if isinstance(value, tuple):
        return f"({', '.join(description(part) for part in value)})"
    if isinstance(value, Step):
        return f"{value.symbol} {value.signature}"
    if isinstance(value, (type, FunctionType, BuiltinFunctionType)):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, ModuleType):
        return value.__name__
    raise TypeError(f"a step names {value!r}")
