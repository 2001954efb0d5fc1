"""The ZeroMQ adapter over real CURVE sockets: who gets in, what arrives, and what costs a sender only itself."""

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import zmq
from zmq.utils import z85

from server.gateway.outbox import Arrivals, Outbox
from server.gateway.sockets import Endpoints, PortInUse, ZmqTransport
from server.settings import SocketSettings

DEADLINE_S = 20.0


class Door:
    """Admits the keys of a set, and each subscription of theirs but `N...`."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.ended: list[tuple[str, bytes]] = []
        self.revoked: list[str] = []

    def admits(self, domain: str, key: str) -> bool:
        """Anyone to control."""
        return domain == "control" or key in self.keys

    def has_session(self, key: str) -> bool:
        """A known key."""
        return key in self.keys

    def admits_subscription(self, key: str, topic: bytes) -> bool:
        """A known key, and a topic that is allowed."""
        return key in self.keys and not topic.startswith(b"N")

    def ends_subscription(self, key: str, topic: bytes) -> None:
        """Remember it."""
        self.ended.append((key, topic))

    def take_revoked(self) -> list[str]:
        """Those whom the test throws out."""
        revoked, self.revoked = self.revoked, []
        return revoked


class Rig:
    """A transport and clients on loopback."""

    endpoints = Endpoints("127.0.0.1", 0, 0, 0)

    def __init__(self, limits: SocketSettings | None = None) -> None:
        self.door = Door()
        self.limits = limits
        self.public, self.secret = zmq.curve_keypair()
        self.transport = self.make(self.endpoints)
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()

    def make(self, endpoints: Endpoints) -> ZmqTransport:
        """Another transport of the same key."""
        return ZmqTransport(
            endpoints, public_key=self.public, secret_key=self.secret, admission=self.door, requests_per_turn=10,
            commands_per_turn=100, limits=self.limits,
        )  # fmt: skip

    @staticmethod
    def closing(transport: ZmqTransport) -> threading.Thread:
        """The close of a transport, going on in a thread."""
        thread = threading.Thread(target=transport.close, daemon=True)
        thread.start()
        return thread

    def client(self, kind: int, port: int, *, admitted: bool = True, server_key: bytes = b"") -> zmq.Socket[bytes]:
        """A connected CURVE socket with a new key."""
        public, secret = zmq.curve_keypair()
        if admitted:
            self.door.keys.add(key_name(public))
        socket = self.context.socket(kind)
        socket.curve_publickey, socket.curve_secretkey = public, secret
        socket.curve_serverkey = server_key or self.public
        socket.linger = 0
        socket.connect(f"tcp://127.0.0.1:{port}")
        return socket

    def until(self, done: Callable[[Arrivals], bool]) -> Arrivals:
        """Poll until something has arrived that fits."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            arrivals = self.transport.poll(20)
            if done(arrivals):
                return arrivals
        raise AssertionError("it did not arrive")

    def turn_for(self, turns: int) -> list[Arrivals]:
        """So many polls, for what must not arrive."""
        return [self.transport.poll(10) for _ in range(turns)]


def key_name(public: bytes) -> str:
    """The User-Id of a key."""
    return z85.decode(public).hex()


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.context.destroy(linger=0)
    made.transport.close()


def test_a_message_carries_the_key_of_its_sender_and_the_answer_finds_it(rig: Rig) -> None:
    client = rig.client(zmq.DEALER, rig.transport.order_port)
    client.send(b"hello")
    ((key, address, frame),) = rig.until(lambda a: bool(a.orders)).orders
    assert key in rig.door.keys
    assert frame == b"hello"
    rig.transport.send(Outbox(orders=[(address, b"world")]))
    assert client.poll(DEADLINE_S * 1000)
    assert client.recv() == b"world"


def test_a_key_without_a_session_reaches_control_alone(rig: Rig) -> None:
    control = rig.client(zmq.DEALER, rig.transport.control_port, admitted=False)
    control.send(b"hello")
    assert rig.until(lambda a: bool(a.control)).control[0][2] == b"hello"
    orders = rig.client(zmq.DEALER, rig.transport.order_port, admitted=False)
    monitor = orders.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
    orders.send(b"let me in")
    deadline = time.monotonic() + DEADLINE_S
    while not monitor.poll(0):
        assert not rig.transport.poll(20).orders
        assert time.monotonic() < deadline, "the handshake was not refused"
    orders.disable_monitor()


