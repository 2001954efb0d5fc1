"""Exchange rates, and amounts converted by them (17.7)."""

from typing import TYPE_CHECKING

from server.protocol.enums import RejectReason

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

Refusal = tuple[RejectReason, int, int] | None
AMOUNT_END = 1 << 62


def rate_refused(x: "OracleExchange", base: int, quote: int) -> Refusal:
    """Why an amount of `base` cannot be converted to `quote` now, or None."""
    rate = x.rates.get((base, quote)) or x.rates.get((quote, base))
    if rate is None:
        return RejectReason.NO_RATE, base, quote
    age = x.time_ns - rate.rate_time_ns
    return (RejectReason.RATE_TOO_OLD, age, rate.max_age_ns) if 0 < rate.max_age_ns < age else None


def converted_down(x: "OracleExchange", amount: int, base: int, quote: int) -> int:
    """The amount in the other currency, rounded toward minus infinity."""
    if (base, quote) in x.rates:
        rate = x.rates[base, quote]
        return int(amount * rate.numerator // rate.denominator)
    rate = x.rates[quote, base]
    return int(amount * rate.denominator // rate.numerator)


def counted_down(x: "OracleExchange", amount: int, base: int, quote: int) -> int:
    """As `converted_down`, for margin: an amount that is too large counts as the greatest."""
    counted = amount if base == quote else converted_down(x, amount, base, quote)
    return max(-(AMOUNT_END - 1), min(AMOUNT_END - 1, counted))
