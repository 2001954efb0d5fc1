"""No sum is ever too large: what could come of an order stays within what can be counted (17.2)."""

from typing import TYPE_CHECKING

from server.protocol.enums import RejectReason
from tests.oracle.accounts import Balance, Position
from tests.oracle.holds import unit_of
from tests.oracle.state import Instrument

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

Refusal = tuple[RejectReason, int, int] | None
LOTS_END = 1 << 61
MONEY_END = 1 << 62


def check_lots(position: Position, instrument: Instrument, lots: int) -> Refusal:
    """1, 2: the lots that could come of it, at their greatest value, and the result so far."""
    unit = unit_of(instrument)
    if lots * unit >= LOTS_END:
        return RejectReason.AMOUNT_TOO_LARGE, lots, (LOTS_END - 1) // unit
    if abs(position.realised) >= LOTS_END:
        return RejectReason.AMOUNT_TOO_LARGE, position.realised, LOTS_END
    return None


def check_fee_per_lot(x: "OracleExchange", schedule: int, total: int) -> Refusal:
    """4: the greatest fee per lot times all lots of the order."""
    if not schedule:
        return None
    per_lot = max(abs(tier.per_lot) for tier in x.schedules.tiers[schedule])
    if per_lot * total >= LOTS_END:
        return RejectReason.AMOUNT_TOO_LARGE, total, (LOTS_END - 1) // per_lot
    return None


def check_cash(balance: Balance, committed: int, most: int) -> Refusal:
    """3: cash, what other orders could move, and what this one could."""
    total = abs(balance.cash) + committed + most
    return (RejectReason.AMOUNT_TOO_LARGE, total, MONEY_END) if total >= MONEY_END else None
