"""Streams are taken once for all who want them, and the instruments shown last stay, up to a bound."""

from hypothesis import given
from hypothesis import strategies as st

from app.models.following import KEPT_MAX, Following
from server.protocol.enums import Topic


class Lines:
    """What is subscribed, as a link would have it."""

    def __init__(self) -> None:
        self.taken: list[tuple[Topic, int]] = []
        self.forgotten: list[tuple[Topic, int]] = []
        self.following = Following(
            lambda *stream: self.taken.append(stream), lambda *stream: self.taken.remove(stream),
            lambda *stream: self.forgotten.append(stream),
        )  # fmt: skip


def test_two_want_one_stream() -> None:
    lines = Lines()
    lines.following.want("chart", Topic.TRADES, 7)
    lines.following.want("tape", Topic.TRADES, 7)
    assert lines.taken == [(Topic.TRADES, 7)]
    lines.following.leave("chart", Topic.TRADES, 7)
    lines.following.leave("chart", Topic.TRADES, 7)
    assert lines.following.is_taken(Topic.TRADES, 7)
    lines.following.leave_all("tape")
    assert lines.taken == []
    assert lines.forgotten == [(Topic.TRADES, 7)]


@given(st.lists(st.integers(1, 80), max_size=200), st.sets(st.integers(1, 80), max_size=4))
def test_the_shown_ones_stay_and_no_more_than_the_bound(shown: list[int], held: set[int]) -> None:
    lines = Lines()
    for instrument in [*held, *shown]:
        lines.following.show(instrument, held)
    taken = {instrument for topic, instrument in lines.taken if topic is Topic.DEPTH}
    assert held <= taken
    assert len(lines.taken) == 2 * len(taken)
    assert len(taken) <= KEPT_MAX
    assert set(shown[-5:]) <= taken


def test_another_link_is_asked_for_the_same() -> None:
    lines = Lines()
    lines.following.show(1)
    lines.following.want("queue", Topic.ORDERS, 1)
    before = sorted(lines.taken)
    lines.taken.clear()
    lines.following.renew()
    assert sorted(lines.taken) == before
