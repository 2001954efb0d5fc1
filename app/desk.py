"""The desk: state and link together on the window's thread, once a frame.

Rules: everything that the window shows comes from `state`, everything that it does goes through a method here; nothing
here blocks. Panels are told what changed (`watch`), each at its own rate and only while it can be seen. An instrument
is selected for a link group; all panels of the group change in the same call. An order is built from what the caller
saw at the press, never from what is true a moment later.
"""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.link.inbox import Acknowledged, Broken, Item, Measured, NotKept, NotSent, Sent, Taken
from app.link.link import Link
from app.models.announcements import Announcements
from app.models.following import Following
from app.models.frame_meter import FrameMeter
from app.models.history_pages import HistoryPages
from app.models.pace import Pace
from app.models.trust import Trust
from app.models.watchers import DEFAULT_HZ, Watcher, Watchers
from app.settings import Settings
from app.state import commands
from app.state.changes import Changes
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
from server.protocol.enums import Right, Topic
from server.protocol.errors import RemoteProtocolError

REVALUE_NS = 250_000_000
REVALUE_OFFSET_NS = 180_000_000
FULL_RATE_NS = 34_000_000
"""Panels that are told at least so often count in the latency from tick to pixel; slower ones are slow on purpose."""
ARMED_NS = 300_000_000_000
"""One-click trading ends by itself so long after the last click."""
MEASURE_AGAIN_NS = 1_500_000_000
_OWN_ORDERS = "own orders"


