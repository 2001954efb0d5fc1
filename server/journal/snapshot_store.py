"""The snapshots of a data directory: written beside their name, read back, and only then called by it.

Rules: a file under its own name was flushed and read back whole; its name and the removal of older ones follow that.
What is torn, changed, of another shard, build or rules is never believed: SnapshotUnusable says why, and an older one
or the journal takes its place.
"""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.engine.exchange import Exchange, memory_for
from server.engine.kernel import Words, rules_digest
from server.journal import key_file
from server.journal.errors import SnapshotUnusable
from server.journal.framing import RULES_VERSION
from server.journal.key_file import KeyRing
from server.journal.key_slots import KeySlot, decode_slots, encode_slots
from server.journal.snapshot import (
    BODY_OFFSET,
    DIGEST_BYTES,
    DRAFT_SUFFIX,
    HEAD_BYTES,
    SLOTS_BYTES,
    TAG_BYTES,
    SnapshotHead,
    decode_head,
    encode_head,
    snapshot_sequence,
)
from server.journal.storage import FileStorage, Storage

DIRECTORY_NAME: Final = "snapshots"
KEPT: Final = 3
_SYNC_CHUNKS: Final = 16
"""Flushed so often while it is written, so that the journal's own fsync never waits for all of it."""
_ZEROS: Final = bytes(8)


