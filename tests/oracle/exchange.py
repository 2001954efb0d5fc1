"""The reference exchange: takes records, finds their groups, and does or refuses each command."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import FAULTED_KIND, CommandKind, EventKind, OrderState, RejectReason
from tests.oracle import account_parts, order_commands, phases, rules, server_commands
from tests.oracle.asking import Asked
from tests.oracle.baskets import asked_in, do_basket
from tests.oracle.cascade import end_command
from tests.oracle.checks import CLIENT_KINDS_END, DOOR, check_kind, first_refusal, refusal
from tests.oracle.groups import CONTINUATIONS, Record, groups_of, wrong_shape
from tests.oracle.hashing import state_hash
from tests.oracle.layouts import BODY_OF, Body, body_of
from tests.oracle.mass_cancels import DEAD_MAN_TIMER, dead_man_due
from tests.oracle.matching import Matching
from tests.oracle.order_checks import check_numbers, check_order_phase, refused_order
from tests.oracle.output import signed
from tests.oracle.refusals import Refusal, RiskRefusal
from tests.oracle.replacing import Change, refused_change
from tests.oracle.state import Command, open_state

Do = Callable[["OracleExchange", Command], None]
DO: dict[int, Do] = order_commands.DO | phases.DO | rules.DO | server_commands.DO | account_parts.DO


@dataclass(frozen=True, slots=True)
class OracleOutputs:
    """What `apply` gives, as the engine's `Outputs`."""

    events: NDArray[np.void]
    market_data: NDArray[np.void]
    next_due_ns: int


