"""A full disk: the reserve still takes what is urgent, held frames are written when space returns, nothing is lost.

Every case ends with a recovery from what the files hold.
"""

import contextlib
import errno
import os
import random
from pathlib import Path

import pytest

from server.journal import key_file
from server.journal.errors import JournalError, JournalFailed, JournalFull
from server.journal.journal import Journal, read_only
from server.journal.key_file import new_ring
from server.journal.segment_writer import RESERVE_NAME
from server.journal.segments import segment_names
from server.journal.storage import FileStorage
from server.protocol.enums import Durability
from tests.journal.flows import fill, replayed, stamped
from tests.journal.memory_storage import MemoryStorage, PowerCut

KEYS = new_ring()
RESERVE_BYTES = 4096
MODES = pytest.mark.parametrize("durability", [Durability.OS, Durability.FSYNC])


def opened(storage: MemoryStorage, durability: Durability, segment_bytes: int = 2000) -> Journal:
    return Journal(
        storage, durability=durability, threaded=False, segment_bytes=segment_bytes, keys=KEYS,
        reserve_bytes=RESERVE_BYTES,
    )  # fmt: skip


def urgent(journal: Journal, count: int) -> None:
    """Append `count` commands as one urgent frame."""
    rows = stamped(journal.last_sequence + 1, count)
    journal.append_urgent_bytes(
        rows.tobytes(), count, int(rows["sequence"][0]), int(rows["time_ns"][-1]), journal.epoch
    )


def check(storage: MemoryStorage, durability: Durability, last: int) -> None:
    """A recovery gives exactly `last` commands."""
    found = opened(storage.after_kill(), durability)
    assert found.last_sequence == last
    assert (replayed(found) == stamped(1, last)).all()


@MODES
def test_cancels_go_into_the_reserve_and_orders_wait_for_space(durability: Durability) -> None:
    storage = MemoryStorage()
    journal = opened(storage, durability)
    fill(journal, [2])
    journal.commit()
    storage.space = 0
    if durability == Durability.FSYNC:
        fill(journal, [1])
        journal.commit()
        assert journal.durable_sequence() == 2, "an order alone does not touch the reserve"
        assert storage.size(RESERVE_NAME) == RESERVE_BYTES
    for _ in range(5):
        with pytest.raises(JournalFull):
            fill(journal, [1])
        urgent(journal, 1)
        journal.commit()
        assert journal.is_full
        assert journal.durable_sequence() == journal.synced_sequence() == journal.last_sequence
    last = journal.last_sequence
    assert RESERVE_NAME not in storage.files
    check(storage, durability, last)
    storage.space = None
    journal.commit()
    assert storage.size(RESERVE_NAME) == RESERVE_BYTES, "a new reserve: space has returned"
    assert not journal.is_full
    fill(journal, [1, 2])
    journal.commit()
    journal.close()
    check(storage, durability, last + 3)
    assert all(part.is_sealed for part in journal.recovered.segments)


@MODES
def test_a_reserve_that_is_used_up_refuses_and_loses_nothing(durability: Durability) -> None:
    storage = MemoryStorage()
    journal = opened(storage, durability)
    fill(journal, [1])
    journal.commit()
    storage.space = 0
    with pytest.raises(JournalFull):
        for _ in range(100):
            urgent(journal, 1)
            journal.commit()
    last = journal.last_sequence
    assert 15 < last < 30
    assert len(storage.files[segment_names(storage)[-1]]) == RESERVE_BYTES
    check(storage, durability, last)
    storage.space = None
    journal.commit()
    fill(journal, [3])
    journal.close()
    check(storage, durability, last + 3)


def test_what_waits_before_something_urgent_goes_with_it_in_fsync_mode() -> None:
    storage = MemoryStorage()
    journal = opened(storage, Durability.FSYNC)
    fill(journal, [1])
    journal.commit()
    storage.space = 0
    fill(journal, [2, 1])
    urgent(journal, 1)
    fill(journal, [1])
    journal.commit()
    assert journal.durable_sequence() == 5, "up to the urgent one; the order behind it is held"
    assert journal.queued == 1
    check(storage, Durability.FSYNC, 5)
    storage.space = None
    journal.commit()
    journal.commit()
    assert journal.durable_sequence() == 6
    journal.close()
    check(storage, Durability.FSYNC, 6)


@MODES
def test_a_journal_closed_on_its_reserve_goes_on(durability: Durability) -> None:
    storage = MemoryStorage()
    journal = opened(storage, durability)
    storage.space = 0
    urgent(journal, 2)
    journal.commit()
    journal.close()
    assert not opened(storage.after_kill(), durability).recovered.cut_bytes
    storage.space = None
    again = opened(storage, durability)
    fill(again, [1])
    again.close()
    check(storage, durability, 3)


