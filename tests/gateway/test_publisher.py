"""Market data: complete lanes lose nothing, conflated lanes end at the book, snapshots fit their streams."""

import random
from pathlib import Path

import numpy as np
import pytest

from server.protocol import control
from server.protocol.codec import decode_reply, encode_control, encode_topic
from server.protocol.enums import CommandKind, FaultCode, MarketDataKind, Phase, Side, Topic
from server.protocol.records import BOOK_RECORD, QUOTE_RECORD, STATISTICS_RECORD
from tests.gateway.desk import ANN_ACCOUNT, BOB_ACCOUNT, KRNL, VLTA, Client, Desk, order, published

ALL = [Topic.QUOTE, Topic.DEPTH, Topic.ORDERS, Topic.TRADES, Topic.STATUS, Topic.STATISTICS]


def subscribe(client: Client, *topics: bytes) -> None:
    for topic in topics:
        assert client.desk.gateway.admits_subscription(client.key, topic)


def watch_all(client: Client) -> None:
    subscribe(client, *[bytes([topic]) for topic in ALL])


def test_an_order_moves_every_lane(desk: Desk) -> None:
    ann = desk.trader("ann")
    watch_all(ann)
    desk.clock.advance_ms(100)
    ann.push(ann.message(order(1, price=4990, quantity=3)))
    outbox = desk.turn()
    ((envelope, orders),) = published(outbox, encode_topic(Topic.ORDERS, VLTA))
    assert (envelope["sequence"], envelope["instrument"], orders["kind"][0]) == (1, VLTA, MarketDataKind.ADD)
    ((_, levels),) = published(outbox, encode_topic(Topic.DEPTH, VLTA))
    assert (levels["kind"][0], levels["price"][0], levels["quantity"][0]) == (MarketDataKind.LEVEL, 4990, 3)
    ((_, quotes),) = published(outbox, encode_topic(Topic.QUOTE, VLTA))
    assert (quotes["bid_price"][0], quotes["bid_quantity"][0]) == (4990, 3)
    assert not published(outbox, encode_topic(Topic.TRADES, VLTA))


def test_a_trade_is_printed_once_with_the_aggressor(desk: Desk) -> None:
    ann, bob = desk.trader("ann"), desk.trader("bob")
    watch_all(ann)
    ann.send(order(1, price=5000, quantity=3))
    desk.clock.advance_ms(100)
    bob.push(bob.message(order(1, side=Side.SELL, price=5000, quantity=2, account=BOB_ACCOUNT)))
    outbox = desk.turn()
    ((envelope, trades),) = published(outbox, encode_topic(Topic.TRADES, VLTA))
    assert envelope["sequence"] == 1
    assert (trades["kind"][0], trades["side"][0], trades["price"][0], trades["quantity"][0]) == (
        MarketDataKind.TRADE, Side.SELL, 5000, 2,
    )  # fmt: skip
    ((_, quotes),) = published(outbox, encode_topic(Topic.QUOTE, VLTA))
    assert (quotes["last_price"][0], quotes["last_quantity"][0], quotes["volume"][0]) == (5000, 2, 2)


def test_conflation_waits_and_sends_the_newest_only(desk: Desk) -> None:
    ann = desk.trader("ann")
    watch_all(ann)
    desk.clock.advance_ms(100)
    ann.send(order(1, price=4000, quantity=1))
    sent = []
    for counter in range(2, 12):
        ann.push(ann.message(order(counter, price=4000, quantity=1)))
        desk.clock.advance_ms(1)
        sent += desk.turn().market_data
    topics = [topic for topic, _ in sent]
    assert encode_topic(Topic.DEPTH, VLTA) not in topics
    assert encode_topic(Topic.QUOTE, VLTA) not in topics
    assert topics.count(encode_topic(Topic.ORDERS, VLTA)) == 10
    desk.clock.advance_ms(20)
    ((_, levels),) = published(desk.turn(), encode_topic(Topic.DEPTH, VLTA))
    assert (levels["quantity"].tolist(), levels["level_orders"].tolist()) == ([11], [11])


