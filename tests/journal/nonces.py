"""Which seals a data directory's segments hold, and whether a nonce was ever used twice under a data key.

Rules: a file is looked at as it lies, torn or not: every place of the grid where a sound header stands that says it is
sealed counts, also behind damage.
"""

from pathlib import Path
from typing import NamedTuple

from server.journal import key_file
from server.journal.errors import JournalSealed
from server.journal.framing import GRID_BYTES, HEADER_BYTES, FrameDamaged, is_header
from server.journal.seal import data_key_of
from server.journal.segments import read_head
from server.journal.storage import FileStorage


class Seal(NamedTuple):
    """One use of a key: which, under which number, and the tag that came of it."""

    data_key: bytes
    number: bytes
    tag: bytes


def seals_of(data: Path, folder: str) -> set[Seal]:
    """All seals in the segments of `folder`; of a segment whose head is gone nothing can be told."""
    keys = key_file.load(data)
    if keys is None or not (data / folder).is_dir():
        return set()
    storage = FileStorage(data / folder, create=False)
    found: set[Seal] = set()
    for name in storage.names():
        head = read_head(storage, name) if name.endswith(".segment") else None
        if head is None or not head.slots:
            continue
        try:
            data_key = data_key_of(head, name, keys)
        except (FrameDamaged, JournalSealed):
            continue
        content = storage.read(name)
        for start in range(0, len(content) - HEADER_BYTES + 1, GRID_BYTES):
            header = content[start : start + HEADER_BYTES]
            if is_header(header) and any(header[40:44]):
                found.add(Seal(data_key, header[40:44], header[48:64]))
    return found


def repeated(seals: set[Seal]) -> int:
    """How often a number came again under a key with something else."""
    return len(seals) - len({(seal.data_key, seal.number) for seal in seals})
