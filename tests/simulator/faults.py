"""The faults by name, how often each took effect, and when the seed wants them.

Rules: a fault is counted where it does harm, not where it is planned. A plan goes by client actions, so that each
seed has its crashes, partitions and disk faults while there is something to lose.
"""

from collections import Counter
from random import Random

KILL, POWER_CUT, POWER_CUT_AT_WRITE = "crash.kill", "crash.power", "crash.power_at_write"
CRASH_IN_RECOVERY = "crash.in_recovery"
CRASHES = (KILL, POWER_CUT, POWER_CUT_AT_WRITE)
DISK_FULL, DISK_ERROR, DISK_SLOW = "disk.full", "disk.error", "disk.slow"
LOST, TORN, MISDIRECTED, FLIPPED = "disk.lost", "disk.torn", "disk.misdirected", "disk.flipped"
PARTITION, PARTITION_BROKE = "net.partition", "net.partition_broke"
BREAK, HALF_OPEN, DELAY, SLOW_READER = "net.break", "net.half_open", "net.delay", "net.slow_reader"
BREAK_ASKED = "net.break_asked"
"""The control connection breaks, and no other, while an answer is on its way."""
FRAME_LOST, DROPPED = "net.frame_lost", "net.subscriber_drop"
CLOCK_STEP = "clock.step"
DUPLICATE_SENT = "client.duplicate"
PLANNED = (
    KILL, POWER_CUT, POWER_CUT_AT_WRITE, DISK_FULL, DISK_ERROR, DISK_SLOW, PARTITION, BREAK, BREAK_ASKED, HALF_OPEN,
    DELAY, SLOW_READER, CLOCK_STEP,
)  # fmt: skip
_ALWAYS = (KILL, POWER_CUT, POWER_CUT_AT_WRITE, PARTITION, DISK_FULL, DISK_ERROR, BREAK_ASKED)


class Counts(Counter[str]):
    """How often what took effect."""

    def line(self) -> str:
        """All of it in one line, by name."""
        return ", ".join(f"{name} {count}" for name, count in sorted(self.items()))


def plan_of(chance: Random, actions: int) -> list[tuple[int, str]]:
    """(client action, fault) in order: some of each that no seed may lack, and others by chance."""
    wanted = [*_ALWAYS, *chance.choices(PLANNED, k=actions // 120)]
    return sorted((chance.randint(actions // 20, actions * 19 // 20), fault) for fault in wanted)
