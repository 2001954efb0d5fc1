"""Commands that wait too long while the session lives: unknown, asked about with bounded patience, resolved."""

import numpy as np
from msgspec import structs

from server.client.incoming import EventsReceived, OrdersUnknown
from server.client.overdue import ATTEMPTS_MAX
from server.protocol import control
from server.protocol.enums import EventKind, OrderOutcome, RejectReason
from tests.client.test_session import synced
from tests.client.wire import PaperServer, answers, commands_in, new_orders


def waiting(count: int = 1, seconds: int = 4) -> PaperServer:
    """A session that is open and well, in which `count` orders get no answer."""
    server = synced()
    server.session.send(new_orders(count), server.now_ns)
    server.collect()
    server.orders.clear()
    alive(server, seconds)
    return server


def alive(server: PaperServer, seconds: int) -> None:
    """Time goes by, the channels live."""
    for _ in range(seconds):
        server.order_heartbeat(0)
        server.positions()
        server.tick(1.0)


def status(server: PaperServer, outcome: OrderOutcome, last_counter: int, **fields: object) -> None:
    """The answer to the question."""
    reply = control.OrderStatus(outcome=int(outcome), last_counter=last_counter, stream_sequence=0)
    server.reply(control.GetOrderStatus, structs.replace(reply, **fields))


def test_the_owner_is_told_once_and_within_three_seconds():
    server = waiting(3, seconds=3)
    (told,) = server.received(OrdersUnknown)
    assert told.commands["counter"].tolist() == [1, 2, 3]
    alive(server, 5)
    assert len(server.received(OrdersUnknown)) == 1


def test_what_is_answered_in_time_is_never_asked_about():
    server = synced()
    server.session.send(new_orders(1), server.now_ns)
    alive(server, 2)
    server.events(1, answers(1, [1]))
    alive(server, 20)
    assert not server.received(OrdersUnknown)
    assert server.count(control.GetOrderStatus) == 0


def test_one_that_was_never_seen_is_sent_again_with_its_own_key():
    server = waiting(2)
    assert server.asked(control.GetOrderStatus).counter == 1
    status(server, OrderOutcome.NOT_SEEN, last_counter=0)
    alive(server, 1)
    sent = [commands_in(frame) for frame in server.orders if len(frame) > 64]
    assert [rows["counter"].tolist() for rows in sent] == [[1, 2]]
    assert server.session.entry.counter == 2, "no new key"
    refused = answers(1, [1, 2], EventKind.REJECTED, RejectReason.TOO_LATE)
    server.events(1, refused)
    assert server.session.entry.pending_count == 0


def test_what_the_server_says_of_it_holds_where_no_event_comes():
    server = waiting()
    record = answers(0, [1], EventKind.CANCELED)
    status(server, OrderOutcome.ANSWERED, last_counter=1, records=record.tobytes())
    (received,) = server.received(EventsReceived)
    assert received.resumed
    assert received.events["kind"].tolist() == [EventKind.CANCELED]
    assert server.session.entry.pending_count == 0


def test_where_events_are_missing_they_are_resumed_first():
    server = waiting()
    pages = server.count(control.ResumePrivate)
    status(server, OrderOutcome.LIVE, last_counter=1, stream_sequence=2, records=answers(0, [1]).tobytes())
    alive(server, 1)
    assert server.count(control.ResumePrivate) == pages + 1
    page = np.concatenate([answers(1, [1]), answers(2, [1], EventKind.EXECUTED)])
    server.reply(control.ResumePrivate, control.Records(layout="EVENT", records=page.tobytes(), sequence=2))
    assert [len(item.events) for item in server.received(EventsReceived)] == [2]
    assert server.session.entry.pending_count == 0


def test_patience_is_bounded():
    server = waiting()
    for _ in range(400):
        alive(server, 1)
    assert server.count(control.GetOrderStatus) == ATTEMPTS_MAX
    assert server.session.entry.pending_count == 1, "unknown, and said so; nothing is made up"


def test_a_busy_order_is_given_up_for_the_cancel_behind_it():
    """BUSY uses up no counter: the cancel behind it meets a gap, and goes again with a cancel of nothing before it."""
    server = synced()
    commands = new_orders(1)
    server.session.send(commands, server.now_ns)
    cancel = new_orders(1)
    cancel["kind"] = 2
    server.session.send(cancel, server.now_ns)
    server.collect()
    server.orders.clear()
    busy = answers(0, [1], EventKind.REJECTED, RejectReason.BUSY)
    server.events(0, busy)
    gap = answers(1, [2], EventKind.REJECTED, RejectReason.COUNTER_GAP)
    gap["limit"] = 1
    server.events(1, gap)
    alive(server, 1)
    (again,) = [commands_in(frame) for frame in server.orders if len(frame) > 64]
    assert list(zip(again["kind"].tolist(), again["counter"].tolist(), strict=True)) == [(2, 1), (2, 2)]


def test_hellos_do_not_pile_up_while_the_server_is_away():
    server = PaperServer()
    server.log_on()
    server.session.on_disconnected(server.now_ns, "gone")
    for _ in range(50):
        server.tick(1.1)
    assert server.count(control.Hello) > 20
    assert len(server.session.requests) == 1


def test_what_a_power_cut_took_from_the_server_frees_its_counters():
    server = waiting(3)
    server.session.entry.on_events(answers(1, [1, 2]))
    server.session.entry.on_logon(last_counter=1, session=9)
    assert server.session.entry.pending_count == 0, "it never happened, nor did what came before it"
    assert server.session.entry.counter == 1
