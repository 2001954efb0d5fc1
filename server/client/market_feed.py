"""All market data streams of a session: subscriptions, messages to streams, heartbeats to positions, needs to requests.

Rules: pure. Layouts by topic are fixed here; a message of the wrong layout raises `RemoteProtocolError`. Only streams
that are not in step cost anything beyond their messages, and of those only the ones that wait for nothing are looked
through: with thousands of streams most wait for an answer at the beginning, and a search through them for each message
would never end.
"""

from itertools import islice
from typing import Final

from server.client.incoming import MarketDataReceived, StaleChange, StaleReason
from server.client.lag import LagGauge
from server.client.market_stream import RETRANSMIT_MAX, MarketStream, Message, Need, StreamCounts
from server.protocol import control
from server.protocol.codec import Records, decode_bulk, decode_records, decode_topic, encode_topic
from server.protocol.enums import EnvelopeKind, FaultCode, Topic
from server.protocol.errors import RemoteProtocolError
from server.protocol.records import ALL_RECORDS, STREAM_POSITION

HEARTBEAT_PREFIX: Final = encode_topic(Topic.HEARTBEAT, 0)
PATIENCE_NS: Final = 50_000_000
"""How long a hole in one of two lines may wait for the other line."""

LAYOUT_NAMES: Final = {
    Topic.QUOTE: "QUOTE_RECORD",
    Topic.DEPTH: "BOOK_RECORD",
    Topic.ORDERS: "BOOK_RECORD",
    Topic.TRADES: "BOOK_RECORD",
    Topic.STATUS: "BOOK_RECORD",
    Topic.STATISTICS: "STATISTICS_RECORD",
}
LAYOUTS: Final = {topic: ALL_RECORDS[name] for topic, name in LAYOUT_NAMES.items()}
OPEN_MAX: Final = 48
"""So many requests are on their way at once: more would be dropped on the way out, and would crowd out the owner's."""
LOOKED_AT_MAX: Final = 64
"""So many streams are looked at for one round of questions, of hundreds that may wait for their turn."""
LOOK_AGAIN_NS: Final = 1_000_000
_NEVER_NS: Final = 1 << 62
_Key = tuple[int, int]


