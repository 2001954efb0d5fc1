"""The commit mark: two slots in turn, a torn one leaves the other, none at all is an error beside segments."""

import pytest

from server.journal.commit_mark import FILE_NAME, CommitFile, CommitMark, decode_slot, encode_slot
from server.journal.errors import JournalDamaged
from tests.journal.memory_storage import MemoryStorage


def stored(count: int) -> MemoryStorage:
    storage = MemoryStorage()
    commit = CommitFile(storage)
    for sequence in range(1, count + 1):
        commit.store(1, sequence, b"chain%03d" % sequence)
    return storage


def test_a_slot_keeps_what_it_was_given() -> None:
    mark = CommitMark(3, 1 << 60, b"12345678", 99)
    assert decode_slot(encode_slot(mark)) == mark
    assert len(encode_slot(mark)) == 64


def test_the_newest_mark_is_found() -> None:
    for count in (1, 2, 3, 8):
        assert CommitFile(stored(count)).load(journal_exists=True).sequence == count


def test_any_damaged_byte_costs_one_mark_at_most() -> None:
    content = stored(5).read(FILE_NAME)
    for position in range(len(content)):
        flipped = bytearray(content)
        flipped[position] ^= 0x10
        mark = CommitFile(MemoryStorage({FILE_NAME: bytes(flipped)})).load(journal_exists=True)
        assert mark.sequence in (4, 5)


def test_no_mark_is_fine_only_without_segments() -> None:
    for content in ({}, {FILE_NAME: b""}, {FILE_NAME: bytes(8192)}):
        assert CommitFile(MemoryStorage(content)).load(journal_exists=False) == CommitMark()
        with pytest.raises(JournalDamaged, match="no commit mark"):
            CommitFile(MemoryStorage(content)).load(journal_exists=True)


def test_a_durable_store_leaves_no_older_epoch_behind() -> None:
    storage = stored(3)
    CommitFile(storage).load(journal_exists=True)
    commit = CommitFile(storage)
    commit.load(journal_exists=True)
    commit.store_durably(2, 3, b"chain003")
    content = storage.read(FILE_NAME)
    for slot in (0, 4096):
        mark = decode_slot(content[slot : slot + 64])
        assert mark is not None
        assert mark.epoch == 2
    assert storage.durable[FILE_NAME] == content
