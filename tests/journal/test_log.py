"""The journal as a log: what a loop may believe of it, and reading it while it is written."""

import numpy as np
import pytest

from server.journal.journal import Journal
from server.journal.key_file import new_ring
from server.journal.log import Log, LogEnd
from server.protocol.codec import Records
from server.protocol.enums import FAULTED_KIND, Durability, SkipReason
from tests.journal.flows import START_NS, fill, stamped
from tests.journal.memory_storage import MemoryStorage

KEYS = new_ring()


def opened(storage: MemoryStorage, durability: Durability = Durability.OS) -> Journal:
    return Journal(storage, durability=durability, threaded=False, segment_bytes=1500, keys=KEYS)


def read(log: Log, first: int = 1, split_after: int = 0) -> Records:
    """All that a reader gets."""
    return np.concatenate([stamped(1, 0), *log.read(first, split_after)])


def test_what_was_written_since_the_start_is_read_too() -> None:
    storage = MemoryStorage()
    journal = opened(storage)
    fill(journal, [3, 4, 5, 6])
    assert read(journal).tobytes() == stamped(1, 18).tobytes()
    again = opened(storage.after_kill())
    fill(again, [2, 9, 1])
    assert read(again).tobytes() == stamped(1, 30).tobytes()
    for first in (1, 2, 18, 19, 20, 30):
        assert read(again, first).tobytes() == stamped(first, 31 - first).tobytes()
    assert len(read(again, 31)) == 0


def test_nothing_is_read_before_it_is_durable() -> None:
    journal = opened(MemoryStorage(), Durability.FSYNC)
    fill(journal, [2, 2])
    assert len(read(journal)) == 0
    journal.commit()
    fill(journal, [5])
    assert read(journal).tobytes() == stamped(1, 4).tobytes()
    journal.commit()
    assert read(journal).tobytes() == stamped(1, 9).tobytes()


def test_a_batch_ends_where_a_reader_wants_it() -> None:
    storage = MemoryStorage()
    fill(opened(storage), [9])
    batches = list(opened(storage.after_kill()).read(split_after=4))
    assert [len(batch) for batch in batches] == [4, 5]


def test_what_was_skipped_in_this_life_is_marked() -> None:
    storage = MemoryStorage()
    fill(opened(storage), [2])
    journal = opened(storage.after_kill())
    fill(journal, [3])
    for sequence in (4, 1):
        journal.append_skip(sequence, SkipReason.ENGINE_FAULT, START_NS)
    rows = read(journal)
    assert rows["sequence"][rows["kind"] >= FAULTED_KIND].tolist() == [1, 4]


@pytest.mark.parametrize("durability", [Durability.OS, Durability.FSYNC])
def test_the_end_names_the_history(durability: Durability) -> None:
    storage = MemoryStorage()
    journal = opened(storage, durability)
    assert journal.end() == LogEnd(1, 0, bytes(8))
    fill(journal, [2])
    journal.commit()
    end = journal.end()
    assert (end.epoch, end.sequence) == (1, 2)
    again = opened(storage.after_kill(), durability)
    assert again.end() == end._replace(epoch=2)
    fill(again, [1])
    again.commit()
    assert again.end().chain != end.chain


def test_a_log_never_loses_what_it_took() -> None:
    assert not [name for name in dir(Log) if "truncate" in name or "remove" in name or "cut" in name]
