"""What is sent again, and that a cancel never waits behind refused orders."""

import numpy as np

from server.client.resending import ROWS_MAX, messages
from server.protocol.enums import CommandKind
from server.protocol.records import COMMAND

NEW, CANCEL, MASS, TERMS = (
    CommandKind.NEW_ORDER,
    CommandKind.CANCEL_ORDER,
    CommandKind.MASS_CANCEL,
    CommandKind.ORDER_TERMS,
)


def row(counter: int, kind: int, **fields: int) -> bytes:
    command = np.zeros(1, COMMAND)
    command["kind"], command["counter"], command["client_instance"], command["account"] = kind, counter, 5, 9
    for name, value in fields.items():
        command[name] = value
    return command.tobytes()


def seen(parts: list[bytes]) -> list[list[tuple[int, int]]]:
    """(counter, kind) of each record of each message."""
    return [[(int(c["counter"]), int(c["kind"])) for c in np.frombuffer(part, COMMAND)] for part in parts]


def test_in_order_and_as_they_were() -> None:
    pending = {3: row(3, CANCEL), 1: row(1, NEW), 2: row(2, NEW)}
    parts, rest = messages(pending, 2, was_busy=False)
    assert (seen(parts), rest) == ([[(2, NEW), (3, CANCEL)]], None)


def test_orders_that_were_refused_before_a_cancel_are_given_up() -> None:
    pending = {1: row(1, NEW, order_id=0, quantity=5), 2: row(2, CANCEL, order_id=77), 3: row(3, NEW), 4: row(4, MASS)}
    pending[5] = row(5, NEW)
    parts, rest = messages(pending, 1, was_busy=True)
    assert seen(parts) == [[(1, CANCEL), (2, CANCEL), (3, CANCEL), (4, MASS)], [(5, NEW)]]
    assert rest is None
    given_up, cancel = np.frombuffer(parts[0], COMMAND)[:2]
    assert (given_up["order_id"], given_up["label"], given_up["quantity"]) == (0, b"", 0), "it names no order"
    assert (given_up["client_instance"], given_up["account"]) == (5, 9)
    assert cancel["order_id"] == 77


def test_a_group_that_is_given_up_uses_up_all_of_its_counters() -> None:
    group = row(1, NEW) + row(0, TERMS) + row(2, NEW) + row(0, TERMS)
    parts, _ = messages({1: group, 3: row(3, MASS)}, 1, was_busy=True)
    assert seen(parts) == [[(1, CANCEL), (2, CANCEL), (3, MASS)]]


def test_without_a_cancel_nothing_is_given_up() -> None:
    parts, _ = messages({1: row(1, NEW), 2: row(2, NEW)}, 1, was_busy=True)
    assert seen(parts) == [[(1, NEW), (2, NEW)]]


def test_no_more_at_once_than_the_server_can_take() -> None:
    pending = {counter: row(counter, NEW) for counter in range(1, 2 * ROWS_MAX + 2)}
    parts, rest = messages(pending, 1, was_busy=True)
    assert len(seen(parts)[0]) == ROWS_MAX
    assert rest == ROWS_MAX + 1
    parts, rest = messages(pending, 2 * ROWS_MAX + 1, was_busy=False)
    assert (len(seen(parts)[0]), rest) == (1, None)
