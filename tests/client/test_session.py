"""The session against a server on paper: logon, gaps, epochs, resume, unknown orders, stale channels."""

import numpy as np
import pytest

from server.client.actions import CloseStreams, OpenStreams, Subscribe
from server.client.incoming import (
    Channel,
    ChannelState,
    EventsReceived,
    Faulted,
    LoggedOn,
    MarketDataReceived,
    OrdersRestricted,
    OrdersUnknown,
    PrivateRolledBack,
    PrivateSynced,
    ReplyReceived,
    StreamState,
)
from server.protocol import control
from server.protocol.enums import EnvelopeKind, EventKind, FaultCode, RejectReason, Topic
from server.protocol.errors import LocalProtocolError, RemoteProtocolError
from tests.client.wire import PaperServer, answers, book, commands_in, message, new_orders


def online(last_stream_sequence: int = 0, resume_from: int | None = None) -> PaperServer:
    """A session that is open and has resumed nothing yet."""
    server = PaperServer(resume_from)
    server.log_on(last_stream_sequence=last_stream_sequence)
    return server


def synced(last_stream_sequence: int = 0) -> PaperServer:
    """A session that is open and up to date."""
    server = online(last_stream_sequence)
    server.reply(control.ResumePrivate, control.Records(layout="EVENT", records=b"", sequence=last_stream_sequence))
    server.incoming.clear()
    return server


def sequences(items: list[EventsReceived]) -> list[int]:
    """The stream sequences that the owner was given, in order."""
    return [int(number) for item in items for number in item.events["stream_sequence"]]


def test_logon_opens_the_streams_and_resumes():
    server = online(last_stream_sequence=5)
    assert any(isinstance(action, OpenStreams) for action in server.other)
    assert server.received(LoggedOn)[0].resumed_from == 5
    assert server.asked(control.ResumePrivate).after_sequence == 5
    server.reply(control.ResumePrivate, control.Records(layout="EVENT", records=b"", sequence=5))
    assert server.received(PrivateSynced)[0].sequence == 5


def test_resume_from_the_beginning_comes_in_pages_and_before_live_events():
    server = online(last_stream_sequence=4, resume_from=0)
    server.events(5, answers(5, [9]))
    for first, more in ((1, True), (3, False)):
        page = answers(first, [first, first + 1])
        server.reply(control.ResumePrivate, control.Records(layout="EVENT", records=page.tobytes(), more=more))
    assert sequences(server.received(EventsReceived)) == [1, 2, 3, 4, 5]
    assert [item.resumed for item in server.received(EventsReceived)] == [True, True, False]


def test_private_gap_is_resumed_once_and_nothing_comes_twice():
    server = synced()
    server.events(1, answers(1, [1, 2]))
    server.events(5, answers(5, [5]))
    server.events(6, answers(6, [6]))
    assert sequences(server.received(EventsReceived)) == [1, 2]
    assert server.asked(control.ResumePrivate).after_sequence == 2
    assert server.count(control.ResumePrivate) == 2
    page = answers(3, [3, 4, 5])
    server.reply(control.ResumePrivate, control.Records(layout="EVENT", records=page.tobytes()))
    assert sequences(server.received(EventsReceived)) == [1, 2, 3, 4, 5, 6]


def test_a_heartbeat_says_whether_orders_are_taken():
    server = synced()
    for code in (0, FaultCode.DISK_FULL, FaultCode.DISK_FULL, 0, 999):
        envelope = message(EnvelopeKind.HEARTBEAT, None, server.epoch, 0)
        server.session.on_orders(envelope[:14] + int(code).to_bytes(2, "little") + envelope[16:], server.now_ns)
        server.collect()
    told = [item.code for item in server.received(OrdersRestricted)]
    assert told == [FaultCode.DISK_FULL, FaultCode.NONE, FaultCode.BUSY]
    assert server.count(control.ResumePrivate) == 1, "a heartbeat without a number asks for nothing"
    server.session.on_disconnected(server.now_ns, "gone")
    server.collect()
    assert server.received(OrdersRestricted)[-1].code is FaultCode.NONE


def test_heartbeat_shows_a_lost_tail_of_private_events():
    server = synced()
    server.order_heartbeat(3)
    assert server.asked(control.ResumePrivate).after_sequence == 0
    assert server.count(control.ResumePrivate) == 2


