"""The event log: groups whole or not at all, never ahead of the journal, private resume, followed from elsewhere."""

from pathlib import Path

import numpy as np
import pytest

from server.journal.errors import JournalDamaged, JournalFailed, JournalFull, LogRewound
from server.journal.event_log import EventLog
from server.journal.event_log_reader import Cursor, EventLogReader
from server.journal.framing import FrameKind
from server.journal.segments import segment_names
from server.protocol.records import BOOK_RECORD, EVENT
from tests.journal.flows import outputs
from tests.journal.memory_storage import MemoryStorage

SEGMENT_BYTES = 4096
NO_EVENTS = np.zeros(0, EVENT)
NO_MARKET_DATA = np.zeros(0, BOOK_RECORD)
EMPTY = {FrameKind.EVENTS: NO_EVENTS, FrameKind.MARKET_DATA: NO_MARKET_DATA}


def opened(storage: MemoryStorage, journal_sequence: int = 1 << 40, epoch: int = 1) -> EventLog:
    return EventLog(
        storage, shard=1, epoch=epoch, journal_sequence=journal_sequence, segment_bytes=SEGMENT_BYTES, threaded=False
    )


def write(log: EventLog, commands: range, streams: dict[int, int]) -> None:
    """Two or three events and two market data records for each command, one append each; every seventh has none."""
    for command in commands:
        if command % 7 == 0:
            log.append(NO_EVENTS, NO_MARKET_DATA)
            continue
        users = [command % 3, 5] if command % 2 else [command % 3, 5, command % 3]
        events, market_data = outputs(command, log.last_event_sequence + 1, users, streams)
        log.append(events, market_data)


def read_all(storage: MemoryStorage, cursor: Cursor | None = None) -> dict[FrameKind, np.ndarray]:
    reader = EventLogReader(storage, cursor)
    parts: dict[FrameKind, list[np.ndarray]] = {FrameKind.EVENTS: [], FrameKind.MARKET_DATA: []}
    while groups := reader.poll(bytes_max=1024):
        for kind, records in groups:
            parts[kind].append(records)
    return {kind: np.concatenate([EMPTY[kind], *found]) for kind, found in parts.items()}


def test_what_was_appended_is_read_in_order_over_segments() -> None:
    storage = MemoryStorage()
    log = opened(storage)
    write(log, range(1, 100), {})
    assert len(segment_names(storage)) > 5
    found = read_all(storage)
    assert found[FrameKind.EVENTS]["sequence"].tolist() == list(range(1, log.last_event_sequence + 1))
    assert found[FrameKind.MARKET_DATA]["sequence"].tolist() == [n for n in range(1, 100) if n % 7 for _ in "12"]


def test_reopening_goes_on_where_it_ended() -> None:
    storage = MemoryStorage()
    streams: dict[int, int] = {}
    for epoch in range(1, 5):
        log = opened(storage, epoch=epoch)
        assert log.last_command_sequence == (epoch - 1) * 30
        write(log, range(epoch * 30 - 29, epoch * 30 + 1), streams)
    assert read_all(storage)[FrameKind.EVENTS]["sequence"].tolist() == list(range(1, log.last_event_sequence + 1))


@pytest.mark.parametrize("reopen", [False, True])
def test_a_private_stream_resumes_from_any_event(reopen: bool) -> None:
    storage = MemoryStorage()
    streams: dict[int, int] = {}
    log = opened(storage)
    write(log, range(1, 80), streams)
    if reopen:
        log = opened(storage.after_kill(), epoch=2)
    for user, newest in streams.items():
        for after in range(newest + 2):
            page = log.events_of(user, after, 7)
            assert page["stream_sequence"].tolist() == list(range(after + 1, min(after + 7, newest) + 1))
            assert (page["user"] == user).all()
    assert len(log.events_of(77, 0, 10)) == 0


