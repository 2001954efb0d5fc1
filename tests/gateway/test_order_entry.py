"""Orders in, events out: one message a session and batch, streams without gaps, resume and Busy."""

from pathlib import Path

import numpy as np
import pytest

from server.gateway.backlog import Backlog
from server.journal.errors import JournalDamaged
from server.protocol import control
from server.protocol.enums import CommandKind, EventKind, FaultCode, RejectReason, Side
from server.protocol.records import EVENT
from tests.gateway.desk import ANN, ANN_ACCOUNT, BOB_ACCOUNT, Desk, order


def test_an_order_is_accepted_and_trades(desk: Desk) -> None:
    ann, bob = desk.trader("ann"), desk.trader("bob")
    assert ann.send(order(1, price=5000))["kind"].tolist() == [EventKind.ACCEPTED]
    bob.push(bob.message(order(1, side=Side.SELL, account=BOB_ACCOUNT, quantity=4)))
    outbox = desk.turn()
    assert ann.events(outbox)["kind"].tolist() == [EventKind.EXECUTED, EventKind.POSITION]
    assert bob.events(outbox)["kind"].tolist() == [EventKind.ACCEPTED, EventKind.EXECUTED, EventKind.POSITION]


def test_all_events_of_a_batch_are_one_message_a_session(desk: Desk) -> None:
    ann, bob = desk.trader("ann"), desk.trader("bob")
    for counter in range(1, 6):
        ann.push(ann.message(order(counter)))
        bob.push(bob.message(order(counter, side=Side.SELL, account=BOB_ACCOUNT)))
    outbox = desk.turn()
    for client in (ann, bob):
        ((envelope, rows),) = client.received(outbox)
        assert rows is not None
        assert envelope["sequence"] == rows["stream_sequence"][0]
        assert envelope["engine_sequence"] == desk.core.exchange.sequence
        stream = rows["stream_sequence"]
        assert (np.diff(stream.astype(np.int64)) == 1).all()
        assert client.heartbeat()["sequence"] == stream[-1] + 1
    assert desk.pipeline.counters()["journal.sequence"] == desk.core.exchange.sequence


def test_a_message_may_carry_many_commands(desk: Desk) -> None:
    ann = desk.trader("ann")
    events = ann.send(*[order(counter, price=4000 + counter) for counter in range(1, 101)])
    assert events["counter"].tolist() == list(range(1, 101))
    assert (events["session"] == ann.session).all()


def test_what_was_missed_is_resumed(desk: Desk) -> None:
    ann = desk.trader("ann")
    ann.send(*[order(counter, price=4000 + counter) for counter in range(1, 11)])
    records = ann.ask(control.ResumePrivate(request_id=4, after_sequence=3, count=4))
    rows = np.frombuffer(records.records, EVENT)
    assert rows["stream_sequence"].tolist() == [4, 5, 6, 7]
    assert (records.sequence, records.more) == (7, True)
    rest = ann.ask(control.ResumePrivate(request_id=4, after_sequence=7))
    assert np.frombuffer(rest.records, EVENT)["stream_sequence"].tolist() == [8, 9, 10, 11]
    assert not rest.more
    assert (np.frombuffer(rest.records, EVENT)["user"] == ANN).all()
    assert ann.ask(control.ResumePrivate(after_sequence=-1)).code


def test_a_session_that_never_spoke_on_the_order_socket_resumes(desk: Desk) -> None:
    ann, bob = desk.trader("ann"), desk.client("bob")
    accepted = bob.log_on()
    ann.send(order(1))
    twin = desk.trader("bob", 2)
    twin.send(order(1, side=Side.SELL, account=BOB_ACCOUNT))
    assert desk.gateway.counters.values["drops.private_unbound"] > 0
    records = bob.ask(control.ResumePrivate(after_sequence=accepted.last_stream_sequence))
    kinds = np.frombuffer(records.records, EVENT)["kind"].tolist()
    assert kinds == [EventKind.SESSION_OPENED, EventKind.ACCEPTED, EventKind.EXECUTED, EventKind.POSITION]


def test_open_orders_and_accounts_are_the_state(desk: Desk) -> None:
    ann = desk.trader("ann")
    ann.send(order(1, price=4000), order(2, price=4100, quantity=7))
    records = ann.ask(control.GetOpenOrders(request_id=9))
    rows = np.frombuffer(records.records, EVENT)
    assert sorted(rows["price"].tolist()) == [4000, 4100]
    assert records.sequence == 3
    accounts = ann.ask(control.GetAccounts())
    (account,) = accounts.accounts
    assert (account.account, account.name, account.currency, account.money_decimals) == (ANN_ACCOUNT, "A-100", "EUR", 2)
    assert account.reserved == 4000 * 10 + 4100 * 7
    assert accounts.stream_sequence == 3


def test_rejects_are_counted_by_reason(desk: Desk) -> None:
    ann, ops = desk.trader("ann"), desk.trader("ops")
    ann.send(order(1))
    ann.send(order(1))
    ann.send(order(2, quantity=0))
    status = ops.ask(control.GetStatus())
    assert status.counters["rejects"] == 2
    assert status.counters["rejects.DUPLICATE"] == 1
    assert status.counters["rejects.QUANTITY_NOT_POSITIVE"] == 1
    assert status.counters["accepts"] == 1
    assert status.state_hash == desk.core.exchange.state_hash()


def test_busy_refuses_orders_first_and_cancels_last(tmp_path: Path) -> None:
    desk = Desk(tmp_path, commands_held_max=5)
    ann = desk.trader("ann")
    held = [6]
    desk.pipeline._backlog = lambda now_ns: Backlog(held[0])  # type: ignore[method-assign]
    ann.push(ann.message(order(1)))
    ((envelope, rows),) = ann.received(desk.turn())
    assert rows is not None
    assert envelope["sequence"] == 0, "outside the stream"
    assert (rows["kind"][0], rows["reason"][0], rows["counter"][0]) == (EventKind.REJECTED, RejectReason.BUSY, 1)
    cancelled = ann.send(order(1, kind=CommandKind.CANCEL_ORDER, order_id=77, price=0, quantity=0))
    assert cancelled["reason"].tolist() == [RejectReason.UNKNOWN_ORDER], "the engine has seen it"
    held[0] = 10
    assert ann.send(order(2, kind=CommandKind.CANCEL_ORDER))["reason"].tolist() == [RejectReason.BUSY]
    held[0] = 0
    assert ann.send(order(2))["kind"].tolist() == [EventKind.ACCEPTED], "a busy one has used up no counter"
    desk.close()


def test_an_event_log_that_cannot_be_read_costs_the_request_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = desk.trader("ann")

    def damaged(user: int, after: int, count: int) -> None:
        raise JournalDamaged("00000001.segment", 64, 1, "it does not fit")

    monkeypatch.setattr(desk.core.event_log, "events_of", damaged)
    assert ann.ask(control.ResumePrivate(after_sequence=0)).code == FaultCode.UNAVAILABLE
    assert ann.send(order(1))["kind"].tolist() == [EventKind.ACCEPTED]