def test_an_execution_at_the_last_price_takes_from_the_level_that_rested(desk: Desk) -> None:
    """Its price is that of the trade, not of the level."""
    ann, bob, ops = desk.trader("ann"), desk.trader("bob"), desk.trader("ops")
    watch_all(ann)
    ann.send(order(1, price=5000, quantity=3))
    bob.send(order(1, side=Side.SELL, price=5000, quantity=3, account=BOB_ACCOUNT))
    ann.send(order(2, side=Side.SELL, price=4990, quantity=2))
    ops.desk.transport.request(ops.key, ops.address, _set_phase(VLTA, Phase.TRADING_AT_LAST))
    desk.turn()
    desk.clock.advance_ms(100)
    desk.turn()
    desk.clock.advance_ms(100)
    bob.push(bob.message(order(2, price=5000, quantity=2, account=BOB_ACCOUNT)))
    (_, levels), *_ = published(desk.turn(), encode_topic(Topic.DEPTH, VLTA))
    changes = [(row["side"], row["price"], row["level_quantity"]) for row in levels]
    assert changes == [(Side.SELL, 4990, 0)]


def test_a_level_that_only_a_snapshot_told_is_taken_back(desk: Desk) -> None:
    """It came and went between two publications, and the depth is told as a whole."""
    ann, ops = desk.trader("ann"), desk.trader("ops")
    watch_all(ann)
    ann.send(order(1, price=4000, quantity=3))
    desk.clock.advance_ms(100)
    desk.turn()
    (accepted,) = ann.send(order(2, price=4980, quantity=2))
    rows = np.frombuffer(ann.ask(control.GetSnapshot(topic=Topic.DEPTH, instrument=VLTA)).records, BOOK_RECORD)
    assert rows["price"].tolist() == [4980, 4000]
    ann.send(order(3, kind=CommandKind.CANCEL_ORDER, order_id=accepted["order_id"], price=0, quantity=0))
    ops.desk.transport.request(ops.key, ops.address, _set_phase(VLTA, Phase.HALTED))
    desk.turn()
    desk.clock.advance_ms(100)
    (_, levels), *_ = published(desk.turn(), encode_topic(Topic.DEPTH, VLTA))
    changes = [(row["price"], row["level_quantity"]) for row in levels]
    assert changes == [(4980, 0), (4000, 3)]


def test_nobody_is_sent_what_nobody_asked_for(desk: Desk) -> None:
    ann = desk.trader("ann")
    subscribe(ann, encode_topic(Topic.ORDERS, KRNL))
    ann.push(ann.message(order(1)))
    assert not [topic for topic, _ in desk.turn().market_data if topic[0] != Topic.HEARTBEAT]
    ann.push(ann.message(order(2, instrument=KRNL)))
    assert [topic for topic, _ in desk.turn().market_data if topic[0] != Topic.HEARTBEAT] == [
        encode_topic(Topic.ORDERS, KRNL)
    ]


@pytest.mark.parametrize("topic", [b"", b"X", b"Q\0", b"Q\0\0\0", b"Q\0\0\0\1\0", b"X\0\0\0\1", b"Q" * 100])
def test_a_strange_topic_is_refused(desk: Desk, topic: bytes) -> None:
    assert not desk.gateway.admits_subscription(desk.trader("ann").key, topic)


def test_a_key_has_so_many_topics_at_a_time_however_often_it_changes_them(tmp_path: Path) -> None:
    desk = Desk(tmp_path, subscriptions_max=2)
    key = desk.trader("ann").key
    for _ in range(10):
        subscribe(desk.trader("ann"), b"Q\0\0\0\1", b"D\0\0\0\1")
        assert desk.gateway.admits_subscription(key, b"D\0\0\0\1"), "again, after a reconnect"
        assert not desk.gateway.admits_subscription(key, b"O\0\0\0\1")
        desk.gateway.ends_subscription(key, b"D\0\0\0\1")
        subscribe(desk.trader("ann"), b"O\0\0\0\1")
        desk.gateway.ends_subscription(key, b"O\0\0\0\1")
    desk.gateway.ends_subscription("nobody", b"O\0\0\0\1")
    desk.close()


