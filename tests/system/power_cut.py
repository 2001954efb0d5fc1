"""Makes of a killed server's data directory what a power cut might have left, by seed.

Rules: what the witness saw synced stays. Of the rest, each sector of 512 bytes that was written is there or is not,
and one of a file may be torn at a byte, since a disk writes one sector at a time; a file that grew may have any length
in between, with zeros where nothing arrived; a name that was made, moved or taken away since its folder was synced may
have arrived or not, a rename as a whole. What SQLite keeps (it syncs by itself) and the folder of the history process
are left as the kill left them.
"""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from tests.system.disk_witness import Gone, Moved, Named, Synced, records_of

SECTOR: Final = 512
SEGMENTS_HELD: Final = 3
"""So many segments at the end of a folder may still change in a life; older ones are as they are."""
_UNWATCHED: Final = ("identity.sqlite", "history", "server.log")
Key = tuple[int, int]
"""A file: its inode, and how many files had that inode before it."""


@dataclass(slots=True)
class Plate:
    """What is certainly on the disk: names by folder, contents by file."""

    names: dict[str, dict[str, Key]] = field(default_factory=dict)
    contents: dict[Key, bytes] = field(default_factory=dict)
    old_names: dict[Key, str] = field(default_factory=dict)
    """Of files that were renamed: what they were called first."""
    lives: dict[int, int] = field(default_factory=dict)

    def key(self, inode: int) -> Key:
        """The file that has this inode now."""
        return inode, self.lives.get(inode, 0)


def plate_of(data: Path) -> Plate:
    """The data directory of a machine that was just switched on: everything that can be seen is on the disk."""
    plate = Plate()
    for folder in folders(data):
        plate.names[folder] = {path.name: plate.key(path.stat().st_ino) for path in (data / folder).iterdir()}
        segments = sorted(name for name in plate.names[folder] if name.endswith(".segment"))
        for name in set(plate.names[folder]) - set(segments[:-SEGMENTS_HELD]):
            if (data / folder / name).is_file():
                plate.contents[plate.names[folder][name]] = (data / folder / name).read_bytes()
    return plate


def folders(data: Path) -> list[str]:
    """The data directory and the folders in it that are watched, as the witness names them."""
    inner = [path.name for path in data.iterdir() if path.is_dir() and not path.name.startswith(_UNWATCHED)]
    return [".", *sorted(inner)]


def cut_power(data: Path, plate: Plate, log: Path, chance: Random) -> dict[str, int]:
    """Change the directory; `plate` is of before the life that `log` tells of. How often each thing was done."""
    follow(plate, log)
    counts = {"torn": 0, "names lost": 0, "names returned": 0}
    for folder in folders(data):
        if folder != "." and folder not in plate.names["."] and chance.random() < 0.5:
            shutil.rmtree(data / folder)
            counts["names lost"] += 1
            continue
        _cut_folder(data / folder, plate, plate.names.get(folder, {}), chance, counts)
    return counts


def follow(plate: Plate, log: Path) -> None:
    """Add to `plate` what a life made durable, by the log of its witness."""
    for record in records_of(log):
        if isinstance(record, Synced):
            key = plate.key(record.inode)
            plate.contents[key] = plate.contents.get(key, b"")[: record.offset] + record.content
        elif isinstance(record, Named):
            plate.names[record.folder] = {name: plate.key(inode) for name, inode in record.names.items()}
        elif isinstance(record, Moved):
            plate.old_names.setdefault(plate.key(record.inode), record.old_name)
        elif isinstance(record, Gone):
            plate.lives[record.inode] = plate.lives.get(record.inode, 0) + 1


def _cut_folder(
    folder: Path, plate: Plate, durable: dict[str, Key], chance: Random, counts: dict[str, int]
) -> None:  # fmt: skip
    seen = {
        path.name: plate.key(path.stat().st_ino)
        for path in folder.iterdir()
        if path.is_file() and not path.name.startswith(_UNWATCHED)
    }
    durable = {
        name: key for name, key in durable.items() if not name.startswith(_UNWATCHED) and not (folder / name).is_dir()
    }
    contents = {key: (folder / name).read_bytes() for name, key in seen.items()}
    for name, key in _names(seen, durable, plate.old_names, chance).items():
        if key not in contents and key not in plate.contents:
            continue
        counts["names returned"] += name not in seen
        written = contents.get(key, plate.contents.get(key, b""))
        is_old = key in durable.values() and key not in plate.contents
        left = written if is_old else torn(plate.contents.get(key), written, chance)
        counts["torn"] += left != written
        if not (folder / name).exists() or (folder / name).read_bytes() != left:
            (folder / name).write_bytes(left)
        seen.pop(name, None)
    counts["names lost"] += len(seen)
    for name in seen:
        (folder / name).unlink()


def _names(
    seen: dict[str, Key], durable: dict[str, Key], old_names: dict[Key, str], chance: Random
) -> dict[str, Key]:  # fmt: skip
    """Which file stands under which name after the cut."""
    found: dict[str, Key] = {}
    before = {key: name for name, key in durable.items()}
    undone: dict[str, Key] = {}
    for name, key in seen.items():
        if durable.get(name) == key or chance.random() < 0.5:
            found[name] = key
        elif key in before:
            undone[before[key]] = key
        elif key in old_names and chance.random() < 0.5:
            undone[old_names[key]] = key
    for name, key in undone.items():
        found.setdefault(name, key)
    for name, key in durable.items():
        if name in found or key in found.values():
            continue
        was_replaced = name in seen
        if was_replaced or chance.random() < 0.5:
            found[name] = key
    return found


def torn(durable: bytes | None, written: bytes, chance: Random) -> bytes:
    """What may be there of a file that was `durable` (None: never) and to which `written` was written since."""
    old = durable or b""
    if old == written:
        return old
    how = chance.choice(["none", "all", "prefix", "sectors", "sectors"])
    if how == "none":
        return old
    if how == "all":
        return written
    smaller, larger = sorted((len(old), len(written)))
    size = chance.choice([len(old), len(written), chance.randint(smaller, larger)])
    padded = old.ljust(size, b"\0")[:size]
    left = bytearray(padded)
    may_tear = True
    for start in range(0, size, SECTOR):
        new = written[start : min(start + SECTOR, size)]
        if padded[start : start + len(new)] == new:
            continue
        fate = "new" if how == "prefix" else chance.choice(["old", "new", "new", "torn"])
        if fate == "torn" and may_tear:
            may_tear = False
            new = new[: chance.randrange(len(new) + 1)]
        if fate != "old":
            left[start : start + len(new)] = new
    return bytes(left)
