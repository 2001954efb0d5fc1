"""The feed over real sockets: what ZeroMQ drops is repaired, who is too slow says so, a logoff ends it all."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import zmq

from server.client.client_sockets import CLIENT_MARKET_DATA
from server.client.incoming import MarketDataReceived, StaleReason
from server.gateway.gateway_sockets import MARKET_DATA
from server.gateway.outbox import Outbox
from server.protocol import control
from server.protocol.codec import encode_message, encode_topic
from server.protocol.enums import EnvelopeKind, Topic
from server.protocol.records import BOOK_RECORD, ENVELOPE
from tests.gateway.desk import ANN_ACCOUNT, VLTA
from tests.gateway.socket_desk import Reader, SocketDesk

ORDERS = encode_topic(Topic.ORDERS, VLTA)
MakeDesk = Callable[..., SocketDesk]


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[MakeDesk]:
    made: list[SocketDesk] = []

    def make(**options: int) -> SocketDesk:
        made.append(SocketDesk(tmp_path / "data", checksum_ms=100, heartbeat_ms=200, **options))
        return made[-1]

    yield make
    for desk in made:
        desk.close()


def trade(desk: SocketDesk, trader: Reader, messages: int) -> None:
    """So many order messages of three orders each, all applied."""
    for _ in range(messages):
        wanted = desk.core.exchange.sequence + 3
        trader.send(3, ANN_ACCOUNT)
        desk.until(partial(_has_applied, desk, wanted), "the orders", reading=False)


def _has_applied(desk: SocketDesk, sequence: int) -> bool:
    return int(desk.core.exchange.sequence) >= sequence


def narrow(monkeypatch: pytest.MonkeyPatch, messages: int) -> None:
    """So many messages wait at the server for a subscriber, and a few in the subscriber."""
    for place, name, options in (
        ("server.gateway.sockets", "MARKET_DATA", replace(MARKET_DATA, send_messages=messages)),
        ("server.client.connection", "CLIENT_MARKET_DATA", replace(CLIENT_MARKET_DATA, receive_messages=8)),
    ):
        monkeypatch.setattr(f"{place}.{name}", options)


def old_message() -> bytes:
    """A message that says nothing new: records 1 to 150 once more."""
    envelope = np.zeros(1, ENVELOPE)
    envelope["kind"], envelope["epoch"], envelope["sequence"] = EnvelopeKind.MARKET_DATA, 1, 1
    envelope["time_ns"] = 1
    return encode_message(envelope, np.zeros(150, BOOK_RECORD))


def test_what_is_dropped_at_the_high_water_mark_is_found_and_repaired(
    make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow(monkeypatch, 8)
    desk = make_desk()
    ann, bob = desk.reader("ann"), desk.reader("bob")
    trade(desk, ann, 60)
    desk.until(bob.equals_the_server, "the books")
    bob.reads = False
    for _ in range(100):
        for _ in range(30):
            desk.transport.send(Outbox(market_data=[(ORDERS, old_message())] * 5))
            desk.pipeline.turn(0)
        trade(desk, ann, 1)
    bob.reads = True
    desk.until(lambda: bob.is_in_step() and bob.equals_the_server(), "the recovery")
    assert bob.connection.session.feed.gaps > 0
    assert bob.reasons() & {StaleReason.GAP, StaleReason.TAIL_LOST}


def test_who_is_too_slow_says_so_drops_its_queue_and_recovers(make_desk: MakeDesk) -> None:
    desk = make_desk()
    ann, bob, cid = desk.reader("ann"), desk.reader("bob"), desk.reader("ops")
    desk.until(lambda: bob.received(MarketDataReceived) != [], "the first snapshot")
    trade(desk, ann, 5)
    desk.until(lambda: all(one.is_in_step() and one.equals_the_server() for one in (bob, cid)), "the books")
    gaps = cid.connection.session.feed.gaps
    bob.reads = False
    trade(desk, ann, 30)
    bob.ahead_ns = 3_000_000_000
    bob.reads = True
    desk.until(lambda: bob.fell_behind > 0, "the word of the slow one")
    desk.until(lambda: bob.is_in_step() and bob.equals_the_server(), "the recovery")
    assert StaleReason.TOO_SLOW in bob.reasons()
    assert bob.connection.session.feed.fallen_behind == 1
    trade(desk, ann, 5)
    desk.until(lambda: bob.is_in_step() and bob.equals_the_server(), "going on")
    assert bob.fell_behind == 1
    assert (cid.fell_behind, cid.connection.session.feed.gaps) == (0, gaps), "nobody else notices"


def test_after_a_logoff_nothing_more_arrives(make_desk: MakeDesk) -> None:
    """A foreign client that logs off and keeps its market data socket open."""
    desk = make_desk()
    ann, bob, ops = desk.reader("ann"), desk.reader("bob"), desk.reader("ops")
    spy = desk.context.socket(zmq.SUB)
    spy.curve_publickey, spy.curve_secretkey = bob.key_pair
    spy.curve_serverkey = desk.public
    spy.linger = 0
    monitor = spy.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
    spy.subscribe(ORDERS)
    spy.connect(f"tcp://127.0.0.1:{desk.transport.market_data_port}")

    def hears() -> bool:
        trade(desk, ann, 1)
        return bool(spy.poll(0))

    desk.until(hears, "the subscription")
    others = (ann, ops)
    desk.until(lambda: all(one.is_in_step() and one.equals_the_server() for one in others), "the others at first")
    gaps = [one.connection.session.feed.gaps for one in others]
    bob.connection.request(control.Logoff())
    sessions = desk.core.gateway.sessions
    desk.until(lambda: bob.key_pair[0] and len(sessions) == 2, "the logoff")
    end = desk.core.gateway.publisher.streams.of(VLTA)[Topic.ORDERS].next_sequence
    desk.clients.remove(bob)
    trade(desk, ann, 50)
    desk.until(lambda: monitor.poll(0) > 0, "the refusal of the reconnection")
    newest = 0
    while spy.poll(0):
        newest = int.from_bytes(spy.recv_multipart()[1][24:32], "little")
    assert 0 < newest < end
    desk.until(lambda: ops.is_in_step() and ops.equals_the_server(), "the others")
    assert [one.connection.session.feed.gaps for one in others] == gaps
    spy.disable_monitor()
    bob.connection.close()


def test_one_of_two_lines_is_cut_and_nothing_is_seen(make_desk: MakeDesk) -> None:
    desk = make_desk(lines=2)
    ann, bob = desk.reader("ann"), desk.reader("bob")
    assert len(bob.connection._market_data) == 2
    trade(desk, ann, 10)
    lines = bob.connection.session.market.lines.lines

    def both_speak() -> bool:
        trade(desk, ann, 1)
        return bob.equals_the_server() and all(line.messages > 3 for line in lines)

    desk.until(both_speak, "the second line")
    desk.until(lambda: bob.is_in_step() and bob.equals_the_server(), "the books at first")
    gaps, reasons = bob.connection.session.feed.gaps, bob.reasons()
    bob.stopped_ns = time.time_ns()
    a = desk.transport._lines[0]
    a.socket.unbind(a.socket.getsockopt_string(zmq.LAST_ENDPOINT))
    for key in [session.key for session in desk.core.gateway.sessions]:
        a.revoke(key)
    trade(desk, ann, 30)
    desk.until(lambda: bob.is_in_step() and bob.equals_the_server(), "the books")
    assert (bob.connection.session.feed.gaps, bob.reasons()) == (gaps, reasons)


def test_what_nobody_reads_does_not_pile_up(make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow(monkeypatch, 100)
    desk = make_desk()
    bob = desk.reader("bob")
    bob.reads = False
    desk.clients.remove(bob)
    before = resident_bytes()
    for _ in range(400):
        desk.transport.send(Outbox(market_data=[(ORDERS, bytes(100_000))] * 10))
        desk.pipeline.turn(0)
    assert resident_bytes() - before < 100_000_000, "400 MB were published"
    bob.connection.close()


def resident_bytes() -> int:
    """What this process holds in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
