"""The desk: state and link together on the window's thread, once a frame.

Rules: everything that the window shows comes from `state`, everything that it does goes through a method here; nothing
here blocks. Panels are told what changed (`watch`), each at its own rate and only while it can be seen. An instrument
is selected for a link group; all panels of the group change in the same call. An order is built from what the caller
saw at the press, never from what is true a moment later.
"""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.intake import Intake
from app.link.link import Link
from app.models.crosshairs import Crosshairs
from app.models.drawings import DrawingBook
from app.models.frame_meter import FrameMeter
from app.models.pace import Pace
from app.models.shared_watchlists import SharedWatchlists
from app.models.trust import Trust
from app.models.watchers import DEFAULT_HZ, Watcher, Watchers
from app.settings import MOTION, Settings
from app.state import commands
from app.state.changes import Changes
from app.state.selection import LEADING
from server.protocol.enums import OrderType, Right
from server.protocol.records import NO_PRICE

REVALUE_NS = 250_000_000
REVALUE_OFFSET_NS = 180_000_000
FULL_RATE_NS = 34_000_000
"""Panels that are told at least so often count in the latency from tick to pixel; slower ones are slow on purpose."""
ARMED_NS = 300_000_000_000
"""One-click trading ends by itself so long after the last click."""


class Desk(Intake):
    """What the panels see of the program."""

    account_selected = Signal(int)
    armed_changed = Signal(bool)
    looks_changed = Signal()
    """Something that panels read once is another now (motion, privacy): read everything anew."""
    draft_wanted = Signal(int, object, object)
    """Put side, price and quantity into the ticket; nothing is sent."""

    def __init__(
        self, link: Link, clock: Callable[[], int], parent: QObject | None = None, *, settings: Settings | None = None
    ) -> None:
        """Nothing moves before `frame` is called regularly. Without `settings` nothing is kept."""
        super().__init__(link, clock, parent)
        self.settings = settings or Settings(None)
        self.trust = Trust(self.state, clock)
        self.watchlists = SharedWatchlists(lambda: self.settings, self)
        self.drawings = DrawingBook()
        self.crosshairs = Crosshairs()
        self.account = 0
        self.armed_ladder = ""
        """The name of the ladder on which one click sends; "": none."""
        self.armed_until_ns = 0
        self.draft_group = LEADING
        """The link group whose tickets the next draft is for."""
        self._armed_instrument = 0
        self.apply_ns = 0
        """How long the last frame's data took to apply."""
        self.meter = FrameMeter()
        self.watchers = Watchers()
        self._labels = 0
        self._revalue = Pace(REVALUE_NS, REVALUE_OFFSET_NS)

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

    @property
    def is_calm(self) -> bool:
        """Whether nothing may flash."""
        return self.settings.get(MOTION) == "reduced"

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
        self.state.market.heat.advance(self.market_now())
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

    def move_row(self, row: int, price: int, quantity: int) -> None:
        """Take an order of the order table to another price: its limit, or of a stop that waits its stop price, with
        its limit, if it has one, at the same distance; not against a price that is stale.
        """
        order = self.state.orders.rows[row]
        stop_price, stale = int(order["stop_price"]), self.trust.stale_sentence(int(order["instrument"]))
        if stop_price == NO_PRICE or stale:
            self.replace_row(row, price, quantity)
            return
        limited = order["order_type"] == OrderType.STOP_LIMIT
        limit = int(order["price"]) + price - stop_price if limited else NO_PRICE
        group = commands.replace_stop(int(order["order_id"]), limit, price, quantity, self.market_now())
        self.link.send(group, as_group=True)

    def _is_closed(self) -> bool:
        return bool(self.trust.closed_reason(self.account, self._armed_instrument))

    def _choose_first_account(self) -> None:
        accounts = self.state.accounts.accounts.values()
        ranked = sorted(accounts, key=lambda one: not one.rights & Right.TRADE)
        if ranked:
            self.select_account(ranked[0].account)
