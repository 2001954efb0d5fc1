"""The note beside a journal whose first segments were moved to an archive: up to where, and to which place.

Rules: replaced as a whole, before anything is removed. Without it a journal that does not begin with segment 1 is
damaged; with it the first segment that is left has to continue the chain that the note names.
"""

import zlib
from typing import Final, NamedTuple

import msgspec

from server.journal.storage import Storage

FILE_NAME: Final = "archived"


class ArchiveNote(NamedTuple):
    """The last segment that was moved away, the last sequence up to its end, the chain value there, and where to."""

    ordinal: int
    sequence: int
    chain: bytes
    destination: str


def encode(note: ArchiveNote) -> bytes:
    """The file: one line of JSON and its CRC-32 in hex."""
    fields = {**note._asdict(), "chain": note.chain.hex()}
    line = msgspec.json.encode(fields)
    return line + f"\n{zlib.crc32(line):08x}\n".encode()


def decode(content: bytes) -> ArchiveNote | None:
    """The note; None if it is torn or is none."""
    lines = content.split(b"\n")
    if len(lines) != 3 or f"{zlib.crc32(lines[0]):08x}".encode() != lines[1]:
        return None
    try:
        fields = msgspec.json.decode(lines[0], type=dict[str, int | str])
        chain = bytes.fromhex(str(fields["chain"]))
        return ArchiveNote(int(fields["ordinal"]), int(fields["sequence"]), chain, str(fields["destination"]))
    except (msgspec.DecodeError, KeyError, ValueError):
        return None


def load_note(storage: Storage) -> ArchiveNote | None:
    """The note of a journal; None if nothing was moved away. Raises OSError."""
    return decode(storage.read(FILE_NAME)) if FILE_NAME in storage.names() else None
