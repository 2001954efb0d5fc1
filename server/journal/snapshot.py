"""The file of one snapshot: the engine's memory between two batches, sealed in chunks behind a head in the clear.

    head 192 bytes, two key slots of 64 bytes, chunks with 16 bytes of seal each (none if not sealed), SHA-256

Rules: little endian. The head ends with the CRC-32 of what is before it; the SHA-256 at the end is over the head and
all chunks, without the slots, which change with the wrapping key: so a copy is checked without any key. The data key is
random and belongs to this file; nonce is the chunk's number, associated data the head: a chunk opens only in its
snapshot, at its place. Raw words are for the build that wrote them, which the fingerprint names.
"""

import struct
import zlib
from typing import Final, NamedTuple

from server.journal.errors import SnapshotUnusable
from server.journal.framing import NO_CHAIN
from server.journal.key_slots import SLOT_BYTES, SLOTS

SUFFIX: Final = ".snapshot"
DRAFT_SUFFIX: Final = ".draft"
FORMAT_UNSEALED: Final = 1
FORMAT_SEALED: Final = 2
TAG_BYTES: Final = 16
DIGEST_BYTES: Final = 32
CHUNK_BYTES: Final = 1 << 20
WORD_BYTES: Final = 8
_WORDS_MAX: Final = 1 << 33
_MAGIC: Final = b"TPSNAPSH"
_HEAD: Final = struct.Struct("<8sHHIQqQQ8sQIIQQ32s68x")
HEAD_BYTES: Final = _HEAD.size + 4
SLOTS_BYTES: Final = SLOTS * SLOT_BYTES
BODY_OFFSET: Final = HEAD_BYTES + SLOTS_BYTES
assert HEAD_BYTES == 192


class Anchor(NamedTuple):
    """A frame of the journal that was durable when the snapshot was written: its last sequence, chain, segment."""

    sequence: int = 0
    chain: bytes = NO_CHAIN
    ordinal: int = 0


class Start(NamedTuple):
    """Where the journal goes on behind a snapshot: the last command in it, and its anchor."""

    sequence: int
    anchor: Anchor


class SnapshotHead(NamedTuple):
    """What a snapshot says about itself. `sequence` and `time_ns` are those of the last command in it."""

    shard: int
    epoch: int
    sequence: int
    time_ns: int
    output_sequence: int
    """The last command up to `sequence` that had events or market data: so far the event log has to reach."""
    anchor: Anchor
    """At or behind `sequence`: frames end where they were grouped, not where a batch does."""
    rules_version: int
    words: int
    state_hash: int
    fingerprint: bytes
    """`rules_digest` of the engine that wrote the words."""
    is_sealed: bool = True
    chunk_bytes: int = CHUNK_BYTES

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.sequence:020d}{SUFFIX}"

    @property
    def start(self) -> Start:
        """Where the journal goes on."""
        return Start(self.sequence, self.anchor)

    @property
    def chunks(self) -> int:
        """How many chunks hold the words."""
        return -(-self.words * WORD_BYTES // self.chunk_bytes)

    @property
    def file_bytes(self) -> int:
        """Size of the whole file."""
        seals = self.chunks * TAG_BYTES if self.is_sealed else 0
        return BODY_OFFSET + self.words * WORD_BYTES + seals + DIGEST_BYTES

    def places(self) -> list[tuple[int, int, int]]:
        """Of each chunk: where it lies in the file, its size there, the place of its content in the memory's bytes."""
        tag = TAG_BYTES if self.is_sealed else 0
        step, size = self.chunk_bytes, self.words * WORD_BYTES
        return [
            (BODY_OFFSET + number * (step + tag), min(step, size - number * step) + tag, number * step)
            for number in range(self.chunks)
        ]


def snapshot_sequence(name: str) -> int:
    """The sequence in a snapshot's name; 0 if it is not one."""
    stem = name.removesuffix(SUFFIX)
    return int(stem) if name.endswith(SUFFIX) and len(stem) == 20 and stem.isascii() and stem.isdigit() else 0


def encode_head(head: SnapshotHead) -> bytes:
    """192 bytes."""
    body = _HEAD.pack(
        _MAGIC, FORMAT_SEALED if head.is_sealed else FORMAT_UNSEALED, head.shard, head.epoch, head.sequence,
        head.time_ns, head.output_sequence, head.anchor.sequence, head.anchor.chain, head.anchor.ordinal,
        head.rules_version, head.chunk_bytes, head.words, head.state_hash, head.fingerprint,
    )  # fmt: skip
    return body + zlib.crc32(body).to_bytes(4, "little")


def decode_head(content: bytes) -> SnapshotHead:
    """The head that these bytes begin with. Raises SnapshotUnusable where they are none, or make no sense."""
    body = content[: _HEAD.size]
    if len(content) < HEAD_BYTES or zlib.crc32(body).to_bytes(4, "little") != content[_HEAD.size : HEAD_BYTES]:
        raise SnapshotUnusable("its head is torn or damaged")
    (
        magic, version, shard, epoch, sequence, time_ns, output_sequence, anchor_sequence, chain, ordinal,
        rules_version, chunk_bytes, words, state_hash, fingerprint,
    ) = _HEAD.unpack(body)  # fmt: skip
    if magic != _MAGIC or version not in (FORMAT_UNSEALED, FORMAT_SEALED):
        raise SnapshotUnusable(f"it is of format {magic!r} {version}")
    makes_sense = (
        0 < sequence <= anchor_sequence
        and output_sequence <= sequence
        and ordinal > 0
        and 0 < words <= _WORDS_MAX
        and 4096 <= chunk_bytes <= 1 << 30
        and chunk_bytes % WORD_BYTES == 0
    )
    if not makes_sense:
        raise SnapshotUnusable("its head contradicts itself")
    return SnapshotHead(
        shard, epoch, sequence, time_ns, output_sequence, Anchor(anchor_sequence, chain, ordinal), rules_version,
        words, state_hash, fingerprint, version == FORMAT_SEALED, chunk_bytes,
    )  # fmt: skip
