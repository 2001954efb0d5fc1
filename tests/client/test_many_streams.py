"""Thousands of streams at once: everyone gets its snapshot, few requests are on their way, none is forgotten."""

import pytest

from server.client.market_feed import LOOK_AGAIN_NS, OPEN_MAX, MarketFeed
from server.client.market_stream import MarketStream, Need
from server.protocol import control
from server.protocol.enums import FaultCode, Topic
from server.protocol.records import QUOTE_RECORD

COUNT = 1500
SECOND = 1_000_000_000
Asked = list[tuple[MarketStream, control.AnyRequest]]


def feed_of(count: int) -> MarketFeed:
    """A feed with so many quotes, none in step."""
    feed = MarketFeed()
    for number in range(1, count + 1):
        feed.add(Topic.QUOTE, number)
    return feed


def snapshot(request: control.AnyRequest) -> control.Records:
    """The answer of a server."""
    assert isinstance(request, control.GetSnapshot)
    return control.Records(layout="QUOTE_RECORD", records=bytes(QUOTE_RECORD.itemsize), sequence=5)


def test_everyone_is_asked_for_once_and_few_at_a_time() -> None:
    feed, now_ns = feed_of(COUNT), SECOND
    waiting: Asked = []
    asked: list[int] = []
    while len(asked) < COUNT:
        taken = feed.take_requests(now_ns)
        waiting += taken
        asked += [stream.instrument for stream, _ in taken]
        assert len(waiting) <= OPEN_MAX
        assert waiting, "nothing is on its way and not everyone has been asked for"
        stream, request = waiting.pop(0)
        feed.on_reply(stream, request, snapshot(request), now_ns)
        now_ns += 1000
    for stream, request in waiting:
        feed.on_reply(stream, request, snapshot(request), now_ns)
    assert sorted(asked) == list(range(1, COUNT + 1))
    assert all(stream.synced for stream in feed.streams.values())
    assert feed.take_requests(now_ns + SECOND) == []


def test_refused_ones_are_asked_again_at_their_time_and_a_removed_one_never() -> None:
    feed, now_ns = feed_of(OPEN_MAX), SECOND
    first = feed.take_requests(now_ns)
    busy = control.Refused(code=FaultCode.BUSY)
    for stream, request in first:
        feed.on_reply(stream, request, busy, now_ns)
    assert feed.take_requests(now_ns) == []
    feed.remove(Topic.QUOTE, 7)
    again = feed.take_requests(now_ns + 60 * SECOND)
    assert sorted(stream.instrument for stream, _ in again) == [one for one in range(1, OPEN_MAX + 1) if one != 7]


def test_a_new_session_does_not_wait_for_answers_of_the_old_one() -> None:
    feed = feed_of(COUNT)
    assert len(feed.take_requests(SECOND)) == OPEN_MAX
    assert feed.take_requests(SECOND) == []
    feed.restart()
    assert len(feed.take_requests(2 * SECOND)) == OPEN_MAX


def test_a_round_looks_at_few_of_those_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    need = MarketStream.need

    def counting(stream: MarketStream, now_ns: int) -> Need:
        looked.append(stream.instrument)
        return need(stream, now_ns)

    monkeypatch.setattr(MarketStream, "need", counting)
    feed, now_ns = feed_of(COUNT), SECOND
    waiting = feed.take_requests(now_ns)
    for _ in range(COUNT):
        stream, request = waiting.pop(0)
        feed.on_reply(stream, request, snapshot(request), now_ns)
        waiting += feed.take_requests(now_ns)
        if not waiting:
            break
    assert len(looked) <= 2 * COUNT
    assert set(looked) == set(range(1, COUNT + 1))


def test_who_was_refused_is_asked_for_again_among_many() -> None:
    feed, now_ns = feed_of(COUNT), SECOND
    answered: set[int] = set()
    waiting = feed.take_requests(now_ns)
    for _ in range(40 * COUNT):
        now_ns += LOOK_AGAIN_NS
        if waiting:
            stream, request = waiting.pop(0)
            is_early = now_ns < 3 * SECOND
            reply = control.Refused(code=FaultCode.BUSY) if is_early else snapshot(request)
            feed.on_reply(stream, request, reply, now_ns)
            answered |= set() if is_early else {stream.instrument}
        feed.on_time(now_ns)
        waiting += feed.take_requests(now_ns)
        if len(answered) == COUNT:
            break
    assert len(answered) == COUNT
