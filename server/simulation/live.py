"""The simulated market as a client: agents on one side, a connection on the other.

Rules: one thread; the clock is given. It adopts the orders of an earlier run, goes on after a reconnection with
what the resumed events say, and never sends without a session.
"""

import json
import logging
from collections.abc import Callable
from typing import Final

from server.client.connection import Connection
from server.client.incoming import EventsReceived, Faulted, Incoming, LoggedOn, MarketDataReceived, PrivateSynced
from server.client.open_orders import open_orders
from server.protocol.enums import Topic
from server.simulation.market import SimulatedMarket

WAIT_MS: Final = 20
TURN_NS: Final = 4_000_000

_log = logging.getLogger(__name__)


class LiveMarket:
    """Drives a market over a connection that is logged on. `turn` is one round."""

    def __init__(self, connection: Connection, market: SimulatedMarket, clock: Callable[[], int]) -> None:
        self._connection = connection
        self._market = market
        self._clock = clock
        self._online = True
        self._next_turn_ns = 0

    def begin(self) -> None:
        """Subscribes to the quotes and adopts what rests. Raises `ConnectionRefused` if the server does not answer."""
        for instrument in self._market.markets:
            self._connection.subscribe(Topic.QUOTE, instrument)
        self._market.begin(self._clock(), open_orders(self._connection))

    def turn(self) -> Faulted | None:
        """Waits for the next agent or message and acts. Returns a fault that is final."""
        now_ns = self._clock()
        next_ns = max(self._market.due_ns, self._next_turn_ns)
        wait_ms = min(max((next_ns - now_ns) // 1_000_000, 0), WAIT_MS)
        for item in self._connection.poll(wait_ms):
            if isinstance(item, Faulted) and item.final:
                return item
            self._take(item)
        now_ns = self._clock()
        if now_ns >= self._next_turn_ns and now_ns >= self._market.due_ns:
            self._next_turn_ns = now_ns + TURN_NS
            self._act(now_ns)
        return None

    def _act(self, now_ns: int) -> None:
        commands = self._market.act(now_ns)
        if commands is None:
            return
        if self._online:
            self._market.sent(self._connection.session.entry.counter + 1)
            self._connection.send(commands)
        else:
            self._market.dropped()

    def _take(self, item: Incoming) -> None:
        if isinstance(item, EventsReceived):
            self._market.on_events(item.events, self._clock())
        elif isinstance(item, MarketDataReceived) and item.topic == Topic.QUOTE and len(item.records):
            last = item.records[-1]
            self._market.on_top(item.instrument, int(last["bid_price"]), int(last["ask_price"]))
        elif isinstance(item, Faulted):
            self._online = False
            _log.info("the session ended: %s", item.text)
        elif isinstance(item, LoggedOn):
            _log.info("session %d", item.accepted.session)
        elif isinstance(item, PrivateSynced):
            self._online = True


def ready_line(pid: int) -> str:
    """What the parent waits for."""
    return json.dumps({"ready": True, "pid": pid})
