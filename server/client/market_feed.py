"""All market data streams of a session: subscriptions, messages to streams, heartbeats to positions, needs to requests.

Rules: pure. Layouts by topic are fixed here; a message of the wrong layout raises `RemoteProtocolError`.
"""

from typing import Final

import numpy as np

from server.client.incoming import MarketDataReceived
from server.client.streams import MarketStream, Need
from server.protocol import control
from server.protocol.codec import Records, decode_bulk, decode_records, decode_topic, encode_topic
from server.protocol.enums import EnvelopeKind, FaultCode, Topic
from server.protocol.errors import RemoteProtocolError
from server.protocol.records import ALL_RECORDS, STREAM_POSITION

HEARTBEAT_PREFIX: Final = encode_topic(Topic.HEARTBEAT, 0)
RETRANSMIT_COUNT: Final = 10_000

LAYOUT_NAMES: Final = {
    Topic.QUOTE: "QUOTE_RECORD",
    Topic.DEPTH: "BOOK_RECORD",
    Topic.ORDERS: "BOOK_RECORD",
    Topic.TRADES: "BOOK_RECORD",
    Topic.STATUS: "BOOK_RECORD",
    Topic.STATISTICS: "STATISTICS_RECORD",
}
LAYOUTS: Final = {topic: ALL_RECORDS[name] for topic, name in LAYOUT_NAMES.items()}


class MarketFeed:
    """The streams by (topic, instrument). `needy`: one of them may need a request."""

    def __init__(self) -> None:
        self.streams: dict[tuple[int, int], MarketStream] = {}
        self.needy = False
        self._by_frame: dict[bytes, MarketStream] = {}
        self._refused: set[tuple[int, int]] = set()

    @property
    def gaps(self) -> int:
        """How often records were found missing."""
        return sum(stream.gaps for stream in self.streams.values())

    def add(self, topic: Topic, instrument: int) -> bytes | None:
        """A new stream's subscription, or None if it is there already."""
        if (topic, instrument) in self.streams:
            return None
        stream = MarketStream(topic, instrument)
        stream.on_subscribed()
        frame = encode_topic(topic, instrument)
        self.streams[topic, instrument] = stream
        self._by_frame[frame] = stream
        self.needy = True
        return frame

    def remove(self, topic: Topic, instrument: int) -> bytes | None:
        """The subscription to end, or None if there was none."""
        if self.streams.pop((topic, instrument), None) is None:
            return None
        frame = encode_topic(topic, instrument)
        del self._by_frame[frame]
        return frame

    def restart(self) -> list[bytes]:
        """A session begins: all subscriptions, and the heartbeats."""
        self._refused.clear()
        self.needy = True
        for stream in self.streams.values():
            stream.on_subscribed()
        return [HEARTBEAT_PREFIX, *self._by_frame]

    def on_message(self, topic_frame: bytes, frame: bytes, envelope: np.void) -> list[MarketDataReceived]:
        """What one message makes known."""
        kind, count = int(envelope["kind"]), int(envelope["count"])
        if kind == EnvelopeKind.HEARTBEAT:
            self._on_positions(decode_records(frame, count, STREAM_POSITION))
            return []
        stream = self._by_frame.get(topic_frame)
        if stream is None:
            decode_topic(topic_frame)
            return []
        if kind != EnvelopeKind.MARKET_DATA:
            raise RemoteProtocolError(f"envelope kind {kind} on the market data channel")
        records = decode_records(frame, count, LAYOUTS[stream.topic])
        received = stream.on_records(int(envelope["sequence"]), int(envelope["engine_sequence"]), records)
        if not stream.synced:
            self.needy = True
        return received

    def allow_retry(self) -> None:
        """Requests that were refused may be asked again."""
        for key in self._refused:
            stream = self.streams.get(key)
            if stream is not None:
                stream.requested = False
                self.needy = True
        self._refused.clear()

    def take_requests(self) -> list[tuple[MarketStream, control.AnyRequest]]:
        """What has to be asked now, each once."""
        if not self.needy:
            return []
        self.needy = False
        requests: list[tuple[MarketStream, control.AnyRequest]] = []
        for (topic, instrument), stream in self.streams.items():
            need = stream.need
            if need == Need.NOTHING:
                continue
            stream.requested = True
            message: control.AnyRequest
            if need == Need.SNAPSHOT:
                message = control.GetSnapshot(topic=topic, instrument=instrument)
            else:
                message = control.Retransmit(
                    topic=topic, instrument=instrument, from_sequence=stream.next_sequence, count=RETRANSMIT_COUNT
                )
            requests.append((stream, message))
        return requests

    def on_reply(self, stream: MarketStream, reply: control.AnyReply) -> list[MarketDataReceived]:
        """The answer to a stream's request."""
        if self.streams.get((stream.topic, stream.instrument)) is not stream:
            return []
        if isinstance(reply, control.Refused) and reply.code == FaultCode.UNAVAILABLE:
            self._refused.add((stream.topic, stream.instrument))
            return []
        if not isinstance(reply, control.Records):
            received = stream.on_unavailable()
            if not stream.synced:
                self._refused.add((stream.topic, stream.instrument))
            return received
        records = decode_bulk(reply, LAYOUT_NAMES[stream.topic])
        if stream.topic == Topic.TRADES:
            first = reply.sequence - len(records) + 1
            received = stream.on_retransmitted(first, reply.engine_sequence, records)
        else:
            received = stream.on_snapshot(reply.sequence, reply.engine_sequence, records)
        self.needy = self.needy or not stream.synced
        return received

    def _on_positions(self, positions: Records) -> None:
        for topic, instrument, next_sequence in zip(
            positions["topic"].tolist(),
            positions["instrument"].tolist(),
            positions["next_sequence"].tolist(),
            strict=True,
        ):
            stream = self.streams.get((topic, instrument))
            if stream is not None:
                stream.on_position(next_sequence)
                if not stream.synced:
                    self.needy = True
