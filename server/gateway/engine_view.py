"""The engine as the gateway sees it: `ExchangeView` over `server.engine`.

Rules: only reads; every row handed out is a copy or is used before the next batch.
"""

from typing import Any

from numpy.typing import NDArray

from server.engine import views
from server.engine.exchange import Exchange

Records = NDArray[Any]


class EngineView:
    """Reads one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    @property
    def sequence(self) -> int:
        """The last command applied."""
        return self._exchange.sequence

    @property
    def event_sequence(self) -> int:
        """The number of the newest event."""
        return self._exchange.event_sequence

    def instrument_ids(self) -> list[int]:
        """All listed instruments."""
        return views.instrument_ids(self._exchange)

    def instrument(self, instrument: int) -> Records:
        """Its LIST_INSTRUMENT row (1,)."""
        return views.instrument(self._exchange, instrument)

    def phase(self, instrument: int) -> int:
        """Its `Phase`."""
        return views.phase(self._exchange, instrument)

    def book_orders(self, instrument: int) -> Records:
        """ADD rows: bids best first, then asks, oldest first in a level."""
        return views.book_orders(self._exchange, instrument)

    def book_levels(self, instrument: int) -> Records:
        """LEVEL rows: bids best first, then asks."""
        return views.book_levels(self._exchange, instrument)

    def top(self, instrument: int) -> Records:
        """TOP_RECORD (1,)."""
        return views.top(self._exchange, instrument)

    def statistics(self, instrument: int) -> Records:
        """STATISTICS_RECORD (1,)."""
        return views.statistics(self._exchange, instrument)

    def open_orders(self, user: int) -> Records:
        """EVENT rows of kind ACCEPTED in present state."""
        return views.open_orders(self._exchange, user)

    def orders_of_key(self, user: int, client_instance: int, counter: int) -> Records:
        """EVENT rows of the live orders that a command entered."""
        return views.orders_of_key(self._exchange, user, client_instance, counter)

    def positions(self, account: int) -> Records:
        """POSITION_EVENT rows."""
        return views.positions(self._exchange, account)

    def account_ids(self) -> list[int]:
        """All open accounts."""
        return views.account_ids(self._exchange)

    def account_terms(self, account: int) -> tuple[Records, int, int]:
        """OPEN_ACCOUNT (1,), cash, reserved."""
        return views.account_terms(self._exchange, account)

    def firm_and_desk(self, account: int) -> tuple[int, int]:
        """The firm and the desk of an account; 0: none."""
        return views.firm_and_desk(self._exchange, account)

    def grants(self, user: int) -> list[tuple[int, int]]:
        """(account, rights) of a user; account 0 is the server."""
        return views.grants(self._exchange, user)

    @property
    def grant_changes(self) -> int:
        """Rises with each GRANT."""
        return views.grant_changes(self._exchange)

    def last_counter(self, user: int, client_instance: int) -> int:
        """The highest counter seen of a client instance."""
        return views.last_counter(self._exchange, user, client_instance)

    def last_stream_sequence(self, user: int) -> int:
        """The number of the user's newest event."""
        return views.last_stream_sequence(self._exchange, user)

    def open_sessions(self) -> list[tuple[int, int]]:
        """(session, user) of each open session."""
        return views.open_sessions(self._exchange)

    def state_hash(self) -> int:
        """The hash of the logical state."""
        return self._exchange.state_hash()
