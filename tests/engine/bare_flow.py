"""Random flows in which no rule about accounts, risk or money ever says no: what the bare engine can be compared on.

Rules: one user has every right; all accounts have one currency and more credit than a flow can use; prices stay so far
below the ends of the sums that none is refused; nothing is spoiled. All that is left to refuse is the market's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from server.protocol.enums import CommandKind
from tests.oracle.exchange import OracleExchange
from tests.oracle.flow import RandomRun, random_run
from tests.oracle.flow_orders import Trader
from tests.oracle.flow_world import ACCOUNTS, CASH, INSTRUMENTS, SESSIONS, USERS, Draft, command, listing, opening

AREAS = ("terms", "stops", "pegs", "links", "phases", "auction_orders", "rules", "ticks", "volatility", "bands")
USER = 1
RICH = {"credit_limit": 1 << 60, "position_max": 0, "short_allowed": 1, "orders_max": 1 << 20, "currency": 1}
FAR = 1 << 40
"""Where the far instrument's prices begin: with the usual 2^50, a few hundred orders would reach the end of a sum."""


class MarketTrader(Trader):
    """Draws no command about accounts, rights or money."""

    def mass_cancel(self) -> Draft:
        """Names the orders of an account."""
        return self.time()

    def operate(self) -> Draft:
        """What an operator does that refuses nothing later."""
        draw = self.draw
        return draw.choice(
            (
                command(CommandKind.SESSION_OPENED, session=draw.choice(list(SESSIONS)), user=USER),
                opening(draw.randint(1_000, 1_010)),
                listing(draw.randint(1_000, 1_005)),
            )
        )


@contextmanager
def rich_world() -> Iterator[None]:
    """With the flows' world as the rules above want it."""
    far = {"price_min": FAR, "price_max": FAR + (1 << 36), "tick_size": 1 << 16}
    instruments = {7: INSTRUMENTS[7] | far, 300: INSTRUMENTS[300] | {"currency": 1}}
    with (
        patch.dict(INSTRUMENTS, instruments),
        patch.dict(ACCOUNTS, {number: {"name": fields["name"]} | RICH for number, fields in ACCOUNTS.items()}),
        patch.dict(USERS, {USER: tuple(ACCOUNTS)}, clear=True),
        patch.dict(SESSIONS, dict.fromkeys(SESSIONS, USER)),
        patch.dict(CASH, clear=True),
    ):
        yield


def bare_run(seed: int, count: int, after_each: Callable[[OracleExchange], None] | None = None) -> RandomRun:
    """A flow of `count` commands in that world, with what the oracle makes of it."""
    with rich_world():
        return random_run(seed, count, after_each, AREAS, spoiled=0, trader_of=MarketTrader)
