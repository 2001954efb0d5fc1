"""A key whose session has ended gets not one message more, whatever it still has open, and nobody else notices."""

import time
from collections.abc import Callable, Iterator

import pytest
import zmq

from server.gateway.outbox import Outbox
from tests.gateway.test_sockets import DEADLINE_S, Rig, key_name

TOPIC = b"A"


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.context.destroy(linger=0)
    made.transport.close()


class Subscriber:
    """A SUB socket of a key, with what came."""

    def __init__(self, rig: Rig, pair: tuple[bytes, bytes] | None = None) -> None:
        self.rig = rig
        self.pair = pair or zmq.curve_keypair()
        self.key = key_name(self.pair[0])
        rig.door.keys.add(self.key)
        self.socket = rig.context.socket(zmq.SUB)
        self.socket.curve_publickey, self.socket.curve_secretkey = self.pair
        self.socket.curve_serverkey = rig.public
        self.socket.linger = 0
        self.socket.set_hwm(0)
        self.socket.subscribe(TOPIC)
        self.socket.connect(f"tcp://127.0.0.1:{rig.transport.market_data_port}")
        self.numbers: list[int] = []

    def drain(self) -> None:
        """Take what has come."""
        while self.socket.poll(0):
            self.numbers.append(int(self.socket.recv_multipart()[1]))


class Feed:
    """Publishes numbers from 1."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.last = 0

    def publish(self, count: int = 1) -> None:
        """So many messages, in one release."""
        numbers = range(self.last + 1, self.last + 1 + count)
        self.last += count
        self.rig.transport.send(Outbox(market_data=[(TOPIC, str(number).encode()) for number in numbers]))

    def until(self, done: Callable[[], bool], *subscribers: Subscriber) -> None:
        """Publish and let everybody receive until something holds."""
        deadline = time.monotonic() + DEADLINE_S
        while not done():
            assert time.monotonic() < deadline, "it did not happen"
            self.rig.transport.poll(5)
            self.publish()
            for one in subscribers:
                one.drain()


def end_session(rig: Rig, key: str) -> None:
    """What a logoff, a kick, or a second logon of the key does."""
    rig.door.keys.discard(key)
    rig.door.revoked.append(key)


@pytest.mark.parametrize("connections", [1, 3])
def test_nothing_that_is_published_after_the_end_of_a_session_arrives(rig: Rig, connections: int) -> None:
    feed = Feed(rig)
    other = Subscriber(rig)
    first = Subscriber(rig)
    mine = [first, *(Subscriber(rig, first.pair) for _ in range(connections - 1))]
    feed.until(lambda: all(one.numbers for one in (other, *mine)), other, *mine)
    monitors = [one.socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH) for one in mine]
    end_session(rig, first.key)
    last = feed.last
    feed.publish(8_000)
    feed.until(lambda: all(monitor.poll(0) for monitor in monitors), other, *mine)
    wanted = feed.last
    feed.until(lambda: other.numbers[-1] >= wanted, other, *mine)
    for one in mine:
        assert one.numbers[-1] <= last, "a message came after the end of the session"
        one.socket.disable_monitor()
    assert other.numbers == list(range(other.numbers[0], other.numbers[-1] + 1)), "somebody else missed something"
    assert rig.transport.counters["subscribers.cut"] == 1


def test_a_key_that_logs_on_again_is_served_again(rig: Rig) -> None:
    feed = Feed(rig)
    mine = Subscriber(rig)
    feed.until(lambda: bool(mine.numbers), mine)
    end_session(rig, mine.key)
    monitor = mine.socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
    feed.until(lambda: monitor.poll(0) > 0, mine)
    mine.socket.disable_monitor()
    before = len(mine.numbers)
    rig.door.keys.add(mine.key)
    again = Subscriber(rig, mine.pair)
    feed.until(lambda: bool(again.numbers), mine, again)
    assert len(mine.numbers) in (before, before + len(again.numbers)), "at most its own reconnection serves it too"


def test_connections_that_have_gone_are_forgotten_when_the_next_one_comes(rig: Rig) -> None:
    feed = Feed(rig)
    pair = zmq.curve_keypair()
    line = rig.transport._lines[0]
    for ended in range(1, 6):
        one = Subscriber(rig, pair)
        feed.until(lambda one=one: bool(one.numbers), one)  # type: ignore[misc]
        one.socket.close()
        feed.until(lambda ended=ended: len(rig.door.ended) == ended)  # type: ignore[misc]
    assert line.connections <= 2


def test_what_cannot_be_cut_is_not_served(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = Feed(rig)
    monkeypatch.setattr("server.gateway.subscriber_connections._is_ours", lambda *_: False)
    mine = Subscriber(rig)
    feed.until(lambda: rig.transport.counters["subscriptions.untraceable"] > 0, mine)
    feed.publish(10)
    assert not mine.socket.poll(100)
