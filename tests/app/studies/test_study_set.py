"""Each indicator equals TA-Lib on the whole series, whatever happens to the bars."""

import numpy as np
import pytest
from numpy.typing import NDArray

from app.studies import study_set
from app.studies.catalogue import kinds
from app.studies.choice import Choice, chosen
from app.studies.study_set import StudySet
from tests.app.studies.markets import UNITS, Later, made_bars, truth

EVERY = [chosen(kind) for kind in kinds().values() if kind.source == "bars"]
GROUPS = sorted({choice.kind.group for choice in EVERY})
HELD, PAGE = 400, 90


def assert_equal(studies: StudySet, rows: NDArray[np.void], tolerance: float = 0.0) -> None:
    for one in studies.indicators:
        expected = truth(one.choice, rows)
        assert one.values.shape == expected.shape, one.choice
        np.testing.assert_allclose(
            one.values, expected, rtol=tolerance, atol=tolerance, equal_nan=True, err_msg=str(one.choice)
        )


def of_group(group: str) -> list[Choice]:
    return [choice for choice in EVERY if choice.kind.group == group]


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("seed", [1, 2])
def test_any_sequence_of_appends_corrections_and_prepends(group: str, seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows = made_bars(2_000, seed)
    first, last = 900, 900 + HELD
    studies = StudySet(Later().submit)
    studies.reset(rows[first:last], UNITS)
    studies.choose(of_group(group), rows[first:last])
    assert_equal(studies, rows[first:last])
    for _ in range(60):
        what = draw.integers(0, 10)
        if what == 0:
            first -= PAGE
            studies.prepend(rows[first:last], PAGE)
        elif what < 5:
            rows[last - 1]["close"] += int(draw.integers(-9, 10))
            rows[last - 1]["high"] = max(rows[last - 1]["high"], rows[last - 1]["close"])
            rows[last - 1]["low"] = min(rows[last - 1]["low"], rows[last - 1]["close"])
            rows[last - 1]["volume"] += int(draw.integers(0, 50))
            studies.advance(rows[first:last])
        else:
            last += int(draw.integers(1, 4))
            studies.advance(rows[first:last])
    assert_equal(studies, rows[first:last], 1e-9)


@pytest.mark.parametrize("group", GROUPS)
def test_every_length_from_nothing_on(group: str) -> None:
    rows = made_bars(160, 3)
    studies = StudySet(Later().submit)
    studies.reset(rows[:0], UNITS)
    studies.choose(of_group(group), rows[:0])
    for count in range(1, len(rows) + 1):
        studies.advance(rows[:count])
        if count < 8 or count % 19 == 0 or 30 <= count < 40:
            assert_equal(studies, rows[:count])


@pytest.mark.parametrize("shape", [
    {"middle": 0}, {"middle": -18_000}, {"factor": 1_000_000}, {"step": 0}, {"middle": 0, "step": 0},
])  # fmt: skip
def test_extreme_prices(shape: dict[str, int]) -> None:
    rows = made_bars(300, 4, **shape)
    studies = StudySet(Later().submit)
    studies.reset(rows[:150], UNITS)
    with np.errstate(all="ignore"):
        studies.choose(EVERY, rows[:150])
        for count in range(150, 301):
            studies.advance(rows[:count])
        assert_equal(studies, rows)


def test_a_price_a_million_times_the_last() -> None:
    rows = made_bars(300, 5)
    for name in ("high", "close"):
        rows[name][280] *= 1_000_000
    studies = StudySet(Later().submit)
    studies.reset(rows[:270], UNITS)
    with np.errstate(all="ignore"):
        studies.choose(EVERY, rows[:270])
        for count in range(270, 301):
            studies.advance(rows[:count])
        assert_equal(studies, rows)


def test_many_bars_are_computed_elsewhere_while_the_market_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_set, "AT_ONCE_BARS", 100)
    rows, worker = made_bars(2_000, 6), Later()
    choices = [chosen(kinds()[name]) for name in ("EMA", "OBV", "MACD", "CDLENGULFING")]
    studies = StudySet(worker.submit)
    studies.reset(rows[900:1200], UNITS)
    studies.choose(choices, rows[900:1200])
    assert studies.busy
    assert all(np.isnan(one.values).all() for one in studies.indicators)
    studies.advance(rows[900:1203])
    studies.prepend(rows[800:1203], 100)
    worker.work()
    assert not studies.settle(rows[800:1203])
    assert studies.busy
    worker.work()
    studies.advance(rows[800:1204])
    assert studies.settle(rows[800:1204])
    assert not studies.busy
    assert_equal(studies, rows[800:1204])


def test_older_bars_leave_values_where_they_were_until_the_new_ones_are_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_set, "AT_ONCE_BARS", 1_000)
    rows, worker = made_bars(9_000, 7), Later()
    studies = StudySet(worker.submit)
    studies.reset(rows[3_000:], UNITS)
    studies.choose([chosen(kinds()["EMA"]), chosen(kinds()["OBV"])], rows[3_000:])
    worker.work()
    studies.settle(rows[3_000:])
    before = [one.values.copy() for one in studies.indicators]
    studies.prepend(rows, 3_000)
    for one, values in zip(studies.indicators, before, strict=True):
        assert np.isnan(one.values[:, :3_000]).all()
        np.testing.assert_array_equal(one.values[:, 3_000:], values)
    worker.work()
    studies.settle(rows)
    assert_equal(studies, rows, 1e-9)


def test_a_study_that_is_gone_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_set, "AT_ONCE_BARS", 100)
    rows, worker = made_bars(500, 8), Later()
    studies = StudySet(worker.submit)
    studies.reset(rows, UNITS)
    studies.choose([chosen(kinds()["EMA"])], rows)
    gone = studies.indicators[0]
    studies.choose([chosen(kinds()["EMA"], timeperiod=9)], rows)
    worker.work()
    studies.settle(rows)
    worker.work()
    studies.settle(rows)
    assert np.isnan(gone.values).all()
    assert_equal(studies, rows)


def test_the_same_study_keeps_its_values_when_others_come_and_go() -> None:
    rows = made_bars(500, 9)
    ema, rsi = chosen(kinds()["EMA"]), chosen(kinds()["RSI"])
    studies = StudySet(Later().submit)
    studies.reset(rows, UNITS)
    studies.choose([ema, rsi], rows)
    first = studies.indicators[1]
    studies.choose([rsi, chosen(kinds()["SMA"]), ema], rows)
    assert studies.indicators[0] is first
    assert [one.choice.name for one in studies.indicators] == ["RSI", "SMA", "EMA"]
    assert_equal(studies, rows)
