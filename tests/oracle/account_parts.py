"""All commands about accounts, money and risk: which checks each meets after those of its kind, and what it does."""

from collections.abc import Callable
from typing import Any

from tests.oracle import (
    account_commands,
    corporate_actions,
    corrections,
    end_of_day,
    mass_cancels,
    money_commands,
    protections,
    quotes,
    risk_settings,
)
from tests.oracle.refusals import Refusal
from tests.oracle.state import Command

Check = Callable[[Any, Command], Refusal]

SERVER_PARTS = (
    account_commands, money_commands, corrections, corporate_actions, end_of_day, risk_settings, protections,
)  # fmt: skip
CLIENT_PARTS = (mass_cancels, protections, quotes)

SERVER_CHECKS: dict[int, tuple[Check, ...]] = {
    kind: checks for part in SERVER_PARTS for kind, checks in part.CHECKS.items()
}
CLIENT_CHECKS: dict[int, tuple[Check, ...]] = {
    kind: checks for part in CLIENT_PARTS for kind, checks in part.CLIENT_CHECKS.items()
}
DO: dict[int, Callable[[Any, Command], None]] = {
    kind: do for part in (*SERVER_PARTS, *CLIENT_PARTS) for kind, do in part.DO.items()
}