class OracleExchange(Matching):
    """The state, and the way of a command through it."""

    def __init__(self, shard: int = 1) -> None:
        super().__init__(shard)
        self.sequence = 0
        self.time_ns = 0
        self.group: list[Record] = []
        self.body: Body = None
        self.on_timer |= server_commands.ON_TIMER | {DEAD_MAN_TIMER: dead_man_due}
        self.on_timer[DEAD_MAN_TIMER] = dead_man_due

    @property
    def event_sequence(self) -> int:
        """How many events there were."""
        return self.output.event_sequence

    @property
    def next_due_ns(self) -> int:
        """When a TIME command is wanted next; 0: never."""
        dues = [instrument.indicative_due_ns for instrument in self.instruments.values()]
        return min((due for due in (*dues, self.timers.next_due_ns) if due), default=0)

    def state_hash(self) -> int:
        """The hash of section 9."""
        return state_hash(self)

    def apply(self, commands: NDArray[np.void]) -> OracleOutputs:
        """Do the commands (COMMAND rows, stamped) in order."""
        for group in groups_of(read_records(commands)):
            self.one_group(group)
        events, market_data = self.output.take()
        return OracleOutputs(events, market_data, self.next_due_ns)

    def one_group(self, group: list[Record]) -> None:
        """Do or refuse a whole group, and what follows from it."""
        self.group = group
        self.set_command(group[0].command)
        kind = group[0].command.kind
        wrong = wrong_shape(group) if len(group) > 1 else None
        if kind & FAULTED_KIND:
            self.refuse_skipped()
        elif wrong:
            self.refuse_each(wrong)
        elif kind == CommandKind.NEW_ORDER:
            self.new_orders(asked_in(group))
        elif kind == CommandKind.REPLACE_ORDER:
            self.replace()
        else:
            self.single()
        self.set_command(group[-1].command)
        end_command(self)
        self.ledger.settle(self)

    def phase_refuses(self, c: Command) -> Refusal:
        """Why the phase does not take a new order."""
        return check_order_phase(self, Asked(c))

    def numbers_refuse(self, c: Command) -> Refusal:
        """What is wrong with quantity and price of a new order."""
        return check_numbers(self, Asked(c))

    def set_command(self, c: Command) -> None:
        """Have what comes next belong to this record."""
        self.sequence, self.time_ns = c.sequence, c.time_ns
        self.output.command = c

    def passes(self, c: Command, refused: Refusal) -> bool:
        """True if nothing refuses the command; counts its counter, and says so if it is refused."""
        passed_counter = refused is None or refused[0] not in (RejectReason.DUPLICATE, RejectReason.COUNTER_GAP)
        if c.kind < CLIENT_KINDS_END and passed_counter:
            self.counters[c.user, c.client_instance] = c.counter
        if refused:
            self.reject(c, refused)
        return refused is None

    def single(self) -> None:
        """Do or refuse a command that is about no single order."""
        c = self.group[0].command
        self.body = self.group[0].body
        if self.passes(c, refusal(self, c)):
            DO[c.kind](self, c)

    def replace(self) -> None:
        """Do or refuse a REPLACE_ORDER, with the terms behind it."""
        c = self.group[0].command
        refused = refusal(self, c)
        if refused is None:
            terms = [record.body for record in self.group[1:]]
            change = Change(c, self.named_order(c), *terms, has_terms=bool(terms))
            refused = refused_change(self, change)
        if self.passes(c, refused):
            order_commands.replace_order(self, change)

    def new_orders(self, basket: list[Asked]) -> None:
        """Do or refuse a new order, or a basket of them."""
        if len(basket) > 1:
            do_basket(self, basket)
            return
        asked = basket[0]
        if self.passes(asked.command, refusal(self, asked.command) or refused_order(self, asked)):
            order_commands.new_order(self, asked)

    def refuse_each(self, wrong: Refusal) -> None:
        """Refuse the head of a group of a wrong shape and each command in it, for its own reason where it has one."""
        for number, record in enumerate(self.group):
            c = record.command
            if number == 0 or c.kind not in CONTINUATIONS:
                self.set_command(c)
                checks = (*DOOR, check_kind) if c.kind < CLIENT_KINDS_END else (check_kind,)
                self.passes(c, first_refusal(self, c, checks) or wrong)

    def refuse_skipped(self) -> None:
        """Refuse what an operator has skipped, each command of a group for itself (20.2)."""
        for number, record in enumerate(self.group):
            c = record.command._replace(kind=record.command.kind & ~FAULTED_KIND)
            if number == 0 or c.kind not in CONTINUATIONS:
                self.set_command(c)
                refused = first_refusal(self, c, DOOR) if c.kind < CLIENT_KINDS_END else None
                self.passes(c, refused or (RejectReason.ENGINE_FAULT, 0, 0))

    def reject(self, c: Command, refused: Refusal) -> None:
        """Say no; a duplicate is told how its order stands."""
        fields = {
            "account": c.account, "instrument": c.instrument, "session": c.session,
            "client_instance": c.client_instance, "counter": c.counter, "label": c.label, "side": c.side,
            "order_type": c.order_type, "time_in_force": c.time_in_force, "capacity": c.capacity,
            "flags": c.flags & 0xFF, "price": c.price, "quantity": c.quantity, "state": OrderState.REJECTED,
        }  # fmt: skip
        reason, value, limit = refused[:3]
        if reason == RejectReason.DUPLICATE:
            fields["state"] = OrderState.NONE
            order = self.keyed_order(c.user, c.client_instance, c.counter)
            if order:
                fields |= {
                    "order_id": order.order_id, "public_order_id": order.public_order_id, "price": order.price,
                    "quantity": order.quantity, "leaves": order.leaves, "filled": order.filled,
                    "state": open_state(order),
                }  # fmt: skip
        fields |= {"reason": reason, "value": signed(value), "limit": signed(limit)}
        if isinstance(refused, RiskRefusal):
            self.output.risk_event(EventKind.REJECTED, c.user, **(refused._asdict() | fields))
        else:
            self.output.event(EventKind.REJECTED, c.user, **fields)


def read_records(commands: NDArray[np.void]) -> list[Record]:
    """The rows as records, each in the layout of its kind as well."""
    records = []
    for row, fields in enumerate(commands.tolist()):
        command = Command._make(fields)
        records.append(Record(command, body_of(commands[row : row + 1]) if command.kind in BODY_OF else None))
    return records
