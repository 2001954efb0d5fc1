"""Market data streams: each topic of an instrument has its own gap-free numbers, from 1 in each epoch.

Rules: numbers count records, not messages. A stream that nobody asked for is numbered and kept like any other, but not
sent. Complete streams (ORDERS, TRADES, STATUS) keep a retransmit ring; conflated ones have snapshots instead.
"""

from typing import Final

from server.gateway.frames import ENVELOPE_SIZE, FrameWriter
from server.gateway.retransmit import RetransmitRing
from server.protocol.codec import MESSAGE_BYTES_MAX, encode_topic
from server.protocol.enums import EnvelopeKind, Topic

COMPLETE_TOPICS: Final = (Topic.ORDERS, Topic.TRADES, Topic.STATUS)
CONFLATED_TOPICS: Final = (Topic.QUOTE, Topic.DEPTH, Topic.STATISTICS)
_MARKET_DATA: Final = int(EnvelopeKind.MARKET_DATA)
_ROOM: Final = MESSAGE_BYTES_MAX - ENVELOPE_SIZE

Publications = list[tuple[bytes, bytes]]


class Stream:
    """One topic of one instrument."""

    __slots__ = ("instrument", "next_sequence", "ring", "topic", "topic_frame", "wanted")

    def __init__(self, topic: Topic, instrument: int, ring: RetransmitRing | None) -> None:
        self.topic = topic
        self.instrument = instrument
        self.topic_frame = encode_topic(topic, instrument)
        self.next_sequence = 1
        self.wanted = False
        self.ring = ring


class StreamTable:
    """All streams, made when their instrument is first seen."""

    __slots__ = ("_frames", "_ring_records", "_topics_wanted", "_wanted", "by_instrument")

    def __init__(self, frames: FrameWriter, ring_records: int) -> None:
        self._frames = frames
        self._ring_records = ring_records
        self._wanted: set[bytes] = set()
        self._topics_wanted: set[int] = set()
        self.by_instrument: dict[int, dict[Topic, Stream]] = {}

    def of(self, instrument: int) -> dict[Topic, Stream]:
        """The streams of an instrument, made now if they do not exist."""
        streams = self.by_instrument.get(instrument)
        if streams is None:
            streams = {}
            for topic in (*COMPLETE_TOPICS, *CONFLATED_TOPICS):
                ring = RetransmitRing(self._ring_records) if topic in COMPLETE_TOPICS else None
                stream = Stream(topic, instrument, ring)
                stream.wanted = int(topic) in self._topics_wanted or stream.topic_frame in self._wanted
                streams[topic] = stream
            self.by_instrument[instrument] = streams
        return streams

    def want(self, topic: bytes) -> None:
        """Somebody subscribed: a whole topic (1 byte) or one of an instrument (5). It is sent from now on."""
        if len(topic) == 1:
            self._topics_wanted.add(topic[0])
        else:
            self._wanted.add(topic)
        for streams in self.by_instrument.values():
            for stream in streams.values():
                if stream.topic_frame.startswith(topic):
                    stream.wanted = True

    def publish(
        self, stream: Stream, content: bytes, record_size: int, out: Publications, *, engine_sequence: int, time_ns: int
    ) -> None:
        """Number these records, keep them where the stream is complete, and frame them if somebody wants them."""
        sequence = stream.next_sequence
        count = len(content) // record_size
        stream.next_sequence = sequence + count
        if stream.ring is not None:
            stream.ring.append(content, count)
        if not stream.wanted:
            return
        rows_max = _ROOM // record_size
        for begin in range(0, count, rows_max):
            rows = min(rows_max, count - begin)
            part = content if rows == count else content[begin * record_size : (begin + rows) * record_size]
            frame = self._frames.content(
                _MARKET_DATA,
                rows,
                part,
                instrument=stream.instrument,
                sequence=sequence + begin,
                engine_sequence=engine_sequence,
                time_ns=time_ns,
            )
            out.append((stream.topic_frame, frame))
