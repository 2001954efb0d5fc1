"""The seal: nothing readable without the key, no nonce twice under a key, no frame in another place than its own."""

import random
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from server.journal import event_checkpoint, key_file
from server.journal.commit_mark import CommitFile
from server.journal.errors import JournalDamaged, JournalFull, JournalSealed
from server.journal.event_log import EventLog
from server.journal.event_log_reader import EventLogReader
from server.journal.framing import (
    CHAIN_BYTES,
    HEADER_BYTES,
    NO_CHAIN,
    FrameDamaged,
    FrameKind,
    decode_segment_head,
    headers_of,
    scan_frames,
)
from server.journal.journal import Journal
from server.journal.key_file import KeyRing, new_ring
from server.journal.seal import SegmentSeal, data_key_of
from server.journal.segments import read_head, segment_names
from server.protocol.enums import Durability
from tests.journal.flows import fill, outputs, replayed, stamped
from tests.journal.memory_storage import MemoryStorage

KEYS = new_ring()
SEGMENT_BYTES = 1500


def opened(storage: MemoryStorage, durability: Durability = Durability.OS, keys: KeyRing | None = KEYS) -> Journal:
    return Journal(storage, durability=durability, threaded=False, segment_bytes=SEGMENT_BYTES, keys=keys)


class Nonces:
    """Every (data key, nonce) pair that was ever seen in a file or offered to one, and what was sealed with it."""

    def __init__(self) -> None:
        self.seen: dict[tuple[bytes, int], bytes] = {}
        self.offered = 0

    def watch(self, storage: MemoryStorage) -> MemoryStorage:
        """Record also what a full disk takes only a part of."""
        append = storage.append

        def recorded(name: str, content: bytes) -> None:
            head = read_head(storage, name)
            if head is not None:
                self.offered += 1
                self._note(name, data_key_of(head, name, KEYS), content, 0)
            append(name, content)

        storage.append = recorded  # type: ignore[method-assign]
        return storage

    def record(self, storage: MemoryStorage) -> None:
        """Note all frames in the files as they are; fails if a pair now seals something else."""
        chain = NO_CHAIN
        for name in segment_names(storage):
            content = storage.read(name)
            scan = scan_frames(content, chain)
            chain = scan.chain
            head = read_head(storage, name)
            if head is not None:
                data_key = data_key_of(head, name, KEYS)
                for offset in scan.offsets[1:]:
                    self._note(name, data_key, content, offset)

    def _note(self, name: str, data_key: bytes, content: bytes, offset: int) -> None:
        header = headers_of(content, [offset])[0]
        pair = (data_key, int(header["seal_number"]))
        sealed = content[offset + HEADER_BYTES : offset + int(header["length"])]
        assert pair[1] > 0
        assert self.seen.setdefault(pair, sealed) == sealed, f"{name} at {offset} uses a nonce again"


@pytest.mark.parametrize("durability", [Durability.OS, Durability.FSYNC])
def test_no_nonce_is_used_twice_over_cut_tails_restarts_and_full_disks(durability: Durability) -> None:
    chance = random.Random(int(durability))
    nonces = Nonces()
    storage = nonces.watch(MemoryStorage())
    cuts = refused = 0
    for _ in range(60):
        journal = opened(storage, durability)
        cuts += journal.recovered.cut_bytes > 0
        for _ in range(chance.randrange(1, 6)):
            storage.space = chance.choice([None, None, 100, 400])
            try:
                fill(journal, [chance.choice([1, 2, 7])])
                journal.commit()
            except JournalFull:
                refused += 1
            storage.space = None
            nonces.record(storage)
        journal.commit()
        mark = CommitFile(storage).load(journal_exists=True)
        fill(journal, [chance.choice([1, 2, 7]) for _ in range(chance.randrange(4))])
        nonces.record(storage)
        if durability == Durability.FSYNC:
            journal.commit()
            nonces.record(storage)
            CommitFile(storage).store_durably(mark.epoch, mark.sequence, mark.chain)
        storage = nonces.watch(storage.after_kill())
        last = segment_names(storage)[-1]
        while chance.random() < 0.8 and len(storage.files[last]) > 400:
            kept = bytes(storage.files[last])
            del storage.files[last][-chance.randrange(1, 300) :]
            try:
                opened(storage.after_kill(), durability)
            except JournalDamaged:
                storage.files[last][:] = kept
                break
    assert cuts > 10
    assert len(nonces.seen) > 100
    assert nonces.offered > 100
    assert refused > 10 or durability == Durability.FSYNC


def test_a_cut_tail_is_followed_by_a_new_segment_with_a_new_key() -> None:
    storage = MemoryStorage()
    journal = opened(storage)
    fill(journal, [2])
    journal.commit()
    fill(journal, [1, 1])
    torn = storage.after_kill()
    name = segment_names(torn)[-1]
    del torn.files[name][-1]
    again = opened(torn)
    assert again.recovered.cut_bytes > 0
    fill(again, [1])
    keys = [
        data_key_of(head, name, KEYS) for name in segment_names(torn) if (head := read_head(torn, name)) is not None
    ]
    assert len(segment_names(torn)) == len(set(keys)) == 2


def test_nothing_of_a_command_can_be_read_in_the_files() -> None:
    for keys, is_readable in ((None, True), (KEYS, False)):
        storage = MemoryStorage()
        journal = opened(storage, keys=keys)
        fill(journal, [3, 1])
        assert (b"label 2" in storage.read("00000001.segment")) == is_readable
        assert (replayed(opened(storage.after_kill())) == stamped(1, 4)).all()


