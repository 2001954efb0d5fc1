"""Bits and wide products: scans of a bitmap, halves of a word, a x b / c in 128 bits.

Each intrinsic has a plain-Python twin of the same name, which runs when kernels are not compiled.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, overload

from server.engine.kernel import U, Words, inline, kernel
from server.engine.layout import HALF, LOW, ONE, ZERO
from server.engine.words import data_of


def trailing_zeros(word: np.uint64) -> np.uint64:
    """The number of the lowest set bit; `word` is not 0."""
    number = int(word)
    return U((number & -number).bit_length() - 1)


def leading_zeros(word: np.uint64) -> np.uint64:
    """How many bits above the highest set one are clear; `word` is not 0."""
    return U(64 - int(word).bit_length())


def product_high(a: np.uint64, b: np.uint64) -> np.uint64:
    """The upper 64 bits of the 128-bit product."""
    return U(int(a) * int(b) >> 64)


def prefetch(words: Words, at: np.uint64) -> None:
    """Asks the processor for the cache line of a word that will be needed soon; changes nothing."""


@intrinsic
def _prefetch(typing_context: Any, words: Any, at: Any) -> Any:
    """A hint: for reading, to keep in all caches."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = data_of(context, builder, signature.args[0], arguments[0])
        number = ir.IntType(32)
        hint = ir.FunctionType(ir.VoidType(), [data.type, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, hint, "llvm.prefetch.p0")
        line = builder.gep(data, [arguments[1]])
        builder.call(function, [line, *(ir.Constant(number, value) for value in (0, 3, 1))])
        return context.get_dummy_value()

    return types.void(words, at), code


@intrinsic
def _trailing_zeros(typing_context: Any, word: Any) -> Any:
    """Bit scan of the processor, undefined for 0."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), code


@intrinsic
def _leading_zeros(typing_context: Any, word: Any) -> Any:
    """Bit scan of the processor, undefined for 0."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), code


@intrinsic
def _product_high(typing_context: Any, a: Any, b: Any) -> Any:
    """One widening multiplication."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(arguments[0], wide), builder.zext(arguments[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), code


@overload(trailing_zeros, strict=False)
def _use_trailing_zeros(word: Any) -> Callable[..., Any]:
    return lambda word: _trailing_zeros(word)  # noqa: PLW0108 - numba wants a function of its own


@overload(leading_zeros, strict=False)
def _use_leading_zeros(word: Any) -> Callable[..., Any]:
    return lambda word: _leading_zeros(word)  # noqa: PLW0108


@overload(product_high, strict=False)
def _use_product_high(a: Any, b: Any) -> Callable[..., Any]:
    return lambda a, b: _product_high(a, b)  # noqa: PLW0108


@overload(prefetch, strict=False)
def _use_prefetch(words: Any, at: Any) -> Callable[..., Any]:
    return lambda words, at: _prefetch(words, at)  # noqa: PLW0108


@inline
def low(word: np.uint64) -> np.uint64:
    """The lower half of a word."""
    return word & LOW


@inline
def high(word: np.uint64) -> np.uint64:
    """The upper half of a word."""
    return word >> HALF


@inline
def halves(lower: np.uint64, upper: np.uint64) -> np.uint64:
    """Two halves as one word."""
    return lower | upper << HALF


@inline
def set_low(m: Words, at: np.uint64, value: np.uint64) -> None:
    """Writes the lower half of the word at `at`."""
    m[at] = m[at] >> HALF << HALF | value


@inline
def set_high(m: Words, at: np.uint64, value: np.uint64) -> None:
    """Writes the upper half of the word at `at`."""
    m[at] = m[at] & LOW | value << HALF


@inline
def magnitude(number: np.int64) -> np.uint64:
    """The size of a signed number, of the most negative one too."""
    return U(number) if number >= 0 else ~U(number) + ONE


@kernel
def divide_wide(upper: np.uint64, lower: np.uint64, divisor: np.uint64) -> np.uint64:
    """(upper x 2^64 + lower) / divisor, where upper < divisor: the quotient fits a word. One bit at a time."""
    quotient = ZERO
    for _ in range(64):
        carry = upper >> U(63)
        upper = upper << ONE | lower >> U(63)
        lower = lower << ONE
        quotient = quotient << ONE
        if carry != ZERO or upper >= divisor:
            upper = upper - divisor
            quotient = quotient | ONE
    return quotient


@inline
def mul_div(a: np.int64, b: np.int64, c: np.int64) -> np.int64:
    """a x b / c, exact in 128 bits, truncated toward zero; the result fits 63 bits and c is not 0."""
    x = magnitude(a)
    y = magnitude(b)
    z = magnitude(c)
    upper = product_high(x, y)
    quotient = x * y // z if upper == ZERO else divide_wide(upper, x * y, z)
    negative = (a < 0) != (b < 0)
    if c < 0:
        negative = not negative
    return np.int64(~quotient + ONE) if negative else np.int64(quotient)


@kernel
def divide_floor(a: np.int64, b: np.int64, c: np.int64) -> tuple[np.int64, np.int64]:
    """a x b / c toward minus infinity, and what is left (0 to c - 1), exact in 128 bits; c > 0, the quotient fits."""
    x = magnitude(a)
    y = magnitude(b)
    divisor = U(c)
    upper = product_high(x, y)
    quotient = x * y // divisor if upper == ZERO else divide_wide(upper, x * y, divisor)
    left = x * y - quotient * divisor
    if (a < 0) != (b < 0):
        if left != ZERO:
            quotient = quotient + ONE
            left = divisor - left
        return np.int64(~quotient + ONE), np.int64(left)
    return np.int64(quotient), np.int64(left)


@inline
def product_reaches(a: np.uint64, b: np.uint64, bound: np.uint64) -> bool:
    """Whether a x b >= bound."""
    return bool(product_high(a, b) != ZERO or a * b >= bound)
