"""Today beside the days before: usual volumes, and hot lists of what moves most.

Rules: a day is one of UTC, today that of the newest command; days without a trade of the instrument are none. Integers,
rounded down. What days before today add up to is kept until something of the past changes.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.history.store import HistoryStore
from server.history.ticks import DAY_NS, MINUTE_NS, merge_at
from server.protocol import control
from server.protocol.codec import Records
from server.protocol.enums import Ranking
from server.protocol.records import HOT_RECORD, VOLUME_RECORD

PAGE_INSTRUMENTS: Final = 1000
HOT_DAYS: Final = 20
SLICE_INSTRUMENTS: Final = 4
MINUTES: Final = DAY_NS // MINUTE_NS
PPM: Final = 10**6
_HIGHEST: Final = (1 << 63) - 1
Page = Generator[None, None, tuple[Records, bool]]
_RANKED_BY: Final = {
    Ranking.GAINERS: ("change_ppm", 1), Ranking.LOSERS: ("change_ppm", -1), Ranking.VOLUME: ("volume", 1),
    Ranking.RELATIVE_VOLUME: ("relative_ppm", 1), Ranking.RANGE: ("range_ppm", 1),
    Ranking.TURNOVER: ("turnover", 1), Ranking.TRADES: ("trades", 1),
}  # fmt: skip
_ABOVE_NOTHING: Final = (Ranking.GAINERS, Ranking.LOSERS, Ranking.RELATIVE_VOLUME)


@dataclass(frozen=True, slots=True)
class Usual:
    """What an instrument's days of trading before a day add up to: how many, lots before each minute, last price."""

    days: int
    before_minute: NDArray[np.int64]
    """MINUTES + 1 sums over all of the days; the last is of whole days."""
    close: int

    def average(self) -> int:
        """Lots of a whole day."""
        return int(self.before_minute[-1]) // self.days if self.days else 0

    def expected(self, in_day_ns: int) -> int:
        """Lots of such a day up to a time of day; within a minute it rises evenly."""
        if not self.days:
            return 0
        minute, into_ns = divmod(in_day_ns, MINUTE_NS)
        before, after = int(self.before_minute[minute]), int(self.before_minute[minute + 1])
        return (before * MINUTE_NS + (after - before) * into_ns) // (self.days * MINUTE_NS)


class Volumes:
    """Answers out of one store."""

    def __init__(self, store: HistoryStore) -> None:
        self._store = store
        self._usual: dict[tuple[int, int], Usual] = {}
        self._kept_for = (-1, -1)

    def volumes(self, asked: control.GetVolumes, now_ns: int) -> Page:
        """VOLUME_RECORD rows of a checked question, in its order; and whether there are more instruments."""
        instruments, more = asked.instruments, False
        if not instruments:
            rest = [one for one in self._store.instruments() if one > asked.after_instrument]
            instruments, more = rest[:PAGE_INSTRUMENTS], len(rest) > PAGE_INSTRUMENTS
        rows = np.zeros(len(instruments), VOLUME_RECORD)
        for place, instrument in enumerate(instruments):
            usual = self._usual_of(instrument, asked.days, now_ns // DAY_NS)
            today = self._day_bar(instrument, now_ns // DAY_NS)
            rows[place] = (
                instrument, usual.days, now_ns, int(today["volume"][0]) if len(today) else 0, usual.average(),
                usual.expected(now_ns % DAY_NS), (0, 0, 0),
            )  # fmt: skip
            if place % SLICE_INSTRUMENTS == 0:
                yield
        return rows, more

    def hot_list(self, asked: control.GetHotList, now_ns: int) -> Page:
        """HOT_RECORD rows of a checked question, the first `count`; and whether there are more."""
        rows = np.zeros(0, HOT_RECORD)
        parts = []
        for place, instrument in enumerate(self._store.instruments()):
            part = self._hot_row(instrument, now_ns)
            if len(part):
                parts.append(part)
            if place % SLICE_INSTRUMENTS == 0:
                yield
        if parts:
            rows = np.concatenate(parts)
        name, sign = _RANKED_BY[Ranking(asked.ranking)]
        figures = rows[name].astype(np.int64) * sign
        if asked.ranking in _ABOVE_NOTHING:
            rows, figures = rows[figures > 0], figures[figures > 0]
        rows = rows[np.argsort(-figures, kind="stable")]
        rows["rank"] = np.arange(1, len(rows) + 1)
        return rows[: asked.count], len(rows) > asked.count

    def _hot_row(self, instrument: int, now_ns: int) -> Records:
        """The place of an instrument in any list; none if it has not traded today."""
        row = np.zeros(1, HOT_RECORD)
        bar = self._day_bar(instrument, now_ns // DAY_NS)
        if not len(bar):
            return row[:0]
        usual = self._usual_of(instrument, HOT_DAYS, now_ns // DAY_NS)
        first, last, high, low = (int(bar[name][0]) for name in ("open", "close", "high", "low"))
        volume, base = int(bar["volume"][0]), usual.close if usual.days else first
        expected = usual.expected(now_ns % DAY_NS)
        row["instrument"], row["time_ns"], row["last_time_ns"] = instrument, now_ns, bar["last_ns"]
        row["last_price"], row["base_price"] = last, base
        row["open_price"], row["high_price"], row["low_price"] = first, high, low
        for name in ("volume", "turnover", "trades"):
            row[name] = bar[name]
        row["average"], row["expected"] = usual.average(), expected
        row["change_ppm"] = _ppm(last - base, abs(base))
        row["range_ppm"] = _ppm(high - low, abs(base))
        row["relative_ppm"] = _ppm(volume, expected)
        return row

    def _day_bar(self, instrument: int, day: int) -> Records:
        """The day as one bar, or nothing."""
        minutes = self._store.minutes(instrument, day)
        return merge_at(minutes, np.full(len(minutes), day * DAY_NS))

    def _usual_of(self, instrument: int, days: int, today: int) -> Usual:
        if self._kept_for != (today, self._store.edition):
            self._kept_for = (today, self._store.edition)
            self._usual.clear()
        usual = self._usual.get((instrument, days))
        if usual is None:
            usual = self._usual[instrument, days] = self._add_up(instrument, days, today)
        return usual

    def _add_up(self, instrument: int, days: int, today: int) -> Usual:
        of_minute = np.zeros(MINUTES, np.int64)
        found, close = 0, 0
        for day in reversed(self._store.days(instrument)):
            minutes = self._store.minutes(instrument, day)
            if day >= today or not len(minutes):
                continue
            close = close if found else int(minutes["close"][-1])
            of_minute[minutes["time_ns"] // MINUTE_NS % MINUTES] += minutes["volume"]
            found += 1
            if found == days:
                break
        return Usual(found, np.concatenate([[0], np.cumsum(of_minute)]), close)


def _ppm(part: int, whole: int) -> int:
    """Millionths, rounded down, 0 of nothing; never more than a record can say."""
    return max(-_HIGHEST, min(_HIGHEST, part * PPM // whole)) if whole else 0