def test_commands_are_numbered_without_gaps_and_refused_without_a_session():
    server = PaperServer()
    with pytest.raises(LocalProtocolError):
        server.session.send(new_orders(1), server.now_ns)
    server.log_on(last_counter=10)
    assert server.session.send(new_orders(2), server.now_ns) == 11
    assert server.session.send(new_orders(1), server.now_ns) == 13
    server.collect()
    sent = np.concatenate([commands_in(frame) for frame in server.orders[-2:]])
    assert sent["counter"].tolist() == [11, 12, 13]
    assert (sent["valid_until_ns"] > server.now_ns).all()
    assert (sent["session"] == 42).all()


def test_unanswered_commands_are_unknown_and_only_what_the_engine_has_not_seen_is_sent_again():
    server = synced()
    server.session.send(new_orders(3), server.now_ns)
    server.events(1, answers(1, [1]))
    server.session.on_disconnected(server.now_ns, "gone")
    server.collect()
    assert server.received(OrdersUnknown)[0].commands["counter"].tolist() == [2, 3]
    assert any(isinstance(action, CloseStreams) for action in server.other)
    server.orders.clear()
    server.tick(2.0)
    server.welcome()
    server.accept(last_counter=2, last_stream_sequence=2)
    page = answers(2, [2])
    server.reply(control.ResumePrivate, control.Records(layout="EVENT", records=page.tobytes()))
    server.tick(0.2)
    again = [commands_in(frame) for frame in server.orders if len(frame) > 64]
    assert [rows["counter"].tolist() for rows in again] == [[3]]
    server.events(3, answers(3, [3]))
    assert server.session.entry.pending_count == 0


def test_a_counter_gap_sends_the_lost_command_again():
    server = synced()
    server.session.send(new_orders(1), server.now_ns)
    server.session.send(new_orders(1), server.now_ns)
    server.collect()
    server.orders.clear()
    gap = answers(1, [2], EventKind.REJECTED, RejectReason.COUNTER_GAP)
    gap["limit"] = 1
    server.events(1, gap)
    server.tick(0.2)
    again = [commands_in(frame)["counter"].tolist() for frame in server.orders if len(frame) > 64]
    assert again == [[1, 2]]


def test_a_busy_gateway_is_asked_again_and_its_answer_is_outside_the_stream():
    server = synced()
    server.session.send(new_orders(1), server.now_ns)
    server.collect()
    server.orders.clear()
    server.events(0, answers(0, [1], EventKind.REJECTED, RejectReason.BUSY))
    server.tick(0.2)
    assert [commands_in(frame)["counter"].tolist() for frame in server.orders if len(frame) > 64] == [[1]]
    assert server.session.private.sequence == 0


def test_a_lower_epoch_is_refused_and_a_higher_one_begins_again():
    server = synced()
    with pytest.raises(RemoteProtocolError):
        server.session.on_orders(_events_of_epoch(2), server.now_ns)
    server.session.on_orders(_events_of_epoch(4), server.now_ns)
    server.collect()
    fault = server.received(Faulted)[0]
    assert (fault.code, fault.final) == (FaultCode.UNAVAILABLE, False)
    server.epoch = 4
    hellos = server.count(control.Hello)
    server.tick(1.5)
    assert server.count(control.Hello) == hellos + 1


def _events_of_epoch(epoch: int) -> bytes:
    return message(2, answers(1, [1]), epoch, 1)


def test_events_that_a_server_lost_are_rolled_back_and_said():
    server = PaperServer(resume_from=10)
    server.log_on(last_stream_sequence=8)
    rolled = server.received(PrivateRolledBack)[0]
    assert (rolled.known, rolled.sequence) == (10, 8)
    assert server.asked(control.ResumePrivate).after_sequence == 8


