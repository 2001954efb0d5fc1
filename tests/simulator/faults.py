"""The faults by name, how often each took effect, and when the seed wants them.

Rules: a fault is counted where it does harm, not where it is planned. A plan goes by client actions, so that each
seed has its crashes, partitions and disk faults while there is something to lose. `REQUIRED` is what a hundred seeds
must have seen, each.
"""

from collections import Counter
from random import Random
from typing import NamedTuple

KILL, POWER_CUT, POWER_CUT_AT_WRITE = "crash.kill", "crash.power", "crash.power_at_write"
CRASH_IN_RECOVERY, CRASH_AT = "crash.in_recovery", "crash.at"
"""CRASH_AT: the power goes in the next operation of a kind; counted by operation."""
KILL_AT, POWER_CUT_ON = "crash.kill_at", "crash.power_on"
"""The process ends, or the power goes, in an operation on a disk; counted by disk."""
CRASHES = (KILL, POWER_CUT, POWER_CUT_AT_WRITE)
DISK_FULL, DISK_ERROR, DISK_SLOW = "disk.full", "disk.error", "disk.slow"
SYNC_ERROR, RENAME_ERROR = "disk.error_sync", "disk.error_rename"
LOST, TORN, MISDIRECTED, FLIPPED = "disk.lost", "disk.torn", "disk.misdirected", "disk.flipped"
DECAY, DECAY_REFUSED, DECAY_MENDED = "disk.decay", "disk.decay_refused", "disk.decay_mended"
"""Bytes that were durable are others; the start refused them and a copy was put back; or they were derived again."""
DECAY_VERIFIED = "disk.decay_verified"
"""A snapshot stood for them, and verification found them."""
SNAPSHOT_CUT, SNAPSHOT_KILL = "snapshot.power_while_written", "snapshot.kill_while_written"
SNAPSHOT_FULL, SNAPSHOT_ERROR = "snapshot.full", "snapshot.error"
SNAPSHOT_SPOILED, SNAPSHOT_REFUSED = "snapshot.spoiled", "snapshot.refused"
SNAPSHOT_RESTORED, SNAPSHOT_OLDER, SNAPSHOT_JOURNAL = "snapshot.restored", "snapshot.older", "snapshot.journal_instead"
"""A start began with the newest, with one before it because newer ones were refused, or with the journal alone."""
SNAPSHOT_FAULTS = (SNAPSHOT_CUT, SNAPSHOT_KILL, SNAPSHOT_FULL, SNAPSHOT_ERROR)
SPOILING = ("flip", "zeros", "elsewhere", "torn", "another", "unreadable", "gone")
"""What a snapshot's file may be when the machine comes up."""
PARTITION, PARTITION_BROKE, PARTITION_ONE_WAY = "net.partition", "net.partition_broke", "net.partition_one_way"
BREAK, HALF_OPEN, DELAY, SLOW_READER = "net.break", "net.half_open", "net.delay", "net.slow_reader"
BREAK_ASKED = "net.break_asked"
"""The control connection breaks, and no other, while an answer is on its way."""
FRAME_LOST, DROPPED = "net.frame_lost", "net.subscriber_drop"
CLOCK_STEP, CLIENT_CLOCK_STEP = "clock.step", "clock.client_step"
HISTORY_KILL, HISTORY_LOST = "history.kill", "history.lost"
"""The history process was killed alone; a file of its own was another one after a power cut."""
DUPLICATE_SENT, CLIENT_RESTART = "client.duplicate", "client.restart"
GARBAGE = "garbage"
OPERATIONS = ("append", "write_at", "sync", "sync_names", "truncate", "remove", "allocate", "rename", "replace")
"""What a disk does; the power goes in each."""
RARE_OPERATIONS = ("rename", "rename", "rename", "allocate", "allocate", "remove", "replace")
"""Struck more often, because fewer strikes find one."""
PLANNED = (
    KILL, POWER_CUT, POWER_CUT_AT_WRITE, CRASH_AT, DISK_FULL, DISK_ERROR, SYNC_ERROR, RENAME_ERROR, DISK_SLOW, DECAY,
    PARTITION, PARTITION_ONE_WAY, BREAK, BREAK_ASKED, HALF_OPEN, DELAY, SLOW_READER, CLOCK_STEP, CLIENT_CLOCK_STEP,
    CLIENT_RESTART, *SNAPSHOT_FAULTS, SNAPSHOT_SPOILED, SNAPSHOT_SPOILED, HISTORY_KILL,
)  # fmt: skip
_ALWAYS = (KILL, POWER_CUT, POWER_CUT_AT_WRITE, PARTITION, DISK_FULL, DISK_ERROR, BREAK_ASKED)
REQUIRED = (
    KILL, POWER_CUT, POWER_CUT_AT_WRITE, CRASH_IN_RECOVERY, *(f"{CRASH_AT}.{name}" for name in OPERATIONS),
    f"{DISK_FULL}.journal", f"{DISK_FULL}.events", DISK_ERROR, SYNC_ERROR, RENAME_ERROR, DISK_SLOW, LOST, TORN,
    MISDIRECTED, FLIPPED, DECAY, DECAY_REFUSED, DECAY_VERIFIED, PARTITION, PARTITION_BROKE, PARTITION_ONE_WAY,
    BREAK, HALF_OPEN, DELAY, SLOW_READER, BREAK_ASKED, FRAME_LOST, DROPPED, CLOCK_STEP, CLIENT_CLOCK_STEP,
    DUPLICATE_SENT, CLIENT_RESTART, f"{KILL_AT}.snapshots", f"{POWER_CUT_ON}.snapshots", f"{DISK_FULL}.snapshots",
    f"{DISK_ERROR}.snapshots", *(f"{SNAPSHOT_SPOILED}.{way}" for way in SPOILING), SNAPSHOT_REFUSED,
    SNAPSHOT_RESTORED, SNAPSHOT_OLDER, SNAPSHOT_JOURNAL, HISTORY_KILL, HISTORY_LOST,
    *(f"presence.{what}" for what in ("gone", "returned", "canceled", "kept")), "drop_copy.resent", "drop_copy.resumed",
)  # fmt: skip


class Counts(Counter[str]):
    """How often what took effect."""

    def line(self) -> str:
        """All of it in one line, by name."""
        return ", ".join(f"{name} {count}" for name, count in sorted(self.items()))

    def missing(self) -> list[str]:
        """The kinds of fault that never took effect."""
        return [name for name in REQUIRED if not self[name]]


class Planned(NamedTuple):
    """A fault, and after how many client actions it strikes."""

    action: int
    fault: str


def plan_of(chance: Random, actions: int) -> list[Planned]:
    """In order: some of each that no seed may lack, and others by chance."""
    wanted = [*_ALWAYS, *chance.choices(PLANNED, k=actions // 120)]
    return sorted(Planned(chance.randint(actions // 20, actions * 19 // 20), fault) for fault in wanted)
