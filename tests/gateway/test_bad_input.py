"""Each kind of broken message costs the session that sent it, and no other, and nothing else."""

import random
from collections.abc import Callable

import numpy as np
import pytest

from server.protocol import control
from server.protocol.codec import decode_reply
from server.protocol.enums import CommandKind, EnvelopeKind, EventKind, FaultCode, RejectReason, Topic
from tests.gateway.desk import BOB_ACCOUNT, PASSWORD, Client, Desk, order

Breaker = Callable[[Client, Client], bytes]
FRAMES: dict[str, tuple[Breaker, FaultCode]] = {
    "empty": (lambda me, _: b"", FaultCode.MALFORMED),
    "short": (lambda me, _: b"\x01" * 63, FaultCode.MALFORMED),
    "zeros": (lambda me, _: b"\0" * 64, FaultCode.UNSUPPORTED_VERSION),
    "ones": (lambda me, _: b"\xff" * 192, FaultCode.UNSUPPORTED_VERSION),
    "oversized": (lambda me, _: me.message(order(1)) + b"\0" * (1 << 20), FaultCode.TOO_LARGE),
    "truncated": (lambda me, _: me.message(order(1))[:-1], FaultCode.MALFORMED),
    "one byte more": (lambda me, _: me.message(order(1)) + b"\0", FaultCode.MALFORMED),
    "count too high": (lambda me, _: me.message(order(1), count=2), FaultCode.MALFORMED),
    "count huge": (lambda me, _: me.message(order(1), count=2**32 - 1), FaultCode.MALFORMED),
    "no commands": (lambda me, _: me.message(None), FaultCode.MALFORMED),
    "version": (lambda me, _: me.message(order(1), version=2), FaultCode.UNSUPPORTED_VERSION),
    "unknown kind": (lambda me, _: me.message(order(1), kind=77), FaultCode.MALFORMED),
    "kind of the server": (lambda me, _: me.message(None, kind=EnvelopeKind.FAULT), FaultCode.MALFORMED),
    "events": (lambda me, _: me.message(order(1), kind=EnvelopeKind.EVENTS), FaultCode.MALFORMED),
    "heartbeat with records": (lambda me, _: me.message(order(1), kind=EnvelopeKind.HEARTBEAT), FaultCode.MALFORMED),
    "foreign session": (lambda me, other: other.message(order(1)), FaultCode.FOREIGN_SESSION),
    "no session": (lambda me, _: me.message(order(1), session=0), FaultCode.FOREIGN_SESSION),
    "session of the former epoch": (lambda me, _: me.message(order(1), session=1), FaultCode.FOREIGN_SESSION),
    "record version": (lambda me, _: me.message(order(1, version=9)), FaultCode.MALFORMED),
    "a record that begins no group": (lambda me, _: me.message(order(1, group_count=0)), FaultCode.MALFORMED),
    "records that begin no group": (
        lambda me, _: me.message(np.concatenate([order(1, group_count=0), order(2)])),
        FaultCode.MALFORMED,
    ),
    "server's command": (lambda me, _: me.message(order(1, kind=CommandKind.GRANT)), FaultCode.MALFORMED),
    "server's command among others": (
        lambda me, _: me.message(np.concatenate([order(1), order(2, kind=CommandKind.ADJUST_CASH)])),
        FaultCode.MALFORMED,
    ),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_broken_message_closes_its_session_alone(desk: Desk, name: str) -> None:
    breaker, code = FRAMES[name]
    bad, good = desk.trader("ann"), desk.trader("bob")
    assert len(bad.send(order(1, price=4000))) > 0
    bad.push(breaker(bad, good))
    good.push(good.message(order(1, account=BOB_ACCOUNT, price=4100)))
    outbox = desk.turn()
    assert bad.fault(outbox) is code
    assert good.events(outbox)["kind"].tolist() == [EventKind.ACCEPTED]
    assert list(desk.gateway.sessions.by_number) == [good.session]
    bad.push(bad.message(order(2)))
    assert bad.fault(desk.turn()) is FaultCode.NOT_LOGGED_ON
    assert desk.core.exchange.sequence == desk.core.journal.last_sequence
    assert bad.log_on().last_counter == 1, "the order before it is not lost"


def test_messages_before_the_broken_one_count(desk: Desk) -> None:
    client = desk.trader("ann")
    client.push(client.message(order(1)))
    client.push(b"garbage")
    client.push(client.message(order(2)))
    desk.turn()
    assert client.log_on().last_counter == 1


@pytest.mark.parametrize("frame", [b"", b"\xc1", b"\xff" * 50, b"\x93\xa5Hello", b"\x91" * 5000, b"\0" * 70_000])
def test_control_garbage_is_refused_and_costs_the_session(desk: Desk, frame: bytes) -> None:
    bad, good = desk.trader("ann"), desk.trader("bob")
    desk.transport.request(bad.key, bad.address, frame)
    outbox = desk.turn()
    ((_, reply),) = outbox.control
    refused = decode_reply(reply)
    assert isinstance(refused, control.Refused)
    assert refused.code == (FaultCode.TOO_LARGE if len(frame) > 65_536 else FaultCode.MALFORMED)
    assert bad.fault(outbox) == refused.code
    assert list(desk.gateway.sessions.by_number) == [good.session]


def test_garbage_before_logon_costs_nothing(desk: Desk) -> None:
    stranger = desk.client("ann")
    desk.transport.request(stranger.key, stranger.address, b"\xc1")
    assert len(desk.turn().control) == 1
    assert stranger.log_on().session


def test_random_bytes_never_stop_the_loop(desk: Desk) -> None:
    seed = 20261122
    print(f"seed {seed}")
    random_ = random.Random(seed)
    good = desk.trader("bob")
    for number in range(300):
        bad = desk.client("ann", 1000 + number)
        if number % 10 == 0:
            bad.log_on()
        template = bytearray(bad.message(order(1)))
        for _ in range(random_.randint(0, 20)):
            template[random_.randrange(len(template))] = random_.randrange(256)
        bad.push(bytes(template[: random_.randint(0, len(template))]) if random_.random() < 0.3 else bytes(template))
        desk.transport.request(bad.key, bad.address, random_.randbytes(random_.randint(0, 60)))
        desk.clock.advance_ms(20)
        desk.turn()
    assert good.heartbeat()["kind"] == EnvelopeKind.HEARTBEAT
    assert good.session in desk.gateway.sessions.by_number


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"kind": 31}, RejectReason.UNKNOWN_COMMAND), ({"kind": 0}, RejectReason.UNKNOWN_COMMAND),
        ({"side": 9}, RejectReason.INVALID_SIDE), ({"order_type": 99}, RejectReason.INVALID_ORDER_TYPE),
        ({"time_in_force": 77}, RejectReason.INVALID_TIME_IN_FORCE),
        ({"group_count": 2}, RejectReason.INVALID_GROUP), ({"instrument": 2**32 - 1}, RejectReason.UNKNOWN_INSTRUMENT),
        ({"account": 2**32 - 1}, RejectReason.UNKNOWN_ACCOUNT), ({"account": BOB_ACCOUNT}, RejectReason.NOT_PERMITTED),
        ({"price": 2**63 - 1}, RejectReason.PRICE_OUT_OF_RANGE), ({"price": -(2**63)}, RejectReason.PRICE_OUT_OF_RANGE),
        ({"quantity": 2**63 - 1}, RejectReason.QUANTITY_TOO_LARGE),
        ({"quantity": -1}, RejectReason.QUANTITY_NOT_POSITIVE),
    ],
)  # fmt: skip
def test_absurd_numbers_are_rejects_and_the_session_goes_on(
    desk: Desk, fields: dict[str, int], reason: RejectReason
) -> None:
    client = desk.trader("ann")
    (event,) = client.send(order(1, **fields))
    assert (event["kind"], event["reason"]) == (EventKind.REJECTED, reason)
    assert client.send(order(2))["kind"].tolist() == [EventKind.ACCEPTED]


