"""Why a command was refused: the reason and its two numbers, and what a limit's refusal says beyond them."""

from typing import NamedTuple

from server.protocol.enums import RejectReason


class RiskRefusal(NamedTuple):
    """A refusal that names a limit: of which check and scope, how much was used and asked for."""

    reason: RejectReason
    value: int
    limit: int
    used: int = 0
    requested: int = 0
    scope: int = 0
    scope_id: int = 0
    check: int = 0
    hard_reason: int = 0


Refusal = RiskRefusal | tuple[RejectReason, int, int] | None


def first_wrong(offender: int, wrong: list[bool]) -> Refusal:
    """The refusal that names the first thing that is wrong, counted from 1."""
    return (RejectReason.INVALID_DEFINITION, offender, wrong.index(True) + 1) if any(wrong) else None
