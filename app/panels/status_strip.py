"""The strip at the bottom: a light a stream, latencies, ages, frames, gaps and the clock."""

from collections.abc import Callable
from typing import Final

import numpy as np

from app.desk import Desk
from app.models.pace import Pace
from app.state.changes import Changes
from app.state.streams import StreamHealth, Streams
from server.client.incoming import Channel, ChannelState
from server.protocol.enums import FaultCode
from widgets.formatting import format_duration, format_latency, format_quantity
from widgets.status_bar import StatusBar
from widgets.theme import Theme

REFRESH_NS: Final = 250_000_000
CLOCK_MAX_NS: Final = 50_000_000
"""The exchange's time is known too badly beyond this."""
OFFSET_NS: Final = 60_000_000
_LIGHTS: Final = {
    ChannelState.LIVE: "ok",
    ChannelState.CONNECTING: "warning",
    ChannelState.STALE: "warning",
    ChannelState.DOWN: "down",
}
_NAMES: Final = ((Channel.MARKET_DATA, "Feed"), (Channel.ORDERS, "Orders"), (Channel.CONTROL, "Control"))


class StatusStrip:
    """Binds the desk to the status bar. `frame_ns(fraction)` gives a percentile of the newest frame times."""

    def __init__(self, desk: Desk, theme: Theme, frame_ns: Callable[[float], int]) -> None:
        """All lights off."""
        self.desk = desk
        self.bar = StatusBar(theme)
        self._frame_ns = frame_ns
        self._pace = Pace(REFRESH_NS, OFFSET_NS)
        desk.watch(self.show_changes)

    def show_changes(self, changes: Changes) -> None:
        """Lights at once, figures four times a second."""
        now_ns = self.desk.clock()
        if changes.server and self.desk.state.mode is not None:
            self.bar.set_mode(self.desk.state.mode.name.lower())
        if self._pace.due(now_ns) or changes.streams:
            self._show_lights(now_ns)
            self._show_figures(now_ns)

    def _show_lights(self, now_ns: int) -> None:
        streams = self.desk.state.streams
        for channel, name in _NAMES:
            health = streams[channel]
            is_restricted = channel is Channel.ORDERS and self.desk.state.restriction is not FaultCode.NONE
            if is_restricted and health.state is ChannelState.LIVE:
                self.bar.set_light(name, "warning", "cancels only")
                continue
            self.bar.set_light(name, _LIGHTS[health.state], _words(channel, health, now_ns))
        synced = self.desk.state.synced
        state = "ok" if synced else "warning" if self.desk.trust.orders_live() else "down"
        self.bar.set_light("Positions", state, "in step" if synced else "old")
        self._show_history(streams)
        if streams.clock_within_ns >= 0:
            within = format_latency(streams.clock_within_ns)
            self.bar.set_light("Clock", "ok" if streams.clock_within_ns < CLOCK_MAX_NS else "warning", f"±{within}")

    def _show_history(self, streams: Streams) -> None:
        """History has no channel of its own: it is as well as its last answer."""
        control_state = streams[Channel.CONTROL].state
        if control_state is not ChannelState.LIVE:
            self.bar.set_light("History", _LIGHTS[control_state], control_state.value)
        elif streams.history_refused:
            self.bar.set_light("History", "warning", "refused")
        elif streams.history_ns >= 0:
            self.bar.set_light("History", "ok", format_latency(streams.history_ns))

    def _show_figures(self, now_ns: int) -> None:
        streams, market = self.desk.state.streams, self.desk.state.market
        orders = streams.orders
        p50, p99 = (format_latency(orders.percentile_ns(part)) for part in (0.5, 0.99))
        self.bar.set_round_trip(p50, p99, np.array(orders.samples[-60:], np.float64))
        age_ns = streams[Channel.MARKET_DATA].age_ns(now_ns)
        self.bar.set_figure("Feed age", format_latency(age_ns))
        self.bar.set_figure("Frame", format_latency(self._frame_ns(0.5)))
        self.bar.set_figure("Seq", format_quantity(market.engine_sequence))
        self.bar.set_figure("Gaps", format_quantity(streams.gaps))
        self.bar.set_clock(self.desk.market_now())


def _words(channel: Channel, health: StreamHealth, now_ns: int) -> str:
    """The latency of a sound stream, and how long ago trouble began of another."""
    if health.state is ChannelState.LIVE:
        if channel is Channel.MARKET_DATA:
            return format_latency(health.percentile_ns(0.5))
        return format_latency(health.latency_ns)
    since = format_duration(now_ns - health.since_ns) if health.since_ns else ""
    return f"{health.state.value} {since}".strip()
