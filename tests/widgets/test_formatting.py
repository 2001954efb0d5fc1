"""Figures as text: what a trader reads is exactly the integer, never a rounded or cut one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.formatting import (
    DASH,
    format_date,
    format_duration,
    format_latency,
    format_mean_price,
    format_money,
    format_percent,
    format_price,
    format_quantity,
    format_quantity_short,
    format_time,
    parse_price,
    parse_quantity,
)

S = 10**9


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (4837, 2, "48.37"),
        (0, 2, "0.00"),
        (5, 2, "0.05"),
        (-5, 2, "−0.05"),
        (581225, 2, "5,812.25"),
        (108412, 5, "1.08412"),
        (189445, 1, "18,944.5"),
        (12335, 3, "12.335"),
        (1234567, 0, "1,234,567"),
        (-123456789, 2, "−1,234,567.89"),
        (7, -2, "700"),
    ],
)
def test_price(value: int, decimals: int, text: str) -> None:
    assert format_price(value, decimals) == text


def test_signed_price_has_a_plus_but_zero_has_no_sign() -> None:
    assert [format_price(v, 2, signed=True) for v in (30, 0, -30)] == ["+0.30", "0.00", "−0.30"]


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(500, 0, "500"), (250000, 0, "250,000"), (1500, 3, "1.500"), (2000, 3, "2"), (0, 3, "0"), (-300, 0, "−300")],
)
def test_quantity_shows_decimals_only_where_there_are_any(value: int, decimals: int, text: str) -> None:
    assert format_quantity(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(100, "100"), (1000, "1k"), (2500, "2.5k"), (250_000, "250k"), (1_000_000, "1m"), (1234, "1,234")],
)
def test_short_quantity_is_never_rounded(value: int, text: str) -> None:
    assert format_quantity_short(value) == text
    assert parse_quantity(text) == value


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (12843105500, 4, "1,284,310.55"),
        (12843105549, 4, "1,284,310.55"),
        (12843105550, 4, "1,284,310.56"),
        (-50, 4, "−0.01"),
        (-49, 4, "0.00"),
        (7, 0, "7.00"),
    ],
)
def test_money_is_rounded_half_away_from_zero(value: int, decimals: int, text: str) -> None:
    assert format_money(value, decimals) == text


def test_percent() -> None:
    assert format_percent(30, 4807, signed=True) == "+0.62"
    assert format_percent(-30, 4807, signed=True) == "−0.62"
    assert format_percent(1, 0) == DASH


def test_mean_price_has_two_decimals_more() -> None:
    assert format_mean_price(4821.5, 2) == "48.2150"


@pytest.mark.parametrize(
    ("time_ns", "text"),
    [
        (0, "00:00:00.000"),
        ((14 * 3600 + 3 * 60 + 22) * S + 118_000_000, "14:03:22.118"),
        (86_399 * S + 999_999_999, "23:59:59.999"),
        (-1, "23:59:59.999"),
    ],
)
def test_time_is_to_the_millisecond_and_never_rounded_up(time_ns: int, text: str) -> None:
    assert format_time(time_ns) == text


def test_date() -> None:
    assert format_date(1_795_356_202 * S) == "22 Nov"


@pytest.mark.parametrize(
    ("duration_ns", "text"),
    [(0, "0:00"), (42 * S, "0:42"), (2195 * S, "36:35"), (7509 * S, "2:05:09"), (3 * 86400 * S, "3 d"), (-S, "0:00")],
)
def test_duration(duration_ns: int, text: str) -> None:
    assert format_duration(duration_ns) == text


@pytest.mark.parametrize(
    ("duration_ns", "text"),
    [
        (400_000, "0.4 ms"),
        (9_949_999, "9.9 ms"),
        (9_950_000, "9 ms"),
        (12_400_000, "12 ms"),
        (1_600_000_000, "1.6 s"),
        (67 * S, "1:07"),
        (-1, DASH),
    ],
)
def test_latency_carries_its_unit(duration_ns: int, text: str) -> None:
    assert format_latency(duration_ns) == text


@given(st.integers(-(10**15), 10**15), st.integers(0, 8))
def test_what_is_shown_is_read_back(value: int, decimals: int) -> None:
    assert parse_price(format_price(value, decimals, signed=True), decimals) == value


@given(st.text(max_size=12), st.integers(0, 5))
def test_any_text_is_a_number_or_none(text: str, decimals: int) -> None:
    value = parse_price(text, decimals)
    assert value is None or isinstance(value, int)


@pytest.mark.parametrize("text", ["", ".", "-", "nan", "inf", "1e5", "48.337", "4 8", "٤٨", "--5", "k"])
def test_what_is_no_price_is_refused(text: str) -> None:
    assert parse_price(text, 2) is None


def test_zeros_behind_the_last_decimal_are_no_harm() -> None:
    assert parse_price("48.3300", 2) == 4833
