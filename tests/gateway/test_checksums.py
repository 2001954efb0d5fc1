"""A CHECKSUM is the book's own at that number of the stream, comes so often and no more, and fits what clients keep."""

import random
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from server.client.book import BookBroken, DepthBook, OrderBook
from server.gateway.checksums import NEVER_NS, ChecksumTimes
from server.protocol import control
from server.protocol.book_checksum import book_checksum
from server.protocol.codec import encode_control, encode_topic
from server.protocol.enums import CommandKind, MarketDataKind, Phase, Side, Topic
from tests.gateway.desk import ANN_ACCOUNT, BOB_ACCOUNT, VLTA, Desk, order, published

DEPTH, ORDERS = encode_topic(Topic.DEPTH, VLTA), encode_topic(Topic.ORDERS, VLTA)


def test_the_sum_is_what_the_document_says() -> None:
    bids = [(100, 5, 2), (99, -1, 1)]
    asks = [(-3, 1 << 40, 7)]
    numbers = [2, *bids[0], *bids[1], 1, *asks[0]]
    expected = zlib.crc32(struct.pack(f"<{len(numbers)}q", *numbers))
    assert book_checksum(np.array(bids, np.int64), np.array(asks, np.int64)) == expected
    empty = np.zeros((0, 3), np.int64)
    assert book_checksum(empty, empty) == zlib.crc32(bytes(16))


def test_times_take_turns_and_the_last_change_is_followed() -> None:
    times = ChecksumTimes(1000)
    assert times.take(5) == []
    times.changed([1, 2], 0)
    first = times.due_ns
    assert times.take(first + 1000) == [1, 2]
    assert times.due_ns == NEVER_NS
    times.changed([2], first + 1001)
    times.changed([2], first + 1500)
    assert times.due_ns == first + 2000
    assert times.take(first + 1999) == []
    assert times.take(first + 2000) == [2]
    never = ChecksumTimes(0)
    never.changed([1], 0)
    assert never.due_ns == NEVER_NS


def test_a_checksum_comes_once_a_period_and_after_the_last_change(desk: Desk) -> None:
    ann = desk.trader("ann")
    assert desk.gateway.admits_subscription(ann.key, DEPTH)
    seen = 0
    for counter in range(1, 41):
        ann.push(ann.message(order(counter, price=4000)))
        desk.clock.advance_ms(100)
        seen += sum((rows["kind"] == MarketDataKind.CHECKSUM).sum() for _, rows in published(desk.turn(), DEPTH))
    assert 3 <= seen <= 5
    last = DepthBook()
    messages = []
    for _ in range(40):
        desk.clock.advance_ms(100)
        messages += published(desk.turn(), DEPTH)
    assert messages[-1][1]["kind"][-1] == MarketDataKind.CHECKSUM
    last.apply_snapshot(desk.gateway._parts.view.book_levels(VLTA))
    assert messages[-1][1]["quantity"][-1] == last.checksum()


@pytest.mark.parametrize("seed", range(3))
def test_the_books_that_a_client_keeps_pass_every_checksum(tmp_path: Path, seed: int) -> None:
    desk = Desk(tmp_path, checksum_ms=40)
    random_ = random.Random(seed)
    ann, bob, ops = desk.trader("ann"), desk.trader("bob"), desk.trader("ops")
    for topic in (DEPTH, ORDERS):
        assert desk.gateway.admits_subscription(ann.key, topic)
    depth, orders = DepthBook(), OrderBook()
    counters = {ann: 0, bob: 0}
    checked = 0
    for _ in range(400):
        client = random_.choice([ann, bob])
        counters[client] += 1
        side = random_.randint(0, 1)
        row = order(
            counters[client], side=side, price=5000 + random_.randint(-20, 4) * (1 - 2 * side),
            quantity=random_.randint(1, 9), account=ANN_ACCOUNT if client is ann else BOB_ACCOUNT,
        )  # fmt: skip
        if random_.random() < 0.05:
            row["kind"], row["price"], row["side"] = CommandKind.MASS_CANCEL, 0, 2
        client.push(client.message(row))
        if random_.random() < 0.05:
            phase = random_.choice([Phase.CLOSING_CALL, Phase.CONTINUOUS, Phase.PRE_OPEN])
            ops.desk.transport.request(ops.key, ops.address, _set_phase(phase))
        desk.clock.advance_ms(random_.choice([0, 1, 5, 30]))
        outbox = desk.turn()
        for book, topic in ((depth, DEPTH), (orders, ORDERS)):
            for _, rows in published(outbox, topic):
                book.apply(rows)  # type: ignore[attr-defined]
                checked += int((rows["kind"] == MarketDataKind.CHECKSUM).sum())
    assert checked > 30
    desk.close()


def _set_phase(phase: Phase) -> bytes:
    return encode_control(control.SetPhase(instrument=VLTA, phase=phase))


@pytest.mark.parametrize("topic", [DEPTH, ORDERS])
def test_one_wrong_level_or_order_is_found_at_the_next_checksum(desk: Desk, topic: bytes) -> None:
    ann = desk.trader("ann")
    assert desk.gateway.admits_subscription(ann.key, topic)
    book = DepthBook() if topic == DEPTH else OrderBook()
    ann.push(ann.message(np.concatenate([order(n, price=4000 + n, quantity=n) for n in range(1, 9)])))
    desk.clock.advance_ms(30)
    for _, rows in published(desk.turn(), topic):
        book.apply(rows[rows["kind"] != MarketDataKind.CHECKSUM])
    if isinstance(book, DepthBook):
        book.bids[4003] = (4, 1)
    else:
        next(iter(book.orders.values()))[2] += 1
    desk.clock.advance_ms(2000)
    ((_, rows),) = published(desk.turn(), topic)
    with pytest.raises(BookBroken):
        book.apply(rows)


def test_nobody_pays_for_a_checksum_that_nobody_follows(desk: Desk) -> None:
    ann = desk.trader("ann")
    ann.send(order(1, price=4000, side=Side.BUY))
    desk.clock.advance_ms(3000)
    desk.turn()
    assert desk.gateway.publisher.streams.of(VLTA)[Topic.ORDERS].next_sequence == 2
