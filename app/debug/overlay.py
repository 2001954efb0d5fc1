"""The performance overlay: frames, queue, streams, order latency. Off until asked for."""

from collections import deque
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.desk import Desk
from app.models.frame_meter import FrameMeter, percentile
from app.state.hops import HOPS
from app.state.streams import Streams
from server.client.incoming import Channel
from widgets.theme import Theme

_MS: Final = 1_000_000
_MARGIN: Final = 12
_RATE_NS: Final = 400_000_000
"""A rate over less is chance."""


class DebugOverlay(QLabel):
    """A block of figures over the lower right corner; the mouse goes through it."""

    def __init__(
        self, desk: Desk, meter: FrameMeter, theme: Theme, parent: QWidget, interval_ns: Callable[[], int]
    ) -> None:
        """Hidden. `interval_ns` gives the time between frames."""
        super().__init__(parent)
        self._desk, self._meter, self._window = desk, meter, parent
        self._interval_ns = interval_ns
        self._records, self._at_ns, self._rate = 0, 0, 0.0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Performance overlay")
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self.setFont(theme.fonts.data)
        fill, text, line = (theme.color(name).name() for name in ("raised", "text", "hairline_strong"))
        self.setStyleSheet(f"background: {fill}; color: {text}; border: 1px solid {line}; padding: 8px;")

    def toggle(self) -> None:
        """Show or hide."""
        self.setVisible(self.isHidden())
        self.tick()

    def tick(self) -> None:
        """Read the figures anew, if they can be seen."""
        if self.isHidden():
            return
        self._measure_rate()
        meter, streams, inbox = self._meter, self._desk.state.streams, self._desk.link.inbox
        feed, orders = streams[Channel.MARKET_DATA], streams.orders
        lines = [
            f"frame {_percentiles(meter.frames)}   next after {self._interval_ns() / _MS:.1f} ms",
            f"apply {_percentiles(meter.applies)}",
            f"paint {_percentiles(meter.paints)}",
            f"tick  {_percentiles(meter.from_publish)}   published to painted",
            f"      {_percentiles(meter.from_receipt)}   received to painted",
            f"told {sum(one.is_seen() for one in self._desk.watchers)} of {len(list(self._desk.watchers))}",
            f"records {self._rate:9,.0f} /s   last frame {self._desk.records_last:5}",
            f"queue deepest {inbox.deepest:6,}  conflated {inbox.conflated:8,}  dropped {inbox.dropped:,}",
            f"gaps {streams.gaps}  feed age {max(0, feed.age_ns(self._desk.clock())) / _MS:.0f} ms",
            *_repairs(streams),
            f"hops p50 {_hops(streams, 0.5)}",
            f"hops p99 {_hops(streams, 0.99)}",
            f"order {_percentiles(deque(orders.samples))}  of {len(orders.samples)}",
        ]
        self.setText("\n".join(lines))
        self.adjustSize()
        parent = self._window
        self.move(parent.width() - self.width() - _MARGIN, parent.height() - self.height() - 3 * _MARGIN)
        self.raise_()

    def _measure_rate(self) -> None:
        now_ns, taken = self._desk.clock(), self._desk.records_taken
        if self._at_ns and now_ns < self._at_ns + _RATE_NS:
            return
        if self._at_ns:
            self._rate = (taken - self._records) * 1e9 / (now_ns - self._at_ns)
        self._records, self._at_ns = taken, now_ns


def _repairs(streams: Streams) -> list[str]:
    """What had to be repaired in market data, a line for each topic that had anything."""
    lines = [f"fell behind {streams.fallen_behind}"] if streams.fallen_behind else []
    if len(streams.lines) > 1:
        for name, (messages, first) in zip("AB", streams.lines, strict=False):
            lines.append(f"line {name} messages {messages:,}  first {first:,}")
    for topic, one in streams.counts.items():
        if one.gaps or one.resyncs or one.lost or one.retransmits:
            lines.append(
                f"{topic.name.lower():10} gaps {one.gaps}  retransmits {one.retransmits}  snapshots {one.snapshots}"
                f"  resyncs {one.resyncs}  lost {one.lost}"
            )
    return lines


def _hops(streams: Streams, fraction: float) -> str:
    return "  ".join(f"{hop} {max(0, streams.hops.percentile_ns(hop, fraction)) / _MS:.1f}" for hop in HOPS) + " ms"


def _percentiles(samples: deque[int]) -> str:
    return f"p50 {percentile(samples, 0.5) / _MS:6.1f}  p99 {percentile(samples, 0.99) / _MS:6.1f} ms"