def test_a_group_is_cut_whole_at_each_truncation() -> None:
    storage = MemoryStorage()
    log = opened(storage)
    write(log, range(1, 12), {})
    name = segment_names(storage)[-1]
    content = bytes(storage.files[name])
    for size in range(0, len(content), 7):
        torn = storage.after_kill()
        torn.files[name] = bytearray(content[:size])
        before = read_all(torn)
        again = opened(torn, epoch=2)
        after = read_all(torn)
        for kind in before:
            assert (before[kind] == after[kind]).all(), "a reader had seen no more than what stays"
        events = after[FrameKind.EVENTS]
        market_data = after[FrameKind.MARKET_DATA]
        assert again.last_event_sequence == len(events)
        last = int(events["command_sequence"][-1])
        assert again.last_command_sequence == last == int(market_data["sequence"][-1])
        assert np.count_nonzero(market_data["sequence"] == last) == 2


def test_the_log_never_leads_the_journal() -> None:
    for journal_sequence in range(1, 60):
        storage = MemoryStorage()
        streams: dict[int, int] = {}
        write(opened(storage), range(1, 60), streams)
        log = opened(storage, journal_sequence, epoch=2)
        expected = journal_sequence if journal_sequence % 7 else journal_sequence - 1
        assert log.last_command_sequence == expected
        found = read_all(storage)
        assert int(found[FrameKind.EVENTS]["command_sequence"].max()) == expected
        assert len(log.events_of(5, 0, 100)) == len(found[FrameKind.EVENTS][found[FrameKind.EVENTS]["user"] == 5])


@pytest.mark.parametrize("closed", [False, True])
def test_a_start_reads_only_what_follows_the_checkpoint(closed: bool) -> None:
    storage = MemoryStorage()
    streams: dict[int, int] = {}
    log = opened(storage)
    write(log, range(1, 100), streams)
    if closed:
        log.close()
    damaged = storage.after_kill()
    damaged.files[segment_names(storage)[0]][300] ^= 4
    again = opened(damaged, epoch=2)
    whole = storage.after_kill()
    whole.remove("checkpoint")
    everything = opened(whole, epoch=2)
    for user, newest in streams.items():
        assert len(everything.events_of(user, 0, 1000)) == newest
    assert again.index._entries == everything.index._entries
    assert again.last_event_sequence == everything.last_event_sequence == log.last_event_sequence
    write(again, range(100, 150), streams)
    assert again.events_of(5, 0, 1000)["stream_sequence"].tolist() == list(range(1, streams[5] + 1))


def test_a_checkpoint_that_does_not_fit_is_not_believed() -> None:
    storage = MemoryStorage()
    log = opened(storage)
    write(log, range(1, 100), {})
    log.close()
    content = storage.read("checkpoint")
    cases = [content[:-1], content[:10], b"", content[:100] + b"\x55" + content[101:]]
    for changed in cases:
        torn = storage.after_kill()
        torn.files["checkpoint"] = bytearray(changed)
        assert opened(torn, epoch=2).last_event_sequence == log.last_event_sequence
    other = MemoryStorage()
    write(opened(other), range(2, 60), {})
    other.files["checkpoint"] = bytearray(content)
    assert opened(other, epoch=2).last_command_sequence == 59


def test_damage_in_an_old_segment_is_refused_and_in_a_new_one_cut() -> None:
    storage = MemoryStorage()
    write(opened(storage), range(1, 100), {})
    storage.remove("checkpoint")
    names = segment_names(storage)
    for number, name in enumerate(names):
        damaged = storage.after_kill()
        damaged.files[name][300] ^= 4
        if number < len(names) - 2:
            with pytest.raises(JournalDamaged, match=name):
                opened(damaged)
        else:
            log = opened(damaged)
            assert 0 < log.last_command_sequence < 99
            assert log.cut_bytes > 0


