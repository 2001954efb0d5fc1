"""What the I/O thread has received and the window has not yet taken: bounded, counted, safe between two threads.

Rules: quotes are conflated here, into one array; changes of depth and trades are joined per stream when taken; private
events, replies and states keep their order and are never dropped. When market data overflows, the streams that
lost something are named, so that they can be taken anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from server.client.incoming import Incoming, MarketDataReceived
from server.client.market_stream import StreamCounts
from server.protocol.enums import Topic
from server.protocol.records import QUOTE_RECORD

MARKET_DATA_RECORDS_MAX = 400_000
TICK_SAMPLE = 16
"""Of so many messages the times of one are kept."""
_Stream = tuple[Topic, int]


@dataclass(frozen=True, slots=True)
class Sent:
    """Commands that left this machine, as they were stamped: shape (n,), COMMAND rows."""

    commands: NDArray[np.void]
    time_ns: int


@dataclass(frozen=True, slots=True)
class NotSent:
    """Commands that could not leave: there is no session. Nothing is kept for later."""

    commands: NDArray[np.void]
    reason: str


@dataclass(frozen=True, slots=True)
class NotKept:
    """Commands are sent, but not kept on disk: after a crash they would not be known. Why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The first answer to a command came after `elapsed_ns`."""

    elapsed_ns: int


@dataclass(frozen=True, slots=True)
class Measured:
    """Counters of the connection as of now."""

    gaps: int
    market_data_time_ns: int
    """When the newest market data message came; 0: none yet."""
    control_round_trip_ns: int = -1
    counts: Mapping[Topic, StreamCounts] = field(default_factory=dict)
    """What had to be repaired, by topic."""
    fallen_behind: int = 0
    history_round_trip_ns: int = -1
    """The newest answer to a question about history; -1: none yet."""
    lines: Sequence[tuple[int, int]] = ()
    """Of each line of market data: messages, and how many of them came there first."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The I/O thread met an error of ours and has ended."""

    text: str


Item = Incoming | Sent | NotSent | NotKept | Acknowledged | Measured | Broken


@dataclass(slots=True)
class Taken:
    """One frame's worth."""

    instruments: NDArray[np.uint32]
    """Instruments with a new quote."""
    quotes: NDArray[np.void]
    market_data: list[MarketDataReceived]
    items: list[Item]
    quote_hops: tuple[int, int, int] = (0, 0, 0)
    """Of the newest quote: when it happened and was sent, by the market's clock, and when it came, by ours; 0: none."""
    messages: int = 0
    """Market data messages that these come from."""
    records: int = 0
    ticks: list[tuple[int, int]] = field(default_factory=list)
    """Of a sample of the messages: when each was published, by the market's clock, and received, by ours."""