def test_a_wrong_server_key_or_no_curve_gets_nowhere(rig: Rig) -> None:
    stranger, _ = zmq.curve_keypair()
    wrong = rig.client(zmq.DEALER, rig.transport.control_port, server_key=stranger)
    plain = rig.context.socket(zmq.DEALER)
    plain.linger = 0
    plain.connect(f"tcp://127.0.0.1:{rig.transport.control_port}")
    for stranded in (wrong, plain):
        stranded.send(b"hello")
    right = rig.client(zmq.DEALER, rig.transport.control_port)
    right.send(b"right")
    assert [frame for _, _, frame in rig.until(lambda a: bool(a.control)).control] == [b"right"]
    assert not any(arrivals.control for arrivals in rig.turn_for(20))


def test_a_message_of_many_frames_is_one_that_no_decoder_takes(rig: Rig) -> None:
    client = rig.client(zmq.DEALER, rig.transport.order_port)
    client.send_multipart([b"one", b"two", b"three"])
    client.send(b"after")
    frames: list[bytes] = []
    while len(frames) < 2:
        frames += [frame for _, _, frame in rig.until(lambda a: bool(a.orders)).orders]
    assert frames == [b"", b"after"]


def test_a_huge_message_costs_its_connection_and_no_other(rig: Rig) -> None:
    good = rig.client(zmq.DEALER, rig.transport.order_port)
    good.send(b"before")
    rig.until(lambda a: bool(a.orders))
    bad = rig.client(zmq.DEALER, rig.transport.order_port)
    bad.send(b"x" * (3 << 20))
    good.send(b"after")
    assert rig.until(lambda a: bool(a.orders)).orders[0][2] == b"after"
    assert not any(arrivals.orders for arrivals in rig.turn_for(20))


def test_a_receiver_that_is_gone_is_counted(rig: Rig) -> None:
    rig.transport.send(Outbox(orders=[(b"nobody", b"x")], control=[(b"nobody", b"x")]))
    assert dict(rig.transport.counters) == {"drops.private": 1, "drops.control": 1}


def test_a_drain_has_a_limit_and_loses_nothing(rig: Rig) -> None:
    client = rig.client(zmq.DEALER, rig.transport.order_port)
    for number in range(250):
        client.send(str(number).encode())
    frames: list[bytes] = []
    while len(frames) < 250:
        arrived = rig.until(lambda a: bool(a.orders)).orders
        assert len(arrived) <= 100
        frames += [frame for _, _, frame in arrived]
    assert frames == [str(number).encode() for number in range(250)]


def test_a_subscription_counts_if_it_is_admitted(rig: Rig) -> None:
    client = rig.client(zmq.SUB, rig.transport.market_data_port)
    client.subscribe(b"NO")
    client.subscribe(b"YES")
    deadline = time.monotonic() + DEADLINE_S
    while not client.poll(20):
        rig.transport.poll(0)
        rig.transport.send(Outbox(market_data=[(b"NO", b"secret"), (b"YES", b"public")]))
        assert time.monotonic() < deadline, "nothing was published"
    while client.poll(100):
        assert client.recv_multipart() == [b"YES", b"public"]


def test_a_key_whose_session_has_ended_gets_no_new_topic(rig: Rig) -> None:
    client = rig.client(zmq.SUB, rig.transport.market_data_port)
    client.subscribe(b"A")
    deadline = time.monotonic() + DEADLINE_S
    while not client.poll(20):
        rig.transport.poll(0)
        rig.transport.send(Outbox(market_data=[(b"A", b"1")]))
        assert time.monotonic() < deadline, "nothing was published"
    rig.door.keys.clear()
    client.subscribe(b"B")
    for _ in range(20):
        rig.transport.poll(10)
        rig.transport.send(Outbox(market_data=[(b"B", b"2")]))
    while client.poll(100):
        assert client.recv_multipart()[0] == b"A"


def test_the_end_of_a_subscription_is_told_with_its_key(rig: Rig) -> None:
    client = rig.client(zmq.SUB, rig.transport.market_data_port)
    (key,) = rig.door.keys
    client.subscribe(b"A")
    client.unsubscribe(b"A")
    client.subscribe(b"B")
    client.unsubscribe(b"B")
    deadline = time.monotonic() + DEADLINE_S
    while (key, b"B") not in rig.door.ended:
        rig.transport.poll(20)
        assert time.monotonic() < deadline, "it did not arrive"


def test_a_connection_that_ends_takes_its_subscriptions_along(rig: Rig) -> None:
    client = rig.client(zmq.SUB, rig.transport.market_data_port)
    client.subscribe(b"A")
    deadline = time.monotonic() + DEADLINE_S
    while not client.poll(20):
        rig.transport.poll(0)
        rig.transport.send(Outbox(market_data=[(b"A", b"1")]))
        assert time.monotonic() < deadline, "nothing was published"
    client.close()
    while not rig.door.ended:
        rig.transport.poll(20)
        assert time.monotonic() < deadline, "it did not arrive"
    assert rig.door.ended[0][1] == b"A"


