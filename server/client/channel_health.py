"""How alive each channel is, by the age of what it brought last.

Rules: pure. Changes are collected for the owner; a channel that was never heard of is not stale. Market data without
heartbeats is stale, however much of it comes: nobody can tell then whether its tail is missing.
"""

from typing import Final

from server.client.incoming import Channel, ChannelState, StreamState

STALE_HEARTBEATS: Final = 4
LOST_NS: Final = 5_000_000_000


class ChannelHealth:
    """State and last sign of life of each channel."""

    def __init__(self) -> None:
        self.states = dict.fromkeys(Channel, ChannelState.DOWN)
        self._seen_ns = dict.fromkeys(Channel, 0)
        self._changes: list[StreamState] = []
        self._beat_ns = 0
        self._is_beatless = False

    def connecting(self, channel: Channel, now_ns: int) -> None:
        """The channel is being opened; its age counts from now."""
        self._seen_ns[channel] = self._beat_ns = now_ns
        self._is_beatless = False
        self._set(channel, ChannelState.CONNECTING)

    def seen(self, channel: Channel, now_ns: int) -> None:
        """Something came."""
        self._seen_ns[channel] = now_ns
        if self.states[channel] is not ChannelState.LIVE and not (self._is_beatless and channel is Channel.MARKET_DATA):
            self._set(channel, ChannelState.LIVE)

    def beat(self, now_ns: int) -> None:
        """A heartbeat of market data came."""
        self._beat_ns = now_ns
        self._is_beatless = False

    def down(self) -> None:
        """All channels are closed."""
        for channel in Channel:
            self._set(channel, ChannelState.DOWN)

    def lost(self, now_ns: int, heartbeat_ns: int) -> str:
        """Marks silent channels as stale. A sentence if one has been silent for too long to go on, else empty."""
        for channel in (Channel.ORDERS, Channel.MARKET_DATA):
            age_ns = now_ns - self._seen_ns[channel]
            if age_ns > max(LOST_NS, 2 * STALE_HEARTBEATS * heartbeat_ns):
                return f"nothing on {channel.value} for {age_ns / 1e9:.1f} s"
            if age_ns > STALE_HEARTBEATS * heartbeat_ns and self.states[channel] is ChannelState.LIVE:
                self._set(channel, ChannelState.STALE)
        market_data = self.states[Channel.MARKET_DATA]
        if market_data is ChannelState.LIVE and now_ns - self._beat_ns > STALE_HEARTBEATS * heartbeat_ns:
            self._is_beatless = True
            self._set(Channel.MARKET_DATA, ChannelState.STALE)
        return ""

    def take_changes(self) -> list[StreamState]:
        """What changed since the last call."""
        changes, self._changes = self._changes, []
        return changes

    def _set(self, channel: Channel, state: ChannelState) -> None:
        if self.states[channel] is not state:
            self.states[channel] = state
            self._changes.append(StreamState(channel, state))