def test_heartbeats_carry_the_next_number_of_every_stream(desk: Desk) -> None:
    ann = desk.trader("ann")
    ann.send(order(1), order(2))
    desk.clock.advance_ms(1000)
    ((envelope, positions),) = published(desk.turn(), encode_topic(Topic.HEARTBEAT, 0))
    assert (envelope["epoch"], envelope["engine_sequence"]) == (1, desk.core.exchange.sequence)
    assert len(positions) == 2 * len(ALL)
    of = {(int(p["topic"]), int(p["instrument"])): int(p["next_sequence"]) for p in positions}
    assert of[Topic.ORDERS, VLTA] == 3
    assert of[Topic.ORDERS, KRNL] == 1
    assert of[Topic.TRADES, VLTA] == 1


def test_what_was_missed_is_retransmitted(desk: Desk) -> None:
    ann = desk.trader("ann")
    for counter in range(1, 6):
        ann.send(order(counter, price=4000 + counter))
    records = ann.ask(control.Retransmit(topic=Topic.ORDERS, instrument=VLTA, from_sequence=2, count=3))
    assert np.frombuffer(records.records, BOOK_RECORD)["price"].tolist() == [4002, 4003, 4004]
    assert (records.sequence, records.more) == (4, True)
    for topic, instrument, begin in [
        (Topic.ORDERS, VLTA, 0), (Topic.ORDERS, VLTA, 7), (Topic.DEPTH, VLTA, 1), (Topic.ORDERS, 99, 1),
        (-5, VLTA, 1), (Topic.ORDERS, -1, 1), (Topic.ORDERS, VLTA, -(2**63)),
    ]:  # fmt: skip
        refused = ann.ask(control.Retransmit(topic=topic, instrument=instrument, from_sequence=begin))
        assert refused.code == FaultCode.NOT_FOUND


def test_statistics_follow_once_a_second_if_something_changed(desk: Desk) -> None:
    ann = desk.trader("ann")
    watch_all(ann)
    ann.send(order(1))
    seen = 0
    for _ in range(30):
        desk.clock.advance_ms(100)
        seen += len(published(desk.turn(), encode_topic(Topic.STATISTICS, VLTA)))
    assert seen == 1


def test_phases_and_indicatives_are_a_complete_lane(desk: Desk) -> None:
    ann, ops = desk.trader("ann"), desk.trader("ops")
    watch_all(ann)
    status = encode_topic(Topic.STATUS, VLTA)
    ops.desk.transport.request(ops.key, ops.address, _set_phase(VLTA, Phase.CLOSING_CALL))
    ((_, rows),) = published(desk.turn(), status)
    assert (rows["kind"][0], rows["phase"][0]) == (MarketDataKind.STATUS, Phase.CLOSING_CALL)
    ann.send(order(1))
    desk.clock.advance_ms(501)
    ((envelope, rows),) = published(desk.turn(), status)
    assert rows["kind"][0] == MarketDataKind.INDICATIVE
    snapshot = ann.ask(control.GetSnapshot(topic=Topic.STATUS, instrument=VLTA))
    kinds = np.frombuffer(snapshot.records, BOOK_RECORD)["kind"].tolist()
    assert kinds == [MarketDataKind.STATUS, MarketDataKind.INDICATIVE]
    assert snapshot.sequence == envelope["sequence"]


def _set_phase(instrument: int, phase: Phase) -> bytes:
    return encode_control(control.SetPhase(instrument=instrument, phase=phase))


def test_snapshots_have_their_layouts_and_refuse_what_is_not_there(desk: Desk) -> None:
    ann = desk.trader("ann")
    ann.send(order(1, price=4000), order(2, price=4000))
    layouts = {
        Topic.QUOTE: QUOTE_RECORD, Topic.DEPTH: BOOK_RECORD, Topic.ORDERS: BOOK_RECORD, Topic.STATUS: BOOK_RECORD,
        Topic.STATISTICS: STATISTICS_RECORD,
    }  # fmt: skip
    for topic, layout in layouts.items():
        snapshot = ann.ask(control.GetSnapshot(topic=topic, instrument=VLTA))
        rows = np.frombuffer(snapshot.records, layout)
        assert len(rows) == (2 if topic is Topic.ORDERS else 1), topic
        assert snapshot.engine_sequence == desk.core.exchange.sequence
    for topic, instrument in [(Topic.TRADES, VLTA), (Topic.DEPTH, 0), (Topic.DEPTH, 2**40), (999, VLTA), (-1, VLTA)]:
        assert ann.ask(control.GetSnapshot(topic=topic, instrument=instrument)).code == FaultCode.NOT_FOUND


