"""Copying a journal or an event log that is being written: whole segments, and of the newest one what is whole.

Rules: segments are copied as they lie in the file, sealed, and no key is needed. A complete segment that is already
there and the same is not copied again; one that belongs to another history stops it. A file of the copy is written
beside its place, flushed and renamed, so that each is an old one or a new one whole.
"""

import os
from pathlib import Path
from typing import Final

from server.journal.errors import JournalDamaged, JournalFailed
from server.journal.framing import (
    NO_CHAIN,
    SEALED_SLOTS_OFFSET,
    FrameFlag,
    headers_of,
    scan_frames,
)
from server.journal.segments import HEAD_BYTES_MAX, read_head, segment_names
from server.journal.storage import FileStorage, Storage

TAIL_BYTES: Final = 4096
_CONTINUES: Final = int(FrameFlag.GROUP_CONTINUES)


def copy_log(source: Path, destination: Path) -> tuple[int, int]:
    """Bring the copy up to what is there: (files copied, files that were there already). Source has segments or not.

    What was archived since stays in the copy.

    Raises JournalFailed where the copy is of another history, JournalDamaged (a segment has no head), OSError.
    """
    destination.mkdir(parents=True, exist_ok=True)
    there, here = FileStorage(source, create=False), FileStorage(destination)
    names = segment_names(there)
    strange = sorted(name for name in set(segment_names(here)) - set(names) if name > min(names, default=""))
    if strange:
        raise JournalFailed(f"{destination} holds {strange[0]}, and {source} does not; make a copy in another place.")
    copied = kept = 0
    for name in names:
        _refuse_other_history(there, here, name, destination)
        if name == names[-1]:
            replace_file(destination / name, whole_frames(there, name))
        elif _is_same(there, here, name):
            kept += 1
            continue
        else:
            replace_file(destination / name, there.read(name))
        copied += 1
    return copied, kept


def whole_frames(storage: Storage, name: str) -> bytes:
    """The bytes of a segment up to its last frame that is whole, and ends an append. Raises JournalDamaged, OSError."""
    content = storage.read(name)
    head = read_head(storage, name)
    if head is None:
        raise JournalDamaged(name, 0, 0, "the segment's head cannot be read")
    scan = scan_frames(content, head.previous_chain)
    if not scan.offsets:
        raise JournalDamaged(name, 0, 0, scan.damage or "the segment is empty")
    headers = headers_of(content, scan.offsets)
    end = scan.end
    for index in range(len(headers) - 1, -1, -1):
        if not int(headers["flags"][index]) & _CONTINUES:
            end = scan.offsets[index] + int(headers["length"][index])
            break
    return content[:end]


def verify_chain(storage: Storage, place: str) -> None:
    """Follow the chain through all segments. Raises JournalDamaged, OSError."""
    chain = NO_CHAIN
    for name in segment_names(storage):
        scan = scan_frames(storage.read(name), chain)
        if scan.damage or not scan.offsets:
            raise JournalDamaged(f"{place}/{name}", scan.end, 0, scan.damage or "the segment is empty")
        chain = scan.chain


def replace_file(path: Path, content: bytes, mode: int = 0o640) -> None:
    """Make `content` the file, durably; whoever reads sees the old one or the new one whole. Raises OSError."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _refuse_other_history(there: Storage, here: Storage, name: str, destination: Path) -> None:
    """One of both is how the other began: their last common bytes are the same. Key slots may have been rotated."""
    size = min(there.size(name), here.size(name))
    parts = [(0, SEALED_SLOTS_OFFSET)]
    start = max(HEAD_BYTES_MAX, size - TAIL_BYTES)
    if start < size:
        parts.append((start, size - start))
    if size and any(there.read(name, *part) != here.read(name, *part) for part in parts):
        raise JournalFailed(f"{destination / name} is of another history; make a copy in another place.")


def _is_same(there: Storage, here: Storage, name: str) -> bool:
    """By size, head with its key slots, and end: the chain, which is verified afterwards, binds what lies between."""
    size = there.size(name)
    parts = ((0, HEAD_BYTES_MAX), (max(0, size - TAIL_BYTES), TAIL_BYTES))
    return size == here.size(name) and all(there.read(name, *part) == here.read(name, *part) for part in parts)
