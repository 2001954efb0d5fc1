"""All that the workstation knows: the market, the user's own business, the streams that tell of both.

Rules: every `apply_*` notes what changed in `changes`; the owner takes them once a frame. Times come in: `now_ns` is
the workstation's clock, times in records are the exchange's.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.state.accounts import AccountTable
from app.state.changes import Changes, Notice, NoticeKind
from app.state.fills import FillTable
from app.state.market import DAY_NS, Market
from app.state.orders import OrderTable
from app.state.queue_book import QueueBook
from app.state.queues import QueueGauge
from app.state.streams import Streams
from server.client.incoming import Channel, ChannelState, LoggedOn, MarketDataReceived, StreamState
from server.protocol import control
from server.protocol.enums import AtEnd, CancelReason, EventKind, FaultCode, Mode, OrderState
from server.protocol.records import POSITION_EVENT

_RESTATEMENTS = (EventKind.TRIGGERED, EventKind.RESTATED)


@dataclass(slots=True)
class Away:
    """What happened to the user's orders between two sessions of this window."""

    fills: int = 0
    cancels: int = 0
    """Those that the user did not ask for."""


class Workstation:
    """What is known of the server, the market and the user's own business."""

    def __init__(self) -> None:
        """Nothing is known."""
        self.changes = Changes()
        self.market = Market(self.changes)
        self.welcome: control.Welcome | None = None
        self.user_id = 0
        self.at_end = AtEnd.KEEP
        self.grace_ms = 0
        """What becomes of the user's orders when this session ends, and how long after."""
        self.synced = False
        """True while all private events up to now have been applied."""
        self.restriction = FaultCode.NONE
        """Why the exchange refuses orders at present."""
        self.orders = OrderTable()
        self.fills = FillTable()
        self.queues = QueueGauge()
        self.queue_books: dict[int, QueueBook] = {}
        """The orders of the books whose order-by-order feed is taken."""
        self.accounts = AccountTable()
        self.streams = Streams()
        self.away = Away()
        self._was_synced = False
        self._day = 0
        self._accounts_as_of = 0
        self._places: dict[int, int] = {}

    @property
    def mode(self) -> Mode | None:
        """What the server says its market is; None before it said anything."""
        return Mode(self.welcome.mode) if self.welcome else None

    def take_changes(self) -> Changes:
        """What changed since the last call."""
        taken = self.changes
        self.changes = self.market.changes = Changes()
        return taken

    def apply_welcome(self, welcome: control.Welcome) -> None:
        """The server described itself."""
        self.welcome = welcome
        self.changes.server = True

    def apply_logon(self, logon: LoggedOn) -> None:
        """A session is open; private events follow."""
        self.apply_welcome(logon.welcome)
        self.user_id = logon.accepted.user_id
        self.at_end = AtEnd(logon.accepted.at_end) if logon.accepted.at_end in list(AtEnd) else AtEnd.KEEP
        self.grace_ms = logon.accepted.grace_ms
        self.synced = False

    def apply_synced(self) -> None:
        """All private events up to now have been applied."""
        self.synced = self._was_synced = True
        self.changes.streams = True

    def take_away(self) -> "Away":
        """What had happened while this window was away, once."""
        taken, self.away = self.away, Away()
        return taken

    def apply_rollback(self) -> None:
        """The server lost events that we have: everything private is taken anew."""
        self.orders.clear()
        self.fills.clear()
        self.queues.clear()
        self.accounts.start_day()
        self.changes.rolled_back = True

    def apply_instruments(self, reply: control.Instruments) -> None:
        """Take the list of instruments; the fills of the day are counted anew with what it says of them."""
        self.market.apply_instruments(reply.instruments)
        self._start_day(self._day)

    def apply_accounts(self, reply: control.Accounts) -> None:
        """Take the accounts as of a private event."""
        self.accounts.load(reply.accounts)
        self._accounts_as_of = reply.stream_sequence
        self.changes.accounts = True
        self.changes.positions.update(range(len(self.accounts.positions)))

    def apply_events(self, events: NDArray[np.void], *, resumed: bool) -> None:
        """Take private events, oldest first; `resumed` ones are not news."""
        for event in events:
            kind = int(event["kind"])
            if kind == EventKind.POSITION:
                self._position(event)
            elif EventKind.ACCEPTED <= kind <= EventKind.REPLACED or kind in _RESTATEMENTS:
                self._order_event(event, kind, resumed=resumed)

    def apply_order_book(self, received: MarketDataReceived) -> None:
        """Take order-by-order records: they say how much rests ahead of the user's own orders."""
        book = self.queue_books.setdefault(received.instrument, QueueBook())
        if received.snapshot:
            book.snapshot(received.records)
        else:
            if received.gap:
                book.broken()
            book.apply(received.records)
        self.changes.queues.add(received.instrument)
        changed = (
            self.queues.snapshot(received.instrument, received.records)
            if received.snapshot
            else self.queues.apply(received.instrument, received.records)
        )
        if changed:
            self.changes.orders.update(self.orders.live(instrument=received.instrument).tolist())

    def apply_sent(self, commands: NDArray[np.void], now_ns: int) -> None:
        """Take commands that have just left this machine."""
        self.changes.orders |= self.orders.apply_sent(commands, now_ns)

    def apply_overdue(self, commands: NDArray[np.void], now_ns: int) -> None:
        """Commands are unanswered for too long: what became of them is unknown until the server says it."""
        self.changes.orders |= self.orders.overdue(commands, now_ns)

    def apply_stream_state(self, change: StreamState, now_ns: int) -> None:
        """A channel came into another state; an order path that is gone leaves its orders unknown."""
        if self.streams[change.channel].turn(change.state, now_ns):
            self.changes.streams = True
        if change.channel is Channel.MARKET_DATA:
            self.market.feed_live = change.state is ChannelState.LIVE
        if change.state is not ChannelState.DOWN:
            return
        if change.channel is Channel.ORDERS:
            self.changes.orders |= self.orders.unanswered(now_ns)
            self.synced = False
        elif change.channel is Channel.MARKET_DATA:
            self.market.feed_lost()
            for book in self.queue_books.values():
                book.broken()

    def apply_restriction(self, code: FaultCode) -> None:
        """The exchange refuses orders, or takes them again (NONE)."""
        self.restriction = code
        self.changes.streams = True

    def revalue(self) -> None:
        """Value positions and accounts at the present marks; a new day forgets the fills of the one before."""
        day = self.market.time_ns // DAY_NS
        if day > self._day:
            self._start_day(day)
        self.changes.positions |= self.accounts.value(self.market.mark)
        self.changes.accounts = True

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
            self._measure_queue(self.orders.rows[row], event)
        if kind == EventKind.EXECUTED:
            fill = self.fills.apply_event(event, late=resumed and self._was_synced)
            if fill < 0:
                return
            self.away.fills += int(resumed and self._was_synced)
            self.changes.fills.append(fill)
            self._count_fill(fill)
        if kind == EventKind.CANCELED and resumed and self._was_synced:
            self.away.cancels += int(_unasked(event, kind))
        if not resumed and (kind in (EventKind.REJECTED, EventKind.EXECUTED) or _unasked(event, kind)):
            self.changes.notices.append(Notice(NoticeKind(kind), int(event["time_ns"]), event.copy()))

    def _measure_queue(self, order: np.void, event: np.void) -> None:
        """Follow an order in its queue while it rests; another public id is another place."""
        public_id = int(order["public_order_id"])
        old_id = self._places.pop(int(order["order_id"]), 0)
        if old_id and old_id != public_id:
            self.queues.forget(old_id)
        if int(order["known_state"]) in (OrderState.NEW, OrderState.PARTIALLY_FILLED):
            self._places[int(order["order_id"])] = public_id
            self.queues.follow(public_id, int(event["instrument"]), int(order["side"]), int(order["price"]))
        else:
            self.queues.forget(public_id)

    def _count_fill(self, row: int) -> None:
        fill = self.fills.rows[row]
        day = int(fill["time_ns"]) // DAY_NS
        instrument = self.market.instruments.get(int(fill["instrument"]))
        if instrument is None or day < self._day:
            return
        if day > self._day:
            self._day = day
            self.accounts.start_day()
        self.changes.positions.add(self.accounts.apply_fill(fill, instrument.cash_scale))

    def _start_day(self, day: int) -> None:
        self._day = day
        self.accounts.start_day()
        for row in range(len(self.fills)):
            self._count_fill(row)


def _as_position(event: np.void) -> np.void:
    """The same 192 bytes read as a POSITION_EVENT."""
    row: np.void = np.frombuffer(event.tobytes(), POSITION_EVENT)[0]
    return row


def _unasked(event: np.void, kind: int) -> bool:
    """A cancel that the user did not ask for is news."""
    quiet = (CancelReason.REQUESTED, CancelReason.MASS_CANCEL)
    return kind == EventKind.CANCELED and int(event["reason"]) not in quiet
