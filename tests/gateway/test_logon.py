"""Before logon a key is answered hello and logon alone; a session belongs to its key."""

from typing import Any

import pytest

from server.protocol import control
from server.protocol.codec import encode_control
from server.protocol.enums import Durability, EnvelopeKind, FaultCode, Mode, Right, Topic
from tests.gateway.desk import ANN, ANN_ACCOUNT, PASSWORD, Desk, order

BEFORE_LOGON = [
    control.Logoff(request_id=5), control.GetInstruments(request_id=5), control.GetAccounts(request_id=5),
    control.GetOpenOrders(request_id=5), control.ResumePrivate(request_id=5, after_sequence=0),
    control.GetSnapshot(request_id=5, topic=Topic.DEPTH, instrument=1),
    control.Retransmit(request_id=5, topic=Topic.ORDERS, instrument=1, from_sequence=1),
    control.GetBars(request_id=5, instrument=1, size_ns=1), control.GetTicks(request_id=5, instrument=1),
    control.GetStatus(request_id=5), control.AddUser(request_id=5, user="x", password=PASSWORD),
    control.SetPhase(request_id=5, instrument=0, phase=0),
]  # fmt: skip


def test_hello_tells_who_the_server_is(desk: Desk) -> None:
    desk.gateway.ports = (1111, 2222, 3333)
    welcome = desk.client("ann").ask(control.Hello(request_id=3))
    assert isinstance(welcome, control.Welcome)
    assert (welcome.request_id, welcome.epoch, welcome.mode) == (3, 1, Mode.DEMO)
    assert (welcome.durability, welcome.order_port, welcome.market_data_port) == (Durability.OS, 1111, 2222)
    assert welcome.server_time_ns == desk.clock.now_ns


def test_a_client_of_another_version_is_refused(desk: Desk) -> None:
    refused = desk.client("ann").ask(control.Hello(request_id=3, version_min=2, version_max=9))
    assert refused.code == FaultCode.UNSUPPORTED_VERSION


@pytest.mark.parametrize("request_", BEFORE_LOGON, ids=lambda request_: type(request_).__name__)
def test_nothing_else_is_answered_before_logon(desk: Desk, request_: control.Request) -> None:
    refused = desk.client("ann").ask(request_)
    assert (refused.request_id, refused.code) == (5, FaultCode.NOT_LOGGED_ON)


def test_logon_opens_a_session(desk: Desk) -> None:
    client = desk.client("ann")
    accepted = client.log_on()
    assert isinstance(accepted, control.LogonAccepted)
    assert (accepted.user_id, accepted.accounts, accepted.last_counter) == (ANN, [ANN_ACCOUNT], 0)
    assert accepted.rights == Right.TRADE | Right.VIEW
    assert accepted.session >> 16 == 1, "session numbers begin with the epoch"
    assert accepted.last_stream_sequence == 1, "SESSION_OPENED is the user's first event"
    beat = client.heartbeat()
    assert (beat["kind"], beat["sequence"], beat["echo_time_ns"]) == (EnvelopeKind.HEARTBEAT, 2, 12345)


@pytest.mark.parametrize(("user", "password"), [("ann", "wrong"), ("nobody", PASSWORD), ("ann", "x" * 300)])
def test_wrong_credentials_are_one_sentence(desk: Desk, user: str, password: str) -> None:
    refused = desk.client("ann").ask(control.Logon(request_id=2, user=user, password=password, client_instance=1))
    assert (refused.code, refused.text) == (FaultCode.WRONG_CREDENTIALS, "User or password is wrong.")


@pytest.mark.parametrize(("user", "instance"), [("", 1), ("x" * 65, 1), ("a\nb", 1), ("ann", -1), ("ann", 0)])
def test_a_logon_out_of_range_is_refused(desk: Desk, user: str, instance: int) -> None:
    refused = desk.client("ann").ask(control.Logon(user=user, password=PASSWORD, client_instance=instance))
    assert refused.code == FaultCode.INVALID_REQUEST


def test_only_a_live_session_admits_a_key_to_orders_and_market_data(desk: Desk) -> None:
    client = desk.client("ann")
    assert desk.gateway.admits("control", client.key)
    assert not desk.gateway.admits("orders", client.key)
    assert not desk.gateway.admits("market_data", client.key)
    assert not desk.gateway.admits_subscription(client.key, b"H\0\0\0\0")
    client.log_on()
    assert desk.gateway.admits("orders", client.key)
    assert desk.gateway.admits("market_data", client.key)
    assert desk.gateway.admits_subscription(client.key, b"H\0\0\0\0")
    assert not desk.gateway.admits("another", client.key)
    client.ask(control.Logoff())
    assert not desk.gateway.admits("orders", client.key)


def test_a_second_logon_of_the_key_replaces_the_first(desk: Desk) -> None:
    client = desk.trader("ann")
    former = client.session
    desk.passwords.hold = True
    desk.transport.request(client.key, client.address, _logon())
    desk.turn()
    desk.passwords.hold = False
    assert client.fault(desk.turn()) is FaultCode.REPLACED
    assert list(desk.gateway.sessions.by_number) == [former + 1]
    client.session = former
    client.push(client.message(order(1)))
    assert client.fault(desk.turn()) is FaultCode.FOREIGN_SESSION


def _logon() -> bytes:
    return encode_control(control.Logon(user="ann", password=PASSWORD, client_instance=1))


def test_two_keys_of_a_user_are_two_sessions_and_both_get_the_events(desk: Desk) -> None:
    first, second = desk.trader("ann", 1), desk.trader("ann", 2)
    assert first.session != second.session
    first.push(first.message(order(1)))
    outbox = desk.turn()
    assert len(first.events(outbox)) == len(second.events(outbox)) > 0


def test_a_key_may_wait_for_one_password_at_a_time_and_all_for_so_many(tmp_path: Any) -> None:
    desk = Desk(tmp_path, logons_pending_max=3)
    desk.passwords.hold = True
    clients = [desk.client("ann", key) for key in range(1, 5)]
    for client in clients[:3]:
        desk.transport.request(client.key, client.address, _logon())
    assert not desk.turn().control
    assert clients[0].ask(control.Logon(user="ann", password=PASSWORD, client_instance=1)).code == FaultCode.BUSY
    assert clients[3].ask(control.Logon(user="ann", password=PASSWORD, client_instance=1)).code == FaultCode.BUSY
    desk.passwords.hold = False
    assert len(desk.turn().control) == 3
    desk.close()


def test_so_many_sessions_and_no_more(tmp_path: Any) -> None:
    desk = Desk(tmp_path, sessions_max=2)
    for key in (1, 2):
        desk.trader("ann", key)
    assert desk.client("ann", 3).log_on().code == FaultCode.BUSY
    assert desk.client("ann", 2).log_on().session, "who is in may log on anew"
    desk.close()


def test_a_silent_session_is_closed(desk: Desk) -> None:
    silent, other = desk.trader("ann"), desk.trader("bob")
    for _ in range(15):
        desk.clock.advance_ms(1000)
        other.heartbeat()
    desk.clock.advance_ms(1000)
    assert silent.fault(desk.turn()) is FaultCode.HEARTBEAT_LOST
    assert len(desk.gateway.sessions) == 1
    assert other.heartbeat()["kind"] == EnvelopeKind.HEARTBEAT
