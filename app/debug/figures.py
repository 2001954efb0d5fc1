"""What the window measures of itself, as numbers by name: the overlay shows them, benchmarks and logs read them.

Rules: names say what and the unit last; they stay the same, as figures are compared over time.
"""

from app.desk import Desk
from app.models.frame_meter import percentile

_MS = 1e6


def desk_figures(desk: Desk, interval_ns: int = 0) -> dict[str, float]:
    """Frames, ticks, queue, streams as of now; times in ms. `interval_ns`: that of the frame clock."""
    meter, streams, inbox = desk.meter, desk.state.streams, desk.link.inbox
    figures = {
        "frames": float(meter.count),
        "interval_ms": interval_ns / _MS,
        "records": float(desk.records_taken),
        "queue_deepest": float(inbox.deepest),
        "quotes_conflated": float(inbox.conflated),
        "records_dropped": float(inbox.dropped),
        "stream_gaps": float(streams.gaps),
        "panels_seen": float(sum(watcher.is_seen() for watcher in desk.watchers)),
    }
    for name, samples in (
        ("frame", meter.frames),
        ("apply", meter.applies),
        ("paint", meter.paints),
        ("tick_to_pixel", meter.from_publish),
        ("receipt_to_pixel", meter.from_receipt),
    ):
        for part in (50, 95, 99):
            figures[f"{name}_p{part}_ms"] = percentile(samples, part / 100) / _MS
        figures[f"{name}_max_ms"] = max(samples, default=0) / _MS
    return figures
