"""Order entry by itself: stamping, storing before sending, what stays pending."""

import numpy as np
import pytest

from server.client.order_entry import ENVELOPE_STRUCT, OrderEntry, OrderFrames
from server.protocol.codec import MESSAGE_BYTES_MAX, decode_envelope, decode_records
from server.protocol.enums import CommandKind, EnvelopeKind
from server.protocol.errors import LocalProtocolError
from server.protocol.records import COMMAND, ENVELOPE, EVENT
from tests.client.wire import INSTANCE, answers, new_orders


def test_the_packed_envelope_is_the_record():
    assert ENVELOPE_STRUCT.size == ENVELOPE.itemsize
    names = ENVELOPE.names or ()
    packed = ENVELOPE_STRUCT.pack(*range(1, len(names) + 1))
    assert np.frombuffer(packed, ENVELOPE)[0].item() == tuple(range(1, len(names) + 1))


def test_a_frame_is_what_the_server_reads():
    rows = OrderEntry(INSTANCE).prepare(new_orders(3), session=5, now_ns=10)
    frame = OrderFrames.commands(epoch=4, session=5, commands=rows).frame
    envelope = decode_envelope(frame)
    assert (envelope["kind"], envelope["count"], envelope["epoch"], envelope["session"]) == (
        EnvelopeKind.COMMANDS, 3, 4, 5,
    )  # fmt: skip
    assert decode_records(frame, 3, COMMAND)["counter"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("count", [1, 2])
def test_one_and_many_are_stamped_alike(count: int):
    entry = OrderEntry(INSTANCE)
    commands = new_orders(count)
    commands["price"] = 77
    rows = np.frombuffer(entry.prepare(commands, session=9, now_ns=1000, valid_for_ns=50), COMMAND)
    for row in rows:
        assert (row["version"], row["group_count"], row["session"]) == (1, 1, 9)
        assert (row["client_instance"], row["price"], row["valid_until_ns"]) == (INSTANCE, 77, 1050)
    assert commands["counter"].tolist() == [0] * count


@pytest.mark.parametrize("count", [1, 2])
def test_cancels_do_not_expire_and_a_given_time_is_kept(count: int):
    entry = OrderEntry(INSTANCE)
    cancels = new_orders(count)
    cancels["kind"] = CommandKind.CANCEL_ORDER
    rows = np.frombuffer(entry.prepare(cancels, session=1, now_ns=1000), COMMAND)
    assert rows["valid_until_ns"].tolist() == [0] * count
    timed = new_orders(count)
    timed["valid_until_ns"] = 5
    rows = np.frombuffer(entry.prepare(timed, session=1, now_ns=1000), COMMAND)
    assert rows["valid_until_ns"].tolist() == [5] * count


def test_commands_are_stored_before_anything_else_happens():
    stored: list[bytes] = []

    def store(rows: bytes) -> None:
        assert entry.pending_count == 0
        stored.append(rows)

    entry = OrderEntry(INSTANCE, store)
    assert entry.prepare(new_orders(2), session=1, now_ns=0) == stored[0]
    assert entry.pending_count == 2


def bracket() -> np.ndarray:
    """An entry and its stop, each with terms."""
    rows = new_orders(4)
    rows["kind"] = [CommandKind.NEW_ORDER, CommandKind.ORDER_TERMS] * 2
    return rows


def test_a_group_is_counted_by_its_orders_and_answered_as_a_whole():
    entry = OrderEntry(INSTANCE)
    rows = np.frombuffer(entry.prepare_group(bracket(), session=3, now_ns=1000, valid_for_ns=50), COMMAND)
    assert rows["group_count"].tolist() == [4, 0, 0, 0]
    assert rows["counter"].tolist() == [1, 0, 2, 0]
    assert rows["valid_until_ns"].tolist() == [1050, 0, 1050, 0]
    assert (rows["session"] == 3).all()
    assert entry.pending_count == 1
    entry.on_logon(last_counter=0, session=8)
    (message,) = entry.take_resend()
    again = np.frombuffer(message, COMMAND)
    assert (again["session"] == 8).all()
    assert again["counter"].tolist() == [1, 0, 2, 0]
    entry.on_events(answers(1, [2]))
    assert entry.pending_count == 0
    assert entry.prepare(new_orders(1), session=8, now_ns=0)
    assert entry.counter == 3


def test_a_group_begins_with_an_order():
    with pytest.raises(LocalProtocolError):
        OrderEntry(INSTANCE).prepare_group(bracket()[1:], session=1, now_ns=0)


def test_a_store_that_fails_leaves_the_counter_alone():
    def store(rows: bytes) -> None:
        raise OSError("full")

    entry = OrderEntry(INSTANCE, store)
    with pytest.raises(OSError, match="full"):
        entry.prepare(new_orders(1), session=1, now_ns=0)
    assert (entry.counter, entry.pending_count) == (0, 0)


def test_another_layout_and_too_many_are_refused():
    with pytest.raises(LocalProtocolError):
        OrderEntry(INSTANCE).prepare(np.zeros(1, EVENT), session=1, now_ns=0)
    too_many = bytes((MESSAGE_BYTES_MAX // COMMAND.itemsize + 1) * COMMAND.itemsize)
    with pytest.raises(LocalProtocolError):
        OrderFrames.commands(1, 1, too_many)


@pytest.mark.parametrize("count", [1, 200])
def test_events_of_others_strike_out_nothing(count: int):
    entry = OrderEntry(INSTANCE)
    entry.prepare(new_orders(count), session=1, now_ns=0)
    events = answers(1, list(range(1, count + 1)))
    foreign = events.copy()
    foreign["client_instance"] = INSTANCE + 1
    entry.on_events(foreign)
    assert entry.pending_count == count
    entry.on_events(events)
    assert entry.pending_count == 0


def test_abandoned_commands_are_forgotten():
    entry = OrderEntry(INSTANCE)
    entry.prepare(new_orders(3), session=1, now_ns=0)
    entry.abandon(2)
    assert entry.pending["counter"].tolist() == [3]


def test_another_process_of_the_instance_goes_on_with_what_was_stored():
    stored: list[bytes] = []
    first = OrderEntry(INSTANCE, stored.append)
    first.prepare(new_orders(1), session=5, now_ns=10)
    first.prepare(new_orders(2), session=5, now_ns=10)
    group = new_orders(2)
    first.prepare_group(group, session=5, now_ns=10)
    second = OrderEntry(INSTANCE, unanswered=stored)
    assert (second.counter, second.pending["counter"].tolist()) == (5, [1, 2, 3, 4, 5])
    second.on_events(answers(1, [1, 2]))
    second.on_logon(last_counter=3, session=6)
    resent = np.frombuffer(b"".join(second.take_resend()), COMMAND)
    assert resent["counter"].tolist() == [4, 5]
    assert resent["group_count"].tolist() == [2, 0], "a group is sent again as a whole"
    assert resent["session"].tolist() == [6, 6]
    second.on_events(answers(3, [3, 5]))
    assert second.pending_count == 0
