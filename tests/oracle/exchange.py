"""The reference exchange: what each command does once no check refuses it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import (
    CancelReason,
    CommandKind,
    EventKind,
    MarketDataKind,
    OrderState,
    Phase,
    RejectReason,
    Side,
    TimeInForce,
)  # fmt: skip
from server.protocol.records import LIST_INSTRUMENT, NO_PRICE, OPEN_ACCOUNT
from tests.oracle.checks import CALLS, CLIENT_KINDS_END, keeps_place, refusal
from tests.oracle.hashing import state_hash
from tests.oracle.matching import Matching
from tests.oracle.money import post_adjustment
from tests.oracle.output import signed
from tests.oracle.state import Account, AccountTerms, Command, Instrument, InstrumentTerms, Order, Position

HOUSE = 0
BOTH_SIDES = 2


@dataclass(frozen=True, slots=True)
class OracleOutputs:
    """What `apply` gives, as the engine's `Outputs`."""

    events: NDArray[np.void]
    market_data: NDArray[np.void]
    next_due_ns: int


class OracleExchange(Matching):
    """The state, and one method for each kind of command."""

    def __init__(self, shard: int = 1) -> None:
        super().__init__(shard)
        self.sequence = 0
        self.time_ns = 0
        self.accounts[HOUSE] = Account(HOUSE, None)
        self.instrument_terms: InstrumentTerms
        self.account_terms: AccountTerms
        self.do: dict[int, Callable[[Command], None]] = {
            CommandKind.NEW_ORDER: self.new_order, CommandKind.CANCEL_ORDER: self.cancel_order,
            CommandKind.REPLACE_ORDER: self.replace_order, CommandKind.MASS_CANCEL: self.mass_cancel,
            CommandKind.TIME: self.time, CommandKind.SESSION_OPENED: self.open_session,
            CommandKind.SESSION_CLOSED: self.close_session, CommandKind.LIST_INSTRUMENT: self.list_instrument,
            CommandKind.SET_PHASE: self.set_phase, CommandKind.OPEN_ACCOUNT: self.open_account,
            CommandKind.ADJUST_CASH: self.adjust_cash, CommandKind.ADJUST_POSITION: self.adjust_position,
            CommandKind.GRANT: self.grant,
        }  # fmt: skip

    @property
    def event_sequence(self) -> int:
        """How many events there were."""
        return self.output.event_sequence

    @property
    def next_due_ns(self) -> int:
        """When a TIME command is wanted next; 0: never."""
        dues = [instrument.indicative_due_ns for instrument in self.instruments.values()]
        return min((due for due in dues if due), default=0)

    def state_hash(self) -> int:
        """The hash of section 9."""
        return state_hash(self)

    def apply(self, commands: NDArray[np.void]) -> OracleOutputs:
        """Do the commands (COMMAND rows, stamped) in order."""
        for row, fields in enumerate(commands.tolist()):
            command = Command._make(fields)
            if command.kind in (CommandKind.LIST_INSTRUMENT, CommandKind.OPEN_ACCOUNT):
                self.read_terms(commands[row : row + 1])
            self.one(command)
        events, market_data = self.output.take()
        return OracleOutputs(events, market_data, self.next_due_ns)

    def read_terms(self, row: NDArray[np.void]) -> None:
        """Keep the layouts that LIST_INSTRUMENT and OPEN_ACCOUNT have of their own, for the next command."""
        if row["kind"][0] == CommandKind.LIST_INSTRUMENT:
            self.instrument_terms = InstrumentTerms._make(row.view(LIST_INSTRUMENT)[0].tolist())
        elif row["kind"][0] == CommandKind.OPEN_ACCOUNT:
            self.account_terms = AccountTerms._make(row.view(OPEN_ACCOUNT)[0].tolist())

    def one(self, c: Command) -> RejectReason:
        """Do or refuse one command. Returns why it was refused, or NONE."""
        self.sequence, self.time_ns = c.sequence, c.time_ns
        self.output.command = c
        refused = refusal(self, c)
        passed_counter = refused is None or refused[0] not in (RejectReason.DUPLICATE, RejectReason.COUNTER_GAP)
        if c.kind < CLIENT_KINDS_END and passed_counter:
            self.counters[c.user, c.client_instance] = c.counter
        if refused:
            self.reject(c, *refused)
            return refused[0]
        self.do[c.kind](c)
        return RejectReason.NONE

    def reject(self, c: Command, reason: RejectReason, value: int, limit: int) -> None:
        """Say no; a duplicate is told how its order stands."""
        fields = {
            "account": c.account, "instrument": c.instrument, "session": c.session,
            "client_instance": c.client_instance, "counter": c.counter, "label": c.label, "side": c.side,
            "order_type": c.order_type, "time_in_force": c.time_in_force, "capacity": c.capacity,
            "flags": c.flags & 0xFF, "price": c.price, "quantity": c.quantity, "state": OrderState.REJECTED,
        }  # fmt: skip
        if reason == RejectReason.DUPLICATE:
            fields["state"] = OrderState.NONE
            order = self.keyed_order(c.user, c.client_instance, c.counter)
            if order:
                fields |= {
                    "order_id": order.order_id, "public_order_id": order.public_order_id, "price": order.price,
                    "quantity": order.quantity, "leaves": order.leaves, "filled": order.filled,
                    "state": open_state(order),
                }  # fmt: skip
        self.output.event(EventKind.REJECTED, c.user, reason=reason, value=signed(value), limit=signed(limit), **fields)

    def new_order(self, c: Command) -> None:
        """Accept an order, let it trade, and let the rest of it wait or end."""
        instrument, account = self.instruments[c.instrument], self.accounts[c.account]
        self.orders_made += 1
        order = Order(
            self.made_id(self.orders_made), self.next_place(), c.user, account, instrument, c.client_instance,
            c.counter, c.label, c.side, c.order_type, c.time_in_force, c.flags, c.capacity, c.price, c.quantity, 0,
            c.self_trade_group, c.decision_maker, c.algorithm,
        )  # fmt: skip
        self.start(order)
        self.output.order_event(EventKind.ACCEPTED, order, session=c.session, state=OrderState.NEW)
        self.trade_and_rest(order)
        self.output.top(instrument)

    def cancel_order(self, c: Command) -> None:
        """Cancel an order because its user, or another who may, asks."""
        order = self.named_order(c)
        own = self.key_of_command(c, order)
        self.cancel(order, CancelReason.REQUESTED, **own)
        self.output.top(order.instrument)

    def replace_order(self, c: Command) -> None:
        """Change price and total quantity of an order in one step."""
        order = self.named_order(c)
        own = self.key_of_command(c, order)
        if keeps_place(order, c):
            gone = order.quantity - c.quantity
            self.change_open(order, order.price, c.quantity)
            self.output.order_event(EventKind.REPLACED, order, state=open_state(order), **own)
            if gone:
                self.output.order_record(MarketDataKind.REDUCE, order, order.price, gone)
            self.want_indicative(order.instrument)
        else:
            self.leave_book(order)
            self.change_open(order, c.price, c.quantity)
            order.public_order_id = self.next_place()
            self.output.order_event(EventKind.REPLACED, order, state=open_state(order), **own)
            self.trade_and_rest(order)
        self.output.top(order.instrument)

    def mass_cancel(self, c: Command) -> None:
        """Cancel the account's orders (of an instrument, of a side)."""
        chosen = [
            order
            for _, order in sorted(self.live.items())
            if order.account.number == c.account
            and c.instrument in (0, order.instrument.number)
            and c.side in (BOTH_SIDES, order.side)
        ]
        for order in chosen:
            self.cancel(order, CancelReason.MASS_CANCEL)
        self.output.event(
            EventKind.MASS_CANCELED, c.user, quantity=len(chosen), account=c.account, instrument=c.instrument,
            side=c.side, session=c.session, client_instance=c.client_instance, counter=c.counter,
        )  # fmt: skip
        for number in sorted({order.instrument.number for order in chosen}):
            self.output.top(self.instruments[number])

    def time(self, c: Command) -> None:
        """Publish the indicatives that are due."""
        for _, instrument in sorted(self.instruments.items()):
            if instrument.indicative_due_ns and instrument.indicative_due_ns <= c.time_ns:
                instrument.indicative_due_ns = 0
                price, volume, surplus = self.uncrossing(instrument)
                self.output.book_record(
                    MarketDataKind.INDICATIVE, instrument, price=price, quantity=volume, level_quantity=surplus
                )

    def open_session(self, c: Command) -> None:
        """Open the session for the user."""
        self.sessions.add((c.session, c.user))
        self.output.event(EventKind.SESSION_OPENED, c.user, session=c.session, order_id=c.order_id)

    def close_session(self, c: Command) -> None:
        """Close the session if it is the user's."""
        self.sessions.discard((c.session, c.user))
        self.output.event(EventKind.SESSION_CLOSED, c.user, session=c.session, order_id=c.order_id)

    def list_instrument(self, c: Command) -> None:
        """List an instrument; it starts CLOSED."""
        terms = self.instrument_terms
        self.instruments[c.instrument] = Instrument(terms, terms.reference_price)
        self.output.event(
            EventKind.INSTRUMENT_LISTED, c.user, session=c.session, instrument=c.instrument, label=terms.symbol,
            price=terms.reference_price,
        )  # fmt: skip

    def open_account(self, c: Command) -> None:
        """Open an account without money."""
        self.accounts[c.account] = Account(c.account, self.account_terms)
        name = self.account_terms.name
        self.output.event(EventKind.ACCOUNT_OPENED, c.user, session=c.session, account=c.account, label=name)

    def adjust_cash(self, c: Command) -> None:
        """Give cash to the account; the house takes the other side."""
        account = self.accounts[c.account]
        account.cash += c.quantity
        self.accounts[HOUSE].cash -= c.quantity
        self.output.position(c.user, account, 0, Position(), c.session)

    def adjust_position(self, c: Command) -> None:
        """Give lots at a cost price to the account; the house takes the other side."""
        account, instrument = self.accounts[c.account], self.instruments[c.instrument]
        post_adjustment(self.position(c.account, c.instrument), c.quantity, c.price, instrument)
        post_adjustment(self.position(HOUSE, c.instrument), -c.quantity, c.price, instrument)
        self.output.position(c.user, account, c.instrument, self.position(c.account, c.instrument), c.session)

    def grant(self, c: Command) -> None:
        """Give the user exactly these rights."""
        self.grants[c.decision_maker, c.account] = c.flags
        self.output.event(
            EventKind.GRANTED, c.user, session=c.session, account=c.account, quantity=c.flags, value=c.decision_maker
        )

    def set_phase(self, c: Command) -> None:
        """Move one instrument, or all of them, to a phase."""
        numbers = [c.instrument] if c.instrument else sorted(self.instruments)
        for number in numbers:
            instrument = self.instruments[number]
            if c.instrument and c.price != NO_PRICE:
                instrument.reference_price = c.price
            self.enter_phase(c, instrument)
            self.output.top(instrument)

    def enter_phase(self, c: Command, instrument: Instrument) -> None:
        """Steps 2 to 5 of SET_PHASE."""
        if instrument.phase == Phase.CLOSED and c.side != Phase.CLOSED:
            if instrument.last != NO_PRICE:
                instrument.previous_close = instrument.last
            instrument.open = instrument.high = instrument.low = instrument.last = NO_PRICE
            instrument.volume = instrument.turnover = instrument.trades = 0
        instrument.phase = c.side
        reference = instrument.reference_price
        self.output.event(
            EventKind.PHASE_CHANGED, c.user, session=c.session, instrument=instrument.number, phase=c.side,
            price=reference,
        )  # fmt: skip
        self.output.book_record(MarketDataKind.STATUS, instrument, price=reference)
        if c.side in (Phase.CONTINUOUS, Phase.CLOSED):
            self.uncross(instrument)
        if c.side not in CALLS:
            instrument.indicative_due_ns = 0
        if c.side == Phase.CLOSED:
            for side in (Side.BUY, Side.SELL):
                for order in list(instrument.book.orders(side)):
                    if order.time_in_force == TimeInForce.DAY:
                        self.cancel(order, CancelReason.END_OF_DAY)
        self.want_indicative(instrument)

    @staticmethod
    def key_of_command(c: Command, order: Order) -> dict[str, int]:
        """The event fields that name the command, where it is the order's user who sent it."""
        if c.user != order.user:
            return {}
        return {"session": c.session, "client_instance": c.client_instance, "counter": c.counter}


def open_state(order: Order) -> OrderState:
    """NEW or PARTIALLY_FILLED."""
    return OrderState.PARTIALLY_FILLED if order.filled else OrderState.NEW
