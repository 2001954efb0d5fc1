"""Nothing leaves before the command that it follows from is durable, and what leaves keeps its order."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from server.journal.errors import JournalFailed, JournalFull
from server.journal.journal import Journal
from server.protocol import control
from server.protocol.codec import decode_envelope, decode_reply, encode_control, encode_topic
from server.protocol.enums import CommandKind, EnvelopeKind, EventKind, FaultCode, RejectReason, Topic
from tests.gateway.desk import BOB_ACCOUNT, PASSWORD, VLTA, Desk, order


class SlowDisk:
    """A journal whose commands are durable when the test says so, and whose disk fills up on demand."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.behind = False
        self.durable = 0
        self.failure: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def durable_sequence(self) -> int:
        """What the test allows."""
        return self.durable if self.behind else self._journal.durable_sequence()

    def append_bytes(self, commands: bytearray, count: int, first_sequence: int, last_time_ns: int, epoch: int) -> None:
        """Append, unless the disk is full or broken."""
        if self.failure is not None:
            raise self.failure
        self._journal.append_bytes(commands, count, first_sequence, last_time_ns, epoch)


class Rig:
    """A desk on a slow disk."""

    def __init__(self, directory: Path) -> None:
        self.disks: list[SlowDisk] = []
        self.desk = Desk(directory, wrap=self._wrap)
        self.disk = self.disks[0]

    def _wrap(self, journal: Journal) -> SlowDisk:
        self.disks.append(SlowDisk(journal))
        return self.disks[0]

    def stall(self) -> None:
        """From now on nothing becomes durable."""
        self.disk.durable = self.disk._journal.last_sequence
        self.disk.behind = True


@pytest.fixture
def rig(tmp_path: Path) -> Any:
    made = Rig(tmp_path)
    yield made
    made.desk.close()


def test_nothing_at_all_leaves_before_it_is_durable(rig: Rig) -> None:
    desk = rig.desk
    ann = desk.trader("ann")
    desk.gateway.admits_subscription(ann.key, bytes([Topic.ORDERS]))
    desk.gateway.admits_subscription(ann.key, bytes([Topic.QUOTE]))
    desk.core.event_writer.flush(0)
    logged = desk.core.event_log.last_event_sequence
    rig.stall()
    ann.push(ann.message(order(1)))
    desk.transport.request(ann.key, ann.address, encode_control(control.GetOpenOrders(request_id=8)))
    assert not desk.turn().has_messages()
    desk.transport.request(ann.key, ann.address, encode_control(control.Retransmit(
        request_id=9, topic=Topic.ORDERS, instrument=VLTA, from_sequence=1)))  # fmt: skip
    desk.clock.advance_ms(400)
    assert not desk.turn().has_messages(), "no reply, event, market data or heartbeat"
    assert desk.core.event_writer.waiting == 0
    assert desk.core.event_log.last_event_sequence == logged
    rig.disk.durable += 1
    outbox = desk.turn()
    assert ann.events(outbox)["kind"].tolist() == [EventKind.ACCEPTED]
    assert len(outbox.control) == 2
    assert encode_topic(Topic.ORDERS, VLTA) in [topic for topic, _ in outbox.market_data]
    assert encode_topic(Topic.QUOTE, VLTA) in [topic for topic, _ in outbox.market_data]
    desk.core.event_writer.flush(0)
    assert desk.core.event_log.last_event_sequence == logged + 1


def test_during_a_stall_heartbeats_leave_and_name_nothing_that_waits(rig: Rig) -> None:
    desk = rig.desk
    ann = desk.trader("ann")
    rig.stall()
    ann.push(ann.message(order(1)))
    assert not desk.turn().has_messages()
    desk.clock.advance_ms(2000)
    desk.transport.request(ann.key, ann.address, encode_control(control.GetOpenOrders(request_id=9)))
    desk.transport.request(b"x".hex(), b"x", encode_control(control.Hello(version_min=1, version_max=1)))
    outbox = desk.turn()
    ((envelope, _),) = ann.received(outbox)
    assert (envelope["kind"], envelope["sequence"], envelope["engine_sequence"]) == (EnvelopeKind.HEARTBEAT, 0, 0)
    ((topic, frame),) = outbox.market_data
    assert (topic[0], decode_envelope(frame)["count"]) == (Topic.HEARTBEAT, 0)
    refused, welcome = (decode_reply(frame) for _, frame in outbox.control)
    assert (refused.code, type(welcome)) == (FaultCode.BUSY, control.Welcome)
    assert ann.heartbeat()["sequence"] == 0, "the answer to a client's heartbeat neither"
    rig.disk.behind = False
    assert ann.events(desk.turn())["kind"].tolist() == [EventKind.ACCEPTED]
    assert ann.heartbeat()["sequence"] == 3


