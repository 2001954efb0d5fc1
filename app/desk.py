"""The desk: state and link together on the window's thread, once a frame.

Rules: everything that the window shows comes from `state`, everything that it does goes through a method here; nothing
here blocks. Panels register a `refresh(changes)` and are called once a frame with what changed. An order is built from
what the caller saw at the press, never from what is true a moment later.
"""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.link.inbox import Acknowledged, Broken, Item, Measured, NotKept, NotSent, Sent, Taken
from app.link.link import Link
from app.models.announcements import Announcements
from app.models.history_pages import HistoryPages
from app.models.pace import Pace
from app.models.trust import Trust
from app.state import commands
from app.state.changes import Changes
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
from server.protocol.enums import Right, Topic
from server.protocol.errors import RemoteProtocolError

FOLLOWED_MAX = 32
"""Books and trades of so many instruments are kept live, so that switching shows them at once."""
TURNS = 2
"""Panels take turns: half of them are told in one frame, half in the next, so that no frame paints everything."""
REVALUE_NS = 250_000_000
REVALUE_OFFSET_NS = 180_000_000
ARMED_NS = 300_000_000_000
"""One-click trading ends by itself so long after the last click."""
MEASURE_AGAIN_NS = 1_500_000_000


class Desk(QObject):
    """What the panels see of the program."""

    instrument_selected = Signal(int)
    account_selected = Signal(int)
    message = Signal(str, str, str)
    """Something to tell the user at once: kind ("warning", "alarm", "own", "terms"), title, detail."""
    armed_changed = Signal(bool)
    draft_wanted = Signal(int, object, object)
    """Put side, price and quantity into the ticket; nothing is sent."""
    connection_failed = Signal(str)
    """The server refused us for good; the text says why."""

    logged_on = Signal()

    def __init__(self, link: Link, clock: Callable[[], int], parent: QObject | None = None) -> None:
        """Nothing moves before `frame` is called regularly."""
        super().__init__(parent)
        self.state = Workstation()
        self.link = link
        self.clock = clock
        self.trust = Trust(self.state, clock)
        self.instrument = 0
        self.account = 0
        self.armed = False
        self.armed_until_ns = 0
        self._offset_ns = 0
        self.apply_ns = 0
        """How long the last frame's data took to apply."""
        self.records_taken = 0
        """Market data records ever taken, and how many came with the last frame."""
        self.records_last = 0
        self.pages = HistoryPages(self.link.request)
        self._refreshers: list[list[Callable[[Changes], None]]] = [[] for _ in range(TURNS)]
        self._untold = [Changes() for _ in range(TURNS)]
        self._turn = 0
        self._followed: set[int] = set()
        self._listed_on: Link | None = None
        self._measured: dict[int, int] = {}
        self._wanted_symbol = ""
        self._queue_watched = 0
        self._announce = Announcements(self.state, self.message.emit)
        self._labels = 0
        self._revalue = Pace(REVALUE_NS, REVALUE_OFFSET_NS)

    def market_now(self) -> int:
        """The exchange's time now, as its heartbeats tell it; in a replay that is not ours."""
        return self.clock() + self._offset_ns

    def set_armed(self, armed: bool) -> None:
        """Let one click on the ladder send an order, or not; where no order can leave it stays off."""
        armed = armed and not self.trust.closed_reason(self.account, self.instrument)
        if armed:
            self.armed_until_ns = self.clock() + ARMED_NS
        if armed != self.armed:
            self.armed = armed
            self.armed_changed.emit(armed)

    def watch(self, refresh: Callable[[Changes], None], turn: int = 0) -> None:
        """Call `refresh` in every second frame, that of its turn, with what changed since the last time."""
        self._refreshers[turn].append(refresh)

    def frame(self) -> None:
        """Apply what is queued and tell the panels."""
        started_ns = time.perf_counter_ns()
        now_ns = self.clock()
        self._apply(self.link.inbox.take(), now_ns)
        self.pages.retry(now_ns)
        self.state.market.advance(self.market_now())
        if self._revalue.due(now_ns) or self.state.changes.positions:
            self.state.revalue()
            self._follow_queues(now_ns)
        if self.armed and (now_ns >= self.armed_until_ns or self.trust.closed_reason(self.account, self.instrument)):
            self.set_armed(False)
        changes = self.state.take_changes()
        if changes.accounts and self.account == 0:
            self._choose_first_account()
        for untold in self._untold:
            untold.take_in(changes)
        self._turn = (self._turn + 1) % TURNS
        told, self._untold[self._turn] = self._untold[self._turn], Changes()
        for refresh in self._refreshers[self._turn]:
            refresh(told)
        self.apply_ns = time.perf_counter_ns() - started_ns

    # ---- what the user does ----

    def select(self, instrument: int) -> None:
        """Show an instrument everywhere."""
        if self.state.market.instruments.get(instrument) is None or instrument == self.instrument:
            return
        self.instrument = instrument
        self._follow(instrument)
        self.state.market.record_depth(instrument)
        self.pages.ask_ticks(instrument)
        self.instrument_selected.emit(instrument)

    def watch_queue(self, instrument: int) -> None:
        """Take the order-by-order feed of an instrument for somebody who looks at its queues; 0: nobody looks."""
        self._queue_watched = instrument
        self._follow_queues(self.clock())

    def select_symbol(self, symbol: str) -> None:
        """Show an instrument by its symbol, now or as soon as it is known."""
        found = self.state.market.instruments.by_symbol(symbol)
        self._wanted_symbol = "" if found else symbol
        if found:
            self.select(found.instrument)

    def select_account(self, account: int) -> None:
        """Trade for another account."""
        if account in self.state.accounts.accounts and account != self.account:
            self.account = account
            self.account_selected.emit(account)

    def send(self, order: commands.NewOrder) -> None:
        """Send an order as the caller showed it; where none can leave, say why instead."""
        blocked = self.trust.blocked_reason(self.account, order.instrument)
        if blocked:
            self.message.emit("warning", "NOT SENT", blocked)
            return
        self._labels = max(self._labels, self.link.counter_at_start) + 1
        label = f"{self.link.client_instance & 0xFFFF:04x}-{self._labels}"
        self.link.send(commands.new_order(order, label, self.market_now()))

    def cancel_row(self, row: int) -> None:
        """Cancel an order of the order table."""
        order = self.state.orders.rows[row]
        self.link.send(commands.cancel_order(int(order["order_id"]), bytes(order["label"])))

    def cancel_all(self, instrument: int = 0, side: int = commands.BOTH_SIDES) -> None:
        """Cancel the account's orders, of an instrument if not 0, of a side if not 2."""
        if self.account:
            self.link.send(commands.mass_cancel(self.account, instrument, side))

    def cancel_account(self, account: int) -> None:
        """Cancel every order of an account."""
        self.link.send(commands.mass_cancel(account))

    def replace_row(self, row: int, price: int, quantity: int) -> None:
        """Change price and total quantity of an order of the order table; not against a price that is stale."""
        order = self.state.orders.rows[row]
        order_id = int(order["order_id"])
        stale = self.trust.stale_sentence(int(order["instrument"]))
        if stale:
            self.message.emit("warning", "NOT CHANGED", stale)
        elif order_id:
            self.link.send(commands.replace_order(order_id, price, quantity, self.market_now()))

    # ---- what came ----

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
                if item.control_round_trip_ns >= 0:
                    state.streams[Channel.CONTROL].measured(item.control_round_trip_ns)
            case RoundTrip():
                state.streams[Channel.ORDERS].measured(item.elapsed_ns)
                state.streams[Channel.ORDERS].contact_ns = now_ns
                self._offset_ns = item.server_time_ns + item.elapsed_ns // 2 - now_ns
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
            self.pages.on_reply(item.request, reply, state.market, now_ns)

    def _log_on(self, item: LoggedOn) -> None:
        """A session is open: ask for what it shows, and again for what may have been missed."""
        self.state.apply_logon(item)
        self.link.request(control.GetInstruments())
        self.link.request(control.GetAccounts())
        for instrument in {series.instrument for series in self.state.market.charts.values()} | {self.instrument}:
            self._load_trades(instrument)
        self._announce.terms()
        self.logged_on.emit()

    def _load_trades(self, instrument: int) -> None:
        """Take bars and tape anew from history, because trades are missing from what came live."""
        for series in self.state.market.charts.values():
            if series.instrument == instrument:
                self.pages.ask_bars(instrument, series.size_ns)
        if instrument and instrument == self.instrument:
            self.state.market.ring(instrument).clear()
            self.pages.ask_ticks(instrument)

    def _begin_anew(self) -> None:
        """What we know of our own business is not what the server has: take all of it again."""
        self.state.apply_rollback()
        old, self.link = self.link, self.link.renewed()
        old.stop(0.0)
        self.pages = HistoryPages(self.link.request)
        self._followed.clear()
        self._measured.clear()
        self.state.market.stale.clear()
        self.link.start()

    def _listed(self) -> None:
        self._listed_on = self.link
        instruments = self.state.market.instruments
        for one in instruments:
            for topic in (Topic.QUOTE, Topic.STATUS, Topic.STATISTICS):
                self.link.subscribe(topic, one.instrument)
        for one in instruments.all[:FOLLOWED_MAX]:
            self._follow(one.instrument)
        self.pages.ask_sparklines(one.instrument for one in instruments)
        if self._wanted_symbol:
            self.select_symbol(self._wanted_symbol)
        if self.instrument == 0 and len(instruments):
            self.select(instruments.at(0).instrument)

    def _follow(self, instrument: int) -> None:
        if instrument not in self._followed:
            self._followed.add(instrument)
            self.link.subscribe(Topic.TRADES, instrument)
            self.link.subscribe(Topic.DEPTH, instrument)

    def _follow_queues(self, now_ns: int) -> None:
        """Take the order-by-order feed where own orders rest; anew where one of them is not found in it in time."""
        wanted, unknown = self.state.queues.instruments(), self.state.queues.unknown()
        wanted |= {self._queue_watched} - {0}
        overdue = {one for one in unknown if now_ns >= self._measured.get(one, now_ns + 1)}
        for instrument in (self._measured.keys() - wanted) | overdue:
            self.link.unsubscribe(Topic.ORDERS, instrument)
            del self._measured[instrument]
            self.state.queue_books.pop(instrument, None)
        for instrument in wanted - self._measured.keys():
            self.link.subscribe(Topic.ORDERS, instrument)
            self._measured[instrument] = now_ns + MEASURE_AGAIN_NS

    def _choose_first_account(self) -> None:
        accounts = self.state.accounts.accounts.values()
        ranked = sorted(accounts, key=lambda one: not one.rights & Right.TRADE)
        if ranked:
            self.select_account(ranked[0].account)


def _note_hops(state: Workstation, times: tuple[int, int, int], offset_ns: int, now_ns: int) -> None:
    """How long the newest quote of a frame took from hop to hop; our times are put on the market's clock."""
    happened_ns, published_ns, received_ns = times
    if published_ns:
        state.streams.hops.add(happened_ns, published_ns, received_ns + offset_ns, now_ns + offset_ns)
