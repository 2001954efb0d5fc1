"""Answers read from the engine's state: instruments, accounts, orders, snapshots.

Rules: called between two batches, so that each answer is true as of one command; the pipeline releases it after all
that this command caused. Numbers in a request are checked before they reach the engine's readers.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from server.gateway.exchange_view import ExchangeView
from server.gateway.publisher import Publisher
from server.gateway.sessions import Session
from server.protocol import control
from server.protocol.codec import MESSAGE_BYTES_MAX
from server.protocol.enums import FaultCode, OrderOutcome, Right, Topic
from server.protocol.records import EVENT
from server.settings import Reference

_ROOM: Final = MESSAGE_BYTES_MAX - 4096
_ORDERS_PAGE: Final = _ROOM // EVENT.itemsize
_LAYOUTS: Final = {
    Topic.QUOTE: "QUOTE_RECORD",
    Topic.DEPTH: "BOOK_RECORD",
    Topic.ORDERS: "BOOK_RECORD",
    Topic.STATUS: "BOOK_RECORD",
    Topic.STATISTICS: "STATISTICS_RECORD",
}
_RETRANSMITTED: Final = (Topic.ORDERS, Topic.TRADES, Topic.STATUS)
RETRANSMIT_PAGE: Final = 4096
Records = NDArray[Any]


class Queries:
    """Reads the engine through its view, and names from the reference data."""

    def __init__(self, view: ExchangeView, publisher: Publisher, reference: Reference) -> None:
        self._view = view
        self._publisher = publisher
        self._reference = reference
        self._described = {item.instrument: item for item in reference.instruments}

    def has_right(self, user: int, right: Right, account: int = 0) -> bool:
        """Whether the engine grants this right on an account (0: the server) now."""
        return any(granted == account and rights & right for granted, rights in self._view.grants(user))

    def is_listed(self, instrument: int) -> bool:
        """Whether the instrument exists."""
        return instrument in self._view.instrument_ids()

    def is_account(self, account: int) -> bool:
        """Whether an account that a user may be granted is open (the house, 0, is not)."""
        return account != 0 and account in self._view.account_ids()

    def accounts_of(self, user: int) -> list[int]:
        """Accounts that the user may see or trade, ascending."""
        return sorted(account for account, rights in self._view.grants(user) if account and rights)

    def logon_accepted(self, request_id: int, session: Session) -> control.LogonAccepted:
        """The answer to a logon, once its SESSION_OPENED is applied."""
        rights, user = 0, session.user
        for _, granted in self._view.grants(user):
            rights |= granted
        return control.LogonAccepted(
            request_id=request_id,
            user_id=user,
            session=session.number,
            rights=rights,
            last_counter=self._view.last_counter(user, session.client_instance),
            last_stream_sequence=self._view.last_stream_sequence(user),
            accounts=self.accounts_of(user),
            at_end=session.terms.at_end,
            grace_ms=session.terms.grace_ms,
            heartbeat_timeout_ms=session.terms.heartbeat_timeout_ms,
        )

    def instruments(self, request: control.GetInstruments) -> control.Reply:
        """All instruments, by number."""
        found = [self._instrument(number) for number in sorted(self._view.instrument_ids())]
        return control.Instruments(request_id=request.request_id, instruments=found)

    def _instrument(self, number: int) -> control.Instrument:
        row = self._view.instrument(number)[0]
        described = self._described.get(number)
        symbol = bytes(row["symbol"]).decode(errors="replace")
        currency = int(row["currency"])
        return control.Instrument(
            instrument=number,
            symbol=symbol,
            name=described.name if described else symbol,
            group=described.group if described else "",
            currency=self._reference.currency_code(currency),
            price_decimals=int(row["price_decimals"]),
            quantity_decimals=int(row["quantity_decimals"]),
            money_decimals=self._reference.money_decimals(currency),
            tick_size=int(row["tick_size"]),
            lot_size=int(row["lot_size"]),
            price_min=int(row["price_min"]),
            price_max=int(row["price_max"]),
            quantity_max=int(row["quantity_max"]),
            cash_scale=int(row["cash_scale"]),
            reference_price=int(row["reference_price"]),
            phase=self._view.phase(number),
            isin=described.isin if described else "",
        )

    def accounts(self, request: control.GetAccounts, user: int) -> control.Reply:
        """The user's accounts with their positions."""
        rights = dict(self._view.grants(user))
        found = [self._account(account, rights[account]) for account in self.accounts_of(user)]
        return control.Accounts(
            request_id=request.request_id, accounts=found, stream_sequence=self._view.last_stream_sequence(user)
        )

    def _account(self, account: int, rights: int) -> control.Account:
        terms, cash, reserved = self._view.account_terms(account)
        row = terms[0]
        currency = int(row["currency"])
        return control.Account(
            account=account,
            name=bytes(row["name"]).decode(errors="replace"),
            currency=self._reference.currency_code(currency),
            money_decimals=int(row["money_decimals"]),
            cash=cash,
            reserved=reserved,
            credit_limit=int(row["credit_limit"]),
            rights=rights,
            positions=self._view.positions(account).tobytes(),
            position_max=int(row["position_max"]),
        )

    def open_orders(self, request: control.GetOpenOrders, user: int) -> control.Reply:
        """The user's live orders by order id, as many as fit one message after the one that is named."""
        rows = self._view.open_orders(user)
        rows = rows[rows["order_id"] > request.after_order_id]
        return control.Records(
            request_id=request.request_id,
            layout="EVENT",
            records=rows[:_ORDERS_PAGE].tobytes(),
            sequence=self._view.last_stream_sequence(user),
            engine_sequence=self._view.sequence,
            more=len(rows) > _ORDERS_PAGE,
        )

    def order_status(self, request: control.GetOrderStatus, user: int) -> control.OrderStatus:
        """What the engine knows of a command; how one ended that left nothing live is in the event log alone."""
        last_counter = self._view.last_counter(user, request.client_instance)
        live = self._view.orders_of_key(user, request.client_instance, request.counter)
        outcome = OrderOutcome.LIVE if len(live) else OrderOutcome.ANSWERED
        return control.OrderStatus(
            request_id=request.request_id,
            outcome=OrderOutcome.NOT_SEEN if request.counter > last_counter else outcome,
            last_counter=last_counter,
            stream_sequence=self._view.last_stream_sequence(user),
            records=live.tobytes(),
        )

    def snapshot(self, request: control.GetSnapshot) -> control.Reply:
        """What is behind a topic now; `sequence` is the last number of the stream that it includes."""
        if request.topic not in _LAYOUTS or request.instrument not in self._view.instrument_ids():
            return _not_found(request.request_id, "no snapshot of this topic and instrument")
        topic = Topic(request.topic)
        rows = self._snapshot_rows(topic, request.instrument)
        room = _ROOM // rows.itemsize
        stream = self._publisher.streams.of(request.instrument)[topic]
        return control.Records(
            request_id=request.request_id,
            layout=_LAYOUTS[topic],
            records=_best_of_both_sides(rows, room).tobytes(),
            sequence=stream.next_sequence - 1,
            engine_sequence=self._view.sequence,
            more=len(rows) > room,
        )

    def _snapshot_rows(self, topic: Topic, instrument: int) -> Records:
        if topic is Topic.QUOTE:
            return self._publisher.quote(instrument, self._view)
        if topic is Topic.DEPTH:
            return self._publisher.depth(instrument, self._view)
        if topic is Topic.ORDERS:
            return self._view.book_orders(instrument)
        if topic is Topic.STATUS:
            return self._publisher.status(instrument, self._view)
        return self._view.statistics(instrument)

    def retransmit(self, request: control.Retransmit) -> control.Reply:
        """Records of a complete stream from a number on; `sequence` is the number of the last one given."""
        if request.topic not in _RETRANSMITTED or request.instrument not in self._view.instrument_ids():
            return _not_found(request.request_id, "no complete stream of this topic and instrument")
        stream = self._publisher.streams.of(request.instrument)[Topic(request.topic)]
        assert stream.ring is not None, "complete streams have a ring"
        count = min(max(request.count, 1), RETRANSMIT_PAGE)
        rows = stream.ring.read(request.from_sequence, count)
        if rows is None:
            return _not_found(request.request_id, "these records are no longer kept, take a snapshot")
        last = request.from_sequence + len(rows) - 1
        return control.Records(
            request_id=request.request_id,
            layout="BOOK_RECORD",
            records=rows.tobytes(),
            sequence=last,
            engine_sequence=self._view.sequence,
            more=last < stream.next_sequence - 1,
        )


def _best_of_both_sides(rows: Records, room: int) -> Records:
    """As many rows as fit, of each side the best half (rows are bids, then asks, best first)."""
    if len(rows) <= room:
        return rows
    bids = rows[rows["side"] == 0]
    asks = rows[rows["side"] == 1]
    bid_room = max(room // 2, room - len(asks))
    return np.concatenate([bids[:bid_room], asks[: room - min(bid_room, len(bids))]])


def _not_found(request_id: int, text: str) -> control.Refused:
    return control.Refused(request_id=request_id, code=FaultCode.NOT_FOUND, text=text)
