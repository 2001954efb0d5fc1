"""All that the workstation knows, and the one place where what came is applied to it.

Rules: every `apply_*` notes what changed in `changes`; the owner takes them once a frame. Times come in: `now_ns` is
the workstation's clock, times in records are the exchange's.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.state.accounts import AccountTable
from app.state.bars import BarChange, BarSeries
from app.state.changes import Changes, Notice, NoticeKind
from app.state.depth import DepthBook
from app.state.fills import FillTable
from app.state.instruments import InstrumentTable
from app.state.orders import OrderTable
from app.state.quotes import QuoteTable
from app.state.sparklines import Sparklines
from app.state.streams import Streams
from app.state.trades import TradeRing
from server.client.incoming import Channel, ChannelState, LoggedOn, MarketDataReceived, StreamState
from server.protocol import control
from server.protocol.enums import CancelReason, EventKind, Mode, Topic
from server.protocol.records import NO_PRICE, POSITION_EVENT

DAY_NS = 86_400_000_000_000


class Workstation:
    """What is known of the server, the market and the user's own business."""

    def __init__(self) -> None:
        """Nothing is known."""
        self.welcome: control.Welcome | None = None
        self.user_id = 0
        self.synced = False
        """True once all private events up to now have been applied."""
        self.instruments = InstrumentTable()
        self.quotes = QuoteTable(0)
        self.sparklines = Sparklines(0)
        self.books: dict[int, DepthBook] = {}
        self.trades: dict[int, TradeRing] = {}
        self.charts: dict[tuple[int, int], BarSeries] = {}
        self.orders = OrderTable()
        self.fills = FillTable()
        self.accounts = AccountTable()
        self.streams = Streams()
        self.market_time_ns = 0
        """The newest time of the exchange that came with any record."""
        self.changes = Changes()
        self._day = 0
        self._accounts_as_of = 0

    @property
    def mode(self) -> Mode | None:
        """What the server says its market is; None before it said anything."""
        return Mode(self.welcome.mode) if self.welcome else None

    def take_changes(self) -> Changes:
        """What changed since the last call."""
        taken, self.changes = self.changes, Changes()
        return taken

    def apply_logon(self, logon: LoggedOn) -> None:
        """A session is open."""
        self.welcome = logon.welcome
        self.user_id = logon.accepted.user_id
        self.synced = False
        self.changes.server = True

    def apply_instruments(self, listed: Sequence[control.Instrument]) -> None:
        """Take the list of instruments; quotes and sparklines start anew."""
        if [one.instrument for one in self.instruments] == [one.instrument for one in InstrumentTable(listed)]:
            for one in listed:
                self.apply_phase(one.instrument, one.phase)
            return
        self.instruments = InstrumentTable(listed)
        self.quotes = QuoteTable(len(listed))
        self.sparklines = Sparklines(len(listed))
        self.changes.instruments = True

    def apply_accounts(self, reply: control.Accounts) -> None:
        """Take the accounts as of a private event."""
        self.accounts.load(reply.accounts)
        self._accounts_as_of = reply.stream_sequence
        self.changes.accounts = True
        self.changes.positions.update(range(len(self.accounts.positions)))

    def apply_quotes(self, instruments: NDArray[np.uint32], records: NDArray[np.void], now_ns: int) -> None:
        """Take the newest QUOTE_RECORD of each of some instruments."""
        where = np.array([self.instruments.row(number) for number in instruments.tolist()], np.intp)
        known = where >= 0
        where, records = where[known], records[known]
        if not len(where):
            return
        self.quotes.apply(where, records, now_ns)
        self._saw(int(records["time_ns"].max()))
        times = records["last_time_ns"].tolist()
        for row, price, time_ns in zip(where.tolist(), records["last_price"].tolist(), times, strict=True):
            self.sparklines.follow(row, price, time_ns)
        self.changes.quotes.update(where.tolist())

    def apply_market_data(self, received: MarketDataReceived, now_ns: int) -> None:
        """Take records of a stream other than QUOTE."""
        topic, instrument, records = received.topic, received.instrument, received.records
        if topic == Topic.DEPTH:
            self._depth(received, now_ns)
        elif topic == Topic.TRADES and len(records):
            self.ring(instrument).append(records)
            for (number, _), series in self.charts.items():
                if number == instrument:
                    self.changes.bars[series] = self.changes.bars.get(series, BarChange()) + series.add_trades(records)
            self.changes.trades[instrument] = self.changes.trades.get(instrument, 0) + len(records)
            self._saw(int(records["time_ns"][-1]))
        elif topic == Topic.STATUS and len(records):
            for record in records:
                self.apply_phase(int(record["instrument"]), int(record["phase"]))
        elif topic == Topic.STATISTICS and len(records) and self.instruments.row(instrument) >= 0:
            row = self.instruments.row(instrument)
            self.quotes.apply_statistics(row, records[-1])
            self.changes.quotes.add(row)

    def apply_phase(self, instrument: int, phase: int) -> None:
        """An instrument is in a phase."""
        if self.instruments.set_phase(instrument, phase):
            self.changes.phases.add(instrument)

    def apply_events(self, events: NDArray[np.void], *, resumed: bool) -> None:
        """Take private events, oldest first; `resumed` ones are not news."""
        for event in events:
            kind = int(event["kind"])
            if kind == EventKind.POSITION:
                self._position(event)
            elif EventKind.ACCEPTED <= kind <= EventKind.REPLACED:
                self._order_event(event, kind, resumed=resumed)
        if len(events):
            self._saw(int(events["time_ns"][-1]))

    def apply_sent(self, commands: NDArray[np.void], now_ns: int) -> None:
        """Take commands that have just left this machine."""
        self.changes.orders |= self.orders.apply_sent(commands, now_ns)

    def apply_stream_state(self, change: StreamState, now_ns: int) -> None:
        """A channel came into another state; an order path that is gone leaves its orders unknown."""
        health = self.streams[change.channel]
        if health.turn(change.state, now_ns):
            self.changes.streams = True
        if change.channel is Channel.ORDERS and change.state is ChannelState.DOWN:
            self.changes.orders |= self.orders.unanswered(now_ns)
            self.synced = False
        if change.channel is Channel.MARKET_DATA and change.state is ChannelState.DOWN:
            for instrument, book in self.books.items():
                book.broken()
                self.changes.depth.add(instrument)

    def chart(self, instrument: int, size_ns: int) -> BarSeries:
        """The series of a chart, made at the first call and fed with live trades from then on."""
        return self.charts.setdefault((instrument, size_ns), BarSeries(instrument, size_ns))

    def ring(self, instrument: int) -> TradeRing:
        """The newest trades of an instrument."""
        return self.trades.setdefault(instrument, TradeRing())

    def book(self, instrument: int) -> DepthBook:
        """The price levels of an instrument."""
        return self.books.setdefault(instrument, DepthBook())

    def apply_bars(self, series: BarSeries, page: NDArray[np.void], *, more: bool) -> None:
        """Take a page of history for a chart."""
        change = series.add_history(page, more=more)
        self.changes.bars[series] = self.changes.bars.get(series, BarChange()) + change

    def apply_ticks(self, instrument: int, ticks: NDArray[np.void]) -> None:
        """Take the newest trades of history for the tape."""
        self.ring(instrument).put_history(ticks)
        self.changes.trades.setdefault(instrument, 0)

    def apply_sparkline(self, instrument: int, bars: NDArray[np.void]) -> None:
        """Take the day's course of an instrument."""
        row = self.instruments.row(instrument)
        if row >= 0:
            self.sparklines.load(row, bars)
            self.changes.quotes.add(row)

    def revalue(self) -> None:
        """Value positions and accounts at the present marks."""
        self.changes.positions |= self.accounts.value(self._mark)
        self.changes.accounts = True

    def _mark(self, instrument: int) -> tuple[int, int, int]:
        row = self.instruments.row(instrument)
        if row < 0:
            return NO_PRICE, NO_PRICE, 1
        return self.quotes.mark(row), self.quotes.base(row), self.instruments.at(row).cash_scale

    def _depth(self, received: MarketDataReceived, now_ns: int) -> None:
        book = self.book(received.instrument)
        if received.gap:
            book.broken()
        if received.snapshot:
            book.reset(received.records, now_ns)
        else:
            book.apply(received.records, now_ns)
        book.engine_sequence = max(book.engine_sequence, received.engine_sequence)
        self.streams.engine_sequence = max(self.streams.engine_sequence, received.engine_sequence)
        self.changes.depth.add(received.instrument)

    def _position(self, event: np.void) -> None:
        if event["stream_sequence"] <= self._accounts_as_of:
            return
        row = self.accounts.apply_position(_as_position(event))
        self.changes.accounts = True
        if row >= 0:
            self.changes.positions.add(row)

    def _order_event(self, event: np.void, kind: int, *, resumed: bool) -> None:
        row = self.orders.apply_event(event)
        if row >= 0:
            self.changes.orders.add(row)
        if kind == EventKind.EXECUTED:
            fill = self.fills.apply_event(event)
            if fill < 0:
                return
            self.changes.fills.append(fill)
            self._count_fill(fill)
        if not resumed and (kind in (EventKind.REJECTED, EventKind.EXECUTED) or _unasked(event, kind)):
            self.changes.notices.append(Notice(NoticeKind(kind), int(event["time_ns"]), event.copy()))

    def _count_fill(self, row: int) -> None:
        fill = self.fills.rows[row]
        day = int(fill["time_ns"]) // DAY_NS
        if day < self._day:
            return
        if day > self._day:
            self._day = day
            self.accounts.start_day()
        instrument = self.instruments.get(int(fill["instrument"]))
        scale = instrument.cash_scale if instrument else 1
        self.changes.positions.add(self.accounts.apply_fill(fill, scale))

    def _saw(self, time_ns: int) -> None:
        if time_ns > self.market_time_ns:
            self.market_time_ns = time_ns
            if time_ns // DAY_NS > self._day:
                self._day = time_ns // DAY_NS
                self.accounts.start_day()


def _as_position(event: np.void) -> np.void:
    """The same 192 bytes read as a POSITION_EVENT."""
    row: np.void = np.frombuffer(event.tobytes(), POSITION_EVENT)[0]
    return row


def _unasked(event: np.void, kind: int) -> bool:
    """A cancel that the user did not ask for is news."""
    quiet = (CancelReason.REQUESTED, CancelReason.MASS_CANCEL)
    return kind == EventKind.CANCELED and int(event["reason"]) not in quiet
