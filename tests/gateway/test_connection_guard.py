"""Connections by network address: how many, how fast, and how long without a session."""

import pytest

from server.gateway.connection_guard import ConnectionGuard, network_of
from server.settings import SocketSettings

SECOND = 1_000_000_000
HERE, THERE = "10.0.0.1", "10.9.9.9"


def guard(connections_max: int = 100, members: tuple[str, ...] = (), **limits: int) -> ConnectionGuard:
    return ConnectionGuard(SocketSettings(**limits), connections_max, lambda key: key in members)


def opened(
    made: ConnectionGuard, descriptors: range, host: str = HERE, now_ns: int = 0, *, control: bool = True
) -> int:
    """How many of these connections may stay."""
    return sum(made.accepts(number, (host, number), now_ns, is_control=control) for number in descriptors)


def test_an_address_opens_so_many_at_once_and_so_many_a_second() -> None:
    made = guard(accepts_per_s=10, accepts_burst=5)
    assert opened(made, range(10)) == 5
    assert opened(made, range(10, 20), THERE) == 5, "another address has its own"
    assert opened(made, range(20, 30), now_ns=SECOND // 10) == 1


def test_an_address_keeps_so_many_and_gets_its_places_back() -> None:
    made = guard(connections_per_address_max=3)
    assert opened(made, range(5)) == 3
    assert opened(made, range(5, 6), THERE) == 1
    made.gone(0)
    made.gone(0)
    made.gone(4711)
    assert opened(made, range(6, 8)) == 1


def test_all_together_keep_so_many() -> None:
    made = guard(connections_max=4)
    assert opened(made, range(3)) == 3
    assert opened(made, range(3, 10), THERE) == 1
    assert len(made) == 4


def test_a_descriptor_that_comes_again_is_another_connection() -> None:
    made = guard(connections_per_address_max=1)
    assert opened(made, range(1)) == 1
    assert opened(made, range(1), THERE) == 1
    assert len(made) == 1
    assert opened(made, range(1, 2)) == 1, "the first one's place was given free"


def test_strangers_have_fewer_places_than_members_and_not_for_ever() -> None:
    made = guard(members=("ann",), strangers_per_address_max=2, stranger_ms=1000)
    assert opened(made, range(3)) == 2
    made.spoke(0, "ann")
    made.spoke(1, "somebody")
    made.spoke(4711, "nobody")
    assert opened(made, range(3, 5)) == 1
    assert opened(made, range(5, 8), control=False) == 3, "order and market data sockets admit members alone"
    assert made.overdue(SECOND - 1) == []
    assert made.overdue(SECOND) == [(1, (HERE, 1)), (3, (HERE, 3))]


def test_handshakes_are_limited_apart_from_connections() -> None:
    made = guard(handshakes_per_s=1, handshakes_burst=2)
    assert [made.allows_handshake(HERE, 0) for _ in range(3)] == [True, True, False]
    assert made.allows_handshake(THERE, 0)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.1", "10.0.0.1"), ("::ffff:10.0.0.1", "10.0.0.1"), ("", ""), ("no address", "no address"),
        ("[2001:db8::1]", network_of("2001:db8::ffff:1")), ("fe80::1%eth0", network_of("fe80::2")),
    ],
)  # fmt: skip
def test_one_subscriber_is_one_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_two_subscribers_are_two() -> None:
    assert network_of("2001:db8:0:1::1") != network_of("2001:db8:0:2::1")
