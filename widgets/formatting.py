"""Figures as text: pure functions of integers.

A value is an integer in units of 10^-decimals. Thousands are separated by a comma, the minus is a true minus sign,
decimals are never cut and never added by accident. Times are integer nanoseconds since the epoch, UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

MINUS: Final = "\u2212"
DASH: Final = "\u2013"

_NS_PER_MS: Final = 1_000_000
_NS_PER_S: Final = 1_000_000_000
_S_PER_DAY: Final = 86_400


def _sign(value: int, signed: bool) -> str:
    if value < 0:
        return MINUS
    return "+" if signed and value > 0 else ""


@lru_cache(maxsize=16_384)
def format_price(value: int, decimals: int, *, signed: bool = False) -> str:
    """`value` in units of 10^-decimals, with exactly `decimals` decimals: `format_price(481234, 2)` is `4,812.34`."""
    magnitude = abs(value)
    if decimals <= 0:
        return f"{_sign(value, signed)}{magnitude * 10**-decimals:,}"
    whole, fraction = divmod(magnitude, 10**decimals)
    return f"{_sign(value, signed)}{whole:,}.{fraction:0{decimals}d}"


def format_mean_price(value: float, decimals: int) -> str:
    """An average price, in the instrument's price unit, with two decimals more than the instrument has."""
    return format_price(round(value * 100), decimals + 2)


def format_quantity(value: int, decimals: int = 0, *, signed: bool = False) -> str:
    """A quantity in units of 10^-decimals; decimals that are all zero are not shown."""
    text = format_price(value, decimals, signed=signed)
    if decimals > 0 and value % 10**decimals == 0:
        return text[: -decimals - 1]
    return text


def format_quantity_short(value: int) -> str:
    """A quantity for a narrow button: `250k`, `2.5k`, `1m`. Falls back to the whole figure when it would be cut."""
    for unit, suffix in ((1_000_000, "m"), (1_000, "k")):
        if value >= unit and value % (unit // 10) == 0:
            whole, tenth = divmod(value // (unit // 10), 10)
            return f"{whole}.{tenth}{suffix}" if tenth else f"{whole}{suffix}"
    return format_quantity(value)


def format_money(value: int, money_decimals: int, *, shown_decimals: int = 2, signed: bool = False) -> str:
    """An amount in units of 10^-money_decimals, rounded half away from zero to `shown_decimals`."""
    excess = money_decimals - shown_decimals
    if excess > 0:
        half = 10**excess // 2
        magnitude = (abs(value) + half) // 10**excess
        return format_price(magnitude if value >= 0 else -magnitude, shown_decimals, signed=signed)
    return format_price(value * 10**-excess, shown_decimals, signed=signed)


def format_percent(part: float, whole: float, decimals: int = 2, *, signed: bool = False) -> str:
    """`part` of `whole` in percent, without the sign of percent; a dash if `whole` is zero."""
    if not whole:
        return DASH
    return format_price(round(part / whole * 100 * 10**decimals), decimals, signed=signed)


def parse_price(text: str, decimals: int) -> int | None:
    """The integer that `format_price` would show as `text`; None if it is no number or has too many decimals."""
    return _parse(text, decimals)


def parse_quantity(text: str, decimals: int = 0) -> int | None:
    """A positive or negative quantity, with the short forms `2.5k` and `1m`; None if it is no quantity."""
    stripped = text.strip().lower()
    power = {"k": 3, "m": 6}.get(stripped[-1:], 0)
    return _parse(stripped[:-1] if power else stripped, decimals + power)


def _parse(text: str, decimals: int) -> int | None:
    plain = text.strip().replace(",", "").replace(MINUS, "-")
    negative = plain.startswith("-")
    whole, _, fraction = (plain[1:] if plain[:1] in ("+", "-") else plain).partition(".")
    if not (whole + fraction) or not (whole + fraction).isascii() or not (whole + fraction).isdigit():
        return None
    if len(fraction) > decimals and fraction[decimals:].strip("0"):
        return None
    value = int((whole or "0") + fraction[:decimals].ljust(decimals, "0"))
    return -value if negative else value


def format_time(time_ns: int) -> str:
    """Time of day to the millisecond, UTC: `14:03:22.118`."""
    second, rest = divmod(time_ns, _NS_PER_S)
    return f"{_clock(second % _S_PER_DAY)}.{rest // _NS_PER_MS:03d}"


def format_time_of_day(time_ns: int) -> str:
    """Time of day to the second, UTC."""
    return _clock(time_ns // _NS_PER_S % _S_PER_DAY)


def format_time_to_minute(time_ns: int) -> str:
    """Time of day to the minute, UTC."""
    return format_time_of_day(time_ns)[:5]


def format_date(time_ns: int) -> str:
    """The day, UTC: `20 Nov`."""
    day = datetime.fromtimestamp(time_ns // _NS_PER_S, UTC)
    return f"{day.day} {day:%b}"


def format_date_with_year(time_ns: int) -> str:
    """The day with its year, UTC: `20 Nov 2026`."""
    return f"{format_date(time_ns)} {datetime.fromtimestamp(time_ns // _NS_PER_S, UTC):%Y}"


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def format_duration(duration_ns: int) -> str:
    """An age or a count-down: `0:42`, `36:35`, `2:05:09`, `3 d`."""
    seconds = max(0, duration_ns) // _NS_PER_S
    if seconds >= 2 * _S_PER_DAY:
        return f"{seconds // _S_PER_DAY} d"
    if seconds >= 3600:
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{seconds // 60}:{seconds % 60:02d}"


def format_latency(duration_ns: int) -> str:
    """A latency with its unit: `0.4 ms`, `12 ms`, `1.6 s`, `7:05`."""
    if duration_ns < 0:
        return DASH
    tenths_ms = (duration_ns + 50_000) // 100_000
    if tenths_ms < 100:
        return f"{tenths_ms // 10}.{tenths_ms % 10} ms"
    if duration_ns < _NS_PER_S:
        return f"{duration_ns // _NS_PER_MS} ms"
    if duration_ns < 60 * _NS_PER_S:
        return f"{duration_ns // _NS_PER_S}.{duration_ns // (_NS_PER_S // 10) % 10} s"
    return format_duration(duration_ns)


def format_figure(value: float, decimals: int | None = None) -> str:
    """A value of a study: with `decimals`, or with as many as it needs; millions and more are cut short."""
    size = abs(value)
    for least, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if size >= least:
            text = f"{value / least:,.3f}{unit}" if size < least * 1e6 else f"{value:.3e}"
            return text.replace("-", MINUS)
    if decimals is None:
        decimals = 0 if value == int(value) and size >= 10 else 2 if size >= 1 or not size else 4 if size >= 1e-3 else 7
    return f"{value:,.{decimals}f}".replace("-", MINUS)


def format_amount_short(value: int, decimals: int = 0, *, signed: bool = False) -> str:
    """A quantity in units of 10^-decimals for a narrow cell: three digits that count, `1.24k`, `35.1k`, `2.06M`."""
    size = abs(value) / 10**decimals
    text = f"{size:.3g}"
    for least, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if size >= least:
            digits = size / least
            text = f"{digits:.{0 if digits >= 100 else 1 if digits >= 10 else 2}f}{unit}"
            break
    return f"{_sign(value, signed)}{text}"
