"""Questions about history on their way through the gateway: answered once, to whom asked them, and cancelled."""

import pytest

from server.gateway.history_relay import DEADLINE_NS, PENDING_MAX, PENDING_PER_KEY_MAX, HistoryRelay
from server.gateway.outbox import Outbox
from server.protocol import control
from server.protocol.codec import decode_reply, decode_request, encode_control
from server.protocol.enums import FaultCode


class Gateway:
    """A connected relay, what it sends to the history process, and what to clients."""

    def __init__(self) -> None:
        self.relay = HistoryRelay()
        self.relay.connected = True
        self.outbox = Outbox()

    def ask(
        self, key: str, address: bytes, request: control.HistoryRequest | control.CancelRequest
    ) -> control.Reply | None:
        return self.relay.ask(0, key, address, request, self.outbox)

    def tickets(self) -> list[int]:
        return [decode_request(frame).request_id for frame in self.outbox.history]

    def told(self) -> list[tuple[bytes, control.AnyReply]]:
        return [(address, decode_reply(frame)) for address, frame in self.outbox.control]


def records(ticket: int) -> bytes:
    return encode_control(control.Records(request_id=ticket, layout="TICK_RECORD", records=b""))


QUESTION = control.GetTicks(request_id=5, instrument=1)


def test_a_reply_goes_once_to_who_asked_under_the_number_given() -> None:
    gateway = Gateway()
    assert gateway.ask("k1", b"a", QUESTION) is None
    assert gateway.ask("k2", b"b", QUESTION) is None
    first, second = gateway.tickets()
    assert first != second
    replies = gateway.relay.on_replies([records(second), b"garbage", records(first), records(first), records(99)])
    assert [(address, decode_reply(frame).request_id) for address, frame in replies] == [(b"b", 5), (b"a", 5)]


def test_cancelling_refuses_the_question_and_tells_the_process() -> None:
    gateway = Gateway()
    gateway.ask("k1", b"a", QUESTION)
    gateway.ask("k2", b"b", QUESTION)
    (mine, _) = gateway.tickets()
    done = gateway.ask("k1", b"a", control.CancelRequest(request_id=9, cancels=5))
    assert done == control.Done(request_id=9, number=1)
    ((address, refused),) = gateway.told()
    assert (address, refused.request_id) == (b"a", 5)
    assert isinstance(refused, control.Refused)
    assert refused.code == FaultCode.CANCELLED
    assert decode_request(gateway.outbox.history[-1]) == control.CancelRequest(cancels=mine)
    assert gateway.relay.on_replies([records(mine)]) == []
    again = gateway.ask("k1", b"a", control.CancelRequest(request_id=10, cancels=5))
    assert again == control.Done(request_id=10, number=0)


@pytest.mark.parametrize(("key", "address", "number"), [("k2", b"b", 5), ("k1", b"a", 6), ("k1", b"c", 5)])
def test_nobody_cancels_what_another_connection_asked(key: str, address: bytes, number: int) -> None:
    gateway = Gateway()
    gateway.ask("k1", b"a", QUESTION)
    done = gateway.ask(key, address, control.CancelRequest(cancels=number))
    assert isinstance(done, control.Done)
    assert done.number == 0
    assert len(gateway.outbox.history) == 1


def test_what_takes_too_long_is_refused_and_dropped() -> None:
    gateway = Gateway()
    gateway.ask("k1", b"a", QUESTION)
    (ticket,) = gateway.tickets()
    gateway.relay.on_time(DEADLINE_NS - 1, gateway.outbox)
    assert gateway.told() == []
    gateway.relay.on_time(DEADLINE_NS, gateway.outbox)
    ((_, refused),) = gateway.told()
    assert isinstance(refused, control.Refused)
    assert refused.code == FaultCode.UNAVAILABLE
    assert decode_request(gateway.outbox.history[-1]) == control.CancelRequest(cancels=ticket)


def test_one_key_leaves_room_for_others_and_gets_its_own_back() -> None:
    gateway = Gateway()
    for _ in range(PENDING_PER_KEY_MAX):
        assert gateway.ask("greedy", b"a", QUESTION) is None
    refused = gateway.ask("greedy", b"z", QUESTION)
    assert isinstance(refused, control.Refused)
    assert refused.code == FaultCode.BUSY
    assert gateway.ask("other", b"b", QUESTION) is None
    gateway.relay.on_replies([records(gateway.tickets()[0])])
    assert gateway.ask("greedy", b"a", QUESTION) is None
    for place in range(PENDING_MAX):
        last = gateway.ask(f"key {place // 9}", b"c", QUESTION)
    assert isinstance(last, control.Refused)
    assert last.code == FaultCode.BUSY


def test_without_the_process_every_question_is_refused() -> None:
    gateway = Gateway()
    gateway.relay.connected = False
    refused = gateway.ask("k1", b"a", QUESTION)
    assert isinstance(refused, control.Refused)
    assert refused.code == FaultCode.UNAVAILABLE
    assert gateway.ask("k1", b"a", control.CancelRequest(cancels=5)) == control.Done(number=0)