class DepthFollower:
    """A subscriber that joins late: snapshot, then the updates after it."""

    def __init__(self, snapshot: control.Records) -> None:
        self.levels: dict[tuple[int, int], tuple[int, int]] = {}
        self.sequence = snapshot.sequence
        self._apply(np.frombuffer(snapshot.records, BOOK_RECORD))

    def _apply(self, rows: np.ndarray) -> None:
        for row in rows:
            key = (int(row["side"]), int(row["price"]))
            if row["level_orders"]:
                self.levels[key] = (int(row["quantity"]), int(row["level_orders"]))
            else:
                self.levels.pop(key, None)

    def follow(self, messages: list) -> None:
        """Apply what comes after the snapshot; numbers have no gap."""
        for envelope, rows in messages:
            if envelope["sequence"] + len(rows) - 1 <= self.sequence:
                continue
            assert envelope["sequence"] == self.sequence + 1, "a gap"
            self._apply(rows)
            self.sequence += len(rows)


@pytest.mark.parametrize("seed", range(4))
def test_late_joiners_end_at_the_book(desk: Desk, seed: int) -> None:
    random_ = random.Random(seed)
    ann, bob, ops = desk.trader("ann"), desk.trader("bob"), desk.trader("ops")
    watch_all(ann)
    topic = encode_topic(Topic.DEPTH, VLTA)
    followers: list[DepthFollower] = []
    counters = {ann: 0, bob: 0}

    def see(outbox: object) -> None:
        for follower in followers:
            follower.follow(published(outbox, topic))

    for step in range(300):
        client = random_.choice([ann, bob])
        counters[client] += 1
        side = random_.randint(0, 1)
        price = 5000 + random_.randint(-20, 4) * (1 - 2 * side)
        kind = CommandKind.NEW_ORDER
        if random_.random() < 0.1:
            kind, price, side = CommandKind.MASS_CANCEL, 0, 2
        account = ANN_ACCOUNT if client is ann else BOB_ACCOUNT
        quantity = random_.randint(1, 9)
        row = order(counters[client], kind=kind, side=side, price=price, account=account, quantity=quantity)
        client.push(client.message(row))
        if random_.random() < 0.05:
            phase = random_.choice([Phase.CLOSING_CALL, Phase.CONTINUOUS, Phase.PRE_OPEN])
            desk.transport.request(ops.key, ops.address, _set_phase(VLTA, phase))
        desk.clock.advance_ms(random_.choice([0, 1, 5, 30]))
        see(desk.turn())
        if step % 40 == 20:
            snapshot_client = desk.client("ann", 500 + step)
            snapshot_client.log_on()
            desk.transport.request(snapshot_client.key, snapshot_client.address, _snapshot(VLTA))
            outbox = desk.turn()
            see(outbox)
            followers.append(DepthFollower(_reply(outbox, snapshot_client)))
            # what was published in the same turn has a number at most the snapshot's or follows it
            followers[-1].follow(published(outbox, topic))
    desk.clock.advance_ms(50)
    see(desk.turn())
    book = DepthFollower(control.Records(layout="", records=desk.gateway._parts.view.book_levels(VLTA).tobytes()))
    assert len(followers) > 5
    for follower in followers:
        assert follower.levels == book.levels, f"seed {seed}"


def _snapshot(instrument: int) -> bytes:
    return encode_control(control.GetSnapshot(topic=Topic.DEPTH, instrument=instrument))


def _reply(outbox: object, client: Client) -> control.Records:
    (frame,) = [frame for at, frame in outbox.control if at == client.address]  # type: ignore[attr-defined]
    reply = decode_reply(frame)
    assert isinstance(reply, control.Records)
    return reply
