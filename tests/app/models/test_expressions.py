"""Expressions against Python's own arithmetic, and texts that are none."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.models.expressions import FUNCTIONS, ExpressionError, parse

NAMES = ("last", "bid", "ask", "volume")
VALUES = st.sampled_from([-1e9, -3.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 48.37, 1e6])
Pair = tuple[str, str]
"""The text for us, and the same for Python, where a truth is a number too."""


def leaf() -> st.SearchStrategy[Pair]:
    """A field or a figure."""
    figures = st.sampled_from(["0", "1", "2", "3.5", "0.25", "1e3", "True"])
    return st.one_of(st.sampled_from(NAMES), figures).map(lambda text: (text, text))


def grown(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    """Operations on smaller ones."""
    arithmetic = st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner).map(
        lambda one: (f"({one[0][0]} {one[1]} {one[2][0]})", f"({one[0][1]} {one[1]} {one[2][1]})")
    )
    compared = st.tuples(inner, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner).map(
        lambda one: (f"({one[0][0]} {one[1]} {one[2][0]})", f"float({one[0][1]} {one[1]} {one[2][1]})")
    )
    chained = st.tuples(inner, inner, inner).map(
        lambda one: (f"({one[0][0]} < {one[1][0]} <= {one[2][0]})", f"float({one[0][1]} < {one[1][1]} <= {one[2][1]})")
    )
    logic = st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
        lambda one: (f"({one[0][0]} {one[1]} {one[2][0]})", f"float(bool({one[0][1]}) {one[1]} bool({one[2][1]}))")
    )
    single = st.tuples(st.sampled_from(["-", "+", "abs", "round", "max", "min"]), inner).map(
        lambda one: (f"{one[0]}({one[1][0]})", f"{one[0].replace('max', '').replace('min', '')}({one[1][1]})")
    )
    turned = inner.map(lambda one: (f"(not {one[0]})", f"float(not {one[1]})"))
    several = st.tuples(st.sampled_from(["max", "min"]), inner, inner).map(
        lambda one: (f"{one[0]}({one[1][0]}, {one[2][0]})", f"{one[0]}({one[1][1]}, {one[2][1]})")
    )
    chosen = st.tuples(inner, inner, inner).map(
        lambda one: (
            f"({one[0][0]} if {one[1][0]} else {one[2][0]})",
            f"both({one[0][1]}, {one[1][1]}, {one[2][1]})",
        )
    )
    return st.one_of(arithmetic, compared, chained, logic, single, turned, several, chosen)


def by_python(text: str, row: dict[str, float]) -> float:
    """What Python computes; unknown where it divides by zero or overflows.

    As here every part of an expression is computed, a part that is unknown and not chosen is computed too.
    """

    def both(chosen: float, condition: float, other: float) -> float:
        return chosen if condition else other

    try:
        found = float(eval(text, {"__builtins__": {}}, {**row, "float": float, "bool": bool, "abs": abs,
                      "round": round, "max": max, "min": min, "both": both}))  # fmt: skip
    except (ZeroDivisionError, OverflowError):
        return math.nan
    return found if math.isfinite(found) else math.nan


def strict(text: str) -> bool:
    """Whether unknown parts make the whole unknown in both: not so below what Python does not look at."""
    return not any(word in text for word in (" and ", " or ", " if ", "<", "max(", "min("))


@given(
    st.recursive(leaf(), grown, max_leaves=12),
    st.lists(st.tuples(VALUES, VALUES, VALUES, VALUES), min_size=1, max_size=6),
)
@settings(max_examples=400, deadline=None)
def test_it_is_what_python_computes(pair: Pair, rows: list[tuple[float, ...]]) -> None:
    ours, theirs = pair
    try:
        expression = parse(ours, NAMES)
    except ExpressionError as error:
        assert "Longer" in str(error) or "deeply" in str(error)
        return
    columns = {name: np.array([row[place] for row in rows]) for place, name in enumerate(NAMES)}
    found = np.broadcast_to(expression(columns.__getitem__), len(rows))
    for place, row in enumerate(rows):
        expected = by_python(theirs, dict(zip(NAMES, row, strict=True)))
        if math.isnan(expected):
            assert math.isnan(found[place]) or not strict(ours)
        elif math.isnan(found[place]):
            assert not strict(ours), "a part that Python did not look at"
        else:
            assert found[place] == pytest.approx(expected, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Nothing"), ("last +", "Not understood"), ("foo", "no field foo"), ("last.real", "Only"),
        ("__import__('os')", "Functions"), ("(lambda: 1)()", "Functions"), ("[last]", "Only"), ("'x'", "Only"),
        ("last[0]", "Only"), ("last if", "Not understood"), ("max()", "takes arguments"), ("abs(1, 2)", "one argument"),
        ("max(*last)", "plainly"), ("abs(x=1)", "plainly"), ("last is bid", "Compare"), ("~last", "bits"),
        ("last @ bid", "Only"), ("1 << 2", "Only"), ("1" * 401, "Longer"), ("9" * 399, "too large"),
        ("-" * 60 + "1", "deeply"), ("(" * 250 + "1", "Not understood"), ("a\0b", "Not understood"),
        ("last := 1", "Not understood"), ("last\nbid", "Not understood"), ("1j", "Only"), ("f'{last}'", "Only"),
        ("...", "Only"), ("None", "Only"),
    ],
)  # fmt: skip
def test_what_is_none_is_refused_with_a_sentence(text: str, why: str) -> None:
    with pytest.raises(ExpressionError, match=why):
        parse(text, NAMES)


@given(st.one_of(st.text(max_size=60), st.text(alphabet="lastbid()+-*/<>=!, .0123456789ifelsnotr", max_size=60)))
@settings(max_examples=400, deadline=None)
def test_any_text_is_an_expression_or_an_error(text: str) -> None:
    try:
        expression = parse(text, NAMES)
    except ExpressionError as error:
        assert str(error)
        return
    columns: dict[str, Any] = {name: np.array([1.0, math.nan]) for name in NAMES}
    assert np.broadcast_to(expression(columns.__getitem__), 2).shape == (2,)


def test_unknown_makes_unknown() -> None:
    fields = {"last": np.array([math.nan, 2.0]), "bid": np.array([1.0, 1.0])}
    for text in ("last + 1", "last > bid", "last and bid", "bid if last else 2", "max(last, bid)", "not last"):
        found = parse(text, fields)(fields.__getitem__)
        assert math.isnan(found[0]) and not math.isnan(found[1]), text
    assert parse("known(last)", fields)(fields.__getitem__).tolist() == [0.0, 1.0]


def test_it_names_the_fields_it_reads() -> None:
    assert parse("(ask - bid) / last", NAMES).names == {"ask", "bid", "last"}
    assert set(FUNCTIONS) >= {"abs", "max", "min", "known"}


def test_huge_powers_are_unknown_at_once() -> None:
    assert math.isnan(float(parse("9 ** 9 ** 9 ** 9", ())(lambda _: np.zeros(1))))
