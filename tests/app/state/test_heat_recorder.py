"""Whose book history is kept, and on which rows."""

from app.state.depth import DepthBook
from app.state.heat_recorder import KEPT, HeatRecorder
from server.protocol.enums import Side
from tests.app.made import NOON, SECOND, levels


class Rig:
    """A recorder over books of its own."""

    def __init__(self) -> None:
        self.books: dict[int, DepthBook] = {}
        self.sound = True
        self.recorder = HeatRecorder(
            lambda number: self.books.setdefault(number, DepthBook()), lambda number: 1 if number < 90 else 0,
            lambda _: self.sound,
        )  # fmt: skip


def test_the_instruments_shown_last_are_kept_and_none_that_is_shown_goes() -> None:
    rig = Rig()
    for number in range(1, KEPT + 3):
        rig.recorder.record(number, shown=[1])
    kept = [number for number in range(1, KEPT + 3) if rig.recorder.of(number) is not None]
    assert kept == [1, *range(4, KEPT + 3)]
    assert rig.recorder.record(99) is None
    assert rig.recorder.of(99) is None
    assert rig.recorder.record(1) is None


def test_rows_are_chosen_once_both_sides_are_there_and_the_history_begins_with_them() -> None:
    rig = Rig()
    before = rig.recorder.record(1)
    assert before is not None
    assert before.rows.step == 1
    sparse = [(side, 4800 + sign * 40 * (place + 1), 5) for side, sign in ((Side.BUY, -1), (Side.SELL, 1))
              for place in range(12)]  # fmt: skip
    before.reset(levels(*sparse), NOON)
    rig.recorder.advance(NOON)
    after = rig.recorder.of(1)
    assert after is not None
    assert after is not before
    assert after.rows.step == rig.recorder.rows(1).step > 1
    rig.recorder.advance(NOON + SECOND)
    assert rig.recorder.of(1) is after
