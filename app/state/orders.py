"""The user's orders, keyed by (client instance, counter) and by order id: from the press of a button to the end.

Rules: rows never move; an order exists here from the moment it was sent (PENDING_NEW), so that one that was never
answered stays visible as UNKNOWN; the events of the server overrule whatever was assumed.
"""

import numpy as np
from numpy.typing import NDArray

from app.state.table import KeyedTable
from server.protocol.enums import CommandKind, EventKind, OrderState, OrderType, RejectReason
from server.protocol.records import LABEL_BYTES, NO_PRICE

ORDER_ROW = np.dtype([
    ("order_id", "<u8"), ("public_order_id", "<u8"),
    ("client_instance", "<u8"), ("counter", "<u8"), ("label", f"S{LABEL_BYTES}"),
    ("time_ns", "<i8"), ("updated_ns", "<i8"), ("state_ns", "<i8"),
    ("account", "<u4"), ("instrument", "<u4"),
    ("side", "u1"), ("order_type", "u1"), ("time_in_force", "u1"), ("flags", "u1"),
    ("state", "u1"), ("known_state", "u1"), ("reason", "<u2"),
    ("price", "<i8"), ("quantity", "<i8"), ("leaves", "<i8"), ("filled", "<i8"),
    ("traded_value", "<f8"), ("value", "<i8"), ("limit", "<i8"), ("last_price", "<i8"), ("stop_price", "<i8"),
])  # fmt: skip
"""One order. `known_state` is the server's last word, `state` what is shown (PENDING_CANCEL and so on over it);
`traded_value` is the sum of price x quantity of its fills, for the average price; `stop_price` is what a stop waits
for, NO_PRICE once it was reached and for every other order."""

LIVE_STATES = (OrderState.NEW, OrderState.PARTIALLY_FILLED, OrderState.PENDING_NEW, OrderState.PENDING_CANCEL,
               OrderState.PENDING_REPLACE, OrderState.UNKNOWN)  # fmt: skip
_LIVE = np.zeros(256, np.bool_)
_LIVE[list(LIVE_STATES)] = True
_CONFIRMED = (OrderState.NEW, OrderState.PARTIALLY_FILLED)
_CHANGES = (EventKind.REPLACED, EventKind.TRIGGERED, EventKind.RESTATED)
_STOPS = (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP)
_COPIED = ("order_id", "public_order_id", "account", "instrument", "side", "order_type", "time_in_force", "flags",
           "price", "quantity", "leaves", "filled")  # fmt: skip


