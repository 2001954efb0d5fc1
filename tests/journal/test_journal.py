"""The journal: what was appended comes back, epochs rise, nothing is acknowledged before it is durable."""

import errno
import os
import select
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from server.journal.errors import (
    DataDirectoryLocked,
    JournalDamaged,
    JournalFailed,
    JournalFull,
    JournalUnreadable,
    LogConflict,
)
from server.journal.framing import FrameKind, headers_of, scan_frames
from server.journal.journal import Journal, mark_of
from server.protocol.enums import Durability
from tests.journal.flows import fill, replayed, stamped
from tests.journal.memory_storage import MemoryStorage

BATCHES = [1, 5, 2, 1, 1, 30, 4]
DEADLINE_S = 20.0


def opened(storage: MemoryStorage, durability: Durability = Durability.OS, segment_bytes: int = 4096) -> Journal:
    return Journal(storage, durability=durability, threaded=False, segment_bytes=segment_bytes)


@pytest.mark.parametrize("durability", [Durability.OS, Durability.FSYNC])
def test_what_was_appended_comes_back_over_segments_and_epochs(tmp_path: Path, durability: Durability) -> None:
    total = 0
    for epoch in range(1, 5):
        journal = Journal.open(tmp_path, durability=durability, segment_bytes=2048)
        assert journal.epoch == epoch
        assert journal.last_sequence == total
        assert (replayed(journal) == stamped(1, total)).all()
        fill(journal, BATCHES)
        total += sum(BATCHES)
        journal.close()
    assert len(list((tmp_path / "journal").glob("*.segment"))) >= 4


def test_replay_splits_where_it_is_asked_to() -> None:
    storage = MemoryStorage()
    journal = opened(storage)
    fill(journal, [10, 10, 10, 10, 10])
    journal.close()
    for split in range(51):
        batches = list(opened(storage.after_kill()).replay(split_after=split, batch=16))
        ends = {int(batch["sequence"][-1]) for batch in batches}
        assert split == 0 or split in ends
        assert (np.concatenate(batches) == stamped(1, 50)).all()


def test_replay_never_splits_a_group() -> None:
    storage = MemoryStorage()
    journal = opened(storage)
    rows = stamped(1, 40)
    rows["group_count"] = np.where(np.arange(40) % 5 == 0, 5, 0)
    journal.append(rows)
    journal.close()
    for split in range(41):
        batches = list(opened(storage.after_kill()).replay(split_after=split, batch=7))
        assert all(batch["group_count"][0] == 5 and len(batch) % 5 == 0 for batch in batches)
        assert (np.concatenate(batches) == rows).all()


def test_one_append_is_one_frame_with_its_epoch_and_time() -> None:
    storage = MemoryStorage()
    journal = opened(storage, segment_bytes=1 << 20)
    fill(journal, [3, 1])
    content = storage.read("00000001.segment")
    headers = headers_of(content, scan_frames(content, bytes(8)).offsets)
    assert headers["kind"].tolist() == [FrameKind.SEGMENT, FrameKind.COMMANDS, FrameKind.COMMANDS]
    assert headers["count"].tolist() == [0, 3, 1]
    assert headers["first_sequence"].tolist() == [1, 1, 4]
    assert set(headers["epoch"].tolist()) == {1}
    assert headers["time_ns"][1:].tolist() == stamped(1, 4)["time_ns"][[2, 3]].tolist()


def test_an_append_for_another_place_or_epoch_is_refused() -> None:
    journal = opened(MemoryStorage())
    with pytest.raises(LogConflict, match="sequence 2 in epoch 1 met a journal that ends at 0"):
        journal.append(stamped(2, 1))
    row = stamped(1, 1)
    for append in (journal.append_bytes, journal.append_urgent_bytes):
        with pytest.raises(LogConflict, match="in epoch 2 met"):
            append(row.tobytes(), 1, 1, int(row["time_ns"][0]), 2)
    assert journal.last_sequence == 0
    journal.append(row)
    assert journal.last_sequence == 1


