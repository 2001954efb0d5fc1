"""The market data side of a session: messages and replies to streams, and what the streams need to requests.

Rules: pure. It asks, acts and tells through the session that owns it, and has no stage of its own: the session hands it
messages while it is online and begins it anew with each logon.
"""

from collections.abc import Callable
from functools import partial

from server.client.actions import Action, ReopenMarketData, Subscribe, Unsubscribe
from server.client.incoming import FellBehind, Incoming, StaleReason
from server.client.lines import Lines
from server.client.market_feed import MarketFeed
from server.client.market_stream import MarketStream
from server.client.requests import ReplyHandler
from server.protocol import control
from server.protocol.enums import Topic

Ask = Callable[[control.AnyRequest, ReplyHandler], int]


class MarketChannel:
    """`ask` sends a request, `act` tells the connection what to do, `tell` the owner what to know."""

    def __init__(
        self, ask: Ask, act: Callable[[Action], None], tell: Callable[[Incoming], None], now_ns: Callable[[], int]
    ) -> None:
        self.feed = MarketFeed()
        self.lines = Lines()
        self._ask, self._act, self._tell, self._now_ns = ask, act, tell, now_ns

    def restart(self, *, lines: int) -> None:
        """A session begins."""
        self.lines.restart(lines, self._now_ns())
        for prefix in self.feed.restart(lines=lines):
            self._act(Subscribe(prefix))
        self._request_needs()

    def subscribe(self, topic: Topic, instrument: int, *, online: bool) -> None:
        """Follow a stream, now if there is a session, else from the next one on."""
        prefix = self.feed.add(topic, instrument)
        if prefix is not None and online:
            self._act(Subscribe(prefix))
            self._request_needs()

    def unsubscribe(self, topic: Topic, instrument: int, *, online: bool) -> None:
        """Follow it no longer."""
        prefix = self.feed.remove(topic, instrument)
        if prefix is not None and online:
            self._act(Unsubscribe(prefix))

    def resync(self, topic: Topic, instrument: int, reason: StaleReason) -> None:
        """Take a stream anew, because what the owner made of it is wrong."""
        self.feed.resync(topic, instrument, reason, self._now_ns())
        self._request_needs()

    def on_message(
        self, topic_frame: bytes, kind: int, frame: bytes, *, count: int, sequence: int, engine_sequence: int,
        published_ns: int, now_ns: int, line: int,
    ) -> None:  # fmt: skip
        """One message of a line; the numbers are those of its envelope."""
        lag_ns = self.feed.lag_ns(published_ns, now_ns)
        if lag_ns:
            self._drop_queue(lag_ns)
            return
        news = self.feed.on_message(
            topic_frame, kind, frame, count=count, sequence=sequence, engine_sequence=engine_sequence,
            published_ns=published_ns, now_ns=now_ns,
        )  # fmt: skip
        self.lines.heard(line, now_ns, first=bool(news))
        for received in news:
            self._tell(received)
        if self.feed.is_due(now_ns):
            self._request_needs()

    def on_time(self, now_ns: int, heartbeat_ns: int) -> None:
        """Holes that stayed open, requests whose time has come, lines that went silent."""
        for change in self.lines.on_time(now_ns, heartbeat_ns):
            self._tell(change)
        self.feed.on_time(now_ns)
        self._request_needs()

    def _request_needs(self) -> None:
        for stream, message in self.feed.take_requests(self._now_ns()):
            self._ask(message, partial(self._on_reply, stream, message))

    def _on_reply(self, stream: MarketStream, request: control.AnyRequest, reply: control.AnyReply) -> None:
        for received in self.feed.on_reply(stream, request, reply, self._now_ns()):
            self._tell(received)
        self._request_needs()

    def _drop_queue(self, lag_ns: int) -> None:
        """Market data is too old to be of use: what waits is not worth reading."""
        self._tell(FellBehind(lag_ns))
        self.feed.fall_behind(self._now_ns())
        self._act(ReopenMarketData())
        for prefix in self.feed.subscriptions():
            self._act(Subscribe(prefix))
        self._request_needs()