class Inbox:
    """One producer, the I/O thread; one consumer, the window."""

    def __init__(self, records_max: int = MARKET_DATA_RECORDS_MAX) -> None:
        """Nothing waits."""
        self._lock = Lock()
        self._records_max = records_max
        self._slots: dict[int, int] = {}
        self._numbers: NDArray[np.uint32] = np.zeros(64, np.uint32)
        self._quotes: NDArray[np.void] = np.zeros(64, QUOTE_RECORD)
        self._dirty: NDArray[np.bool_] = np.zeros(64, np.bool_)
        self._pieces: dict[_Stream, list[MarketDataReceived]] = {}
        self._items: list[Item] = []
        self._waiting = 0
        self._messages = 0
        self._records = 0
        self._lost: set[_Stream] = set()
        self._quote_hops = (0, 0, 0)
        self._ticks: list[tuple[int, int]] = []
        self.conflated = 0
        """Quotes replaced by newer ones before they were taken."""
        self.dropped = 0
        """Market data records that did not fit."""
        self.deepest = 0
        """The most records that ever waited."""

    def put(self, incoming: list[Incoming]) -> None:
        """Take what a poll of the connection gave, in order."""
        with self._lock:
            for one in incoming:
                if isinstance(one, MarketDataReceived):
                    if self._messages % TICK_SAMPLE == 0 and one.published_ns:
                        self._ticks.append((one.published_ns, one.received_ns))
                    self._messages += 1
                    self._records += len(one.records)
                    if one.topic is Topic.QUOTE:
                        self._put_quote(one)
                    else:
                        self._put_piece(one)
                else:
                    self._items.append(one)

    def put_item(self, item: Item) -> None:
        """Take one item that is no market data."""
        with self._lock:
            self._items.append(item)

    def take(self) -> Taken:
        """All that waits; market data of a stream is joined into as few messages as its snapshots allow."""
        with self._lock:
            slots = np.flatnonzero(self._dirty)
            numbers, quotes = self._numbers[slots], self._quotes[slots]
            self._dirty[slots] = False
            pieces, self._pieces = self._pieces, {}
            items, self._items = self._items, []
            messages, records = self._messages, self._records
            hops = self._quote_hops
            self._quote_hops = (0, 0, 0)
            ticks, self._ticks = self._ticks, []
            self._waiting = self._messages = self._records = 0
        joined = [message for waiting in pieces.values() for message in _joined(waiting)]
        return Taken(numbers, quotes, joined, items, hops, messages, records, ticks)

    def take_lost(self) -> set[_Stream]:
        """Streams that lost records here since the last call; for the I/O thread, which takes them anew."""
        with self._lock:
            lost, self._lost = self._lost, set()
        return lost

    def _put_quote(self, one: MarketDataReceived) -> None:
        if not len(one.records):
            return
        slot = self._slots.get(one.instrument)
        if slot is None:
            slot = self._new_slot(one.instrument)
        if self._dirty[slot]:
            self.conflated += 1
        self._quotes[slot] = one.records[-1]
        if one.published_ns:
            self._quote_hops = int(one.records["time_ns"][-1]), one.published_ns, one.received_ns
        self._dirty[slot] = True

    def _new_slot(self, instrument: int) -> int:
        slot = len(self._slots)
        if slot == len(self._dirty):
            self._numbers = np.concatenate([self._numbers, np.zeros_like(self._numbers)])
            self._quotes = np.concatenate([self._quotes, np.zeros_like(self._quotes)])
            self._dirty = np.concatenate([self._dirty, np.zeros_like(self._dirty)])
        self._slots[instrument] = slot
        self._numbers[slot] = instrument
        return slot

    def _put_piece(self, one: MarketDataReceived) -> None:
        if self._waiting + len(one.records) > self._records_max:
            self.dropped += self._waiting + len(one.records)
            self._lost |= {*self._pieces, (one.topic, one.instrument)}
            self._pieces = {}
            self._waiting = 0
            return
        self._waiting += len(one.records)
        self.deepest = max(self.deepest, self._waiting)
        self._pieces.setdefault((one.topic, one.instrument), []).append(one)


def _joined(waiting: list[MarketDataReceived]) -> list[MarketDataReceived]:
    """The same records in as few messages as possible: what came before a snapshot is gone with it."""
    start = 0
    for place, one in enumerate(waiting):
        if one.snapshot:
            start = place
    kept = waiting[start:]
    if len(kept) == 1:
        return kept
    head, rest = (kept[:1], kept[1:]) if kept[0].snapshot else ([], kept)
    last = rest[-1]  # joined as bytes: np.concatenate compares structured layouts field by field, in Python
    layout = last.records.dtype
    records: NDArray[np.void] = np.frombuffer(b"".join([one.records.tobytes() for one in rest]), layout)
    gap = any(one.gap for one in rest)
    return [
        *head,
        MarketDataReceived(
            last.topic,
            last.instrument,
            records,
            last.sequence,
            last.engine_sequence,
            snapshot=False,
            gap=gap,
            published_ns=last.published_ns,
            received_ns=last.received_ns,
        ),
    ]