class OrderTable(KeyedTable):
    """Orders of the user, oldest first."""

    def __init__(self) -> None:
        """No orders."""
        super().__init__(ORDER_ROW)

    def apply_sent(self, commands: NDArray[np.void], now_ns: int) -> set[int]:
        """Take COMMAND rows that have just left this machine; returns the rows that changed."""
        changed: set[int] = set()
        for command in commands:
            kind = int(command["kind"])
            if kind == CommandKind.NEW_ORDER:
                changed.add(self._sent_new(command, now_ns))
            elif kind == CommandKind.CANCEL_ORDER:
                changed |= self._sent_change(command, OrderState.PENDING_CANCEL, now_ns)
            elif kind == CommandKind.REPLACE_ORDER:
                changed |= self._sent_change(command, OrderState.PENDING_REPLACE, now_ns)
            elif kind == CommandKind.MASS_CANCEL:
                named = self.live(int(command["account"]), int(command["instrument"]), int(command["side"]))
                for row in named.tolist():
                    changed |= self._pending(row, OrderState.PENDING_CANCEL, now_ns)
        return changed

    def apply_event(self, event: np.void) -> int:
        """Take one EVENT of an order; returns the row that changed, or -1."""
        kind = int(event["kind"])
        if kind == EventKind.ACCEPTED:
            return self._accepted(event)
        if kind == EventKind.REJECTED:
            return self._rejected(event)
        row = self._row_of(event)
        if row < 0:
            return -1
        order = self.rows[row]
        order["updated_ns"] = event["time_ns"]
        if kind == EventKind.EXECUTED:
            order["leaves"], order["filled"] = event["leaves"], event["filled"]
            order["last_price"] = event["last_price"]
            order["traded_value"] += float(event["last_price"]) * float(event["last_quantity"])
            self._confirm(order, event, keep_pending=int(event["leaves"]) > 0)
        elif kind == EventKind.CANCELED:
            order["leaves"], order["reason"] = 0, event["reason"]
            self._confirm(order, event)
        elif kind in _CHANGES:
            for name in ("public_order_id", "order_type", "price", "quantity", "leaves", "filled"):
                order[name] = event[name]
            self._note_stop(order, event)
            self._confirm(order, event)
        else:
            return -1
        return row

    def unanswered(self, now_ns: int) -> set[int]:
        """The order path was lost: what waits for its first answer becomes UNKNOWN, other waits end."""
        states = self.column("state")
        changed = set(np.flatnonzero(states == OrderState.PENDING_NEW).tolist())
        for row in changed:
            self._show(self.rows[row], OrderState.UNKNOWN, now_ns)
        waiting = (states == OrderState.PENDING_CANCEL) | (states == OrderState.PENDING_REPLACE)
        for row in np.flatnonzero(waiting).tolist():
            self._show(self.rows[row], OrderState(int(self.rows["known_state"][row])), now_ns)
            changed.add(row)
        return changed

    def overdue(self, commands: NDArray[np.void], now_ns: int) -> set[int]:
        """These COMMAND rows are unanswered for too long: new orders among them become UNKNOWN."""
        changed: set[int] = set()
        for command in commands[commands["kind"] == CommandKind.NEW_ORDER]:
            row = self.find((int(command["client_instance"]), int(command["counter"])))
            if row >= 0 and self.rows["state"][row] == OrderState.PENDING_NEW:
                self._show(self.rows[row], OrderState.UNKNOWN, now_ns)
                changed.add(row)
        return changed

    def live(self, account: int = 0, instrument: int = 0, side: int = 2) -> NDArray[np.intp]:
        """Rows that work or may work, of an account and instrument (0: any) and a side (2: both)."""
        rows = self.rows
        mask = _LIVE[rows["state"]]
        if account:
            mask &= rows["account"] == account
        if instrument:
            mask &= rows["instrument"] == instrument
        if side != 2:
            mask &= rows["side"] == side
        return np.flatnonzero(mask)

    def unknown_count(self) -> int:
        """Orders that were sent and of which nobody knows what became of them."""
        return int(np.count_nonzero(self.column("state") == OrderState.UNKNOWN))

    def average_price(self, row: int) -> float | None:
        """The average price of an order's fills in price units, for display; None without fills."""
        order = self.rows[row]
        return float(order["traded_value"]) / float(order["filled"]) if order["filled"] else None

    def _sent_new(self, command: np.void, now_ns: int) -> int:
        key = (int(command["client_instance"]), int(command["counter"]))
        row = self.find(key)
        if row >= 0:
            return row
        row = self.append(key)
        order = self.rows[row]
        for name in ("client_instance", "counter", "label", "account", "instrument", "side", "order_type",
                     "time_in_force", "price", "quantity"):  # fmt: skip
            order[name] = command[name]
        order["flags"] = int(command["flags"]) & 0xFF
        order["leaves"] = command["quantity"]
        order["stop_price"] = NO_PRICE
        order["time_ns"] = order["updated_ns"] = now_ns
        self._show(order, OrderState.PENDING_NEW, now_ns)
        return row

    def _sent_change(self, command: np.void, state: OrderState, now_ns: int) -> set[int]:
        """Note a cancel or replace under its own key too: the refusal of it names nothing else."""
        row = self._named(command)
        if row >= 0:
            self.alias((int(command["client_instance"]), int(command["counter"])), row)
        return self._pending(row, state, now_ns)

    def _accepted(self, event: np.void) -> int:
        key = (int(event["client_instance"]), int(event["counter"]))
        by_id = ("id", int(event["order_id"]))
        row = self.find(by_id)
        if row < 0:
            row = self._awaiting(key)
        if row < 0:
            row = self.append(by_id)
        self.alias(by_id, row)
        if self.find(key) < 0:
            self.alias(key, row)
        order = self.rows[row]
        for name in (*_COPIED, "client_instance", "counter", "label"):
            order[name] = event[name]
        order["time_ns"] = order["updated_ns"] = event["time_ns"]
        self._note_stop(order, event)
        self._confirm(order, event)
        return row

    def _awaiting(self, key: tuple[int, int]) -> int:
        """The row that was sent under a key and has no order yet; -1 if it has, as the other side of a quote does."""
        row = self.find(key)
        return row if row >= 0 and self.rows["order_id"][row] == 0 else -1

    def _rejected(self, event: np.void) -> int:
        key = (int(event["client_instance"]), int(event["counter"]))
        if event["reason"] == RejectReason.DUPLICATE and event["state"] != OrderState.NONE:
            known = self.find(("id", int(event["order_id"])))
            return self._present(event, known if known >= 0 else self._awaiting(key))
        row = self.find(key)
        if row >= 0 and self.rows["order_id"][row] == 0:
            order = self.rows[row]
            for name in ("reason", "value", "limit"):
                order[name] = event[name]
            order["leaves"] = 0
            order["updated_ns"] = event["time_ns"]
            self._confirm(order, event)
            return row
        row = row if row >= 0 else self._named(event)
        if row >= 0:
            self._show(self.rows[row], OrderState(int(self.rows["known_state"][row])), int(event["time_ns"]))
        return row

    def _row_of(self, event: np.void) -> int:
        """The order of an event: by its id, or, where it was never accepted as far as we know, by its key."""
        by_id = ("id", int(event["order_id"]))
        row = self.find(by_id)
        if row < 0:
            row = self.find((int(event["client_instance"]), int(event["counter"])))
            if row < 0 or self.rows["order_id"][row]:
                return -1
            self.rows[row]["order_id"] = event["order_id"]
            self.alias(by_id, row)
        return row

    def _present(self, event: np.void, row: int) -> int:
        """The answer to a repeated order: the live order that the first one made."""
        if row < 0:
            return -1
        self.alias(("id", int(event["order_id"])), row)
        order = self.rows[row]
        for name in ("order_id", "public_order_id", "price", "quantity", "leaves", "filled"):
            order[name] = event[name]
        self._confirm(order, event)
        return row

    def _named(self, record: np.void) -> int:
        """The order that a cancel or replace (or the refusal of one) names; -1 if unknown."""
        order_id = int(record["order_id"])
        if order_id:
            return self.find(("id", order_id))
        label = bytes(record["label"])
        if not label:
            return -1
        rows = np.flatnonzero(self.column("label") == label)
        return int(rows[-1]) if len(rows) else -1

    def _pending(self, row: int, state: OrderState, now_ns: int) -> set[int]:
        if row < 0 or self.rows["known_state"][row] not in _CONFIRMED:
            return set()
        self._show(self.rows[row], state, now_ns)
        return {row}

    def _confirm(self, order: np.void, event: np.void, *, keep_pending: bool = False) -> None:
        order["known_state"] = event["state"]
        pending = order["state"] in (OrderState.PENDING_CANCEL, OrderState.PENDING_REPLACE)
        if not (keep_pending and pending):
            self._show(order, OrderState(int(event["state"])), int(event["time_ns"]))

    @staticmethod
    def _note_stop(order: np.void, event: np.void) -> None:
        """`value` of these events is the stop price of an order that is one; one that was reached waits no more."""
        kind, was_reached = event["kind"], order["stop_price"] == NO_PRICE and event["kind"] != EventKind.ACCEPTED
        waits = int(event["order_type"]) in _STOPS and kind != EventKind.TRIGGERED and not was_reached
        order["stop_price"] = event["value"] if waits else NO_PRICE

    @staticmethod
    def _show(order: np.void, state: OrderState, now_ns: int) -> None:
        if order["state"] != state:
            order["state"] = state
            order["state_ns"] = now_ns
