"""Garbage in every file: a clear error or a sound prefix, never another exception, never what was not written.

Also frames whose chain is right and whose header is not, as a bug of the writer would leave them.
"""

import random

import numpy as np
import pytest

from server.journal import event_checkpoint
from server.journal.commit_mark import FILE_NAME, decode_slot
from server.journal.errors import JournalDamaged, LogRewound
from server.journal.event_log import EventLog
from server.journal.event_log_reader import EventLogReader
from server.journal.framing import NO_CHAIN, FrameKind, encode_frame, encode_segment_head
from server.journal.journal import Journal
from tests.journal.flows import fill, outputs, replayed, stamped
from tests.journal.memory_storage import MemoryStorage

SEEDS = range(300)
NUMBERS = (0, 1, 2, 5, 128, (1 << 31) - 1, 1 << 31, (1 << 32) - 1)
SEQUENCES = (0, 1, 2, 3, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)
SEGMENT = "00000001.segment"


def spoiled(content: bytes, chance: random.Random) -> bytes:
    """The content with a slice replaced, removed, doubled or moved."""
    start = chance.randrange(len(content) + 1)
    end = min(len(content), start + chance.choice([1, 8, 64, 200, 10_000]))
    part = content[start:end]
    middle = chance.choice([chance.randbytes(len(part)), b"", part + part, bytes(len(part)), chance.randbytes(77)])
    return content[:start] + middle + content[end:]


def test_spoiled_journals_and_event_logs() -> None:
    storage = MemoryStorage()
    journal = Journal(storage, threaded=False, segment_bytes=1500)
    fill(journal, [1, 4, 2, 1])
    journal.commit()
    fill(journal, [3, 1])
    events = MemoryStorage()
    log = EventLog(events, shard=1, epoch=1, journal_sequence=100, segment_bytes=1500, threaded=False)
    for command in range(1, 13):
        log.append(*outputs(command, log.last_event_sequence + 1, [1, 2], {}))
    log.close()
    events.remove(event_checkpoint.FILE_NAME)
    outcomes = {"refused": 0, "cut": 0, "events refused": 0, "events cut": 0}
    for seed in SEEDS:
        chance = random.Random(seed)
        name = chance.choice(sorted(storage.files))
        damaged = MemoryStorage({**storage.after_kill().durable, name: spoiled(bytes(storage.files[name]), chance)})
        try:
            again = Journal(damaged, threaded=False)
        except JournalDamaged:
            outcomes["refused"] += 1
        else:
            assert again.last_sequence >= 8, seed
            assert (replayed(again) == stamped(1, again.last_sequence)).all(), seed
            outcomes["cut"] += 1
        name = chance.choice(sorted(events.files))
        damaged = MemoryStorage({**events.after_kill().durable, name: spoiled(bytes(events.files[name]), chance)})
        reader = EventLogReader(damaged)
        try:
            while reader.poll():
                pass
        except LogRewound:
            pass
        try:
            found = EventLog(damaged, shard=1, epoch=2, journal_sequence=100, threaded=False)
        except JournalDamaged:
            outcomes["events refused"] += 1
        else:
            assert found.last_event_sequence <= log.last_event_sequence
            outcomes["events cut"] += 1
    assert min(outcomes.values()) > 10, outcomes


def test_a_resume_from_spoiled_bytes_is_an_error_not_a_wrong_answer() -> None:
    storage = MemoryStorage()
    log = EventLog(storage, shard=1, epoch=1, journal_sequence=100, segment_bytes=1500, threaded=False)
    streams: dict[int, int] = {}
    for command in range(1, 13):
        log.append(*outputs(command, log.last_event_sequence + 1, [1, 2], streams))
    right = log.events_of(1, 0, 100)
    assert right["stream_sequence"].tolist() == list(range(1, 13))
    refused = 0
    for seed in SEEDS:
        chance = random.Random(seed)
        name = chance.choice(sorted(name for name in storage.files if name.endswith(".segment")))
        content = storage.files[name]
        start = chance.randrange(len(content))
        storage.files[name] = bytearray(content[:start] + chance.randbytes(1) + content[start + 1 :])
        after = chance.randrange(12)
        try:
            found = log.events_of(1, after, 100)
        except JournalDamaged:
            refused += 1
        else:
            assert found["stream_sequence"].tolist() == list(range(after + 1, after + 1 + len(found)))
        storage.files[name] = content
    assert refused > 10


@pytest.mark.parametrize("kind", [0, 1, 2, 3, 16, 255])
def test_a_right_chain_over_a_wrong_header(kind: int) -> None:
    payload = stamped(1, 3).tobytes()
    head, chain = encode_segment_head(1, 1, 1, 1, NO_CHAIN)
    for count in NUMBERS:
        for sequence in SEQUENCES:
            for content in (payload, payload[:320], b"", payload[:100]):
                frame, _ = encode_frame(kind, 0, 1, 1, count, sequence, 0, content, chain)
                storage = MemoryStorage({SEGMENT: head + frame})
                events = storage.after_kill()
                is_right = (kind, count, sequence, content) == (FrameKind.COMMANDS, 3, 1, payload)
                journal_files = MemoryStorage()
                Journal(journal_files, threaded=False)
                storage.files[FILE_NAME] = journal_files.files[FILE_NAME]
                journal = Journal(storage, threaded=False)
                assert journal.last_sequence == (3 if is_right else 0)
                reader = EventLogReader(events)
                try:
                    while reader.poll():
                        pass
                except LogRewound:
                    pass
                EventLog(events, shard=1, epoch=2, journal_sequence=1 << 62, threaded=False)


def test_random_bytes_are_no_mark_and_no_checkpoint() -> None:
    chance = random.Random(1)
    for size in [0, 1, 59, 60, 63, 64, 65, 200, 4096]:
        for _ in range(20):
            content = chance.randbytes(size)
            assert decode_slot(content) is None
            assert event_checkpoint.decode(content) is None
    storage = MemoryStorage({FILE_NAME: np.arange(8192, dtype=np.uint8).tobytes(), SEGMENT: b""})
    with pytest.raises(JournalDamaged, match="no commit mark"):
        Journal(storage, threaded=False)