def test_a_journal_from_before_the_seal_goes_on_sealed_and_never_back() -> None:
    storage = MemoryStorage()
    old = opened(storage, keys=None)
    fill(old, [3, 1])
    old.close()
    journal = opened(storage)
    fill(journal, [2])
    journal.close()
    assert [part.is_sealed for part in opened(storage).recovered.segments] == [False, True]
    assert (replayed(opened(storage.after_kill())) == stamped(1, 6)).all()
    with pytest.raises(JournalSealed, match="restore the key file"):
        opened(storage.after_kill(), keys=None)


def test_without_its_key_nothing_is_changed_and_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    fill(journal, [3])
    journal.close()
    path = tmp_path / key_file.FILE_NAME
    right = path.read_text()
    assert path.stat().st_mode & 0o077 == 0
    before = {file: file.read_bytes() for file in (tmp_path / "journal").iterdir()}
    path.unlink()
    with pytest.raises(JournalSealed, match="is missing; restore it from a copy"):
        Journal.open(tmp_path)
    assert not path.exists(), "a missing key file is not made anew"
    key_file.store(tmp_path, new_ring())
    with pytest.raises(JournalSealed, match="the key file does not hold that key"):
        Journal.open(tmp_path)
    for text in ("", "1 abc\n", "x\n", "0 " + "00" * 32, "1 \xff"):
        path.write_text(text, "latin-1")
        with pytest.raises(JournalSealed, match=r"is damaged|cannot be read"):
            Journal.open(tmp_path)
    assert {file: file.read_bytes() for file in (tmp_path / "journal").iterdir()} == before
    path.write_text(right)
    again = Journal.open(tmp_path)
    assert (replayed(again) == stamped(1, 3)).all()
    again.close()


def moved_frame(source: bytes, offset: int, chain: bytes) -> bytes:
    """A frame with the chain value that it needs behind another one."""
    length = int.from_bytes(source[offset + 8 : offset + 12], "little")
    body = source[offset + 8 : offset + length]
    return sha256(chain + body).digest()[:CHAIN_BYTES] + body


def test_a_frame_is_bound_to_its_segment_and_to_every_field_of_its_header() -> None:
    storage = MemoryStorage()
    journal = opened(storage)
    fill(journal, [2])
    content = storage.read("00000001.segment")
    head = decode_segment_head(content[HEADER_BYTES:256], 1)
    data_key = data_key_of(head, "", KEYS)
    frame = np.array([256]), np.array([len(content)])
    clear = bytearray(len(stamped(1, 2).tobytes()))
    target = clear, np.array([0])
    SegmentSeal(data_key, 1).open_into(*target, content, *frame)
    assert clear == stamped(1, 2).tobytes()
    with pytest.raises(FrameDamaged, match="seal is broken"):
        SegmentSeal(data_key, 2).open_into(*target, content, *frame)
    for position in [*range(256 + 8, 256 + 44), *range(256 + 48, len(content))]:
        changed = bytearray(content)
        changed[position] ^= 1
        with pytest.raises(FrameDamaged, match="seal is broken"):
            SegmentSeal(data_key, 1).open_into(*target, bytes(changed), *frame)


def test_a_forged_frame_with_a_right_chain_is_refused_by_place_at_replay() -> None:
    storage = MemoryStorage()
    journal = opened(storage)
    fill(journal, [2, 1])
    content = bytearray(storage.read("00000001.segment"))
    second = 256 + HEADER_BYTES + 2 * 128
    content[second + HEADER_BYTES + 5] ^= 1
    content[second:] = moved_frame(bytes(content), second, bytes(content[256:264]))
    forged = storage.after_kill()
    forged.files["00000001.segment"] = content
    with pytest.raises(JournalDamaged) as caught:
        replayed(opened(forged))
    assert (caught.value.segment, caught.value.offset, caught.value.first_sequence) == ("00000001.segment", second, 3)
    assert caught.value.what == "the frame's seal is broken"


def test_the_event_log_is_sealed_and_read_with_its_keys(tmp_path: Path) -> None:
    early = EventLogReader.open(tmp_path)
    assert early.poll() == []
    Journal.open(tmp_path).close()
    streams: dict[int, int] = {}
    for epoch in (1, 2, 3):
        log = EventLog.open(tmp_path, epoch=epoch, journal_sequence=1000, segment_bytes=SEGMENT_BYTES)
        for command in range(epoch * 20 - 19, epoch * 20 + 1):
            log.append(*outputs(command, log.last_event_sequence + 1, [1, 2], streams))
        log.close()
        if epoch == 2:
            (tmp_path / "events" / event_checkpoint.FILE_NAME).unlink()
    reader = EventLogReader.open(tmp_path)
    seen: list[int] = []
    while groups := reader.poll(bytes_max=1024):
        seen += [n for kind, records in groups if kind == FrameKind.EVENTS for n in records["sequence"].tolist()]
    assert seen == list(range(1, 121))
    assert early.poll(), "opened before there was a key"
    again = EventLog.open(tmp_path, epoch=4, journal_sequence=1000)
    assert again.events_of(2, 5, 1000)["stream_sequence"].tolist() == list(range(6, 61))
    again.close()
    (tmp_path / key_file.FILE_NAME).unlink()
    with pytest.raises(JournalSealed):
        EventLogReader.open(tmp_path).poll()
    with pytest.raises(JournalSealed, match="restore it"):
        EventLog.open(tmp_path, epoch=5, journal_sequence=1000)