class Desk(QObject):
    """What the panels see of the program."""

    instrument_selected = Signal(int)
    """The leading group shows another instrument."""
    group_selected = Signal(str, int)
    """A link group (`app.state.selection.group_key`) shows another instrument."""
    account_selected = Signal(int)
    message = Signal(str, str, str)
    """Something to tell the user at once: kind ("warning", "alarm", "own", "terms"), title, detail."""
    armed_changed = Signal(bool)
    draft_wanted = Signal(int, object, object)
    """Put side, price and quantity into the ticket; nothing is sent."""
    connection_failed = Signal(str)
    """The server refused us for good; the text says why."""

    logged_on = Signal()

    def __init__(
        self, link: Link, clock: Callable[[], int], parent: QObject | None = None, *, settings: Settings | None = None
    ) -> None:
        """Nothing moves before `frame` is called regularly. Without `settings` nothing is kept."""
        super().__init__(parent)
        self.settings = settings or Settings(None)
        self.state = Workstation()
        self.link = link
        self.clock = clock
        self.trust = Trust(self.state, clock)
        self.selection = Selection()
        self.account = 0
        self.armed_ladder = ""
        """The name of the ladder on which one click sends; "": none."""
        self.armed_until_ns = 0
        self.draft_group = LEADING
        """The link group whose tickets the next draft is for."""
        self._armed_instrument = 0
        self._offset_ns = 0
        self.apply_ns = 0
        """How long the last frame's data took to apply."""
        self.records_taken = 0
        """Market data records ever taken, and how many came with the last frame."""
        self.records_last = 0
        self.pages = HistoryPages(self.link.request)
        self.meter = FrameMeter()
        self.watchers = Watchers()
        self.following = Following(self._subscribe, self._unsubscribe, self._forget)
        self._listed_on: Link | None = None
        self._measured: dict[int, int] = {}
        self._wanted_symbols: dict[str, str] = {}
        self._announce = Announcements(self.state, self.message.emit)
        self._labels = 0
        self._revalue = Pace(REVALUE_NS, REVALUE_OFFSET_NS)

    def market_now(self) -> int:
        """The exchange's time now, as its heartbeats tell it; in a replay that is not ours."""
        return self.clock() + self._offset_ns

    @property
    def instrument(self) -> int:
        """What the leading link group shows; 0: nothing yet."""
        return self.selection.of(LEADING)

    @property
    def armed(self) -> bool:
        """Whether one click on some ladder sends an order."""
        return bool(self.armed_ladder)

    def set_armed(self, armed: bool, ladder: str = "ladder", instrument: int = 0) -> None:
        """Let one click on a ladder (its name) send an order in `instrument` (0: what the leading group shows), or not.

        One ladder at a time; where no order can leave it stays off.
        """
        instrument = instrument or self.instrument
        armed = armed and not self.trust.closed_reason(self.account, instrument)
        if armed:
            self.armed_until_ns, self._armed_instrument = self.clock() + ARMED_NS, instrument
        if (ladder if armed else "") != self.armed_ladder:
            self.armed_ladder = ladder if armed else ""
            self.armed_changed.emit(armed)

    def watch(
        self,
        refresh: Callable[[Changes], None],
        rate_hz: float = DEFAULT_HZ,
        is_seen: Callable[[], bool] | None = None,
    ) -> Watcher:
        """Call `refresh` at most so often with what changed since the last time, and never while it is not seen."""
        return self.watchers.add(refresh, rate_hz, is_seen) if is_seen else self.watchers.add(refresh, rate_hz)

    def frame(self) -> None:
        """Apply what is queued and tell the panels."""
        started_ns = time.perf_counter_ns()
        now_ns = self.clock()
        self.meter.begin_frame()
        self._apply(self.link.inbox.take(), now_ns)
        self.pages.retry(now_ns)
        if self._revalue.due(now_ns) or self.state.changes.positions:
            self.state.revalue()
            self._follow_queues(now_ns)
        if self.armed and (now_ns >= self.armed_until_ns or self._is_closed()):
            self.set_armed(False)
        changes = self.state.take_changes()
        if changes.accounts and self.account == 0:
            self._choose_first_account()
        for watcher in self.watchers.tell(changes, now_ns):
            if watcher.interval_ns <= FULL_RATE_NS:
                self.meter.told(watcher.ticks)
        self.apply_ns = time.perf_counter_ns() - started_ns
        self.meter.applied(self.apply_ns)

    def frame_for_all(self) -> None:
        """A frame in which everybody who can be seen is told, whatever his rate."""
        self.watchers.tell_all()
        self.frame()

    def painted(self, elapsed_ns: int) -> None:
        """A window has just been painted."""
        self.meter.painted(elapsed_ns, self.clock(), self._offset_ns)

    # ---- what the user does ----

    def select(self, instrument: int, group: str = LEADING) -> None:
        """Show an instrument in every panel of a link group."""
        known = self.state.market.instruments.get(instrument) is not None
        if not known or not self.selection.put(group, instrument):
            return
        self.following.show(instrument, self.selection.shown())
        self.pages.ask_ticks(instrument)
        self.group_selected.emit(group, instrument)
        if group == LEADING:
            self.instrument_selected.emit(instrument)

    def join(self, group: str, instrument: int) -> int:
        """A panel that shows `instrument` comes into a group; returns what it shows from now on."""
        shown = self.selection.join(group, instrument)
        if shown:
            self.following.show(shown, self.selection.shown())
        return shown

    def want_draft(self, group: str, side: int, price: int | None, quantity: int | None) -> None:
        """Put side, price and quantity into the tickets of a link group; nothing is sent."""
        self.draft_group = group
        self.draft_wanted.emit(side, price, quantity)
        self.draft_group = LEADING

    def select_symbol(self, symbol: str, group: str = LEADING) -> None:
        """Show an instrument by its symbol in a link group, now or as soon as it is known."""
        self._wanted_symbols.pop(group, None)
        found = self.state.market.instruments.by_symbol(symbol)
        if found:
            self.select(found.instrument, group)
        elif symbol:
            self._wanted_symbols[group] = symbol

    def select_account(self, account: int) -> None:
        """Trade for another account."""
        if account in self.state.accounts.accounts and account != self.account:
            self.set_armed(False)
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
        for instrument in {series.instrument for series in self.state.market.charts.values()} | self.selection.shown():
            self._load_trades(instrument)
        self._announce.terms()
        self.logged_on.emit()

    def _load_trades(self, instrument: int) -> None:
        """Take bars and tape anew from history, because trades are missing from what came live."""
        for series in self.state.market.charts.values():
            if series.instrument == instrument:
                self.pages.ask_bars(instrument, series.size_ns)
        if instrument in self.selection.shown():
            self.state.market.ring(instrument).clear()
            self.pages.ask_ticks(instrument)

    def _begin_anew(self) -> None:
        """What we know of our own business is not what the server has: take all of it again."""
        self.state.apply_rollback()
        old, self.link = self.link, self.link.renewed()
        old.stop(0.0)
        self.pages = HistoryPages(self.link.request)
        self._measured.clear()
        self.following.leave_all(_OWN_ORDERS)
        self.following.renew()
        self.state.market.stale.clear()
        self.link.start()

    def _listed(self) -> None:
        self._listed_on = self.link
        instruments = self.state.market.instruments
        for one in instruments:
            for topic in (Topic.QUOTE, Topic.STATUS, Topic.STATISTICS):
                self.link.subscribe(topic, one.instrument)
        for one in instruments.all[: self.following.room()]:
            self.following.show(one.instrument)
        self.pages.ask_sparklines(one.instrument for one in instruments)
        for group, symbol in list(self._wanted_symbols.items()):
            self.select_symbol(symbol, group)
        if self.instrument == 0 and len(instruments):
            self.select(instruments.at(0).instrument)

    def _subscribe(self, topic: Topic, instrument: int) -> None:
        self.link.subscribe(topic, instrument)

    def _unsubscribe(self, topic: Topic, instrument: int) -> None:
        self.link.unsubscribe(topic, instrument)

    def _forget(self, topic: Topic, instrument: int) -> None:
        self.state.market.forget(topic, instrument)
        if topic is Topic.TRADES:
            self.pages.forget(instrument)

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

    def _is_closed(self) -> bool:
        return bool(self.trust.closed_reason(self.account, self._armed_instrument))

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