def test_os_mode_is_durable_at_once_and_on_the_disk_later() -> None:
    journal = opened(MemoryStorage())
    fill(journal, [4])
    assert journal.durable_sequence() == 4
    assert journal.synced_sequence() == 0
    journal.commit()
    assert journal.synced_sequence() == 4


def test_fsync_mode_waits_for_the_disk() -> None:
    storage = MemoryStorage()
    journal = opened(storage, Durability.FSYNC)
    fill(journal, [4, 1])
    assert journal.durable_sequence() == 0
    assert storage.size("00000001.segment") == 0, "the loop does not touch the disk"
    journal.commit()
    assert journal.durable_sequence() == 5
    assert storage.durable["00000001.segment"] == storage.read("00000001.segment")


def test_fsync_mode_makes_one_frame_of_all_that_waits() -> None:
    storage = MemoryStorage()
    journal = opened(storage, Durability.FSYNC, segment_bytes=1 << 20)
    fill(journal, [4, 1, 2])
    journal.commit()
    fill(journal, [1])
    journal.commit()
    content = storage.read("00000001.segment")
    headers = headers_of(content, scan_frames(content, bytes(8)).offsets)
    assert headers["count"].tolist() == [0, 7, 1]
    assert headers["time_ns"][1:].tolist() == stamped(1, 8)["time_ns"][[6, 7]].tolist()
    assert (replayed(opened(storage.after_kill())) == stamped(1, 8)).all()


