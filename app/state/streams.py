"""The health of each channel: connected or not, how old, how slow, what was lost.

Rules: a channel is judged by what came from it, never by what was sent; ages are asked with the time.
"""

from dataclasses import dataclass, field

from app.state.hops import HopTimes
from server.client.incoming import Channel, ChannelState
from server.client.market_stream import StreamCounts
from server.protocol.enums import Topic

LATENCY_SAMPLES = 512


@dataclass(slots=True)
class StreamHealth:
    """One channel between this window and the server."""

    state: ChannelState = ChannelState.DOWN
    since_ns: int = 0
    """When it came into this state."""
    contact_ns: int = 0
    """When anything last came; 0: never."""
    gaps: int = 0
    """Of market data and private events together."""
    reason: str = ""
    samples: list[int] = field(default_factory=list)
    """The newest round trips in ns, oldest first."""

    @property
    def latency_ns(self) -> int:
        """The newest round trip; -1: none yet."""
        return self.samples[-1] if self.samples else -1

    def measured(self, latency_ns: int) -> None:
        """Note one round trip."""
        self.samples.append(latency_ns)
        del self.samples[:-LATENCY_SAMPLES]

    def turn(self, state: ChannelState, now_ns: int) -> bool:
        """Move to another state; True if it is another."""
        if state == self.state:
            return False
        self.state, self.since_ns = state, now_ns
        return True

    def age_ns(self, now_ns: int) -> int:
        """How long nothing came; -1 before the first contact."""
        return max(0, now_ns - self.contact_ns) if self.contact_ns else -1

    def percentile_ns(self, fraction: float) -> int:
        """A percentile of the newest round trips, -1 without any."""
        if not self.samples:
            return -1
        ordered = sorted(self.samples)
        return ordered[min(len(ordered) - 1, int(fraction * len(ordered)))]


@dataclass(slots=True)
class Streams:
    """All channels, the orders' round trips, and what the queue between the threads had to do."""

    channels: dict[Channel, StreamHealth] = field(default_factory=lambda: {one: StreamHealth() for one in Channel})
    orders: StreamHealth = field(default_factory=StreamHealth)
    """Order to acknowledgement, as this machine sees it."""
    history_ns: int = -1
    """How long the newest answer of history took; -1: none yet."""
    history_refused: bool = False
    """Whether history refused the newest question, or did not answer it."""
    clock_ns: int = 0
    """How far the exchange's clock is before ours, and how exactly that is known (half of a round trip)."""
    clock_within_ns: int = -1
    conflated: int = 0
    """Quotes that were replaced by newer ones before a frame took them."""
    dropped: int = 0
    """Records that the bounded queue could not hold; their streams were taken anew."""
    counts: dict[Topic, StreamCounts] = field(default_factory=dict)
    """What had to be repaired in the market data streams, by topic."""
    fallen_behind: int = 0
    """How often market data was too old and its queue was dropped."""
    lines: list[tuple[int, int]] = field(default_factory=list)
    """Of each line of market data: messages, and how many of them came there first."""
    hops: HopTimes = field(default_factory=HopTimes)

    def __getitem__(self, channel: Channel) -> StreamHealth:
        return self.channels[channel]

    @property
    def gaps(self) -> int:
        """Gaps of all channels."""
        return sum(one.gaps for one in self.channels.values())