@pytest.mark.parametrize("seed", range(20))
def test_a_power_cut_hurts_nothing_of_a_life_that_was_killed_before(seed: int) -> None:
    """A killed process flushed nothing of its last segments, and later ones must not hide that from recovery."""
    storage = MemoryStorage()
    streams: dict[int, int] = {}
    for epoch in range(1, 4):
        write(opened(storage, epoch=epoch), range(epoch * 30 - 29, epoch * 30 + 1), streams)
    log = opened(storage.after_power_cut(seed), epoch=4)
    events = log.events_of(5, 0, 1000)
    assert events["stream_sequence"].tolist() == list(range(1, len(events) + 1))


def test_a_full_disk_leaves_whole_groups_and_can_be_tried_again() -> None:
    storage = MemoryStorage()
    streams: dict[int, int] = {}
    log = opened(storage)
    write(log, range(1, 5), streams)
    before = storage.after_kill().durable
    storage.space = 300
    events, market_data = outputs(5, log.last_event_sequence + 1, [1, 2], streams)
    with pytest.raises(JournalFull):
        log.append(events, market_data)
    assert storage.after_kill().durable == before
    storage.space = None
    log.append(events, market_data)
    assert read_all(storage)[FrameKind.EVENTS]["sequence"].tolist() == list(range(1, log.last_event_sequence + 1))


def test_a_segment_that_could_not_be_flushed_gets_no_checkpoint_behind_it() -> None:
    """A power cut may take it, and it is too old then to be derived again."""
    storage = MemoryStorage()
    streams: dict[int, int] = {}
    log = opened(storage)
    storage.fault = lambda operation, name: OSError(5, "Input/output error") if operation == "sync" else None
    with pytest.raises(JournalFailed, match=r"00000001\.segment failed: Input/output error"):
        write(log, range(1, 100), streams)
    storage.fault = lambda operation, name: None
    events, market_data = outputs(200, log.last_event_sequence + 1, [1], streams)
    with pytest.raises(JournalFailed):
        log.append(events, market_data)
    assert "checkpoint" not in storage.names()


def test_a_reader_follows_through_rotation_and_by_a_stored_cursor(tmp_path: Path) -> None:
    log = EventLog.open(tmp_path, epoch=1, journal_sequence=0, segment_bytes=2048)
    reader = EventLogReader.open(tmp_path)
    assert reader.poll() == []
    streams: dict[int, int] = {}
    seen: list[int] = []
    for command in range(1, 200):
        write(log, range(command, command + 1), streams)
        if command % 5 == 0:
            reader = EventLogReader.open(tmp_path, reader.cursor)
        for _ in range(command % 3):
            for kind, records in reader.poll():
                if kind == FrameKind.EVENTS:
                    seen += records["sequence"].tolist()
    while groups := reader.poll():
        seen += [n for kind, records in groups if kind == FrameKind.EVENTS for n in records["sequence"].tolist()]
    assert seen == list(range(1, log.last_event_sequence + 1))
    log.close()


def test_a_reader_sees_a_group_larger_than_its_poll() -> None:
    storage = MemoryStorage()
    log = opened(storage)
    events, market_data = outputs(1, 1, [1] * 50, {})
    log.append(events, market_data)
    assert len(read_all(storage)[FrameKind.EVENTS]) == 50


def test_a_reader_is_told_when_the_log_was_cut_behind_it() -> None:
    for journal_sequence in (10, 30, 49):
        storage = MemoryStorage()
        streams: dict[int, int] = {}
        write(opened(storage), range(1, 51), streams)
        reader = EventLogReader(storage)
        while reader.poll():
            pass
        log = opened(storage, journal_sequence, epoch=2)
        for again in range(2):
            with pytest.raises(LogRewound):
                while reader.poll():
                    pass
                raise AssertionError(f"followed a log that was cut to {journal_sequence}, {again}")
            write(log, range(51, 120), {})


def test_a_directory_without_a_log_has_nothing_to_read(tmp_path: Path) -> None:
    assert EventLogReader.open(tmp_path).poll() == []
    assert list(tmp_path.iterdir()) == []