def test_later_batches_are_applied_while_earlier_outputs_wait(rig: Rig) -> None:
    desk = rig.desk
    ann = desk.trader("ann")
    before = desk.core.exchange.sequence
    rig.stall()
    for counter in range(1, 6):
        ann.push(ann.message(order(counter)))
        assert not desk.turn().orders
    assert desk.core.exchange.sequence == before + 5
    assert desk.pipeline.counters()["pipeline.held"] > 4
    rig.disk.durable = before + 3
    assert ann.events(desk.turn())["counter"].tolist() == [1, 2, 3]
    rig.disk.durable = before + 5
    assert ann.events(desk.turn())["counter"].tolist() == [4, 5]
    assert desk.pipeline.counters()["pipeline.held"] == 0


def test_the_events_held_are_those_of_their_batch(rig: Rig) -> None:
    """The engine writes its output buffers again: what waits was copied."""
    desk = rig.desk
    ann = desk.trader("ann")
    rig.stall()
    for counter in range(1, 20):
        ann.push(ann.message(order(counter, price=4000 + counter)))
        desk.turn()
    rig.disk.behind = False
    assert ann.events(desk.turn())["price"].tolist() == list(range(4001, 4020))
    logged = desk.core.event_writer.events_of(7, 1, 1000)
    assert logged["price"].tolist() == list(range(4001, 4020))


def test_a_logon_waits_for_its_session_to_be_durable(rig: Rig) -> None:
    desk = rig.desk
    rig.stall()
    client = desk.client("ann")
    logon = control.Logon(request_id=1, user="ann", password=PASSWORD, client_instance=1)
    desk.transport.request(client.key, client.address, encode_control(logon))
    assert not desk.turn().control
    assert not desk.turn().control
    rig.disk.behind = False
    assert len(desk.turn().control) == 1


def test_private_events_leave_before_public_data(rig: Rig) -> None:
    desk = rig.desk
    ann = desk.trader("ann")
    desk.gateway.admits_subscription(ann.key, bytes([Topic.ORDERS]))
    order_of_release: list[str] = []
    send = desk.transport.send

    def spy(outbox: Any) -> None:
        order_of_release.extend(["private"] * len(outbox.orders) + ["public"] * len(outbox.market_data))
        send(outbox)

    desk.transport.send = spy  # type: ignore[method-assign]
    ann.send(order(1))
    assert order_of_release == ["private", "public"]


def test_a_full_disk_is_busy_and_nothing_is_lost(rig: Rig) -> None:
    desk = rig.desk
    ann = desk.trader("ann")
    before = desk.core.exchange.state_hash()
    rig.disk.failure = JournalFull("No space.")
    (event,) = ann.send(order(1))
    assert (event["kind"], event["reason"]) == (EventKind.REJECTED, RejectReason.BUSY)
    assert desk.core.exchange.state_hash() == before
    stranger = desk.client("bob")
    logon = control.Logon(request_id=1, user="bob", password=PASSWORD, client_instance=1)
    desk.transport.request(stranger.key, stranger.address, encode_control(logon))
    ann.push(b"garbage")
    assert desk.turn().orders, "the session is closed at once"
    assert not desk.turn().control, "the logon waits"
    rig.disk.failure = None
    desk.clock.advance_ms(200)
    assert len(desk.turn().control) == 1
    assert [user for _, user in desk.gateway._parts.view.open_sessions()] == [8]
    again = desk.trader("ann")
    assert again.send(order(1))["kind"].tolist() == [EventKind.ACCEPTED]


def test_a_full_disk_does_not_keep_anybody_from_asking(rig: Rig) -> None:
    """A logon that waits for space is in every turn's batch, which is refused; questions are answered all the same."""
    desk = rig.desk
    ann = desk.trader("ann")
    rig.disk.failure = JournalFull("No space.")
    stranger = desk.client("bob")
    logon = control.Logon(request_id=1, user="bob", password=PASSWORD, client_instance=1)
    desk.transport.request(stranger.key, stranger.address, encode_control(logon))
    assert not desk.turn().control, "the logon waits"
    desk.transport.request(ann.key, ann.address, encode_control(control.GetOpenOrders(request_id=8)))
    (answer,) = desk.turn().control
    assert answer[0] == ann.address