@MODES
def test_without_space_at_the_start_there_is_no_reserve_until_there_is(durability: Durability) -> None:
    storage = MemoryStorage()
    storage.space = 100
    journal = opened(storage, durability)
    assert RESERVE_NAME not in storage.files
    with pytest.raises(JournalFull):
        urgent(journal, 1)
        journal.commit()
        urgent(journal, 1)
    storage.space = None
    journal.commit()
    assert storage.size(RESERVE_NAME) == RESERVE_BYTES
    fill(journal, [1])
    journal.close()
    check(storage, durability, journal.last_sequence)


@MODES
@pytest.mark.parametrize("operation", ["write_at", "rename", "truncate", "allocate"])
def test_any_other_failure_of_the_reserve_stops_the_process(durability: Durability, operation: str) -> None:
    storage = MemoryStorage()
    journal = opened(storage, durability)
    fill(journal, [1])
    journal.commit()
    storage.space = 0
    if operation == "truncate":
        urgent(journal, 1)
        journal.commit()
    broken = OSError(errno.EIO, "Input/output error")
    storage.fault = lambda name, file: broken if name == operation and file != "commit" else None
    with pytest.raises(JournalFailed, match="Input/output error"):
        urgent(journal, 1)
        journal.commit()
        storage.space = None
        journal.commit()
        fill(journal, [1])
        journal.commit()
    storage.fault = lambda name, file: None
    found = opened(storage.after_kill(), durability)
    assert found.last_sequence >= journal.synced_sequence()
    assert (replayed(found) == stamped(1, found.last_sequence)).all()


@MODES
def test_the_power_goes_at_each_operation_of_a_full_disk(durability: Durability) -> None:
    outcomes: set[int] = set()
    for cut_at in range(1, 300):
        storage = MemoryStorage()
        storage.cut_at = cut_at
        chance = random.Random(7)
        journal: Journal | None = None
        try:
            journal = opened(storage, durability, segment_bytes=700)
            for step in range(14):
                storage.space = 0 if 4 <= step < 9 else None
                with contextlib.suppress(JournalFull):
                    if 4 <= step < 9 and step % 2:
                        urgent(journal, 2)
                    else:
                        fill(journal, [1 + step % 2])
                if chance.random() < 0.8:
                    journal.commit()
        except PowerCut:
            pass
        else:
            break
        acknowledged = journal.synced_sequence() if journal is not None else 0
        for seed in range(8):
            try:
                found = opened(storage.after_power_cut(seed), durability)
            except JournalError as error:
                raise AssertionError(f"operation {cut_at}, seed {seed}") from error
            assert found.last_sequence >= acknowledged, (cut_at, seed)
            assert (replayed(found) == stamped(1, found.last_sequence)).all()
            outcomes.add(found.last_sequence)
    else:
        raise AssertionError("the run never ended")
    assert len(outcomes) > 5


def test_a_real_directory_lays_its_reserve_once(tmp_path: Path) -> None:
    for _ in range(2):
        journal = Journal.open(tmp_path)
        fill(journal, [1])
        journal.close()
        reserve = tmp_path / "journal" / RESERVE_NAME
        assert reserve.stat().st_size == 1 << 20
        assert not any(reserve.read_bytes())
    storage = FileStorage(tmp_path / "journal")
    storage.rename(RESERVE_NAME, "00000003.segment")
    journal = Journal.open(tmp_path)
    assert (journal.last_sequence, journal.recovered.cut_bytes) == (2, 1 << 20)
    journal.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_the_systems_own_no_space_is_understood() -> None:
    storage = FileStorage(Path("/dev"), create=False)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)) as caught:
        storage.write_at("full", 0, b"x")
    assert caught.value.errno == errno.ENOSPC
    storage.close()


def test_a_reader_of_a_journal_on_its_reserve_sees_a_clean_end(tmp_path: Path) -> None:
    storage = MemoryStorage()
    journal = opened(storage, Durability.OS)
    fill(journal, [3])
    storage.space = 0
    urgent(journal, 2)
    journal.commit()
    (tmp_path / "journal").mkdir()
    key_file.store(tmp_path, KEYS)
    for name, content in storage.files.items():
        (tmp_path / "journal" / name).write_bytes(content)
    _, found = read_only(tmp_path)
    assert (found.last_sequence, found.damage) == (5, None)
    newest = tmp_path / "journal" / found.segments[-1].name
    newest.write_bytes(newest.read_bytes()[:-1] + b"\1")
    assert read_only(tmp_path)[1].damage is not None, "what is no zero was not laid aside"
