"""What a client hands to its owner: typed, immutable, in the order in which it became known.

Rules: nothing here is acted on by the client itself; record arrays are read-only views of received frames.
"""

from dataclasses import dataclass
from enum import Enum, unique

from server.protocol.codec import Records
from server.protocol.control import AnyReply, AnyRequest, DropCopyOpened, LogonAccepted, Welcome
from server.protocol.enums import FaultCode, Topic


@unique
class Channel(Enum):
    """The three connections of a client."""

    CONTROL = "control"
    ORDERS = "orders"
    MARKET_DATA = "market_data"


@unique
class ChannelState(Enum):
    """What a channel is worth now. STALE: connected once, but silent for too long."""

    DOWN = "down"
    CONNECTING = "connecting"
    LIVE = "live"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Welcomed:
    """The server described itself; logon follows if the client has credentials."""

    welcome: Welcome


@dataclass(frozen=True, slots=True)
class LoggedOn:
    """A session is open. Private events after `resumed_from` follow as `EventsReceived`, then `PrivateSynced`."""

    welcome: Welcome
    accepted: LogonAccepted
    resumed_from: int


@dataclass(frozen=True, slots=True)
class EventsReceived:
    """Private events, contiguous with the ones before. `resumed`: they came by a resume, not as they happened.

    A REJECTED row of stream sequence 0 (BUSY) is the gateway's own, outside the stream. It and COUNTER_GAP are not the
    end of the command: the client sends it again until its `valid_until_ns` has passed.
    """

    events: Records
    resumed: bool


@dataclass(frozen=True, slots=True)
class PrivateSynced:
    """All private events up to `sequence` have been handed over."""

    sequence: int


@dataclass(frozen=True, slots=True)
class PrivateRolledBack:
    """The server lost the tail of an older epoch: events after `sequence` (we had `known`) never happened."""

    known: int
    sequence: int


@dataclass(frozen=True, slots=True)
class MarketDataReceived:
    """Records of one market data stream.

    `snapshot`: they replace all that was known of the stream. `gap`: something before them was lost (for a complete
    stream without a snapshot it stays lost). `sequence` is the stream's number of the last record.
    """

    topic: Topic
    instrument: int
    records: Records
    sequence: int
    engine_sequence: int
    snapshot: bool = False
    gap: bool = False
    published_ns: int = 0
    """When the server sent them, by the market's clock; 0 where they are an answer to a request."""
    received_ns: int = 0
    """When they came, by the client's clock."""


@unique
class StaleReason(Enum):
    """Why a stream that was in step is not."""

    RESTART = "a new session began"
    GAP = "updates were lost"
    TAIL_LOST = "the newest updates were lost"
    CHECKSUM = "the book was not the exchange's"
    TOO_SLOW = "this machine was too slow"
    OVERFLOW = "the window was too slow"


@dataclass(frozen=True, slots=True)
class StaleChange:
    """What is known of a market data stream must not be trusted from now on, or (reason None) may be again."""

    topic: Topic
    instrument: int
    reason: StaleReason | None


@dataclass(frozen=True, slots=True)
class LineChange:
    """One of two lines of market data went silent, or speaks again; the other one carries everything."""

    line: str
    """A or B."""
    is_silent: bool


@dataclass(frozen=True, slots=True)
class FellBehind:
    """Market data was older than it may be: the queue was dropped, all streams are taken anew."""

    lag_ns: int


@dataclass(frozen=True, slots=True)
class ReplyReceived:
    """The answer to a request of the owner; `Refused(UNAVAILABLE)` where the session ended before it came."""

    request: AnyRequest
    reply: AnyReply


@dataclass(frozen=True, slots=True)
class StreamState:
    """A channel changed its state."""

    channel: Channel
    state: ChannelState


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A heartbeat came back on the order channel after `elapsed_ns`."""

    elapsed_ns: int
    server_time_ns: int


@dataclass(frozen=True, slots=True)
class OrdersUnknown:
    """The connection went while these commands were unanswered: shape (n,), COMMAND rows."""

    commands: Records


@dataclass(frozen=True, slots=True)
class Faulted:
    """The session ended. `final`: the client will not try again by itself."""

    code: FaultCode
    text: str
    final: bool


@dataclass(frozen=True, slots=True)
class DropCopyStarted:
    """The drop copy stream is open: which accounts it shows."""

    opened: DropCopyOpened


@dataclass(frozen=True, slots=True)
class DropCopyReceived:
    """Events of the drop copy stream, each once and in order. `resumed`: read from the log, possibly seen before.

    (`epoch`, sequence of the last row) is the cursor to store once they are dealt with.
    """

    events: Records
    epoch: int
    resumed: bool


@dataclass(frozen=True, slots=True)
class DropCopySynced:
    """The drop copy is caught up: all events up to `sequence` were handed over."""

    sequence: int


@dataclass(frozen=True, slots=True)
class DropCopyRolledBack:
    """The server lost the tail of an older epoch: events after `sequence` (we had `known`) never happened."""

    known: int
    sequence: int


@dataclass(frozen=True, slots=True)
class DropCopyEnded:
    """There is no drop copy any more: it is not permitted, or begins before what the server still has."""

    code: FaultCode
    text: str


@dataclass(frozen=True, slots=True)
class OrdersRestricted:
    """The server says why it refuses orders at present (DISK_FULL, OVERLOADED); NONE: it takes them again."""

    code: FaultCode


Incoming = (
    Welcomed | LoggedOn | EventsReceived | PrivateSynced | PrivateRolledBack | MarketDataReceived | ReplyReceived
    | StaleChange | LineChange | FellBehind | StreamState | RoundTrip | OrdersUnknown | OrdersRestricted | Faulted
    | DropCopyStarted | DropCopyReceived | DropCopySynced | DropCopyRolledBack | DropCopyEnded
)  # fmt: skip