def test_an_upstream_message_of_a_subscriber_is_dropped(rig: Rig) -> None:
    client = rig.client(zmq.XSUB, rig.transport.market_data_port)
    client.send(b"\x02 no subscription")
    client.send(b"\x01A")
    deadline = time.monotonic() + DEADLINE_S
    while not rig.transport.counters["drops.subscriber_messages"]:
        rig.transport.poll(20)
        assert time.monotonic() < deadline, "it did not arrive"


def test_a_port_in_use_is_one_sentence(rig: Rig) -> None:
    with pytest.raises(PortInUse, match=r"^The orders socket cannot use 127\.0\.0\.1:\d+: Address already in use\.$"):
        rig.make(Endpoints("127.0.0.1", 0, rig.transport.order_port, 0))


def test_a_descriptor_ends_a_poll(rig: Rig) -> None:
    reading, writing = socket.socketpair()
    woken: list[bytes] = []
    rig.transport.wake_on(reading.fileno(), lambda: woken.append(reading.recv(1)))
    writing.send(b"!")
    rig.transport.poll(int(DEADLINE_S * 1000))
    assert woken == [b"!"]
    reading.close()
    writing.close()


def play(clients: list[zmq.Socket[bytes]], rounds: int) -> None:
    """Each client sends one to three messages and waits for as many answers, so many rounds, all interleaved."""
    random_ = random.Random(20261122)
    expected = dict.fromkeys(clients, 0)
    left = dict.fromkeys(clients, rounds)
    poller = zmq.Poller()
    for client in clients:
        poller.register(client, zmq.POLLIN)
    while any(left.values()):
        for client in clients:
            if left[client] and not expected[client]:
                expected[client] = random_.randint(1, 3)
                for _ in range(expected[client]):
                    client.send(b"x" * random_.randint(1, 400))
        for client, _ in poller.poll(1000):
            client.recv()
            expected[client] -= 1
            left[client] -= not expected[client]


def test_nothing_is_left_lying_while_the_loop_waits(rig: Rig) -> None:
    """A wake-up that gets lost would show as a poll that ends by its time-out although the clients wait."""
    ports = [rig.transport.order_port, rig.transport.control_port]
    clients = [rig.client(zmq.DEALER, ports[number % 2]) for number in range(5)]
    players = threading.Thread(target=play, args=(clients, 200))
    players.start()
    waits: list[bool] = []
    select = rig.transport._selector.select

    def counted(timeout: float) -> list:
        ready = select(timeout)
        waits.append(bool(ready) or timeout == 0)
        return ready

    rig.transport._selector.select = counted
    while players.is_alive():
        arrivals = rig.transport.poll(2000)
        rig.transport.send(
            Outbox(
                orders=[(address, frame) for _, address, frame in arrivals.orders],
                control=[(address, frame) for _, address, frame in arrivals.control],
                market_data=[(b"A", b"1")] * (len(arrivals.orders) % 3),
            )
        )
    players.join()
    assert waits.count(False) <= 1, "the last wait alone may be in vain"


def test_a_history_process_that_ends_takes_nothing_with_it(rig: Rig) -> None:
    """Its socket and the news of its end may wake one and the same poll."""
    server = rig.context.socket(zmq.ROUTER)
    public, secret = zmq.curve_keypair()
    server.curve_server, server.curve_secretkey = True, secret
    port = server.bind_to_random_port("tcp://127.0.0.1")
    news, told = socket.socketpair()

    def on_news() -> None:
        news.recv(64)
        rig.transport.disconnect_history()

    rig.transport.wake_on(news.fileno(), on_news)
    for _ in range(20):
        rig.transport.connect_history(f"tcp://127.0.0.1:{port}", public, *zmq.curve_keypair())
        history = rig.transport._history
        assert history is not None
        deadline_s = time.monotonic() + DEADLINE_S
        while not server.poll(10):
            assert time.monotonic() < deadline_s
            rig.transport.send(Outbox(history=[b"a question"]))
        server.send_multipart([server.recv_multipart()[0], b"an answer"])
        while not history.getsockopt(zmq.EVENTS) & zmq.POLLIN:
            assert time.monotonic() < deadline_s
        told.send(b"\0")
        deadline_s = time.monotonic() + DEADLINE_S
        while not history.closed:
            assert time.monotonic() < deadline_s
            rig.transport.poll(10)
    server.close(linger=0)
    news.close()
    told.close()