class SnapshotStore:
    """Snapshots by sequence. `keys` is asked at each use; without keys snapshots are not sealed (`seals` False)."""

    def __init__(
        self, storage: Storage, *, shard: int = 1, keys: Callable[[], KeyRing | None] = lambda: None,
        fingerprint: bytes | None = None,
    ) -> None:  # fmt: skip
        """`fingerprint` by default is that of this build's engine."""
        self.shard = shard
        self.fingerprint = rules_digest() if fingerprint is None else fingerprint
        self._storage = storage
        self._keys = keys

    @classmethod
    def open(cls, directory: Path, *, shard: int = 1) -> "SnapshotStore":
        """The snapshots of a data directory. Raises OSError."""
        return cls(FileStorage(directory / DIRECTORY_NAME), shard=shard, keys=lambda: key_file.load(directory))

    def names(self) -> list[str]:
        """The files of snapshots, newest first. Raises OSError."""
        return [name for name in reversed(self._storage.names()) if snapshot_sequence(name)]

    def head(self, name: str) -> SnapshotHead:
        """The head of one, if this build may believe it. Raises SnapshotUnusable, OSError."""
        head = decode_head(self._storage.read(name, 0, HEAD_BYTES))
        if head.name != name:
            raise SnapshotUnusable(f"by its head it is {head.name}")
        if head.shard != self.shard:
            raise SnapshotUnusable(f"it is of shard {head.shard}")
        if head.rules_version != RULES_VERSION or head.fingerprint != self.fingerprint:
            raise SnapshotUnusable("another build wrote it")
        if self._storage.size(name) != head.file_bytes:
            raise SnapshotUnusable("it is torn")
        return head

    def load(self, head: SnapshotHead) -> Exchange:
        """The exchange in the snapshot's state. Raises SnapshotUnusable, OSError.

        The seal, or the checksum where there is none, says that these are the words whose state hash is in the head;
        to make that hash once more takes longer than all the rest, and is left to `tradepit journal verify`.
        """
        memory = memory_for(head.words)
        self.read_words(head, memory, head.name, with_checksum=not head.is_sealed)
        exchange = Exchange(memory=memory)
        if exchange.sequence != head.sequence:
            raise SnapshotUnusable("its words are of another sequence")
        return exchange

    def read_words(self, head: SnapshotHead, memory: Words, name: str, *, with_checksum: bool) -> None:
        """Fill the beginning of `memory` from file `name`. Raises SnapshotUnusable, OSError."""
        storage = self._storage
        clear_head = storage.read(name, 0, BODY_OFFSET)
        if clear_head[:HEAD_BYTES] != encode_head(head):
            raise SnapshotUnusable("its head has changed")
        cipher = self._cipher_of(clear_head[HEAD_BYTES:]) if head.is_sealed else None
        digest = sha256(clear_head[:HEAD_BYTES])
        target = memory.view(np.uint8)
        for number, (offset, size, place) in enumerate(head.places()):
            chunk = storage.read(name, offset, size)
            if with_checksum:
                digest.update(chunk)
            if len(chunk) != size:
                raise SnapshotUnusable("it is torn")
            if cipher is None:
                target[place : place + size] = np.frombuffer(chunk, np.uint8)
                continue
            clear = target[place : place + size - TAG_BYTES].data
            try:
                cipher.decrypt_into(number.to_bytes(4, "little") + _ZEROS, chunk, clear_head[:HEAD_BYTES], clear)
            except InvalidTag:
                raise SnapshotUnusable(f"the seal at byte {offset} is broken") from None
        if with_checksum and storage.read(name, head.file_bytes - DIGEST_BYTES) != digest.digest():
            raise SnapshotUnusable("its checksum is wrong")

    def check(self, name: str) -> SnapshotHead:
        """Check a file by its checksum alone, without any key; its head. Raises SnapshotUnusable, OSError."""
        head = decode_head(self._storage.read(name, 0, HEAD_BYTES))
        if head.name != name or self._storage.size(name) != head.file_bytes:
            raise SnapshotUnusable("it is torn")
        digest = sha256(encode_head(head))
        for offset, size, _ in head.places():
            digest.update(self._storage.read(name, offset, size))
        if self._storage.read(name, head.file_bytes - DIGEST_BYTES) != digest.digest():
            raise SnapshotUnusable("its checksum is wrong")
        return head

    def _cipher_of(self, slots: bytes) -> AESGCM:
        keys = self._keys()
        for slot in decode_slots(slots):
            data_key = None if keys is None else keys.unwrap(*slot)
            if data_key is not None:
                return AESGCM(data_key)
        raise SnapshotUnusable("the key file does not hold the key that opens it")

    def write(self, head: SnapshotHead, words: Words, spare: Words) -> SnapshotHead:
        """Write, flush, read back into `spare` and compare; then give it its name. Raises SnapshotUnusable, OSError."""
        keys = self._keys()
        head = head._replace(is_sealed=keys is not None)
        draft = head.name + DRAFT_SUFFIX
        self.clear_drafts()
        try:
            self._write_draft(draft, head, words, keys)
            self.read_words(head, spare, draft, with_checksum=True)
            if not np.array_equal(spare[: head.words], words[: head.words]):
                raise SnapshotUnusable("it was read back otherwise than it was written")
        except BaseException:
            self.clear_drafts()
            raise
        self._storage.rename(draft, head.name)
        self._storage.sync_names()
        return head

    def _write_draft(self, draft: str, head: SnapshotHead, words: Words, keys: KeyRing | None) -> None:
        storage = self._storage
        clear_head = encode_head(head)
        cipher, slots = None, bytes(SLOTS_BYTES)
        if keys is not None:
            data_key = keys.new_data_key()
            cipher, slots = AESGCM(data_key), encode_slots(KeySlot(*keys.wrap(data_key)))
        digest = sha256(clear_head)
        storage.append(draft, clear_head + slots)
        content = words[: head.words].view(np.uint8).data
        for number in range(head.chunks):
            chunk: bytes | memoryview = content[number * head.chunk_bytes : (number + 1) * head.chunk_bytes]
            if cipher is not None:
                chunk = cipher.encrypt(number.to_bytes(4, "little") + _ZEROS, chunk, clear_head)
            digest.update(chunk)
            storage.append(draft, bytes(chunk))
            if number % _SYNC_CHUNKS == _SYNC_CHUNKS - 1:
                storage.sync(draft)
        storage.append(draft, digest.digest())
        storage.sync(draft)
        storage.release(draft)

    def keep(self, newest: SnapshotHead, count: int) -> None:
        """After `newest` was written: remove all but it and the `count` - 1 before it. Raises OSError.

        One with a higher sequence goes too: it belongs to another journal than the one that is being written.
        """
        names = self.names()
        place = names.index(newest.name)
        for name in [*names[:place], *names[place + max(1, count) :]]:
            self._storage.remove(name)
        self._storage.sync_names()

    def clear_drafts(self) -> None:
        """Remove what a killed writer left. Raises OSError."""
        for name in self._storage.names():
            if name.endswith(DRAFT_SUFFIX):
                self._storage.remove(name)

    def close(self) -> None:
        """Let go of all files."""
        self._storage.close()