def test_a_full_disk_still_takes_cancels_but_none_ahead_of_what_waits(rig: Rig) -> None:
    desk = rig.desk
    ann, bob = desk.trader("ann"), desk.trader("bob")
    for counter in (1, 2):
        placed = ann.send(order(counter))
        assert placed["kind"].tolist() == [EventKind.ACCEPTED]
    mine = int(placed["order_id"][0])
    rig.disk.failure = JournalFull("No space.")
    ann.push(ann.message(order(3, kind=CommandKind.CANCEL_ORDER, order_id=mine)))
    bob.push(bob.message(order(1, account=BOB_ACCOUNT)))
    bob.push(bob.message(order(2, kind=CommandKind.MASS_CANCEL, account=BOB_ACCOUNT)))
    outbox = desk.turn()
    assert ann.events(outbox)["kind"].tolist() == [EventKind.CANCELED]
    assert bob.events(outbox)["reason"].tolist() == [RejectReason.BUSY] * 2, "a cancel does not overtake its session"
    (canceled,) = bob.send(order(1, kind=CommandKind.MASS_CANCEL, account=BOB_ACCOUNT))
    assert canceled["kind"] == EventKind.MASS_CANCELED
    rig.disk.failure = None
    desk.clock.advance_ms(200)
    assert ann.send(order(4))["kind"].tolist() == [EventKind.ACCEPTED]


def test_a_full_disk_is_announced_and_so_is_its_end_though_nobody_orders(rig: Rig) -> None:
    desk = rig.desk
    ann = desk.trader("ann")
    assert ann.heartbeat()["code"] == 0
    rig.disk.failure = JournalFull("No space.")
    assert ann.send(order(1))["reason"].tolist() == [RejectReason.BUSY]
    assert ann.heartbeat()["code"] == FaultCode.DISK_FULL
    desk.clock.advance_ms(500)
    desk.turn()
    assert ann.heartbeat()["code"] == FaultCode.DISK_FULL, "it was tried again, in vain"
    rig.disk.failure = None
    desk.clock.advance_ms(500)
    before = desk.core.exchange.sequence
    desk.turn()
    assert desk.core.exchange.sequence == before + 1, "a TIME, by which the disk is tried"
    assert ann.heartbeat()["code"] == 0


def test_a_full_disk_under_the_event_log_keeps_the_outputs_in_order(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = rig.desk
    ann = desk.trader("ann")
    full = [True]
    append = desk.core.event_log.append

    def append_if_room(events: np.ndarray, market_data: np.ndarray) -> None:
        if full[0]:
            raise JournalFull("No space.")
        append(events, market_data)

    monkeypatch.setattr(desk.core.event_log, "append", append_if_room)
    for counter in range(1, 6):
        assert ann.send(order(counter))["counter"].tolist() == [counter]
        desk.clock.advance_ms(10)
    assert desk.core.event_writer.waiting > 5
    full[0] = False
    desk.clock.advance_ms(200)
    ann.send(order(6))
    assert desk.core.event_writer.waiting <= 2
    assert desk.core.event_writer.events_of(7, 1, 100)["counter"].tolist() == [1, 2, 3, 4, 5, 6]


def test_a_broken_disk_stops_the_loop(rig: Rig) -> None:
    ann = rig.desk.trader("ann")
    rig.disk.failure = JournalFailed("An fsync failed.")
    ann.push(ann.message(order(1)))
    with pytest.raises(JournalFailed):
        rig.desk.turn()


def test_the_loop_waits_no_longer_than_to_what_is_due(rig: Rig) -> None:
    desk = rig.desk
    desk.pipeline.turn(5000)
    desk.transport.polls_ms.clear()
    desk.pipeline.turn(5000)
    desk.pipeline.turn(0)
    assert 0 < desk.transport.polls_ms[0] <= 1000, "the next heartbeat"
    assert desk.transport.polls_ms[1] == 0


def test_a_stop_says_so_and_leaves_the_sessions_to_the_next_start(rig: Rig) -> None:
    desk = rig.desk
    ann = desk.trader("ann")
    desk.pipeline.stop(desk.clock.now_ns)
    kinds = [decode_envelope(frame)["kind"] for at, frame in desk.transport.take().orders if at == ann.address]
    assert EnvelopeKind.FAULT in kinds
    assert len(desk.gateway._parts.view.open_sessions()) == 1, "a stop is nobody's absence"
    assert not list(desk.gateway.sessions)