def test_other_events_under_the_numbers_of_lost_ones_are_no_substitute():
    server = synced()
    server.session.on_orders(message(2, answers(3, [1, 2, 3]), 3, 1), server.now_ns)
    server.collect()
    known = server.session.private.sequence
    assert known > 1
    server.session.on_orders(_events_of_epoch(4), server.now_ns)
    server.epoch = 4
    server.tick(1.5)
    server.welcome()
    logon = server.asked(control.Logon)
    assert (logon.known_stream_sequence, logon.known_epoch) == (known, 3)
    server.accept(last_stream_sequence=known + 20, kept_stream_sequence=1)
    rolled = server.received(PrivateRolledBack)[0]
    assert (rolled.known, rolled.sequence) == (known, 1)
    assert server.asked(control.ResumePrivate).after_sequence == 1


def test_depth_begins_with_a_snapshot_and_drops_what_it_contains():
    server = synced()
    server.session.subscribe(Topic.DEPTH, 5)
    server.collect()
    assert any(isinstance(action, Subscribe) for action in server.other)
    server.market_data(Topic.DEPTH, 5, 9, book(2))
    server.market_data(Topic.DEPTH, 5, 11, book(1))
    assert not server.received(MarketDataReceived)
    server.reply(control.GetSnapshot, control.Records(layout="BOOK_RECORD", records=book(3).tobytes(), sequence=10))
    snapshot, update = server.received(MarketDataReceived)
    assert (snapshot.snapshot, len(snapshot.records), snapshot.gap) == (True, 3, False)
    assert (update.snapshot, update.sequence, len(update.records)) == (False, 11, 1)


def test_a_gap_in_depth_takes_a_new_snapshot():
    server = synced()
    server.session.subscribe(Topic.DEPTH, 5)
    server.collect()
    server.reply(control.GetSnapshot, control.Records(layout="BOOK_RECORD", records=b"", sequence=0))
    server.market_data(Topic.DEPTH, 5, 1, book(1))
    server.market_data(Topic.DEPTH, 5, 3, book(1))
    assert server.count(control.GetSnapshot) == 2
    server.reply(control.GetSnapshot, control.Records(layout="BOOK_RECORD", records=book(2).tobytes(), sequence=3))
    last = server.received(MarketDataReceived)[-1]
    assert (last.snapshot, last.gap, last.sequence) == (True, True, 3)
    assert server.session.feed.gaps == 1


def test_a_heartbeat_shows_a_lost_tail_of_market_data():
    server = synced()
    server.session.subscribe(Topic.DEPTH, 5)
    server.collect()
    server.reply(control.GetSnapshot, control.Records(layout="BOOK_RECORD", records=b"", sequence=4))
    server.positions((Topic.DEPTH, 5, 5))
    assert server.count(control.GetSnapshot) == 1
    server.positions((Topic.DEPTH, 5, 6))
    assert server.count(control.GetSnapshot) == 2


def test_trades_are_retransmitted_and_if_too_old_the_gap_is_said():
    server = synced()
    server.session.subscribe(Topic.TRADES, 5)
    server.market_data(Topic.TRADES, 5, 7, book(1))
    server.market_data(Topic.TRADES, 5, 10, book(1))
    assert server.asked(control.Retransmit).from_sequence == 8
    server.reply(control.Retransmit, control.Records(layout="BOOK_RECORD", records=book(3).tobytes(), sequence=10))
    assert [item.sequence for item in server.received(MarketDataReceived)] == [7, 10]
    server.market_data(Topic.TRADES, 5, 20, book(1))
    assert server.count(control.Retransmit) == 1, "who asks again so soon waits a moment"
    server.tick(0.1)
    server.reply(control.Retransmit, control.Refused(code=FaultCode.NOT_FOUND))
    last = server.received(MarketDataReceived)[-1]
    assert (last.sequence, last.gap) == (20, True)


def test_a_refused_snapshot_is_asked_again_later():
    server = synced()
    server.session.subscribe(Topic.DEPTH, 5)
    server.collect()
    server.reply(control.GetSnapshot, control.Refused(code=FaultCode.BUSY))
    assert server.count(control.GetSnapshot) == 1
    server.tick(0.3)
    assert server.count(control.GetSnapshot) == 2


def alive_until_late(server: PaperServer) -> None:
    """Six seconds in which the order and market data channels live and no request is answered."""
    for _ in range(6):
        server.order_heartbeat(0)
        server.positions()
        server.tick(1.0)


