"""Profile, footprint, delta and VWAP equal a recomputation from the tape, made and real."""

from collections import Counter, defaultdict
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from app.state.bar_size import BarSize
from app.studies.delta_line import DeltaLine
from app.studies.footprint import Cells, Footprint, deltas, imbalances
from app.studies.tape import BUYER, SELLER, Tape
from app.studies.volume_profile import Profile, point_of_control, profile_of, value_area
from app.studies.vwap import DAY_NS, VwapLine
from server.protocol.enums import BarUnit
from tests.app.studies.tapes import bars_of, made_trades, needs_the_day, shanghai_trades, tape_of

MINUTE_NS = 60_000_000_000


def days() -> list[object]:
    return [
        pytest.param(lambda: made_trades(4_000), id="made"),
        pytest.param(lambda: made_trades(4_000, 2, price=-30), id="negative"),
        pytest.param(shanghai_trades, id="shanghai", marks=needs_the_day),
    ]


def counted(trades: NDArray[np.void], step: int) -> dict[int, list[int]]:
    """Price of a row -> (all, sellers, buyers), one trade after the other."""
    rows: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for trade in trades:
        row = rows[int(trade["price"]) // step * step]
        row[0] += int(trade["quantity"])
        if trade["aggressor"] == SELLER:
            row[1] += int(trade["quantity"])
        elif trade["aggressor"] == BUYER:
            row[2] += int(trade["quantity"])
    return rows


def naive_area(volumes: list[int], control: int, percent: int) -> tuple[int, int]:
    """The rule of the value area, word by word."""
    low = high = control
    while sum(volumes[low : high + 1]) * 100 < sum(volumes) * percent:
        above = sum(volumes[row] for row in (high + 1, high + 2) if row < len(volumes))
        below = sum(volumes[row] for row in (low - 1, low - 2) if row >= 0)
        can_rise, can_fall = high + 1 < len(volumes), low > 0
        if can_rise and (above >= below or not can_fall):
            high = min(high + 2, len(volumes) - 1)
        else:
            low = max(low - 2, 0)
    return low, high


@pytest.mark.parametrize("day", days())
@pytest.mark.parametrize("step", [1, 5])
def test_profile(day: object, step: int) -> None:
    trades = day()  # type: ignore[operator]
    profile, truth = profile_of(trades, 1, step), counted(trades, step)
    assert list(profile.prices) == list(range(min(truth), max(truth) + 1, step))
    for place, price in enumerate(profile.prices.tolist()):
        assert profile.volumes[place] == truth.get(price, [0, 0, 0])[0]
    assert int(profile.volumes.sum()) == int(trades["quantity"].sum())
    volumes = profile.volumes.tolist()
    assert volumes[profile.control] == max(volumes)
    assert (profile.value_low, profile.value_high) == naive_area(volumes, profile.control, 70)


def test_value_area_of_random_rows() -> None:
    draw = np.random.default_rng(3)
    for _ in range(300):
        volumes = draw.integers(0, 9, int(draw.integers(1, 14)))
        control = point_of_control(volumes)
        if volumes.max() == 0:
            assert value_area(volumes, control) == (-1, -1)
            continue
        percent = int(draw.integers(1, 101))
        assert value_area(volumes, control, percent) == naive_area(volumes.tolist(), control, percent)


def test_profile_of_nothing_and_of_prices_far_apart() -> None:
    assert profile_of(made_trades(0), 1).control == -1
    trades = made_trades(100)
    trades["price"][50] *= 1_000_000
    profile: Profile = profile_of(trades, 5)
    assert len(profile.prices) <= 4_096
    assert profile.step % 5 == 0
    assert int(profile.volumes.sum()) == int(trades["quantity"].sum())


@pytest.mark.parametrize("day", days())
def test_footprint_of_every_bar_however_it_grew(day: object) -> None:
    trades = day()[:3_000]  # type: ignore[operator]
    tape, draw = Tape(), np.random.default_rng(4)
    tape.append(trades[1_000:1_001])
    footprint, last, first = Footprint(tape), 1_001, 1_000
    while last < len(trades):
        last = min(last + int(draw.integers(1, 200)), len(trades))
        tape.append(trades[:last])
        if first and draw.random() < 0.3:
            older = max(first - 300, 0)
            tape.prepend(trades[older:first], more=older > 0)
            first = older
        for begin in np.unique(tape.rows["time_ns"] // (5 * MINUTE_NS))[-3:] * 5 * MINUTE_NS:
            footprint.cells(int(begin), int(begin) + 5 * MINUTE_NS, 2)
    tape.prepend(trades[:first], more=False)
    for begin in np.unique(trades["time_ns"] // (5 * MINUTE_NS)) * 5 * MINUTE_NS:
        cells = footprint.cells(int(begin), int(begin) + 5 * MINUTE_NS, 2)
        inside = trades[(trades["time_ns"] >= begin) & (trades["time_ns"] < begin + 5 * MINUTE_NS)]
        truth = counted(inside, 2)
        assert cells.prices.tolist() == sorted(truth)
        told = zip(cells.volumes.tolist(), cells.bids.tolist(), cells.asks.tolist(), strict=True)
        assert [list(row) for row in told] == [truth[price] for price in sorted(truth)]
        assert cells.delta == sum(row[2] - row[1] for row in truth.values())


@pytest.mark.parametrize("day", days())
def test_delta_of_bars(day: object) -> None:
    trades = day()  # type: ignore[operator]
    bars = bars_of(trades)
    truth: Counter[int] = Counter()
    for trade in trades:
        sign = {BUYER: 1, SELLER: -1}.get(int(trade["aggressor"]), 0)
        truth[int(trade["time_ns"]) // MINUTE_NS * MINUTE_NS] += sign * int(trade["quantity"])
    assert deltas(trades, bars["time_ns"]).tolist() == [truth[begin] for begin in bars["time_ns"].tolist()]


@pytest.mark.parametrize(
    "size", [BarSize(BarUnit.VOLUME, 4_000), BarSize(BarUnit.TRADES, 7), BarSize(BarUnit.RANGE, 9)]
)
def test_bars_that_begin_at_one_time_have_their_own_trades(size: BarSize) -> None:
    trades = made_trades(3_000)
    trades["time_ns"] = trades["time_ns"] // 600_000_000_000 * 600_000_000_000
    bars = bars_of(trades, size)
    assert (np.diff(bars["time_ns"]) == 0).any()
    tape = tape_of(trades)
    line, footprint = DeltaLine(tape), Footprint(tape)
    line.compute(bars[:-5])
    line.advance(bars)
    ends = np.append(bars["first_trade"][1:], len(trades) + 1).tolist()
    signs = np.select([trades["aggressor"] == BUYER, trades["aggressor"] == SELLER], [1, -1], 0)
    for place, (begin, end) in enumerate(zip(bars["first_trade"].tolist(), ends, strict=True)):
        inside = slice(begin - 1, end - 1)
        assert line.values[0, place] == int((signs * trades["quantity"])[inside].sum())
        cells = footprint.cells(begin, end, 1, "trade_number")
        assert cells.volume == int(bars["volume"][place])
        assert cells.delta == line.values[0, place]


def test_imbalances_are_diagonal() -> None:
    cells = Cells(
        1, np.array([10, 11, 12, 14]), np.array([90, 10, 5, 1]), np.array([3, 270, 29, 7]), np.array([93, 280, 34, 8])
    )
    bids, asks = imbalances(cells, 300, 1)
    # asks against the bid below: 3:0, 270:90, 29:10, 7:0 (13 did not trade); bids against the ask above: 90:270 ...
    assert asks.tolist() == [True, True, False, True]
    assert bids.tolist() == [False, False, True, True]
    assert imbalances(cells, 300, 10)[1].tolist() == [False, True, False, False]


def naive_vwap(trades: NDArray[np.void], begins: list[int], session_ns: int) -> list[tuple[float, float]]:
    """VWAP and its deviation at the end of each bar, in fractions."""
    lines, place = [], 0
    session, volume, moment, squares = -1, 0, 0, 0
    for number, begin in enumerate(begins):
        end = begins[number + 1] if number + 1 < len(begins) else 1 << 62
        if begin // session_ns != session:
            session, volume, moment, squares = begin // session_ns, 0, 0, 0
        while place < len(trades) and int(trades["time_ns"][place]) < end:
            price, quantity = int(trades["price"][place]), int(trades["quantity"][place])
            volume, moment, squares = volume + quantity, moment + price * quantity, squares + price**2 * quantity
            place += 1
        mean = Fraction(moment, volume)
        lines.append((float(mean), float(Fraction(squares, volume) - mean**2) ** 0.5))
    return lines


@pytest.mark.parametrize("day", days())
def test_vwap_and_its_bands_however_the_bars_came(day: object) -> None:
    trades = day()  # type: ignore[operator]
    draw, tape = np.random.default_rng(5), Tape()
    tape.complete = True
    line = VwapLine(tape)
    last = 0
    while last < len(trades):
        last = min(last + int(draw.integers(1, 300)), len(trades))
        tape.append(trades[:last])
        line.advance(bars_of(trades[:last]))
    bars = bars_of(trades)
    truth = np.array(naive_vwap(trades, bars["time_ns"].tolist(), DAY_NS))
    np.testing.assert_allclose(line.values[0], truth[:, 0], rtol=1e-12)
    np.testing.assert_allclose(line.values[1] - line.values[0], truth[:, 1], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(line.values[0] - line.values[4], 2 * truth[:, 1], rtol=1e-9, atol=1e-9)
    line.compute(bars)
    np.testing.assert_allclose(line.values[0], truth[:, 0], rtol=1e-12)
    np.testing.assert_allclose(line.values[1] - line.values[0], truth[:, 1], rtol=1e-9, atol=1e-9)


def test_vwap_from_bars_alone_is_exact_and_its_bands_are_near() -> None:
    trades = made_trades(4_000)
    line, bars = VwapLine(Tape()), bars_of(trades)
    line.compute(bars)
    truth = np.array(naive_vwap(trades, bars["time_ns"].tolist(), DAY_NS))
    np.testing.assert_allclose(line.values[0], truth[:, 0], rtol=1e-12)
    late = truth[:, 1] > 5
    assert late.any()
    np.testing.assert_allclose((line.values[1] - line.values[0])[late], truth[late, 1], rtol=0.2)


def test_anchored_vwap_begins_at_its_anchor() -> None:
    trades = made_trades(2_000)
    bars = bars_of(trades)
    anchor = int(bars["time_ns"][300])
    line = VwapLine(tape_of(trades), session_ns=0, anchor_ns=anchor)
    line.compute(bars)
    assert np.isnan(line.values[:, :300]).all()
    truth = naive_vwap(trades[trades["time_ns"] >= anchor], bars["time_ns"][300:].tolist(), 1 << 62)
    np.testing.assert_allclose(line.values[0, 300:], [mean for mean, _ in truth], rtol=1e-12)


def test_vwap_of_prices_too_great_for_their_squares() -> None:
    trades = made_trades(500)
    trades["price"][250:] *= 1_000_000
    bars, tape = bars_of(trades), Tape()
    tape.complete = True
    line = VwapLine(tape)
    for count in range(1, len(trades) + 1):
        tape.append(trades[:count])
        line.advance(bars_of(trades[:count]))
    truth = np.array(naive_vwap(trades, bars["time_ns"].tolist(), DAY_NS))
    np.testing.assert_allclose(line.values[0], truth[:, 0], rtol=1e-12)
    np.testing.assert_allclose(line.values[1] - line.values[0], truth[:, 1], rtol=1e-6)


def test_vwap_without_bars() -> None:
    line = VwapLine(Tape())
    line.advance(bars_of(made_trades(0)))
    assert line.values.shape == (5, 0)