class BusyStorage(MemoryStorage):
    """The loop goes on writing while the disk syncs."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: list[Callable[[], None]] = []

    def sync(self, name: str) -> None:
        super().sync(name)
        while self.meanwhile:
            self.meanwhile.pop()()


def test_what_is_written_during_a_sync_is_not_marked_by_it() -> None:
    storage = BusyStorage()
    journal = opened(storage, Durability.OS)
    fill(journal, [2])
    storage.meanwhile.append(lambda: fill(journal, [5]))
    journal.commit()
    assert (journal.durable_sequence(), journal.synced_sequence()) == (7, 2)
    assert mark_of(storage).sequence == 2
    journal.commit()
    assert (journal.synced_sequence(), mark_of(storage).sequence) == (7, 7)


def test_a_frame_does_not_grow_without_end() -> None:
    storage = MemoryStorage()
    journal = opened(storage, Durability.FSYNC, segment_bytes=1 << 30)
    fill(journal, [5000] * 5)
    journal.commit()
    content = storage.read("00000001.segment")
    headers = headers_of(content, scan_frames(content, bytes(8)).offsets)
    assert headers["count"].tolist() == [0, 5000, 5000, 5000, 5000, 5000]
    assert journal.durable_sequence() == 25_000


def test_the_loop_is_woken_when_commands_became_durable(tmp_path: Path) -> None:
    calls: list[int] = []
    journal = Journal.open(tmp_path, durability=Durability.FSYNC, on_durable=lambda: calls.append(1))
    fill(journal, [3])
    readable, _, _ = select.select([journal.wake_fd], [], [], DEADLINE_S)
    assert readable
    journal.clear_wake()
    while journal.durable_sequence() < 3:
        assert select.select([journal.wake_fd], [], [], DEADLINE_S)[0]
        journal.clear_wake()
    assert select.select([journal.wake_fd], [], [], 0)[0] == []
    assert calls
    assert journal.counters()["journal.syncs"] >= 1
    journal.close()


def test_the_second_process_is_told_who_has_the_directory(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    with pytest.raises(DataDirectoryLocked, match=rf"process {os.getpid()}\) already works on {tmp_path}"):
        Journal.open(tmp_path)
    journal.close()
    Journal.open(tmp_path).close()


def test_a_damaged_journal_gives_the_lock_back(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    fill(journal, [3])
    journal.close()
    segment = tmp_path / "journal" / "00000001.segment"
    content = bytearray(segment.read_bytes())
    content[400] ^= 1
    segment.write_bytes(content)
    for _ in range(2):
        with pytest.raises(JournalDamaged, match=r"00000001\.segment is damaged at byte 256.*sequence 1 "):
            Journal.open(tmp_path)


def test_a_file_where_the_directory_should_be_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(JournalUnreadable, match="Cannot use the data directory"):
        Journal.open(tmp_path / "data")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "journal").write_text("")
    with pytest.raises(JournalUnreadable, match="Cannot open"):
        Journal.open(tmp_path / "other")


def test_permission_denied_is_one_clear_sentence() -> None:
    storage = MemoryStorage()
    storage.fault = lambda operation, name: PermissionError(errno.EACCES, "Permission denied", name)
    with pytest.raises(JournalUnreadable, match=r"Cannot open the journal: Permission denied"):
        opened(storage)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_segment_is_one_clear_sentence(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    fill(journal, [3])
    journal.close()
    (tmp_path / "journal" / "00000001.segment").chmod(0)
    with pytest.raises(JournalUnreadable, match="Permission denied"):
        Journal.open(tmp_path)


@pytest.mark.parametrize("space", [0, 1, 63, 64, 130, 191])
@pytest.mark.parametrize("segment_bytes", [1, 1 << 20])
def test_a_full_disk_refuses_the_frame_and_keeps_the_rest(space: int, segment_bytes: int) -> None:
    storage = MemoryStorage()
    journal = opened(storage, segment_bytes=segment_bytes)
    fill(journal, [2, 3])
    before = dict(storage.after_kill().files)
    storage.space = space
    with pytest.raises(JournalFull, match="No space left"):
        fill(journal, [1])
    assert storage.after_kill().files == before, "nothing of the refused frame stays"
    assert (journal.last_sequence, journal.durable_sequence()) == (5, 5)
    storage.space = None
    fill(journal, [1, 4])
    journal.close()
    assert (replayed(opened(storage.after_kill())) == stamped(1, 10)).all()


def test_a_full_disk_in_fsync_mode_holds_what_was_taken_and_refuses_more() -> None:
    storage = MemoryStorage()
    journal = opened(storage, Durability.FSYNC)
    fill(journal, [2])
    journal.commit()
    fill(journal, [3, 1])
    storage.space = 100
    journal.commit()
    assert journal.is_full
    assert journal.durable_sequence() == 2, "what is held is not acknowledged"
    with pytest.raises(JournalFull):
        fill(journal, [1])
    assert opened(storage.after_kill()).last_sequence == 2
    storage.space = None
    journal.commit()
    assert not journal.is_full
    assert journal.durable_sequence() == 6
    fill(journal, [1])
    journal.close()
    assert (replayed(opened(storage.after_kill())) == stamped(1, 7)).all()


@pytest.mark.parametrize("operation", ["append", "sync", "write_at"])
def test_any_other_failure_stops_the_journal_for_good(operation: str) -> None:
    storage = MemoryStorage()
    journal = opened(storage, Durability.FSYNC)
    fill(journal, [2])
    journal.commit()
    fill(journal, [2])
    storage.fault = lambda name, _: OSError(errno.EIO, "Input/output error") if name == operation else None
    with pytest.raises(JournalFailed, match="Input/output error"):
        journal.commit()
    storage.fault = lambda name, _: None
    assert opened(storage.after_kill()).last_sequence >= 2


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
def test_a_failed_fsync_reaches_the_loop_and_is_never_tried_again(tmp_path: Path, code: int) -> None:
    class Failing(MemoryStorage):
        syncs_left = 10

    failing = Failing()

    def fault(operation: str, name: str) -> OSError | None:
        if operation == "sync" and name.endswith(".segment"):
            failing.syncs_left -= 1
            return OSError(code, os.strerror(code))
        return None

    failing.fault = fault
    journal = Journal(failing, durability=Durability.FSYNC)
    fill(journal, [1])
    assert select.select([journal.wake_fd], [], [], DEADLINE_S)[0]
    for ask in (journal.durable_sequence, lambda: fill(journal, [1]), journal.close):
        with pytest.raises(JournalFailed, match="fsync of the journal failed"):
            ask()
    assert failing.syncs_left == 9


def test_a_failed_write_in_os_mode_stops_too() -> None:
    storage = MemoryStorage()
    journal = opened(storage)
    storage.fault = lambda operation, name: OSError(errno.EIO, "Input/output error") if operation == "append" else None
    with pytest.raises(JournalFailed, match="the server stops"):
        fill(journal, [1])
