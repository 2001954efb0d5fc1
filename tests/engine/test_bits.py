"""Bits and wide products: compiled and as plain Python they say what Python's own integers say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.engine import bits
from server.engine.kernel import U, entry

WORD = st.integers(1, 2**64 - 1)
SIZE = st.integers(0, 2**62)


@entry
def compiled_scans(word: np.uint64) -> tuple[np.uint64, np.uint64]:
    return bits.trailing_zeros(word), bits.leading_zeros(word)


@entry
def compiled_mul_div(a: np.int64, b: np.int64, c: np.int64) -> np.int64:
    return bits.mul_div(a, b, c)


@given(WORD)
def test_scans_find_the_outermost_bits(word: int) -> None:
    expected = (word & -word).bit_length() - 1, 64 - word.bit_length()
    assert compiled_scans(U(word)) == expected
    assert (int(bits.trailing_zeros(U(word))), int(bits.leading_zeros(U(word)))) == expected


@given(SIZE, st.integers(1, 2**62), st.data(), st.booleans())
def test_mul_div_is_exact_and_truncates_toward_zero(a: int, c: int, data: st.DataObject, negative: bool) -> None:
    b = data.draw(st.integers(0, c), label="b")
    expected = a * b // c
    if negative:
        a, expected = -a, -expected
    assert compiled_mul_div(np.int64(a), np.int64(b), np.int64(c)) == expected


@pytest.mark.parametrize(("a", "b", "c", "result"), [(7, 1, 2, 3), (-7, 1, 2, -3), (2**62, 2**62, 2**62, 2**62)])
def test_mul_div_of_known_numbers(a: int, b: int, c: int, result: int) -> None:
    assert compiled_mul_div(np.int64(a), np.int64(b), np.int64(c)) == result
