"""Usual volumes and hot lists against sums over all trades."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from server.history.store import HistoryStore
from server.history.ticks import DAY_NS, MINUTE_NS
from server.history.volumes import Volumes
from server.protocol.control import GetHotList, GetVolumes
from server.protocol.enums import MarketDataKind, Ranking
from server.protocol.records import BOOK_RECORD
from tests.history.pages import whole

FIRST_DAY = 19_700
HOUR_NS = 60 * MINUTE_NS
HIGHEST = (1 << 63) - 1
Steps = list[tuple[int, int, int, int]]
"""Instrument, step_ns, price, quantity of each trade."""
steps = st.lists(
    st.tuples(
        st.sampled_from([1, 2, 3, 500]),
        st.sampled_from([0, 1, 30 * 10**9, MINUTE_NS, 5 * HOUR_NS, DAY_NS]),
        st.integers(-20, 20) | st.just(1 << 45),
        st.integers(1, 1000),
    ),
    min_size=1,
    max_size=80,
)


def records_of(trades: Steps) -> NDArray[np.void]:
    rows = np.zeros(len(trades), BOOK_RECORD)
    time_ns = FIRST_DAY * DAY_NS + 7 * HOUR_NS
    for place, (instrument, step_ns, price, quantity) in enumerate(trades):
        time_ns += step_ns
        rows[place]["time_ns"], rows[place]["instrument"] = time_ns, instrument
        rows[place]["price"], rows[place]["quantity"] = price, quantity
    rows["kind"], rows["flags"] = MarketDataKind.EXECUTE, 1
    rows["sequence"] = rows["trade_number"] = np.arange(1, len(trades) + 1)
    return rows


class Slow:
    """The same figures by loops over all trades."""

    def __init__(self, records: NDArray[np.void], now_ns: int) -> None:
        self.now_ns, self.today = now_ns, now_ns // DAY_NS
        self.days: dict[int, dict[int, list[tuple[int, int, int]]]] = {}
        for row in records:
            day = self.days.setdefault(int(row["instrument"]), {}).setdefault(int(row["time_ns"]) // DAY_NS, [])
            day.append((int(row["time_ns"]) % DAY_NS, int(row["price"]), int(row["quantity"])))

    def before(self, instrument: int, days: int) -> list[list[tuple[int, int, int]]]:
        found = self.days.get(instrument, {})
        return [found[day] for day in sorted(found) if day < self.today][-days:]

    def volume(self, instrument: int) -> int:
        return sum(trade[2] for trade in self.days.get(instrument, {}).get(self.today, []))

    def average(self, instrument: int, days: int) -> int:
        before = self.before(instrument, days)
        return sum(trade[2] for day in before for trade in day) // len(before) if before else 0

    def expected(self, instrument: int, days: int) -> int:
        before = self.before(instrument, days)
        minute, into_ns = divmod(self.now_ns % DAY_NS, MINUTE_NS)
        scaled = sum(
            trade[2] * (MINUTE_NS if trade[0] // MINUTE_NS < minute else into_ns)
            for day in before
            for trade in day
            if trade[0] // MINUTE_NS <= minute
        )
        return scaled // (len(before) * MINUTE_NS) if before else 0

    def figures(self, instrument: int) -> dict[str, int]:
        today = self.days[instrument][self.today]
        prices = [trade[1] for trade in today]
        before = self.before(instrument, 20)
        base = before[-1][-1][1] if before else prices[0]
        expected = self.expected(instrument, 20)
        volume = self.volume(instrument)
        return {
            "last_price": prices[-1], "base_price": base, "high_price": max(prices), "low_price": min(prices),
            "open_price": prices[0], "volume": volume, "trades": len(today), "average": self.average(instrument, 20),
            "turnover": sum(trade[1] * trade[2] for trade in today), "expected": expected,
            "change_ppm": max(-HIGHEST, min((prices[-1] - base) * 10**6 // abs(base), HIGHEST)) if base else 0,
            "range_ppm": min((max(prices) - min(prices)) * 10**6 // abs(base), HIGHEST) if base else 0,
            "relative_ppm": volume * 10**6 // expected if expected else 0,
        }  # fmt: skip


@given(steps, st.integers(1, 30), st.sampled_from([0, 1, 40 * 10**9, 3 * HOUR_NS]))
def test_volumes_are_sums_over_the_trades(trades: Steps, days: int, later_ns: int) -> None:
    records = records_of(trades)
    now_ns = int(records["time_ns"][-1]) + later_ns
    slow = Slow(records, now_ns)
    with tempfile.TemporaryDirectory() as folder:
        store = HistoryStore(Path(folder))
        store.add(records)
        rows, more = whole(Volumes(store).volumes(GetVolumes(instruments=[3, 1, 77, 1], days=days), now_ns))
        all_rows, _ = whole(Volumes(store).volumes(GetVolumes(days=days), now_ns))
    assert not more
    assert rows["instrument"].tolist() == [3, 1, 77, 1]
    assert all_rows["instrument"].tolist() == sorted(slow.days)
    for row in [*rows, *all_rows]:
        instrument = int(row["instrument"])
        assert row["days"] == len(slow.before(instrument, days))
        assert row["volume"] == slow.volume(instrument)
        assert row["average"] == slow.average(instrument, days)
        assert row["expected"] == slow.expected(instrument, days)
        assert row["time_ns"] == now_ns


@given(steps)
def test_hot_lists_hold_and_rank_what_the_trades_say(trades: Steps) -> None:
    records = records_of(trades)
    now_ns = int(records["time_ns"][-1])
    slow = Slow(records, now_ns)
    figures = {one: slow.figures(one) for one, days in slow.days.items() if now_ns // DAY_NS in days}
    names = {
        Ranking.GAINERS: "change_ppm", Ranking.LOSERS: "change_ppm", Ranking.VOLUME: "volume",
        Ranking.RELATIVE_VOLUME: "relative_ppm", Ranking.RANGE: "range_ppm", Ranking.TURNOVER: "turnover",
        Ranking.TRADES: "trades",
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        store = HistoryStore(Path(folder))
        store.add(records)
        volumes = Volumes(store)
        for ranking, name in names.items():
            sign = -1 if ranking == Ranking.LOSERS else 1
            order = sorted(figures, key=lambda one: (-sign * figures[one][name], one))
            if ranking in (Ranking.GAINERS, Ranking.LOSERS, Ranking.RELATIVE_VOLUME):
                order = [one for one in order if sign * figures[one][name] > 0]
            rows, more = whole(volumes.hot_list(GetHotList(ranking=ranking, count=3), now_ns))
            assert rows["instrument"].tolist() == order[:3]
            assert rows["rank"].tolist() == list(range(1, len(rows) + 1))
            assert more == (len(order) > 3)
            for row in rows:
                assert {key: int(row[key]) for key in figures[int(row["instrument"])]} == figures[
                    int(row["instrument"])
                ]


def test_what_was_added_up_is_forgotten_when_a_trade_is_taken_back(tmp_path: Path) -> None:
    records = records_of([(1, 0, 10, 100), (1, 0, 11, 50), (1, DAY_NS, 12, 7)])
    now_ns = int(records["time_ns"][-1])
    store = HistoryStore(tmp_path)
    store.add(records)
    volumes = Volumes(store)
    assert whole(volumes.volumes(GetVolumes(), now_ns))[0]["average"].tolist() == [150]
    bust = records[1:2].copy()
    bust["kind"], bust["flags"], bust["sequence"], bust["time_ns"] = MarketDataKind.TRADE_BUST, 0, 4, now_ns
    store.add(bust)
    assert whole(volumes.volumes(GetVolumes(), now_ns))[0]["average"].tolist() == [100]
    tomorrow_ns = now_ns + DAY_NS
    row = whole(volumes.volumes(GetVolumes(), tomorrow_ns))[0][0]
    assert (row["average"], row["days"], row["volume"]) == (53, 2, 0)


@pytest.mark.parametrize("count", [1, 999, 1000, 1001])
def test_all_instruments_come_in_pages(tmp_path: Path, count: int) -> None:
    records = records_of([(instrument, 0, 1, 1) for instrument in range(1, count + 1)])
    store = HistoryStore(tmp_path)
    store.add(records)
    found: list[int] = []
    more = True
    while more:
        asked = GetVolumes(after_instrument=found[-1] if found else 0)
        rows, more = whole(Volumes(store).volumes(asked, int(records["time_ns"][-1])))
        found += rows["instrument"].tolist()
    assert found == list(range(1, count + 1))
