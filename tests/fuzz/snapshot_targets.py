"""What is fuzzed of snapshots: the head, also with its checksum made right; a whole file; the note of an archive."""

import zlib
from typing import Any, Final

import numpy as np

from server.engine.exchange import Exchange
from server.journal import archive_note
from server.journal.archive_note import ArchiveNote
from server.journal.errors import SnapshotUnusable
from server.journal.framing import RULES_VERSION
from server.journal.key_file import KeyRing
from server.journal.snapshot import HEAD_BYTES, Anchor, SnapshotHead, decode_head, encode_head
from server.journal.snapshot_store import SnapshotStore
from tests.fuzz.target import Target
from tests.journal.memory_storage import MemoryStorage

KEYS: Final = KeyRing({1: bytes(range(32))})
FINGERPRINT: Final = bytes(32)


def snapshot(keys: KeyRing | None) -> tuple[SnapshotHead, bytes]:
    """A small snapshot: its head and its file."""
    exchange = Exchange()
    words = exchange.memory[: exchange.words_used].copy()
    head = SnapshotHead(
        1, 3, 78, 1_700_000_000, 77, Anchor(80, b"12345678", 2), RULES_VERSION, len(words), exchange.state_hash(),
        FINGERPRINT, chunk_bytes=4096,
    )  # fmt: skip
    storage = MemoryStorage()
    written = SnapshotStore(storage, keys=lambda: keys, fingerprint=FINGERPRINT).write(head, words, words.copy())
    return written, bytes(storage.files[written.name])


SEALED_HEAD, SEALED = snapshot(KEYS)
UNSEALED_HEAD, UNSEALED = snapshot(None)
WORDS: Final = Exchange().memory
NAME: Final = SEALED_HEAD.name


def read(data: bytes) -> Any:
    """The words of a file under this name."""
    store = SnapshotStore(MemoryStorage({NAME: data}), keys=lambda: KEYS, fingerprint=FINGERPRINT)
    head = store.head(NAME)
    memory = np.zeros(head.words, np.uint64)
    store.read_words(head, memory, NAME, with_checksum=True)
    return memory


def check_words(data: bytes, words: Any) -> None:
    """None other than those that were written, whatever the slots say."""
    assert np.array_equal(words, WORDS[: len(words)]) and len(words) == SEALED_HEAD.words


def mended(data: bytes) -> bytes:
    """The same with a right checksum of the head."""
    body = data[: HEAD_BYTES - 4]
    return body + zlib.crc32(body).to_bytes(4, "little")


def decode_mended(data: bytes) -> SnapshotHead:
    """A head that nobody wrote and whose checksum is right."""
    return decode_head(mended(data))


def check_head(data: bytes, head: SnapshotHead) -> None:
    """Of what makes sense nothing is lost but the spare bytes."""
    assert decode_head(encode_head(head)) == head
    assert head.file_bytes > 0


def check_note(data: bytes, note: ArchiveNote | None) -> None:
    """What was understood can be written and read again."""
    assert note is None or archive_note.decode(archive_note.encode(note)) == note


SNAPSHOT_TARGETS: Final = (
    Target("snapshot head", (SEALED[:HEAD_BYTES], UNSEALED[:HEAD_BYTES]), decode_head, (SnapshotUnusable,), check_head),
    Target("mended snapshot head", (SEALED[:HEAD_BYTES],), decode_mended, (SnapshotUnusable,), check_head),
    Target("snapshot", (SEALED, UNSEALED), read, (SnapshotUnusable,), check_words),
    Target(
        "archive note",
        (archive_note.encode(ArchiveNote(7, 4711, b"12345678", "/mnt/archive")),),
        archive_note.decode,
        (),
        check_note,
    ),
)
