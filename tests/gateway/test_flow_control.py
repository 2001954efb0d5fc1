"""Who sends too much is told so, costs nobody else anything, and can always cancel. No test depends on time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from server.client.order_entry import OrderEntry
from server.gateway.user_budgets import MESSAGE_BYTES
from server.journal.errors import JournalFull
from server.protocol import control
from server.protocol.codec import decode_reply, encode_control
from server.protocol.enums import CommandKind, EventKind, FaultCode, RejectReason
from server.protocol.records import COMMAND
from tests.gateway.desk import ANN_ACCOUNT, BOB_ACCOUNT, PASSWORD, VLTA, Desk, order

BUSY, ACCEPTED = RejectReason.BUSY, EventKind.ACCEPTED
CANCEL, MASS_CANCEL = CommandKind.CANCEL_ORDER, CommandKind.MASS_CANCEL


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[Desk]:
    """Ten orders at once and ten a second, five cancels, four MiB of traffic."""
    desk = Desk(
        tmp_path, orders_per_s=10, orders_burst=10, cancels_per_s=5, cancels_burst=5,
        traffic_bytes_per_s_max=1 << 20, traffic_burst_bytes=4 << 20,
    )  # fmt: skip
    yield desk
    desk.close()


def test_orders_over_the_limit_are_busy_and_use_up_no_counter(narrow: Desk) -> None:
    ann, bob = narrow.trader("ann"), narrow.trader("bob")
    for counter in range(1, 14):
        ann.push(ann.message(order(counter)))
    messages = ann.received(narrow.turn())
    kinds = [(int(envelope["sequence"]) > 0, rows["reason"].tolist()) for envelope, rows in messages]
    assert sorted(kinds) == [(False, [BUSY] * 3), (True, [0] * 10)], "one message of each"
    assert bob.send(order(1, account=BOB_ACCOUNT))["kind"].tolist() == [ACCEPTED], "others notice nothing"
    narrow.clock.advance_ms(100)
    assert ann.send(order(11))["kind"].tolist() == [ACCEPTED]
    assert ann.send(order(12))["reason"].tolist() == [BUSY]


def test_two_sessions_of_a_user_share_one_budget(narrow: Desk) -> None:
    first, second = narrow.trader("ann", 1), narrow.trader("ann", 2)
    assert (first.send(*[order(counter) for counter in range(1, 11)])["kind"] == ACCEPTED).all()
    assert second.send(order(1, instance=2))["reason"].tolist() == [BUSY]


def test_cancels_have_a_room_of_their_own(narrow: Desk) -> None:
    ann = narrow.trader("ann")
    live = ann.send(*[order(counter) for counter in range(1, 11)])["order_id"].tolist()
    assert ann.send(order(11))["reason"].tolist() == [BUSY]
    cancels = [ann.send(order(11 + n, kind=CANCEL, order_id=order_id)) for n, order_id in enumerate(live[:5])]
    assert [rows["kind"].tolist() for rows in cancels] == [[EventKind.CANCELED]] * 5
    assert ann.send(order(16, kind=CANCEL, order_id=live[5]))["reason"].tolist() == [BUSY], "and that is limited too"
    narrow.clock.advance_ms(200)
    assert ann.send(order(16, kind=MASS_CANCEL, account=ANN_ACCOUNT))["kind"][-1] == EventKind.MASS_CANCELED


def test_a_message_with_an_order_and_its_cancel_is_refused_as_a_whole(narrow: Desk) -> None:
    ann = narrow.trader("ann")
    ann.send(*[order(counter) for counter in range(1, 11)])
    before = narrow.core.exchange.sequence
    both = ann.send(order(11, label=b"mine"), order(12, kind=CANCEL, label=b"mine"))
    assert (both["reason"].tolist(), both["counter"].tolist()) == ([BUSY, BUSY], [11, 12])
    assert narrow.core.exchange.sequence == before, "nothing of it was sequenced"
    narrow.clock.advance_ms(1000)
    again = ann.send(order(11, label=b"mine"), order(12, kind=CANCEL, label=b"mine"))
    assert again["kind"].tolist() == [ACCEPTED, EventKind.CANCELED]


def test_a_cancel_behind_a_refused_order_is_not_done_before_it(narrow: Desk) -> None:
    ann = narrow.trader("ann")
    ann.send(*[order(counter) for counter in range(1, 11)])
    ann.push(ann.message(order(11, label=b"mine")))
    ann.push(ann.message(order(12, kind=CANCEL, label=b"mine")))
    events = ann.events(narrow.turn())
    answers = dict(zip(events["counter"].tolist(), events["reason"].tolist(), strict=True))
    assert answers == {11: BUSY, 12: RejectReason.COUNTER_GAP}


def test_the_client_gets_its_cancels_through_while_its_orders_are_refused(narrow: Desk) -> None:
    ann, entry = narrow.trader("ann"), OrderEntry(1)

    def pushed(rows: bytes) -> np.ndarray:
        ann.push(ann.message(np.frombuffer(rows, COMMAND)))
        events = ann.events(narrow.turn())
        entry.on_events(events)
        return events

    live = pushed(entry.prepare(np.concatenate([order(0)] * 10), ann.session, 0))["order_id"]
    pushed(entry.prepare(order(0), ann.session, 0))
    pushed(entry.prepare(order(0, kind=CANCEL, order_id=int(live[0])), ann.session, 0))
    pushed(entry.prepare(order(0, kind=MASS_CANCEL, account=ANN_ACCOUNT), ann.session, 0))
    assert entry.pending_count == 3, "the order is refused, the cancels behind it too"
    (message,) = entry.take_resend()
    events = pushed(message)
    assert events["reason"].tolist()[0] == RejectReason.UNKNOWN_ORDER, "the order was given up"
    assert events["kind"][-1] == EventKind.MASS_CANCELED
    assert entry.pending_count == 0
    open_orders = ann.ask(control.GetOpenOrders())
    assert len(open_orders.records) == 0


def test_flooding_closes_the_session_and_no_other(narrow: Desk) -> None:
    ann, bob = narrow.trader("ann"), narrow.trader("bob")
    for _ in range((4 << 20) // (192 + MESSAGE_BYTES) + 1):
        ann.push(ann.message(order(1)))
    outbox = narrow.turn()
    assert ann.fault(outbox) is FaultCode.FLOODING
    assert list(narrow.gateway.sessions.by_number) == [bob.session]
    assert bob.send(order(1, account=BOB_ACCOUNT))["kind"].tolist() == [ACCEPTED]


def test_bytes_flood_too(narrow: Desk) -> None:
    ann = narrow.trader("ann")
    valid = ann.message(np.concatenate([order(counter) for counter in range(1, 8001)]))
    for _ in range(6):
        ann.push(valid)
    assert ann.fault(narrow.turn()) is FaultCode.FLOODING


def test_overload_five_times_over_is_bounded_and_answered(narrow: Desk) -> None:
    """Fifty orders a second for a while where ten are allowed: each is answered, and nothing piles up."""
    ann = narrow.trader("ann")
    counter, answered, rejected = 1, 0, 0
    for _ in range(300):
        narrow.clock.advance_ms(100)
        for ahead in range(5):
            ann.push(ann.message(order(counter + ahead, price=3000 + counter % 100)))
        outbox = narrow.turn()
        events = ann.events(outbox)
        accepted = int((events["kind"] == ACCEPTED).sum())
        busy = int((events["reason"] == BUSY).sum())
        assert accepted + busy == 5, "each is accepted or refused, at once"
        counter, answered, rejected = counter + accepted, answered + accepted, rejected + busy
        assert narrow.pipeline.counters()["pipeline.held"] == 0
    assert answered == 10 + 300 - 1
    assert rejected == 1500 - answered
    assert narrow.gateway.counters.values["rejects.BUSY"] == rejected
    assert ann.session in narrow.gateway.sessions.by_number


class FullDisk:
    """An event log that takes nothing while `is_full`."""

    def __init__(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_full = True
        self._append = desk.core.event_log.append
        monkeypatch.setattr(desk.core.event_log, "append", self._append_if_room)

    def _append_if_room(self, events: Any, market_data: Any) -> None:
        if self.is_full:
            raise JournalFull("No space.")
        self._append(events, market_data)


def test_what_waits_for_the_event_log_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path, unlogged_bytes_max=10_000)
    ann = desk.trader("ann")
    disk = FullDisk(desk, monkeypatch)
    counter, reasons = 1, [0]
    while reasons == [0]:
        reasons = ann.send(order(counter))["reason"].tolist()
        counter += 1
    assert reasons == [BUSY]
    assert 10_000 <= desk.core.event_writer.waiting < 11_000
    assert ann.heartbeat()["code"] == FaultCode.DISK_FULL
    counter -= 1
    while ann.send(order(counter, kind=CANCEL, order_id=77))["reason"].tolist() == [RejectReason.UNKNOWN_ORDER]:
        counter += 1
    assert counter > 40, "cancels have twice the room"
    assert 20_000 <= desk.core.event_writer.waiting < 21_000
    disk.is_full = False
    desk.clock.advance_ms(1000)
    desk.turn()
    assert desk.core.event_writer.waiting == 0
    assert ann.heartbeat()["code"] == 0
    assert ann.send(order(counter))["kind"].tolist() == [ACCEPTED]
    logged = desk.core.event_writer.events_of(7, 1, 1000)["counter"].tolist()
    assert logged == list(range(1, counter + 1)), "in order, and none is missing"
    desk.close()


def test_requests_have_limits_by_key_and_costly_ones_their_own(tmp_path: Path) -> None:
    desk = Desk(tmp_path, requests_per_s=5, requests_burst=10, costly_requests_per_s=1, costly_requests_burst=2)
    ann, bob = desk.trader("ann"), desk.trader("bob")
    snapshot = control.GetSnapshot(topic=ord("D"), instrument=VLTA)
    assert [type(ann.ask(snapshot)) for _ in range(2)] == [control.Records] * 2
    assert ann.ask(snapshot).code == FaultCode.BUSY
    assert type(ann.ask(control.GetAccounts())) is control.Accounts
    assert type(bob.ask(snapshot)) is control.Records
    for _ in range(20):
        desk.transport.request(ann.key, ann.address, encode_control(control.GetAccounts()))
    assert len(desk.turn().control) == 6, "what is beyond costs no more than its arrival"
    assert desk.gateway.counters.values["drops.requests"] == 14
    desk.clock.advance_ms(1000)
    assert type(ann.ask(snapshot)) is control.Records
    desk.close()


def test_strangers_and_their_logons_are_limited_by_address(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path, stranger_requests_per_s=1, stranger_requests_burst=8, logons_per_s=1, logons_burst=4,
        logons_pending_per_address_max=2,
    )  # fmt: skip
    desk.passwords.hold = True
    logon = encode_control(control.Logon(user="ann", password=PASSWORD, client_instance=1))
    for number in range(20):
        desk.transport.request(f"{number:064x}", b"%d" % number, logon, peer="10.9.9.9")
    refused = [decode_reply(frame).code for _, frame in desk.turn().control]
    assert refused == [FaultCode.BUSY] * 6, "two wait, six are told, twelve are not even read"
    desk.transport.request("f" * 64, b"f", logon, peer="10.0.0.1")
    desk.turn()
    desk.passwords.hold = False
    accepted = [decode_reply(frame) for _, frame in desk.turn().control]
    assert [type(reply) for reply in accepted] == [control.LogonAccepted] * 3
    desk.close()