class MarketFeed:
    """The streams by (topic, instrument)."""

    def __init__(self) -> None:
        self.streams: dict[_Key, MarketStream] = {}
        self.fallen_behind = 0
        """How often the queue was dropped because it was too old."""
        self._lag = LagGauge()
        self._by_frame: dict[bytes, MarketStream] = {}
        self._needy: dict[_Key, MarketStream] = {}
        """Streams that are not in step, or wait for the other line."""
        self._asking: dict[_Key, MarketStream] = {}
        """Those of them that have something to ask, now or at their time of retrying."""
        self._told: dict[_Key, StaleReason] = {}
        self._changes: list[StaleChange] = []
        self._past: dict[int, StreamCounts] = {}
        """Of streams that are no longer followed, by topic."""
        self._open = 0
        """Requests that have not been answered."""
        self._patience_ns = 0
        self._due_ns = _NEVER_NS

    @property
    def gaps(self) -> int:
        """How often records were found missing."""
        return sum(counts.gaps for counts in self.counts().values())

    def counts(self) -> dict[Topic, StreamCounts]:
        """What happened so far, by topic."""
        totals = {topic: StreamCounts() for topic in LAYOUT_NAMES}
        for topic, counts in self._past.items():
            totals[Topic(topic)].add(counts)
        for stream in self.streams.values():
            totals[stream.topic].add(stream.counts)
        return totals

    def add(self, topic: Topic, instrument: int) -> bytes | None:
        """A new stream's subscription, or None if it is there already."""
        if (topic, instrument) in self.streams:
            return None
        stream = MarketStream(topic, instrument, self._patience_ns)
        stream.on_subscribed()
        frame = encode_topic(topic, instrument)
        self.streams[topic, instrument] = stream
        self._by_frame[frame] = stream
        self._watch(stream)
        return frame

    def remove(self, topic: Topic, instrument: int) -> bytes | None:
        """The subscription to end, or None if there was none."""
        stream = self.streams.pop((topic, instrument), None)
        if stream is None:
            return None
        self._past.setdefault(topic, StreamCounts()).add(stream.counts)
        self._needy.pop((topic, instrument), None)
        self._asking.pop((topic, instrument), None)
        if self._told.pop((topic, instrument), None) is not None:
            self._changes.append(StaleChange(topic, instrument, None))
        frame = encode_topic(topic, instrument)
        del self._by_frame[frame]
        return frame

    def restart(self, *, lines: int = 1) -> list[bytes]:
        """A session begins: all subscriptions, and the heartbeats. Two lines have the same content."""
        self._patience_ns = PATIENCE_NS if lines > 1 else 0
        self._lag.reset()
        self._open = 0
        for stream in self.streams.values():
            stream.patience_ns = self._patience_ns
            stream.on_subscribed()
            self._watch(stream)
        return self.subscriptions()

    def subscriptions(self) -> list[bytes]:
        """The heartbeats, and what is followed."""
        return [HEARTBEAT_PREFIX, *self._by_frame]

    def lag_ns(self, sent_ns: int, now_ns: int) -> int:
        """How far behind a message is, if that is too far and does not pass; else 0."""
        return self._lag.stays_behind_ns(sent_ns, now_ns)

    def fall_behind(self, now_ns: int) -> None:
        """The queue is dropped: every stream goes on from what can be had anew."""
        self.fallen_behind += 1
        self._lag.reset()
        for stream in self.streams.values():
            stream.resync(StaleReason.TOO_SLOW, now_ns)
            self._watch(stream)

    def resync(self, topic: Topic, instrument: int, reason: StaleReason, now_ns: int) -> None:
        """The owner found that what it knows of a stream is wrong; nothing happens if it is not followed."""
        stream = self.streams.get((topic, instrument))
        if stream is not None:
            stream.resync(reason, now_ns)
            self._watch(stream)

    def on_message(
        self, topic_frame: bytes, kind: int, frame: bytes, *, count: int, sequence: int, engine_sequence: int,
        published_ns: int, now_ns: int,
    ) -> list[MarketDataReceived]:  # fmt: skip
        """What one message makes known; the numbers are those of its envelope."""
        if kind == EnvelopeKind.HEARTBEAT:
            self._on_positions(decode_records(frame, count, STREAM_POSITION), now_ns)
            return []
        stream = self._by_frame.get(topic_frame)
        if stream is None:
            decode_topic(topic_frame)
            return []
        if kind != EnvelopeKind.MARKET_DATA:
            raise RemoteProtocolError(f"envelope kind {kind} on the market data channel")
        records = decode_records(frame, count, LAYOUTS[stream.topic])
        message = Message(sequence, engine_sequence, records, published_ns, now_ns)
        was_sound = stream.synced and not stream.kept
        received = stream.on_message(message, now_ns)
        if not (was_sound and stream.synced) or stream.waits_until_ns:
            self._watch(stream)
        return received

    def on_time(self, now_ns: int) -> None:
        """Holes that were not filled in time become gaps."""
        for stream in list(self._needy.values()):
            stream.on_time(now_ns)
            self._watch(stream)

    def is_due(self, now_ns: int) -> bool:
        """Whether `take_requests` may have something to ask."""
        return bool(self._asking) and now_ns >= self._due_ns and self._open < OPEN_MAX

    def take_requests(self, now_ns: int) -> list[tuple[MarketStream, control.AnyRequest]]:
        """What has to be asked now, each once."""
        requests: list[tuple[MarketStream, control.AnyRequest]] = []
        if not self.is_due(now_ns):
            return requests
        front = list(islice(self._asking, LOOKED_AT_MAX))
        are_more = len(front) < len(self._asking)
        for topic, instrument in front:
            if self._open >= OPEN_MAX:
                are_more = True
                break
            stream = self._asking.pop((topic, instrument))
            need = stream.need(now_ns)
            if need is Need.NOTHING:
                self._ask_later(stream)
                continue
            self._open += 1
            message: control.AnyRequest
            if need is Need.SNAPSHOT:
                message = control.GetSnapshot(topic=topic, instrument=instrument)
            else:
                count = min(stream.missing or RETRANSMIT_MAX, RETRANSMIT_MAX)
                message = control.Retransmit(
                    topic=topic, instrument=instrument, from_sequence=stream.next_sequence, count=count
                )
            stream.asked(need)
            requests.append((stream, message))
        if are_more:  # the next ones when an answer has come; where none of these had a question, a little later
            self._due_ns = now_ns if requests or self._open >= OPEN_MAX else now_ns + LOOK_AGAIN_NS
        else:
            self._due_ns = min((stream.retry_at_ns for stream in self._asking.values()), default=_NEVER_NS)
        return requests

    def on_reply(
        self, stream: MarketStream, request: control.AnyRequest, reply: control.AnyReply, now_ns: int
    ) -> list[MarketDataReceived]:
        """The answer to a stream's request."""
        self._open = max(0, self._open - 1)
        if self.streams.get((stream.topic, stream.instrument)) is not stream:
            return []
        received: list[MarketDataReceived] = []
        if not isinstance(reply, control.Records):
            too_old = isinstance(request, control.Retransmit) and isinstance(reply, control.Refused)
            if too_old and reply.code == FaultCode.NOT_FOUND:  # type: ignore[union-attr]
                received = stream.on_too_old(now_ns)
            else:
                stream.on_refused(now_ns)
        elif not stream.requested:
            return []
        else:
            records = decode_bulk(reply, LAYOUT_NAMES[stream.topic])
            if isinstance(request, control.Retransmit):
                first = reply.sequence - len(records) + 1
                message = Message(first, reply.engine_sequence, records, 0, now_ns)
                received = stream.on_retransmitted(message, now_ns, more=reply.more)
            else:
                message = Message(reply.sequence + 1, reply.engine_sequence, records, 0, now_ns)
                received = stream.on_snapshot(message, now_ns)
        self._watch(stream)
        return received

    def take_changes(self) -> list[StaleChange]:
        """Which streams went out of step or came back since the last call."""
        changes, self._changes = self._changes, []
        return changes

    def _watch(self, stream: MarketStream) -> None:
        """Note a stream's state after anything that may have changed it."""
        key = stream.topic, stream.instrument
        if stream.synced and not stream.waits_until_ns:
            self._needy.pop(key, None)
        else:
            self._needy[key] = stream
        self._ask_later(stream)
        if self._told.get(key) is stream.stale:
            return
        if stream.stale is None:
            del self._told[key]
        else:
            self._told[key] = stream.stale
        self._changes.append(StaleChange(stream.topic, stream.instrument, stream.stale))

    def _ask_later(self, stream: MarketStream) -> None:
        """Keep a stream among those that have something to ask, if it has."""
        key = stream.topic, stream.instrument
        if stream.synced or stream.requested:
            self._asking.pop(key, None)
        else:
            self._asking[key] = stream
            self._due_ns = min(self._due_ns, stream.retry_at_ns)

    def _on_positions(self, positions: Records, now_ns: int) -> None:
        for topic, instrument, next_sequence in zip(
            positions["topic"].tolist(),
            positions["instrument"].tolist(),
            positions["next_sequence"].tolist(),
            strict=True,
        ):
            stream = self.streams.get((topic, instrument))
            if stream is not None:
                stream.on_position(next_sequence, now_ns)
                if not stream.synced or stream.waits_until_ns:
                    self._watch(stream)
