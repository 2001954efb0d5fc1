"""A simulated disk behind the journal's `Storage`: what the operating system knows, and what is on the plate.

Rules: a killed process loses nothing that it wrote. When the power goes, what was synced stays as it is; each write
after the last sync may be there, be lost, torn at a sector or lie at a wrong place, and bits of it may be flipped. Of
what is overwritten in place (the commit mark) each sector has some version since the sync, and one may be torn.
"""

import errno
from collections.abc import Callable

from tests.simulator.faults import (
    CRASH_AT,
    DISK_ERROR,
    DISK_FULL,
    FLIPPED,
    KILL_AT,
    LOST,
    MISDIRECTED,
    POWER_CUT_ON,
    RENAME_ERROR,
    SYNC_ERROR,
    TORN,
    Counts,
)
from tests.simulator.schedule import Schedule

SECTOR = 512
GRID = 64
_ERRORS = {"sync": SYNC_ERROR, "rename": RENAME_ERROR}


class PowerCut(BaseException):
    """The world ended at this operation. No code under test may catch it."""


class Killed(BaseException):
    """The process ends here. `power`: and so does the machine."""

    def __init__(self, *, power: bool) -> None:
        super().__init__("killed")
        self.power = power


class File:
    """One file: `content` as read and written, `plate` as synced, and the writes between the two."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.plate = b""
        self.name_is_durable = False
        self.writes: list[tuple[int, bytes]] = []
        self.overwritten = False
        self.former_name = ""
        """What a power cut may still call it."""


class SimulatedDisk:
    """Named files, and what is to happen to them.

    `fault_next` makes the next operation fail, `fail_in` the next of that name; `cut_in` ends the world after so many
    operations, `cut_at` in the next of that name; `kill_in` ends the process alone before one. After that nothing
    changes any more, whatever is tried on the way out.
    """

    def __init__(self, schedule: Schedule, counts: Counts, label: str) -> None:
        self.files: dict[str, File] = {}
        self.full = False
        self.fault_next = False
        self.fail_in = ""
        self.cut_in = 0
        self.cut_at = ""
        self.kill_in = 0
        self.unreadable: set[str] = set()
        self.watchers: list[Callable[[str, str], None]] = []
        """Told (operation, name) after each change: the auditor's eyes."""
        self._removed: dict[str, File] = {}
        self._end: BaseException | None = None
        """What ended the process that had the disk; None while it lives."""
        self._schedule = schedule
        self._counts = counts
        self._label = label

    def names(self) -> list[str]:
        return sorted(self.files)

    def size(self, name: str) -> int:
        return len(self.files[name].content) if name in self.files else 0

    def read(self, name: str, offset: int = 0, count: int = -1) -> bytes:
        if name not in self.files:
            raise FileNotFoundError(errno.ENOENT, "no such file", name)
        if name in self.unreadable:
            raise OSError(errno.EIO, "Input/output error", name)
        content = self.files[name].content
        return bytes(content[offset:] if count < 0 else content[offset : offset + count])

    def append(self, name: str, content: bytes) -> None:
        is_cut = self._begin("append", name, content)
        file = self.files.setdefault(name, File())
        part = len(content)
        if is_cut or self.full:
            part = self._schedule.chance.randrange(part)
        file.writes.append((len(file.content), content[:part]))
        file.content += content[:part]
        if is_cut:
            raise PowerCut
        if self.full:
            self._counts[f"{DISK_FULL}.{self._label}"] += 1
            self._tell("append", name)
            raise OSError(errno.ENOSPC, "No space left on device", name)
        self._tell("append", name)

    def write_at(self, name: str, offset: int, content: bytes) -> None:
        is_cut = self._begin("write_at", name, content)
        file = self.files.setdefault(name, File())
        file.overwritten = True
        file.content.extend(bytes(max(0, offset + len(content) - len(file.content))))
        file.content[offset : offset + len(content)] = content
        file.writes.append((offset, content))
        if is_cut:
            raise PowerCut
        self._tell("write_at", name)

    def replace(self, name: str, content: bytes) -> None:
        if self._begin("replace", name, content):
            raise PowerCut
        if self.full:
            self._counts[f"{DISK_FULL}.{self._label}"] += 1
            raise OSError(errno.ENOSPC, "No space left on device", name)
        file = self.files[name] = File()
        file.content = bytearray(content)
        file.plate = content
        self._names_are_durable()

    def allocate(self, name: str, size: int) -> None:
        if self._begin("allocate", name):
            raise PowerCut
        if self.full:
            self._counts[f"{DISK_FULL}.{self._label}"] += 1
            raise OSError(errno.ENOSPC, "No space left on device", name)
        file = self.files[name] = File()
        file.content = bytearray(size)
        file.plate = bytes(size)
        file.overwritten = True
        self._names_are_durable()

    def rename(self, name: str, new_name: str) -> None:
        is_cut = self._begin("rename", new_name)
        file = self.files[new_name] = self.files.pop(name)
        file.former_name, file.name_is_durable = name, False
        if is_cut:
            raise PowerCut
        self._tell("rename", new_name)

    def truncate(self, name: str, size: int) -> None:
        is_cut = self._begin("truncate", name)
        file = self.files[name]
        del file.content[size:]
        file.writes = [(at, part[: size - at]) for at, part in file.writes if at < size]
        if is_cut:
            raise PowerCut
        self._tell("truncate", name)

    def remove(self, name: str) -> None:
        is_cut = self._begin("remove", name)
        self._removed[name] = self.files.pop(name)
        if is_cut:
            raise PowerCut
        self._tell("remove", name)

    def sync(self, name: str) -> None:
        if self._begin("sync", name):
            raise PowerCut
        file = self.files[name]
        file.plate = bytes(file.content)
        file.writes.clear()
        self._tell("sync", name)

    def sync_names(self) -> None:
        if self._begin("sync_names", ""):
            raise PowerCut
        self._names_are_durable()
        self._tell("sync_names", "")

    def descriptor(self, name: str) -> int:
        """There is none."""
        del name
        return -1

    def release(self, name: str) -> None:
        """Nothing is held open."""

    def close(self) -> None:
        """Nothing is held open."""

    def lose_power(self) -> None:
        """The machine was off: each file has what it might have then."""
        chance = self._schedule.chance
        for name, file in self._removed.items():
            if file.name_is_durable and name not in self.files and chance.random() < 0.5:
                self.files[name] = file
        self._removed.clear()
        for name in sorted(self.files):
            file = self.files[name]
            if not file.name_is_durable and chance.random() < 0.4:
                del self.files[name]
                self._counts[LOST] += 1
                if file.former_name:
                    self.files[file.former_name] = file
                    self._is_lost(file, file.former_name)
                continue
            self._is_lost(file, name)

    def _is_lost(self, file: File, name: str) -> None:
        content = self._slots(file) if file.overwritten else self._tail(file)
        file.content, file.plate, file.name_is_durable = bytearray(content), content, True
        file.former_name = ""
        file.writes.clear()
        self._schedule.note(f"{self._label} {name}", content)

    def _tail(self, file: File) -> bytes:
        """A file that is appended to: each write since the sync has its own fate."""
        chance = self._schedule.chance
        if len(file.content) < len(file.plate):
            return chance.choice([file.plate, bytes(file.content)])
        floor = len(file.plate)
        found = bytearray(file.plate)
        all_there = chance.random() < 0.3
        for offset, part in file.writes:
            fate = 0.0 if all_there else chance.random()
            at = offset
            if 0.4 <= fate < 0.6:
                self._counts[LOST] += 1
                continue
            if 0.6 <= fate < 0.8:
                self._counts[TORN] += 1
                part = part[: chance.randrange(len(part) // GRID + 1) * GRID]
            elif fate >= 0.8:
                self._counts[MISDIRECTED] += 1
                at = floor + chance.randrange(max(1, (offset - floor) // SECTOR + 2)) * SECTOR
            found.extend(bytes(max(0, at + len(part) - len(found))))
            found[at : at + len(part)] = part
        if len(found) > floor and chance.random() < 0.3:
            self._counts[FLIPPED] += 1
            found[chance.randrange(floor, len(found))] ^= 1 << chance.randrange(8)
        return bytes(found)

    def _slots(self, file: File) -> bytes:
        """A file that is overwritten: of each place some version since the sync."""
        chance = self._schedule.chance
        found = bytearray(file.plate)
        versions: dict[int, list[bytes]] = {}
        for offset, part in file.writes:
            versions.setdefault(offset, []).append(part)
        torn = chance.choice(sorted(versions)) if versions and chance.random() < 0.3 else -1
        for offset, parts in sorted(versions.items()):
            newest = chance.randint(0, len(parts))
            if newest < len(parts):
                self._counts[LOST] += 1
            content = parts[newest - 1] if newest else b""
            if offset == torn and newest:
                self._counts[TORN] += 1
                content = content[: chance.randrange(len(content))]
            found.extend(bytes(max(0, offset + len(content) - len(found))))
            found[offset : offset + len(content)] = content
        return bytes(found)

    def _names_are_durable(self) -> None:
        for file in self.files.values():
            file.name_is_durable, file.former_name = True, ""
        self._removed.clear()

    def _begin(self, operation: str, name: str, content: bytes = b"") -> bool:
        """Note the operation; raise the fault that waits for it; True if the power goes in it."""
        if self._end is not None:
            raise self._end
        self._schedule.note(f"{self._label} {operation} {name}", content)
        if self.kill_in:
            self.kill_in -= 1
            if not self.kill_in:
                self._end = Killed(power=False)
                self._counts[f"{KILL_AT}.{self._label}"] += 1
                raise self._end
        if self.fault_next or self.fail_in == operation:
            self._counts[_ERRORS.get(self.fail_in, DISK_ERROR)] += 1
            self._counts[f"{DISK_ERROR}.{self._label}"] += 1
            self.fault_next, self.fail_in = False, ""
            raise OSError(errno.EIO, "Input/output error", name)
        is_cut = self.cut_at == operation
        if self.cut_in:
            self.cut_in -= 1
            is_cut |= self.cut_in == 0
        if is_cut:
            self._counts[f"{CRASH_AT}.{operation}"] += 1
            self._counts[f"{POWER_CUT_ON}.{self._label}"] += 1
            self.cut_in, self.cut_at = 0, ""
            self._end = PowerCut()
        return is_cut

    def heal(self) -> None:
        """Nothing is to happen any more."""
        self.full = self.fault_next = False
        self.fail_in = self.cut_at = ""
        self.cut_in = self.kill_in = 0

    def process_is_gone(self, *, power: bool) -> None:
        """Nobody has the disk any more; without power what was not synced is what it might be then."""
        self._end = None
        self.fault_next = False
        self.fail_in = ""
        self.cut_in = self.kill_in = 0
        if power:
            self.lose_power()

    def _tell(self, operation: str, name: str) -> None:
        for watcher in self.watchers:
            watcher(operation, name)
