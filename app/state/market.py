"""What everyone may know: instruments, quotes, books, trades, bars.

Rules: every `apply_*` notes what changed in `changes`, which the owner replaces once a frame.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.state.bar_size import BarSize
from app.state.bars import BarChange, BarSeries
from app.state.changes import Changes
from app.state.depth import WAITING_MAX, DepthBook
from app.state.heat_recorder import HeatRecorder
from app.state.instruments import InstrumentTable
from app.state.profile import VolumeProfile
from app.state.quotes import QuoteTable
from app.state.sparklines import Sparklines
from app.state.staleness import Staleness
from app.state.trades import TradeRing, WideTapes
from server.client.incoming import MarketDataReceived, StaleReason
from server.protocol import control
from server.protocol.enums import Topic
from server.protocol.records import NO_PRICE

DAY_NS = 86_400_000_000_000

STAGGER = 389
"""Hidden books catch up after different numbers of updates, so that they do not all do it in one frame."""


class Market:
    """The public side of what the workstation knows."""

    def __init__(self, changes: Changes) -> None:
        """No instrument is known."""
        self.changes = changes
        self.instruments = InstrumentTable()
        self.quotes = QuoteTable(0)
        self.sparklines = Sparklines(0)
        self.books: dict[int, DepthBook] = {}
        self.trades: dict[int, TradeRing] = {}
        self.tapes = WideTapes(self.ring)
        self.hot_lists: dict[int, NDArray[np.void]] = {}
        """HOT_RECORD rows by `Ranking`."""
        self.profiles: dict[int, VolumeProfile] = {}
        self.charts: dict[tuple[int, BarSize], BarSeries] = {}
        self.stale = Staleness()
        self.heat = HeatRecorder(
            self.book,
            lambda number: info.tick_size if (info := self.instruments.get(number)) is not None else 0,
            lambda number: self.feed_live and self.stale.of(Topic.DEPTH, number) is None,
        )
        self.feed_live = False
        """Whether market data comes at all."""
        self.time_ns = 0
        """The newest time of the exchange that came with market data."""
        self.engine_sequence = 0
        """The newest command of the engine that market data told of."""

    def apply_instruments(self, listed: Sequence[control.Instrument]) -> None:
        """Take the list of instruments; if it is another one, quotes and sparklines start anew."""
        table = InstrumentTable(listed)
        if [one.instrument for one in self.instruments] == [one.instrument for one in table]:
            for one in listed:
                self._apply_phase(one.instrument, one.phase)
            return
        self.instruments = table
        self.quotes = QuoteTable(len(table), [one.reference_price for one in table])
        self.sparklines = Sparklines(len(listed))
        self.changes.instruments = True

    def apply_quotes(self, instruments: NDArray[np.uint32], records: NDArray[np.void], now_ns: int) -> None:
        """Take the newest QUOTE_RECORD of each of some instruments."""
        where = self.instruments.rows_of(instruments)
        known = where >= 0
        where, records = where[known], records[known]
        if not len(where):
            return
        self.quotes.apply(where, records, now_ns)
        self._saw(int(records["time_ns"].max()), int(records["sequence"].max()))
        self.sparklines.follow_all(where, records["last_price"], records["last_time_ns"])
        self.changes.quotes.update(where.tolist())

    def apply_market_data(self, received: MarketDataReceived, now_ns: int) -> None:
        """Take records of a stream other than QUOTE."""
        topic, instrument, records = received.topic, received.instrument, received.records
        if topic == Topic.DEPTH:
            self._depth(received, now_ns)
        elif topic == Topic.TRADES and len(records):
            if received.gap:
                self.changes.trades_lost.add(instrument)
            self._trades(instrument, records)
        elif topic == Topic.STATUS:
            for record in records:
                self._apply_phase(int(record["instrument"]), int(record["phase"]))
        elif topic == Topic.STATISTICS and len(records) and self.instruments.row(instrument) >= 0:
            row = self.instruments.row(instrument)
            self.quotes.apply_statistics(row, records[-1])
            self.changes.quotes.add(row)

    def chart(self, instrument: int, size: BarSize) -> BarSeries:
        """The series of a chart, made at the first call and fed with live trades from then on."""
        series = self.charts.get((instrument, size))
        if series is None:
            series = self.charts[instrument, size] = BarSeries(instrument, size)
        return series

    def ring(self, instrument: int) -> TradeRing:
        """The newest trades of an instrument."""
        ring = self.trades.get(instrument)
        if ring is None:
            ring = self.trades[instrument] = TradeRing()
        return ring

    def profile(self, instrument: int) -> VolumeProfile:
        """What traded at each price today, kept from the first call on."""
        profile = self.profiles.get(instrument)
        if profile is None:
            profile = self.profiles[instrument] = VolumeProfile()
        return profile

    def book(self, instrument: int) -> DepthBook:
        """The price levels of an instrument."""
        book = self.books.get(instrument)
        if book is None:
            book = self.books[instrument] = DepthBook(WAITING_MAX + instrument * STAGGER % WAITING_MAX)
        return book

    def apply_bars(self, series: BarSeries, page: NDArray[np.void], *, more: bool) -> None:
        """Take a page of history for a chart."""
        self._note_bars(series, series.add_history(page, more=more))

    def fail_bars(self, series: BarSeries, reason: str) -> None:
        """A page of history for a chart did not come, and why."""
        self._note_bars(series, series.fail_history(reason))

    def apply_ticks(self, instrument: int, ticks: NDArray[np.void]) -> None:
        """Take the newest trades of history for the tape."""
        self.ring(instrument).put_history(ticks)
        self.changes.history.add(instrument)

    def apply_profile(self, instrument: int, ticks: NDArray[np.void], *, more: bool) -> None:
        """Take a page of trades before those that the profile of the day has counted."""
        newest = int(ticks["time_ns"][-1]) if len(ticks) else 0
        day_begin_ns = max(self.time_ns, newest) // DAY_NS * DAY_NS
        self.profile(instrument).add_history(ticks, day_begin_ns, more=more)
        history = self.heat.of(instrument)
        if history is not None:
            history.trades.put_history(ticks)
        self.changes.history.add(instrument)

    def apply_sparkline(self, instrument: int, bars: NDArray[np.void]) -> None:
        """Take the day's course of an instrument."""
        row = self.instruments.row(instrument)
        if row >= 0:
            self.sparklines.load(row, bars)
            self.changes.quotes.add(row)

    def apply_volumes(self, records: NDArray[np.void]) -> None:
        """Take VOLUME_RECORD rows: what usually trades."""
        where = self.instruments.rows_of(records["instrument"])
        self.quotes.apply_volumes(where[where >= 0], records[where >= 0])
        self.changes.quotes.update(where[where >= 0].tolist())

    def apply_stale(self, topic: Topic, instrument: int, reason: StaleReason | None, now_ns: int) -> None:
        """A stream went out of step, or is in step again."""
        if self.stale.turn(topic, instrument, reason, now_ns):
            self.changes.stale.add(instrument)

    def forget(self, topic: Topic, instrument: int) -> None:
        """A stream is not taken any more: what was made of it would have a hole later."""
        if topic is Topic.DEPTH and instrument in self.books:
            self.books[instrument].broken()
            self.changes.depth.add(instrument)
        elif topic is Topic.TRADES:
            self.trades.pop(instrument, None)
            self.profiles.pop(instrument, None)
            history = self.heat.of(instrument)
            if history is not None:
                history.trades.clear()
            for key in [key for key in self.charts if key[0] == instrument]:
                del self.charts[key]

    def feed_lost(self) -> None:
        """Market data has stopped: what is shown may be wrong from now on, until snapshots come."""
        for instrument, book in self.books.items():
            book.broken()
            self.changes.depth.add(instrument)

    def mark(self, instrument: int) -> tuple[int, int, int]:
        """(mark, what the day is measured from, cash scale) of an instrument; NO_PRICE where nothing is known."""
        row = self.instruments.row(instrument)
        if row < 0:
            return NO_PRICE, NO_PRICE, 1
        return self.quotes.mark(row), self.quotes.base(row), self.instruments.at(row).cash_scale

    def _apply_phase(self, instrument: int, phase: int) -> None:
        if self.instruments.set_phase(instrument, phase):
            self.changes.phases.add(instrument)

    def _trades(self, instrument: int, records: NDArray[np.void]) -> None:
        self.ring(instrument).append(records)
        if instrument in self.profiles:
            self.profiles[instrument].add_live(records)
        history = self.heat.of(instrument)
        if history is not None:
            history.trades.append(records)
        for (number, _), series in self.charts.items():
            if number == instrument:
                self._note_bars(series, series.add_trades(records))
        self.changes.trades[instrument] = self.changes.trades.get(instrument, 0) + len(records)
        self._saw(int(records["time_ns"][-1]), int(records["sequence"][-1]))

    def _note_bars(self, series: BarSeries, change: BarChange) -> None:
        self.changes.bars[series] = self.changes.bars.get(series, BarChange()) + change

    def _depth(self, received: MarketDataReceived, now_ns: int) -> None:
        book = self.book(received.instrument)
        kept = self.heat.of(received.instrument) or book
        if received.snapshot:
            kept.reset(received.records, now_ns)
        else:
            if received.gap:
                book.broken()
            was_complete = book.complete
            kept.apply(received.records, now_ns)
            if was_complete and not book.complete:
                self.apply_stale(Topic.DEPTH, received.instrument, StaleReason.CHECKSUM, now_ns)
                self.changes.wrong_books.add(received.instrument)
        book.engine_sequence = max(book.engine_sequence, received.engine_sequence)
        self._saw(0, received.engine_sequence)
        self.changes.depth.add(received.instrument)

    def _saw(self, time_ns: int, engine_sequence: int) -> None:
        self.time_ns = max(self.time_ns, time_ns)
        self.engine_sequence = max(self.engine_sequence, engine_sequence)
