"""How long until the next frame: the screen's rate, from 30 to 60 Hz, slower under load.

Rules: pure; where frames cost more than there is time for, down to 10 Hz: the thread that receives and the user's input
come before the picture. A frame that took too long is not made up for: the next one comes when its time has come again,
so frames are skipped and never queue. Times in ns.
"""

from typing import Final

SLOWEST_HZ: Final = 30.0
FASTEST_HZ: Final = 60.0
OVERLOADED_HZ: Final = 10.0
SECOND_NS: Final = 1_000_000_000
BUSY_PART: Final = 0.7
"""Of an interval, what frames may take before they come more slowly; the rest belongs to the user's input."""
WEIGHT: Final = 0.1
"""Of the newest frame in the running mean."""


class FramePace:
    """The interval between frames."""

    def __init__(self, screen_hz: float = FASTEST_HZ) -> None:
        """At the rate of a screen; what no screen has is taken as 60 Hz."""
        self.set_screen(screen_hz)
        self._mean_ns = 0.0

    def set_screen(self, screen_hz: float) -> None:
        """The window is on another screen. A faster one is followed at its half, its third and so on."""
        hz = screen_hz if screen_hz >= 1 else FASTEST_HZ
        times = 1
        while hz / times > FASTEST_HZ * 1.02:
            times += 1
        self._shortest_ns = int(SECOND_NS / max(hz / times, SLOWEST_HZ))

    def spent(self, elapsed_ns: int) -> None:
        """A frame took so long: data applied and pixels painted."""
        self._mean_ns += WEIGHT * (elapsed_ns - self._mean_ns)

    @property
    def interval_ns(self) -> int:
        """From the beginning of a frame to that of the next."""
        wanted = int(self._mean_ns / BUSY_PART)
        return min(max(self._shortest_ns, wanted), int(SECOND_NS / OVERLOADED_HZ))

    def delay_ms(self, began_ns: int, now_ns: int) -> int:
        """How long to wait now for the frame after the one that began at `began_ns`; at least 1 ms for the input."""
        return max(1, (began_ns + self.interval_ns - now_ns + 500_000) // 1_000_000)
