"""Two lines of the same content: what one loses the other brings, and nobody sees a gap."""

from pathlib import Path

import pytest

from server.client.incoming import LineChange
from tests.gateway.desk import VLTA, Desk
from tests.gateway.follower import Follower, Relay
from tests.gateway.test_gaps import Flow, run, settle


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, checksum_ms=100)


def repairs(follower: Follower) -> tuple[int, int, int]:
    """Gaps, retransmissions and resynchronisations of all streams."""
    counts = follower.session.feed.counts().values()
    return sum(c.gaps for c in counts), sum(c.retransmits for c in counts), sum(c.resyncs for c in counts)


def test_one_line_dies_and_nothing_is_seen(desk: Desk) -> None:
    a, b = Relay(1), Relay(2)
    flow = Flow(desk, 1)
    follower = Follower(desk, "bob", VLTA, a, b)

    def kill(step: int) -> None:
        if step == 60:
            a.drop = 1.0

    run(desk, follower, flow, 200, kill)
    settle(desk, follower)
    assert repairs(follower) == (0, 0, 0)
    assert [change for change in follower.stale if change.reason is not None] == []
    assert a.dropped > 500
    for _ in range(100):
        desk.clock.advance_ms(50)
        follower.turn()
    assert follower.silent == [LineChange("A", True)]
    a.calm()
    desk.clock.advance_ms(1000)
    follower.turn()
    desk.clock.advance_ms(100)
    follower.turn()
    assert follower.silent[-1] == LineChange("A", False)


def test_a_late_line_fills_the_holes_of_the_other(desk: Desk) -> None:
    """B brings everything, often later than A; A loses a tenth."""
    a, b = Relay(3, drop=0.1), Relay(4, reorder=0.3)
    flow = Flow(desk, 2)
    follower = Follower(desk, "bob", VLTA, a, b)
    run(desk, follower, flow, 200)
    a.calm()
    b.calm()
    settle(desk, follower)
    assert follower.broken == []
    assert a.dropped > 50
    assert repairs(follower)[0] < a.dropped // 10, "few holes are open for longer than the patience"


def test_what_both_lose_is_a_gap_and_is_repaired(desk: Desk) -> None:
    a, b = Relay(5, drop=0.3), Relay(6, drop=0.3)
    flow = Flow(desk, 3)
    follower = Follower(desk, "bob", VLTA, a, b)
    run(desk, follower, flow, 200)
    a.calm()
    b.calm()
    settle(desk, follower)
    assert repairs(follower)[0] > 0
    assert follower.broken == []
