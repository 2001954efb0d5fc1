"""What comes from the link, put where it belongs: the part of the desk that listens.

Rules: nothing here blocks; what the server says goes into `state`, what it means for the link (a book that is wrong,
trades that are missing, another epoch) is asked for at once.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.link.inbox import Acknowledged, Broken, Item, Measured, NotKept, NotSent, Sent, Taken
from app.link.link import Link
from app.models.announcements import Announcements
from app.models.following import Following
from app.models.history_pages import HistoryPages
from app.state.selection import LEADING, Selection
from app.state.workstation import Workstation
from server.client.incoming import (
    Channel,
    EventsReceived,
    Faulted,
    FellBehind,
    LineChange,
    LoggedOn,
    OrdersRestricted,
    OrdersUnknown,
    PrivateRolledBack,
    PrivateSynced,
    ReplyReceived,
    RoundTrip,
    StaleChange,
    StaleReason,
    StreamState,
    Welcomed,
)
from server.protocol import control
from server.protocol.enums import Topic
from server.protocol.errors import RemoteProtocolError

MEASURE_AGAIN_NS = 1_500_000_000
_OWN_ORDERS = "own orders"


class Intake(QObject):
    """State and link, and what goes from the one to the other."""

    message = Signal(str, str, str)
    """Something to tell the user at once: kind ("warning", "alarm", "own", "terms"), title, detail."""
    connection_failed = Signal(str)
    """The server refused us for good; the text says why."""
    logged_on = Signal()
    group_selected = Signal(str, int)
    """A link group (`app.state.selection.group_key`) shows another instrument."""
    instrument_selected = Signal(int)
    """The leading group shows another instrument."""

    def __init__(self, link: Link, clock: Callable[[], int], parent: QObject | None = None) -> None:
        """Nothing came yet."""
        super().__init__(parent)
        self.state = Workstation()
        self.link = link
        self.clock = clock
        self.selection = Selection()
        self._offset_ns = 0
        self.records_taken = 0
        """Market data records ever taken, and how many came with the last frame."""
        self.records_last = 0
        self.pages = HistoryPages(self._ask_history, self._cancel_history)
        self.following = Following(self._subscribe, self._unsubscribe, self._forget)
        self._listed_on: Link | None = None
        self._measured: dict[int, int] = {}
        self._wanted_symbols: dict[str, str] = {}
        self._announce = Announcements(self.state, self.message.emit)

    @property
    def instrument(self) -> int:
        """What the leading link group shows; 0: nothing yet."""
        return self.selection.of(LEADING)

    def market_now(self) -> int:
        """The exchange's time now, as its heartbeats tell it; in a replay that is not ours."""
        return self.clock() + self._offset_ns

    def select(self, instrument: int, group: str = LEADING) -> None:
        """Show an instrument in every panel of a link group."""
        known, left = self.state.market.instruments.get(instrument) is not None, self.selection.of(group)
        if not known or not self.selection.put(group, instrument):
            return
        if left not in self.selection.shown():
            self.pages.leave(left)
        self.following.show(instrument, self.selection.shown())
        self.state.market.heat.record(instrument, self.selection.shown())
        self.pages.ask_ticks(instrument)
        self.group_selected.emit(group, instrument)
        if group == LEADING:
            self.instrument_selected.emit(instrument)

    def select_symbol(self, symbol: str, group: str = LEADING) -> None:
        """Show an instrument by its symbol in a link group, now or as soon as it is known."""
        self._wanted_symbols.pop(group, None)
        found = self.state.market.instruments.by_symbol(symbol)
        if found:
            self.select(found.instrument, group)
        elif symbol:
            self._wanted_symbols[group] = symbol

    def _apply(self, taken: Taken, now_ns: int) -> None:
        state = self.state
        self.records_last = taken.records
        self.records_taken += taken.records
        for item in taken.items:
            self._apply_item(item, now_ns)
        if len(taken.instruments):
            state.market.apply_quotes(taken.instruments, taken.quotes, now_ns)
            delay_ns = self.market_now() - state.market.time_ns
            state.streams[Channel.MARKET_DATA].measured(max(0, delay_ns))
        _note_hops(state, taken.quote_hops, self._offset_ns, now_ns)
        state.changes.ticks += taken.ticks
        for received in taken.market_data:
            if received.topic is Topic.ORDERS:
                state.apply_order_book(received)
            else:
                state.market.apply_market_data(received, now_ns)
        for instrument in state.changes.wrong_books:
            self.link.resync(Topic.DEPTH, instrument, StaleReason.CHECKSUM)
        for instrument in state.changes.trades_lost:
            self._load_trades(instrument)
        state.streams.conflated = self.link.inbox.conflated
        state.streams.dropped = self.link.inbox.dropped

    def _apply_item(self, item: Item, now_ns: int) -> None:
        state = self.state
        match item:
            case EventsReceived():
                state.apply_events(item.events, resumed=item.resumed)
            case ReplyReceived():
                try:
                    self._reply(item, now_ns)
                except RemoteProtocolError as error:
                    self.message.emit("alarm", "UNREADABLE ANSWER FROM THE SERVER", str(error))
            case Sent():
                state.apply_sent(item.commands, self.market_now())
            case NotSent():
                self.message.emit("alarm", "NOT SENT: no connection", "Nothing was kept for later.")
            case NotKept():
                self.message.emit("warning", "ORDERS ARE NOT KEPT ON DISK", item.reason)
            case OrdersUnknown():
                state.apply_overdue(item.commands, self.market_now())
            case Acknowledged():
                state.streams.orders.measured(item.elapsed_ns)
            case Measured():
                feed = state.streams[Channel.MARKET_DATA]
                feed.gaps, feed.contact_ns = item.gaps, item.market_data_time_ns
                state.streams.counts, state.streams.fallen_behind = dict(item.counts), item.fallen_behind
                state.streams.lines = list(item.lines)
                state.streams.history_ns = item.history_round_trip_ns
                if item.control_round_trip_ns >= 0:
                    state.streams[Channel.CONTROL].measured(item.control_round_trip_ns)
            case RoundTrip():
                state.streams[Channel.ORDERS].measured(item.elapsed_ns)
                state.streams[Channel.ORDERS].contact_ns = now_ns
                self._offset_ns = item.server_time_ns + item.elapsed_ns // 2 - now_ns
                state.streams.clock_ns, state.streams.clock_within_ns = self._offset_ns, item.elapsed_ns // 2
            case StaleChange():
                state.market.apply_stale(item.topic, item.instrument, item.reason, now_ns)
            case LineChange():
                self._announce.line(item)
            case FellBehind():
                self._announce.fell_behind(item.lag_ns)
            case StreamState():
                state.apply_stream_state(item, now_ns)
            case LoggedOn():
                self._log_on(item)
            case PrivateSynced():
                state.apply_synced()
                self._announce.away()
            case OrdersRestricted():
                state.apply_restriction(item.code)
                self._announce.restriction(item.code)
            case Welcomed() | PrivateRolledBack() | Faulted() | Broken():
                self._trouble(item)
            case _:
                pass

    def _trouble(self, item: Item) -> None:
        state = self.state
        match item:
            case Welcomed():
                state.apply_welcome(item.welcome)
                self._offset_ns = item.welcome.server_time_ns - self.clock()
            case PrivateRolledBack():
                self._begin_anew()
                self.message.emit(
                    "alarm", "THE SERVER LOST ITS TAIL", f"{item.known - item.sequence} private events never happened."
                )
            case Faulted():
                for one in Channel:
                    state.streams[one].reason = item.text
                state.changes.streams = True
                if item.final:
                    self.connection_failed.emit(item.text or item.code.name)
            case Broken():
                for one in Channel:
                    state.streams[one].reason = item.text
                self.connection_failed.emit(f"The link has ended by a fault of its own: {item.text}")

    def _reply(self, item: ReplyReceived, now_ns: int) -> None:
        reply, state = item.reply, self.state
        if isinstance(reply, control.Instruments):
            state.apply_instruments(reply)
            if self._listed_on is not self.link:
                self._listed()
        elif isinstance(reply, control.Accounts):
            state.apply_accounts(reply)
        else:
            if isinstance(item.request, control.GetBars | control.GetBarSeries | control.GetTicks):
                state.streams.history_refused = isinstance(reply, control.Refused)
            self.pages.on_reply(item.request, reply, state.market, now_ns)

    def _log_on(self, item: LoggedOn) -> None:
        """A session is open: ask for what it shows, and again for what may have been missed."""
        self.state.apply_logon(item)
        self.link.request(control.GetInstruments())
        self.link.request(control.GetAccounts())
        for instrument in {series.instrument for series in self.state.market.charts.values()} | self.selection.shown():
            self.state.market.ring(instrument).clear()
            self._load_trades(instrument)
        self._announce.terms()
        self.logged_on.emit()

    def _load_trades(self, instrument: int) -> None:
        """Take bars anew from history, and the newest trades beside those that came live: some are missing."""
        for series in self.state.market.charts.values():
            if series.instrument == instrument:
                self.pages.ask_bars(instrument, series.size)
        if instrument in self.selection.shown():
            self.pages.ask_ticks(instrument)

    def _ask_history(self, request: control.AnyRequest) -> None:
        """By the link of this moment: a logon may replace it."""
        self.link.request(request)

    def _cancel_history(self, request: control.AnyRequest) -> None:
        self.link.cancel(request)

    def _begin_anew(self) -> None:
        """What we know of our own business is not what the server has: take all of it again."""
        self.state.apply_rollback()
        old, self.link = self.link, self.link.renewed()
        old.stop(0.0)
        self.pages = HistoryPages(self._ask_history, self._cancel_history)
        self._measured.clear()
        self.following.leave_all(_OWN_ORDERS)
        self.following.renew()
        self.state.market.stale.clear()
        self.link.start()

    def _listed(self) -> None:
        """The instruments are known: what is shown comes first, then the quotes of all, then what may be shown next."""
        self._listed_on = self.link
        instruments = self.state.market.instruments
        for group, symbol in list(self._wanted_symbols.items()):
            self.select_symbol(symbol, group)
        if self.instrument == 0 and len(instruments):
            self.select(instruments.at(0).instrument)
        for one in instruments:
            for topic in (Topic.QUOTE, Topic.STATUS, Topic.STATISTICS):
                self.link.subscribe(topic, one.instrument)
        for one in instruments.all[: self.following.room()]:
            self.following.show(one.instrument, self.selection.shown())
        self.pages.ask_sparklines(one.instrument for one in instruments)

    def _subscribe(self, topic: Topic, instrument: int) -> None:
        self.link.subscribe(topic, instrument)

    def _unsubscribe(self, topic: Topic, instrument: int) -> None:
        self.link.unsubscribe(topic, instrument)

    def _forget(self, topic: Topic, instrument: int) -> None:
        self.state.market.forget(topic, instrument)
        if topic is Topic.TRADES:
            self.pages.forget(instrument)
        elif topic is Topic.ORDERS:
            self.state.queue_books.pop(instrument, None)

    def _follow_queues(self, now_ns: int) -> None:
        """Take the order-by-order feed where own orders rest; anew where one of them is not found in it in time."""
        wanted, unknown = self.state.queues.instruments(), self.state.queues.unknown()
        overdue = {one for one in unknown if now_ns >= self._measured.get(one, now_ns + 1)}
        for instrument in (self._measured.keys() - wanted) | overdue:
            self.following.leave(_OWN_ORDERS, Topic.ORDERS, instrument)
            del self._measured[instrument]
        for instrument in wanted - self._measured.keys():
            self.following.want(_OWN_ORDERS, Topic.ORDERS, instrument)
            self._measured[instrument] = now_ns + MEASURE_AGAIN_NS


def _note_hops(state: Workstation, times: tuple[int, int, int], offset_ns: int, now_ns: int) -> None:
    """How long the newest quote of a frame took from hop to hop; our times are put on the market's clock."""
    happened_ns, published_ns, received_ns = times
    if published_ns:
        state.streams.hops.add(happened_ns, published_ns, received_ns + offset_ns, now_ns + offset_ns)
