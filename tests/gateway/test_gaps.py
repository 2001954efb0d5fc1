"""Whatever a line loses, doubles or mixes up: within two seconds after it ends the client's books are the server's."""

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from server.client.incoming import StaleReason
from server.protocol.enums import CommandKind, Topic
from tests.gateway.desk import ANN_ACCOUNT, VLTA, Client, Desk, order
from tests.gateway.follower import Follower, Relay

STEP_MS = 5
QUIET_STEPS = 2000 // STEP_MS


class Flow:
    """One trader who makes, takes and cancels at random, a few orders a turn."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.random = random.Random(seed)
        self.client: Client = desk.trader("ann")
        self.counter = 0

    def push(self, count: int) -> None:
        """So many orders in one message."""
        rows = []
        for _ in range(count):
            self.counter += 1
            side = self.random.randint(0, 1)
            row = order(
                self.counter, side=side, price=5000 + self.random.randint(-30, 3) * (1 - 2 * side),
                quantity=self.random.randint(1, 9), account=ANN_ACCOUNT,
            )  # fmt: skip
            if self.random.random() < 0.002:
                row["kind"], row["price"], row["side"] = CommandKind.MASS_CANCEL, 0, 2
            rows.append(row)
        self.client.push(self.client.message(np.concatenate(rows)))


def run(desk: Desk, follower: Follower, flow: Flow, steps: int, each: Callable[[int], None] = lambda _: None) -> None:
    """Trading for so many steps."""
    for step in range(steps):
        flow.push(flow.random.randint(1, 5))
        desk.clock.advance_ms(STEP_MS)
        each(step)
        follower.turn()


def settle(desk: Desk, follower: Follower) -> int:
    """Quiet time until the client's books are the server's and nothing is missing; how many milliseconds."""
    for step in range(QUIET_STEPS):
        if follower.is_in_step() and follower.equals_the_server():
            return step * STEP_MS
        desk.clock.advance_ms(STEP_MS)
        follower.turn()
    raise AssertionError("the books differ two seconds later")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, checksum_ms=100)


LINES = {
    "one percent": {"drop": 0.01},
    "ten percent": {"drop": 0.1},
    "doubled": {"double": 0.3},
    "reordered": {"reorder": 0.1},
    "everything": {"drop": 0.05, "double": 0.1, "reorder": 0.1},
}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("line", LINES)
def test_a_bad_line(desk: Desk, line: str, seed: int) -> None:
    relay = Relay(seed, **LINES[line])
    flow = Flow(desk, seed)
    follower = Follower(desk, "bob", VLTA, relay)
    run(desk, follower, flow, 300)
    relay.calm()
    settle(desk, follower)
    assert follower.broken == [], "what was handed over did not fit"
    counts = follower.session.feed.counts()
    if line != "doubled":
        assert counts[Topic.ORDERS].gaps > 0
        assert counts[Topic.ORDERS].retransmits > 0, "a small hole is retransmitted"
        assert {change.reason for change in follower.stale} >= {StaleReason.GAP, None}
    else:
        assert sum(one.gaps for one in counts.values()) == 0


@pytest.mark.parametrize("seed", range(2))
def test_a_burst_of_five_thousand(desk: Desk, seed: int) -> None:
    relay = Relay(seed)
    flow = Flow(desk, seed)
    follower = Follower(desk, "bob", VLTA, relay)

    def burst(step: int) -> None:
        if step == 50:
            relay.burst_left = 5000

    run(desk, follower, flow, 100, burst)
    while relay.burst_left:
        run(desk, follower, flow, 1)
    run(desk, follower, flow, 3)
    settle(desk, follower)
    assert relay.dropped == 5000
    assert follower.broken == []
    assert follower.session.feed.counts()[Topic.ORDERS].snapshots >= 2, "a hole that large is a snapshot"


def test_a_lost_tail_and_then_silence(tmp_path: Path) -> None:
    desk = Desk(tmp_path, checksum_ms=0)
    relay = Relay(3)
    flow = Flow(desk, 3)
    follower = Follower(desk, "bob", VLTA, relay)
    run(desk, follower, flow, 50)
    settle(desk, follower)
    relay.burst_left = 10_000
    flow.push(20)
    desk.clock.advance_ms(25)
    follower.turn()
    relay.calm()
    assert not follower.equals_the_server()
    assert settle(desk, follower) <= 1200, "the next heartbeat shows it"
    assert StaleReason.TAIL_LOST in {change.reason for change in follower.stale}


def test_it_recovers_while_trading_goes_on(desk: Desk) -> None:
    relay = Relay(4, drop=0.1, reorder=0.05)
    flow = Flow(desk, 4)
    follower = Follower(desk, "bob", VLTA, relay)
    run(desk, follower, flow, 200)
    relay.calm()
    run(desk, follower, flow, 2000 // STEP_MS)
    settle(desk, follower)
    assert follower.broken == []


def test_requests_are_few_while_nothing_is_answered(desk: Desk) -> None:
    relay = Relay(5)
    flow = Flow(desk, 5)
    follower = Follower(desk, "bob", VLTA, relay)
    run(desk, follower, flow, 50)
    follower.answers_arrive = False
    relay.drop = 0.2
    run(desk, follower, flow, 400)
    asked = follower.session.feed.counts()
    assert sum(one.retransmits + one.snapshots for one in asked.values()) < 40
    assert all(len(stream.kept) <= 4096 for stream in follower.session.feed.streams.values())
    assert any(change.reason is not None for change in follower.stale)
    relay.calm()
    follower.answers_arrive = True
    for _ in range(6):
        desk.clock.advance_ms(1000)
        follower.turn()
    settle(desk, follower)


def test_a_wrong_book_is_found_by_its_checksum_and_taken_anew(desk: Desk) -> None:
    flow = Flow(desk, 6)
    follower = Follower(desk, "bob", VLTA, Relay(6))
    run(desk, follower, flow, 50)
    settle(desk, follower)
    price = max(follower.depth.bids)
    follower.depth.bids[price] = (follower.depth.bids[price][0] + 1, follower.depth.bids[price][1])
    flow.push(1)
    settle(desk, follower)
    assert len(follower.broken) <= 1
    number = next(number for number, row in follower.orders.orders.items() if row[1] == price)
    follower.orders.orders[number][2] += 1
    for _ in range(40):
        flow.push(1)
        desk.clock.advance_ms(STEP_MS)
        follower.turn()
    settle(desk, follower)
    assert follower.session.feed.counts()[Topic.DEPTH].resyncs >= 1
