"""Strangers at the door of real sockets: shut out by number, and nobody who is in notices."""

import socket
import time
from collections.abc import Callable, Iterator

import pytest
import zmq

from server.gateway.outbox import Outbox
from server.settings import SocketSettings
from tests.benchmarks.flood_client import GREETING, recorded_hello
from tests.gateway.test_sockets import DEADLINE_S, Rig

STRANGERS = 300


@pytest.fixture
def rig() -> Iterator[Rig]:
    """Forty connections of an address, ten of them strangers."""
    made = Rig(
        SocketSettings(connections_per_address_max=40, accepts_burst=STRANGERS, handshakes_per_s=1, handshakes_burst=20)
    )
    yield made
    made.context.destroy(linger=0)
    made.transport.close()


def wait_for(rig: Rig, condition: Callable[[], bool]) -> None:
    """Take turns until it holds."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        rig.transport.poll(10)
        assert time.monotonic() < deadline, "it did not come to that"


def is_shut(connection: socket.socket) -> bool:
    """Whether the server has ended the connection."""
    try:
        while connection.recv(4096):
            pass
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_strangers_are_shut_out_and_a_member_goes_on_trading(rig: Rig) -> None:
    member = rig.client(zmq.DEALER, rig.transport.order_port)
    member.send(b"before")
    rig.until(lambda arrivals: bool(arrivals.orders))
    hello = recorded_hello(rig.public)
    ports = (rig.transport.control_port, rig.transport.order_port, rig.transport.market_data_port)
    strangers = []
    for number in range(STRANGERS):
        connection = socket.create_connection(("127.0.0.1", ports[number % 3]))
        connection.sendall(GREETING + hello if number % 2 else GREETING[:10])
        connection.setblocking(False)
        strangers.append(connection)
        if number % 50 == 0:
            member.send(b"order %d" % number)
            ((_, address, frame),) = rig.until(lambda arrivals: bool(arrivals.orders)).orders
            assert frame == b"order %d" % number
            rig.transport.send(Outbox(orders=[(address, b"answer")]))
            assert member.poll(DEADLINE_S * 1000)
            assert member.recv() == b"answer"
    wait_for(rig, lambda: sum(is_shut(connection) for connection in strangers) >= STRANGERS - 40)
    assert rig.transport.counters["connections.refused"] >= STRANGERS - 40
    member.send(b"after")
    assert rig.until(lambda arrivals: bool(arrivals.orders)).orders[0][2] == b"after"
    for connection in strangers:
        connection.close()
    wait_for(rig, lambda: len(rig.transport._guard) == 1)
    again = rig.client(zmq.DEALER, rig.transport.control_port)
    again.send(b"there is room again")
    assert rig.until(lambda arrivals: bool(arrivals.control)).control[0][2] == b"there is room again"


def test_a_handshake_too_many_is_put_off_and_not_refused(rig: Rig) -> None:
    clients = [rig.client(zmq.DEALER, rig.transport.control_port) for _ in range(22)]
    for client in clients:
        client.send(b"hello")
    wait_for(rig, lambda: rig.transport.counters["handshakes.put_off"] >= 1)
    assert rig.transport.counters["handshakes.put_off"] < 22


def test_who_does_not_log_on_is_let_go(rig: Rig) -> None:
    rig.door.keys.clear()
    stranger = rig.client(zmq.DEALER, rig.transport.control_port, admitted=False)
    member = rig.client(zmq.DEALER, rig.transport.control_port)
    for client in (stranger, member):
        client.send(b"hello")
    peers: dict[str, str] = {}
    deadline = time.monotonic() + DEADLINE_S
    while len(peers) < 2:
        peers |= rig.transport.poll(20).peers
        assert time.monotonic() < deadline
    assert set(peers.values()) == {"127.0.0.1"}
    monitor = stranger.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    rig.transport._timer = lambda: time.monotonic_ns() + 3_600_000_000_000
    wait_for(rig, lambda: bool(monitor.poll(0)))
    assert rig.transport.counters["connections.overdue"] == 1
    stranger.disable_monitor()
    member.send(b"still here")
    assert [frame for _, _, frame in rig.until(lambda arrivals: bool(arrivals.control)).control] == [b"still here"]


def test_a_close_with_messages_that_nobody_takes_ends_soon(rig: Rig) -> None:
    """A peer that stopped reading, with its queue full, holds the end up for the linger and no longer."""
    client = rig.client(zmq.DEALER, rig.transport.order_port)
    client.setsockopt(zmq.RCVHWM, 1)
    client.send(b"here")
    ((_, address, _),) = rig.until(lambda arrivals: bool(arrivals.orders)).orders
    while not rig.transport.counters["drops.private"]:
        rig.transport.send(Outbox(orders=[(address, bytes(100_000))] * 100))
    closer = Rig.closing(rig.transport)
    closer.join(3.0)
    assert not closer.is_alive(), "the context hangs"
    rig.transport = rig.make(rig.endpoints)
