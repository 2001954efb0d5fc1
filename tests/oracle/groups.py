"""Records as they came, and the groups that they form."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

from server.protocol.enums import CommandKind, RejectReason
from tests.oracle.layouts import Body
from tests.oracle.state import Command


@dataclass(frozen=True, slots=True)
class Record:
    """One record: read as a COMMAND, and in the layout of its kind (None where that is COMMAND)."""

    command: Command
    body: Body
    followers: int = 0
    """Of a head whose group is not whole: how many of its records were there."""


GROUP_MAX = 1_024
QUOTES_MAX = 200
TICK_RECORDS_MAX = 8
CONTINUATIONS = (CommandKind.ORDER_TERMS, CommandKind.QUOTE_ENTRY)


def groups_of(records: list[Record]) -> Iterator[list[Record]]:
    """The records in pieces: each group that is whole, each other record alone (10.1).

    A head says how many records its group has; those behind it say 0 and are of the head's session and user.
    """
    start = 0
    while start < len(records):
        head = records[start]
        behind = records[start + 1 : start + max(1, head.command.group_count)]
        followers = list(takewhile(partial(continues, head), behind))
        if len(followers) + 1 == head.command.group_count:
            yield [head, *followers]
            start += 1 + len(followers)
        else:
            yield [Record(head.command, head.body, len(followers))]
            start += 1


def continues(head: Record, record: Record) -> bool:
    """True if the record may stand behind the head in its group."""
    ours, theirs = head.command, record.command
    return bool(theirs.group_count == 0 and (theirs.session, theirs.user) == (ours.session, ours.user))


def wrong_shape(group: list[Record]) -> tuple[RejectReason, int, int] | None:
    """Why a group of several records is none, or None (10.1, rule 4)."""
    if len(group) > GROUP_MAX:
        return RejectReason.GROUP_TOO_LARGE, len(group), GROUP_MAX
    kinds = [record.command.kind for record in group]
    for number in range(len(group)):
        if not fits_shape(kinds, number):
            return RejectReason.INVALID_GROUP, len(group), number
    return None


def fits_shape(kinds: list[int], number: int) -> bool:
    """True if a record of this kind may stand at this place of its group."""
    head, kind = kinds[0], kinds[number]
    if head == CommandKind.NEW_ORDER:
        return kind == CommandKind.NEW_ORDER or (
            kind == CommandKind.ORDER_TERMS and kinds[number - 1] == CommandKind.NEW_ORDER
        )
    if number == 0:
        return head in (CommandKind.REPLACE_ORDER, CommandKind.MASS_QUOTE, CommandKind.SET_TICKS)
    if head == CommandKind.REPLACE_ORDER:
        return kind == CommandKind.ORDER_TERMS and number == 1
    if head == CommandKind.MASS_QUOTE:
        return kind == CommandKind.QUOTE_ENTRY and number <= QUOTES_MAX
    return kind == CommandKind.SET_TICKS and number < TICK_RECORDS_MAX
