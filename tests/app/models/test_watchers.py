"""Who is told what changed: rates, phases, the unseen, and that nothing told is lost."""

from hypothesis import given
from hypothesis import strategies as st

from app.models.watchers import Watchers
from app.state.changes import Changes

MS = 1_000_000
FRAME_NS = 16_666_666
BEGIN_NS = 1_728_043_200_000_000_000


def quotes(*rows: int) -> Changes:
    """Changes of some quote rows."""
    return Changes(quotes=set(rows))


def test_a_watcher_is_told_at_its_rate_and_two_take_turns() -> None:
    watchers, told = Watchers(), {"a": [], "b": [], "slow": []}
    watchers.add(lambda _: told["a"].append(frame), 30.0)
    watchers.add(lambda _: told["b"].append(frame), 30.0)
    watchers.add(lambda _: told["slow"].append(frame), 2.0)
    for frame in range(120):
        watchers.tell(Changes(), BEGIN_NS + frame * FRAME_NS)
    assert 58 <= len(told["a"]) <= 62
    assert 58 <= len(told["b"]) <= 62
    assert len(set(told["a"]) & set(told["b"])) <= 4
    assert 3 <= len(told["slow"]) <= 5


def test_who_cannot_be_seen_is_not_told_and_nothing_is_kept_for_him() -> None:
    seen, told = [False], []
    watchers = Watchers()
    watcher = watchers.add(told.append, 30.0, lambda: seen[0])
    for frame in range(20):
        watchers.tell(quotes(frame), BEGIN_NS + frame * FRAME_NS)
    assert told == []
    assert watcher.kept is None
    seen[0] = True
    for frame in range(20, 23):
        watchers.tell(quotes(frame), BEGIN_NS + frame * FRAME_NS)
    assert all(min(one.quotes) >= 20 for one in told)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=60), st.sampled_from([5.0, 12.0, 30.0, 60.0]))
def test_whatever_the_frames_everything_that_changed_is_told_once(steps_ms: list[int], rate_hz: float) -> None:
    watchers, told = Watchers(), []
    watchers.add(lambda changes: told.extend(changes.fills), rate_hz)
    now_ns = BEGIN_NS
    for number, step_ms in enumerate(steps_ms):
        now_ns += step_ms * MS
        watchers.tell(Changes(fills=[number]), now_ns)
    watchers.tell_all()
    watchers.tell(Changes(), now_ns)
    assert told == list(range(len(steps_ms)))


def test_a_clock_that_steps_back_stops_nobody() -> None:
    watchers, told = Watchers(), []
    watchers.add(told.append, 30.0)
    watchers.tell(Changes(), BEGIN_NS)
    for frame in range(10):
        watchers.tell(Changes(), BEGIN_NS - 3600 * 1000 * MS + frame * FRAME_NS)
    assert len(told) >= 4


def test_what_is_told_to_several_is_not_changed_by_one_who_waits() -> None:
    watchers, fast = Watchers(), []
    watchers.add(fast.append, 60.0)
    watchers.add(lambda _: None, 1.0)
    for frame in range(4):
        watchers.tell(quotes(frame), BEGIN_NS + frame * FRAME_NS)
    assert [one.quotes for one in fast] == [{0}, {1}, {2}, {3}]


def test_who_left_is_told_no_more() -> None:
    watchers, told = Watchers(), []
    watcher = watchers.add(told.append, 60.0)
    watchers.remove(watcher)
    watchers.remove(watcher)
    watchers.tell(Changes(), BEGIN_NS)
    assert told == []