def test_a_resume_whose_answer_was_lost_is_asked_again():
    """The control connection breaks and mends by itself, and takes a question or its answer with it."""
    server = online(last_stream_sequence=5, resume_from=0)
    alive_until_late(server)
    assert server.count(control.ResumePrivate) == 2
    page = answers(1, [1, 2, 3, 4, 5])
    server.reply(control.ResumePrivate, control.Records(layout="EVENT", records=page.tobytes()))
    assert sequences(server.received(EventsReceived)) == [1, 2, 3, 4, 5]


def test_a_snapshot_or_retransmission_whose_answer_was_lost_is_asked_again():
    server = synced()
    server.session.subscribe(Topic.DEPTH, 5)
    server.session.subscribe(Topic.TRADES, 5)
    server.market_data(Topic.TRADES, 5, 7, book(1))
    server.market_data(Topic.TRADES, 5, 10, book(1))
    alive_until_late(server)
    assert (server.count(control.GetSnapshot), server.count(control.Retransmit)) == (2, 2)
    server.reply(control.Retransmit, control.Records(layout="BOOK_RECORD", records=book(3).tobytes(), sequence=10))
    assert [(item.sequence, item.gap) for item in server.received(MarketDataReceived)] == [(7, False), (10, False)]


def test_a_question_of_the_owner_is_refused_when_its_time_is_over():
    server = synced()
    server.session.request(control.GetAccounts())
    for _ in range(3):
        alive_until_late(server)
    (answered,) = server.received(ReplyReceived)
    assert isinstance(answered.reply, control.Refused)
    assert answered.reply.code == FaultCode.UNAVAILABLE


def test_a_clock_that_is_put_back_delays_neither_heartbeat_nor_retry():
    server = synced()
    server.now_ns -= 3600 * 10**9
    server.session.on_time(server.now_ns)
    server.collect()
    before = len(server.orders)
    server.tick(1.0)
    assert len(server.orders) == before + 1
    server.session.on_disconnected(server.now_ns, "gone")
    server.now_ns -= 3600 * 10**9
    server.session.on_time(server.now_ns)
    hellos = server.count(control.Hello)
    server.tick(2.0)
    assert server.count(control.Hello) == hellos + 1


def test_silence_is_stale_and_then_lost():
    server = synced()
    server.order_heartbeat(1)
    server.positions()
    server.incoming.clear()
    server.tick(4.5)
    assert {item.state for item in server.received(StreamState)} == {ChannelState.STALE}
    server.tick(5.0)
    assert server.received(Faulted)[0].code == FaultCode.HEARTBEAT_LOST


def test_market_data_without_heartbeats_is_stale_however_much_of_it_comes():
    server = synced()
    server.session.subscribe(Topic.TRADES, 5)
    server.positions()
    server.incoming.clear()
    for first in range(1, 7):
        server.order_heartbeat(0)
        server.market_data(Topic.TRADES, 5, first, book(1))
        server.tick(1.0)
    server.positions()
    states = [item.state for item in server.received(StreamState) if item.channel is Channel.MARKET_DATA]
    assert states == [ChannelState.STALE, ChannelState.LIVE]


def test_wrong_credentials_are_final_and_open_requests_are_answered():
    server = PaperServer()
    server.log_on()
    server.session.request(control.GetInstruments())
    server.session.on_disconnected(server.now_ns, "gone")
    server.collect()
    answered = server.received(ReplyReceived)
    assert [type(item.reply) for item in answered] == [control.Refused]
    server.tick(2.0)
    server.welcome()
    server.reply(control.Logon, control.Refused(code=FaultCode.WRONG_CREDENTIALS))
    assert server.received(Faulted)[-1].final
    hellos = server.count(control.Hello)
    server.tick(30.0)
    assert server.count(control.Hello) == hellos


@pytest.mark.parametrize("frame", [b"", b"x" * 63, b"\0" * 64, b"\xff" * 200])
def test_garbage_is_a_broken_wire(frame: bytes):
    server = synced()
    with pytest.raises(RemoteProtocolError):
        server.session.on_orders(frame, server.now_ns)
    with pytest.raises(RemoteProtocolError):
        server.session.on_market_data(b"Q\0\0\0\1", frame, server.now_ns)
    with pytest.raises(RemoteProtocolError):
        server.session.on_control(b"\xc1" + frame, server.now_ns)
