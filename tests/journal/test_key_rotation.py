"""Rotating the wrapping key: no frame changes, the old key opens nothing, and it can be broken off anywhere."""

from pathlib import Path

import pytest

from server.journal import key_file
from server.journal.errors import DataDirectoryLocked, JournalFailed, JournalSealed
from server.journal.event_log import EventLog
from server.journal.event_log_reader import EventLogReader
from server.journal.journal import Journal
from server.journal.key_file import new_ring
from server.journal.key_rotation import rewrap, rotate
from tests.journal.flows import fill, outputs, replayed, stamped
from tests.journal.memory_storage import MemoryStorage, PowerCut

SLOTS = range(128, 256)


def opened(storage: MemoryStorage, keys: key_file.KeyRing) -> Journal:
    return Journal(storage, threaded=False, segment_bytes=1000, keys=keys)


def test_the_power_goes_at_each_operation_of_a_rotation() -> None:
    old = new_ring()
    both = old.with_new_key()
    written = MemoryStorage()
    journal = opened(written, old)
    fill(journal, [1, 3, 5, 1, 1])
    journal.close()
    for cut_at in range(1, 100):
        storage = written.after_kill()
        storage.cut_at = cut_at
        try:
            count = rewrap(storage, both)
        except PowerCut:
            for seed in range(6):
                found = storage.after_power_cut(seed)
                assert (replayed(opened(found.after_kill(), both)) == stamped(1, 11)).all()
                rewrap(found, both)
                assert (replayed(opened(found, both.newest_alone())) == stamped(1, 11)).all()
        else:
            break
    assert count == len([name for name in written.files if name.endswith(".segment")]) > 1
    for name in written.files:
        changed = [i for i, (a, b) in enumerate(zip(written.files[name], storage.files[name], strict=True)) if a != b]
        assert set(changed) <= set(SLOTS), "no frame is rewritten"
    with pytest.raises(JournalSealed):
        opened(storage, old)


def filled(directory: Path) -> None:
    """A journal and an event log of 30 commands."""
    journal = Journal.open(directory, segment_bytes=1000)
    fill(journal, [1] * 30)
    log = EventLog.open(directory, epoch=1, journal_sequence=30, segment_bytes=1000)
    for command in range(1, 31):
        log.append(*outputs(command, command, [1], {1: command - 1}))
    log.close()
    journal.close()


def test_a_directory_is_rotated_and_goes_on(tmp_path: Path) -> None:
    filled(tmp_path)
    before = (tmp_path / key_file.FILE_NAME).read_text()
    number, count = rotate(tmp_path)
    assert number == 2
    assert count == len(list(tmp_path.glob("*/*.segment"))) > 4
    assert (tmp_path / key_file.FILE_NAME).read_text().startswith("2 ")
    journal = Journal.open(tmp_path)
    assert (replayed(journal) == stamped(1, 30)).all()
    with pytest.raises(DataDirectoryLocked):
        rotate(tmp_path)
    fill(journal, [2])
    journal.close()
    assert EventLogReader.open(tmp_path).poll()
    assert rotate(tmp_path)[0] == 3
    (tmp_path / key_file.FILE_NAME).write_text(before)
    with pytest.raises(JournalSealed, match="sealed under key 3"):
        Journal.open(tmp_path)


def test_one_that_was_broken_off_goes_on_with_the_key_it_had_made(tmp_path: Path) -> None:
    filled(tmp_path)
    keys = key_file.load(tmp_path)
    assert keys is not None
    key_file.store(tmp_path, keys.with_new_key())
    assert rotate(tmp_path)[0] == 2
    journal = Journal.open(tmp_path)
    assert (replayed(journal) == stamped(1, 30)).all()
    journal.close()


def test_what_cannot_be_rotated_is_left_alone(tmp_path: Path) -> None:
    filled(tmp_path)
    text = (tmp_path / key_file.FILE_NAME).read_text()
    shared = tmp_path / "shared.segment"
    shared.hardlink_to(tmp_path / "journal" / "00000001.segment")
    with pytest.raises(JournalFailed, match="shared with another directory"):
        rotate(tmp_path)
    shared.unlink()
    last = sorted((tmp_path / "journal").glob("*.segment"))[-1]
    with last.open("ab") as file:
        file.write(b"torn")
    with pytest.raises(JournalFailed, match="torn tail; start and stop"):
        rotate(tmp_path)
    assert (tmp_path / key_file.FILE_NAME).read_text() == text