def test_who_sent_it_is_never_read_from_the_message(desk: Desk) -> None:
    ann, bob = desk.trader("ann"), desk.trader("bob")
    (event,) = ann.send(order(1, session=bob.session, user=8, sequence=99, time_ns=1))
    assert (event["user"], event["session"], event["reason"]) == (7, ann.session, RejectReason.NONE)
    assert event["time_ns"] >= desk.clock.now_ns


EDGES = [0, 1, -1, 2, 63, 64, 255, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, -(2**63), 2**64 - 1]
NUMBERS: dict[type[control.Request], tuple[str, ...]] = {
    control.Hello: ("version_min", "version_max"),
    control.ResumePrivate: ("after_sequence", "count"),
    control.GetSnapshot: ("topic", "instrument"),
    control.Retransmit: ("topic", "instrument", "from_sequence", "count"),
    control.GetBars: ("instrument", "size_ns", "before_ns", "count"),
    control.GetTicks: ("instrument", "before_ns", "count"),
    control.SetPhase: ("instrument", "phase"),
    control.GetInstruments: (), control.GetAccounts: (), control.GetOpenOrders: (), control.GetStatus: (),
}  # fmt: skip


@pytest.mark.parametrize("kind", NUMBERS, ids=lambda kind: kind.__name__)
def test_every_request_has_one_answer_whatever_its_numbers(desk: Desk, kind: type[control.Request]) -> None:
    seed = 20261122
    print(f"seed {seed}")
    random_ = random.Random(seed)
    ops = desk.trader("ops")
    for _ in range(60):
        numbers = {name: random_.choice([*EDGES, Topic.ORDERS, Topic.STATUS, Topic.DEPTH]) for name in NUMBERS[kind]}
        request_id = random_.choice(EDGES)
        reply = ops.ask(kind(request_id=request_id, **numbers))
        assert reply.request_id == request_id, numbers
    assert ops.heartbeat()["kind"] == EnvelopeKind.HEARTBEAT
    assert desk.core.exchange.sequence == desk.core.journal.last_sequence


@pytest.mark.parametrize("accounts", [[0], [99], [-1], [2**64 - 1], [100, 2**32]])
def test_a_user_is_granted_accounts_that_exist(desk: Desk, accounts: list[int]) -> None:
    ops = desk.trader("ops")
    assert ops.ask(control.AddUser(user="carl", password=PASSWORD, accounts=accounts)).code == FaultCode.NOT_FOUND
    assert ops.ask(control.AddUser(user="carl", password="short")).code == FaultCode.INVALID_REQUEST


def test_a_new_user_trades_and_a_trader_makes_none(desk: Desk) -> None:
    ops, ann = desk.trader("ops"), desk.trader("ann")
    for request in (
        control.AddUser(user="carl", password=PASSWORD), control.SetPhase(instrument=0, phase=0), control.GetStatus(),
    ):  # fmt: skip
        assert ann.ask(request).code == FaultCode.NOT_PERMITTED
    done = ops.ask(control.AddUser(user="carl", password=PASSWORD, accounts=[BOB_ACCOUNT]))
    assert done.number == 10
    carl = desk.trader("carl")
    assert carl.send(order(1, account=BOB_ACCOUNT))["kind"].tolist() == [EventKind.ACCEPTED]
    assert carl.send(order(2))["reason"].tolist() == [RejectReason.NOT_PERMITTED]
    assert ops.ask(control.AddUser(user="carl", password=PASSWORD)).code == FaultCode.INVALID_REQUEST
