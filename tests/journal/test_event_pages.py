"""The event log read by event number: every event once from any number on, in bounded steps, damage named."""

import numpy as np
import pytest

from server.journal import event_pages
from server.journal.errors import JournalDamaged
from server.journal.event_log import EventLog
from server.journal.event_pages import EventPages, EventsGone
from server.journal.key_file import KeyRing
from server.journal.segments import segment_names
from server.protocol.records import BOOK_RECORD, EVENT
from tests.journal.flows import outputs
from tests.journal.memory_storage import MemoryStorage

SEGMENT_BYTES = 8192
KEYS = KeyRing({1: bytes(range(32))})


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A walk of 1 KiB and pages of 600 bytes, so that a small log has many of both."""
    monkeypatch.setattr(event_pages, "WALK_BYTES", 1024)
    monkeypatch.setattr(event_pages, "PAGE_BYTES", 600)


def opened(storage: MemoryStorage, epoch: int = 1) -> EventLog:
    return EventLog(
        storage, shard=1, epoch=epoch, journal_sequence=1 << 40, segment_bytes=SEGMENT_BYTES, threaded=False, keys=KEYS
    )


def write(log: EventLog, commands: range) -> None:
    """One to three events and two market data records a command; every fifth has market data alone."""
    streams: dict[int, int] = {}
    for command in commands:
        events, market_data = outputs(command, log.last_event_sequence + 1, [command % 3] * (1 + command % 3), streams)
        log.append(np.empty(0, EVENT) if command % 5 == 0 else events, market_data)


def read_from(log: EventLog, after: int) -> list[int]:
    """All numbers after this one."""
    numbers: list[int] = []
    for _ in range(5_000):
        page = log.pages.read(after)
        if page is None:
            continue
        if page.reached == after:
            return numbers
        numbers += page.events["sequence"].tolist()
        after = page.reached
    raise AssertionError("it never came to the end")


def test_every_event_once_from_any_number_on_in_any_order_of_asking() -> None:
    storage = MemoryStorage()
    log = opened(storage)
    write(log, range(1, 400))
    last = log.last_event_sequence
    assert len(segment_names(storage)) > 8
    for after in (0, last, last - 1, last // 2, 1, last // 3, 0):
        assert read_from(log, after) == list(range(after + 1, last + 1))
    reopened = opened(storage, epoch=2)
    for after in (last // 2, last - 3, 0):
        assert read_from(reopened, after) == list(range(after + 1, last + 1))


def test_what_is_appended_later_follows() -> None:
    log = opened(MemoryStorage())
    assert read_from(log, 0) == []
    write(log, range(1, 40))
    seen = read_from(log, 0)
    write(log, range(40, 80))
    assert seen + read_from(log, seen[-1]) == list(range(1, log.last_event_sequence + 1))


def test_a_page_that_was_used_in_part_goes_on_in_its_middle() -> None:
    log = opened(MemoryStorage())
    write(log, range(1, 40))
    page = log.pages.read(0)
    assert page is not None and len(page.events) >= 2
    following = log.pages.read(1)
    assert following is not None and following.events["sequence"][0] == 2


def test_one_frame_larger_than_a_step_is_read_whole() -> None:
    log = opened(MemoryStorage())
    events, market_data = outputs(1, 1, [1] * 50, {})
    log.append(events, market_data)
    assert read_from(log, 30) == list(range(31, 51))


def test_older_than_the_log_is_said_and_not_skipped() -> None:
    storage = MemoryStorage()
    log = opened(storage)
    write(log, range(1, 200))
    storage.remove(segment_names(storage)[0])
    with pytest.raises(EventsGone):
        read_from(log, 0)
    assert read_from(log, log.last_event_sequence - 5) == list(
        range(log.last_event_sequence - 4, log.last_event_sequence + 1)
    )


def test_a_flipped_byte_is_named_and_nothing_is_left_out() -> None:
    storage = MemoryStorage()
    log = opened(storage)
    write(log, range(1, 60))
    name = segment_names(storage)[1]
    whole = list(range(1, log.last_event_sequence + 1))
    content = storage.read(name)
    named = 0
    for place in range(0, 2500, 7):
        storage.files[name] = bytearray(content)
        storage.files[name][place] ^= 0x41
        log.pages = EventPages(storage, log._read_seal, lambda: (log._tail.ordinal, log._tail.end))
        try:
            assert read_from(log, 0) == whole, f"byte {place}"
        except JournalDamaged as error:
            assert name in str(error)
            named += 1
    assert named > 100


def test_market_data_alone_gives_no_events() -> None:
    log = opened(MemoryStorage())
    log.append(np.empty(0, EVENT), np.ones(3, BOOK_RECORD))
    assert read_from(log, 0) == []
