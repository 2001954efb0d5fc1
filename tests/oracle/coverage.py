"""What a flow reached: for each subject, phase and reason how often, and how often each event with its reason.

A subject is the kind of a command, of a NEW_ORDER its type as people call it (ICEBERG, HIDDEN, OCO ...). The phase is
that of its instrument before the command, -1 where it names none.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import (
    CancelReason,
    CommandKind,
    EventKind,
    Link,
    OrderType,
    Phase,
    RejectReason,
    RestateReason,
    TimeInForce,
)
from server.protocol.records import ORDER_TERMS
from tests.oracle.exchange import OracleExchange

NO_PHASE = -1
ABOUT_ORDERS = (CommandKind.CANCEL_ORDER, CommandKind.REPLACE_ORDER)
REASONS: dict[int, type[IntEnum]] = {EventKind.CANCELED: CancelReason, EventKind.RESTATED: RestateReason}
NAMES: dict[type[IntEnum], dict[int, str]] = {
    vocabulary: {int(member): member.name for member in vocabulary}
    for vocabulary in (CommandKind, OrderType, TimeInForce, Link)
}
CANCELED, RESTATED, REJECTED = int(EventKind.CANCELED), int(EventKind.RESTATED), int(EventKind.REJECTED)
Subject = tuple[str, int]
"""(what, phase)."""


@dataclass
class Reached:
    """Counters; adding two runs together is adding their counters."""

    answers: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    """(subject, phase, reason)."""
    lives: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    """(time in force of a NEW_ORDER, phase, reason)."""
    events: Counter[tuple[int, int]] = field(default_factory=Counter)
    """(kind, reason), the reason 0 where the kind has none."""

    def add(self, other: "Reached") -> None:
        """Counts another run's in."""
        self.answers += other.answers
        self.lives += other.lives
        self.events += other.events

    def reasons(self) -> set[int]:
        """All reject reasons that were given."""
        return {reason for _, _, reason in self.answers}


def subjects_of(x: OracleExchange, rows: NDArray[np.void]) -> list[Subject | None]:
    """What each record of a group is about, None for one that belongs to the one before it."""
    subjects: list[Subject | None] = []
    kinds = rows["kind"].tolist()
    for place, (kind, row) in enumerate(zip(kinds, rows, strict=True)):
        if place and kind not in (CommandKind.NEW_ORDER, CommandKind.REPLACE_ORDER):
            subjects.append(None)
        elif kind == CommandKind.NEW_ORDER:
            followed = kinds[place + 1 : place + 2] == [CommandKind.ORDER_TERMS]
            terms = rows[place + 1 : place + 2].view(ORDER_TERMS)[0] if followed else None
            subjects.append((order_name(row, terms, len(rows) > 2), phase_of(x, kind, row)))
        else:
            subjects.append((kind_name(kind), phase_of(x, kind, row)))
    return subjects


def kind_name(kind: int) -> str:
    """A command's kind by its name, if it has one."""
    return NAMES[CommandKind].get(kind, f"kind {kind}")


def order_name(row: np.void, terms: np.void | None, in_basket: bool) -> str:
    """What people call an order of this kind."""
    if terms is not None and terms["link"]:
        return NAMES[Link].get(int(terms["link"]), "unknown link")
    if in_basket:
        return "BASKET"
    kind = int(row["order_type"])
    if kind != OrderType.LIMIT:
        return NAMES[OrderType].get(kind, "unknown type")
    if terms is not None and terms["display_quantity"]:
        return "ICEBERG"
    if terms is not None and terms["minimum_quantity"]:
        return "MINIMUM"
    flags = int(row["flags"])
    for name, bit in (("HIDDEN", 8), ("SLIDE", 4), ("POST_ONLY", 1)):
        if flags & bit:
            return name
    return "LIMIT"


def phase_of(x: OracleExchange, kind: int, row: np.void) -> int:
    """The phase of the instrument that a command is about, -1 if it is about none."""
    if kind in ABOUT_ORDERS:
        order_id = int(row["order_id"])
        order = x.live.get(order_id) if order_id else x.labelled_order(int(row["user"]), bytes(row["label"]))
        instrument = order.instrument if order else None
    else:
        instrument = x.instruments.get(int(row["instrument"]))
    return int(instrument.phase) if instrument else NO_PHASE


def reached_by(
    reached: Reached, rows: NDArray[np.void], subjects: list[Subject | None], events: NDArray[np.void]
) -> None:
    """Counts the answers to one group, and its events."""
    refused: dict[int, int] = {}
    columns = (events[name].tolist() for name in ("kind", "reason", "command_sequence"))
    for kind, reason, sequence in zip(*columns, strict=True):
        if kind == REJECTED:
            refused.setdefault(sequence, reason)
        reached.events[kind, reason if kind in (CANCELED, RESTATED) else 0] += 1
    sequence = int(rows["sequence"][0])
    for place, subject in enumerate(subjects):
        reason = refused.get(sequence + place, 0)
        if subject is None and reason:
            subject = kind_name(int(rows["kind"][place])), NO_PHASE
        if subject is None:
            continue
        reached.answers[*subject, reason] += 1
        if rows["kind"][place] == CommandKind.NEW_ORDER:
            life = NAMES[TimeInForce].get(int(rows["time_in_force"][place]), "unknown")
            reached.lives[life, subject[1], reason] += 1


def table(reached: Reached) -> str:
    """One line for each (subject, reason), a column for each phase; then the events."""
    phases = [NO_PHASE, *(int(phase) for phase in Phase)]
    head = ["none", *(phase.name[:9] for phase in Phase)]
    lines = []
    for title, counts in (("command", reached.answers), ("time in force", reached.lives)):
        lines.append(f"{title:20} {'reason':28}" + "".join(f"{name:>11}" for name in head))
        for subject, reason in sorted({(subject, reason) for subject, _, reason in counts}):
            cells = "".join(f"{counts[subject, phase, reason] or '':>11}" for phase in phases)
            lines.append(f"{subject:20} {RejectReason(reason).name:28}{cells}")
        lines.append("")
    for (kind, reason), count in sorted(reached.events.items()):
        name = REASONS[kind](reason).name if kind in REASONS else ""
        lines.append(f"{EventKind(kind).name:20} {name:28}{count:>11}")
    return "\n".join(lines)
