"""The tape: live trades and pages of history, each trade once, holes seen."""

import numpy as np

from app.studies.tape import NOBODY, Tape, prints
from tests.app.studies.tapes import made_trades, ticks_of


def test_records_of_history_become_prints() -> None:
    trades = made_trades(500)
    np.testing.assert_array_equal(prints(ticks_of(trades)), trades)
    assert (trades["aggressor"] == NOBODY).any()


def test_pages_and_live_trades_in_any_overlap() -> None:
    trades, draw = made_trades(6_000), np.random.default_rng(1)
    for _ in range(5):
        tape, first, last = Tape(), 3_000, 3_000
        while last < len(trades):
            step = int(draw.integers(1, 700))
            tape.append(trades[max(first, last - int(draw.integers(0, 20))) : last + step])
            last = min(last + step, len(trades))
            page = int(draw.integers(1, 900))
            if first:
                tape.prepend(trades[max(first - page, 0) : first + int(draw.integers(0, 9))], more=first > page)
                first = max(first - page, 0)
        tape.prepend(trades[:first], more=False)
        np.testing.assert_array_equal(tape.rows, trades)
        assert tape.complete
        assert not tape.hole


def test_a_hole_is_seen_on_both_sides() -> None:
    trades = made_trades(100)
    tape = Tape()
    tape.append(trades[50:60])
    assert not tape.hole
    tape.append(trades[61:70])
    assert tape.hole
    tape.clear()
    tape.append(trades[50:60])
    assert not tape.hole
    tape.prepend(trades[:49], more=False)
    assert tape.hole


def test_trades_between_two_times() -> None:
    trades = made_trades(100)
    tape = Tape()
    tape.append(trades)
    begin, end = int(trades["time_ns"][20]), int(trades["time_ns"][70])
    found = tape.between(begin, end)
    assert (found["time_ns"] >= begin).all()
    assert (found["time_ns"] < end).all()
    assert len(found) == int(((trades["time_ns"] >= begin) & (trades["time_ns"] < end)).sum())
