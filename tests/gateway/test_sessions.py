"""Sessions through the whole server: their terms, every way in which they end, and what becomes of the orders."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec import structs

from server.gateway.commands import grant
from server.gateway.session_terms import agree
from server.protocol import control
from server.protocol.codec import encode_control
from server.protocol.enums import AtEnd, CancelReason, CommandKind, EventKind, FaultCode, OrderFlag, OrderOutcome
from server.protocol.records import EVENT
from server.settings import CancelPolicy, GatewaySettings
from tests.gateway.desk import ANN, ANN_ACCOUNT, PASSWORD, Client, Desk, order

CANCELLING = {"at_end": int(AtEnd.CANCEL_ON_DISCONNECT), "grace_ms": 3_000}


def logon(**asked: int) -> control.Logon:
    return control.Logon(user="ann", password=PASSWORD, client_instance=1, **asked)


@pytest.mark.parametrize(
    ("policy", "asked", "holds"),
    [
        (CancelPolicy.OFF, {}, (AtEnd.KEEP, 0, 15_000)),
        (CancelPolicy.OFF, {"at_end": 2}, (AtEnd.CANCEL_ON_DISCONNECT, 10_000, 15_000)),
        (CancelPolicy.OFF, {"at_end": 3, "grace_ms": 0}, (AtEnd.CANCEL_ALWAYS, 0, 15_000)),
        (CancelPolicy.ON, {"at_end": 99}, (AtEnd.CANCEL_ON_DISCONNECT, 10_000, 15_000)),
        (CancelPolicy.ON, {"at_end": 1, "grace_ms": 5}, (AtEnd.KEEP, 0, 15_000)),
        (CancelPolicy.FORCED, {"at_end": 1, "grace_ms": 10**9}, (AtEnd.CANCEL_ON_DISCONNECT, 600_000, 15_000)),
        (CancelPolicy.FORCED, {"at_end": 3, "heartbeat_timeout_ms": 1}, (AtEnd.CANCEL_ALWAYS, 10_000, 2_000)),
        (CancelPolicy.OFF, {"heartbeat_timeout_ms": 10**9}, (AtEnd.KEEP, 0, 60_000)),
    ],
)
def test_what_is_agreed(policy: CancelPolicy, asked: dict[str, int], holds: tuple[Any, ...]) -> None:
    terms = agree(GatewaySettings(cancel_on_disconnect=policy), logon(**asked))
    assert (terms.at_end, terms.grace_ms, terms.heartbeat_timeout_ms) == holds


def lost(desk: Desk, others: list[Client], seconds: int) -> list[Any]:
    """Time goes by; only `others` say something. All that was sent."""
    outboxes = []
    for _ in range(seconds):
        desk.clock.advance_ms(1000)
        for other in others:
            other.heartbeat()
        outboxes.append(desk.turn())
    return outboxes


def live_orders(desk: Desk, user: int = ANN) -> list[int]:
    return desk.gateway._parts.view.open_orders(user)["order_id"].tolist()


def test_a_lost_client_loses_its_orders_after_the_grace_but_not_those_that_stay(desk: Desk) -> None:
    ann, bob = desk.client("ann"), desk.trader("bob")
    reply = ann.log_on(**CANCELLING, heartbeat_timeout_ms=2_000)
    assert (reply.at_end, reply.grace_ms, reply.heartbeat_timeout_ms) == (AtEnd.CANCEL_ON_DISCONNECT, 3_000, 2_000)
    ann.heartbeat()
    goes, stays = ann.send(order(1)), ann.send(order(2, flags=int(OrderFlag.STAYS)))
    orders = [int(events["order_id"][0]) for events in (goes, stays)]
    lost(desk, [bob], 3)
    assert desk.gateway.counters.values["faults.HEARTBEAT_LOST"] == 1
    assert live_orders(desk) == orders, "the grace runs"
    lost(desk, [bob], 4)
    assert live_orders(desk) == orders[1:]


def test_one_that_comes_back_in_time_keeps_its_orders(desk: Desk) -> None:
    ann, bob = desk.client("ann"), desk.trader("bob")
    ann.log_on(**CANCELLING, heartbeat_timeout_ms=2_000)
    ann.heartbeat()
    ann.send(order(1))
    lost(desk, [bob], 4)
    ann.log_on(**CANCELLING)
    lost(desk, [ann, bob], 10)
    assert len(live_orders(desk)) == 1


def test_a_second_connection_of_the_same_client_takes_the_place_of_the_first_and_nothing_is_cancelled(
    desk: Desk,
) -> None:
    first, second = desk.client("ann", 1), desk.client("ann", 2)
    terms = {"at_end": int(AtEnd.CANCEL_ALWAYS), "grace_ms": 0}
    first.log_on(client_instance=77, **terms)
    first.heartbeat()
    first.send(order(1))
    desk.transport.request(
        second.key, second.address, encode_control(structs.replace(logon(**terms), client_instance=77))
    )
    assert first.fault(desk.turn()) is FaultCode.REPLACED
    assert [session.key for session in desk.gateway.sessions] == [second.key]
    assert len(live_orders(desk)) == 1


@pytest.mark.parametrize(("at_end", "left"), [(AtEnd.CANCEL_ON_DISCONNECT, 1), (AtEnd.CANCEL_ALWAYS, 0)])
def test_a_logoff(desk: Desk, at_end: AtEnd, left: int) -> None:
    ann, other = desk.client("ann", 1), desk.trader("ann", 2)
    ann.log_on(at_end=int(at_end), grace_ms=0)
    ann.heartbeat()
    ann.send(order(1))
    ann.ask(control.Logoff())
    assert len(live_orders(desk)) == left
    page = other.ask(control.ResumePrivate(after_sequence=0))
    events = np.frombuffer(page.records, EVENT)
    reasons = events["reason"][events["kind"] == EventKind.CANCELED].tolist()
    assert reasons == [CancelReason.SESSION_CLOSED] * (1 - left)


def test_an_operator_ends_sessions(desk: Desk) -> None:
    ann, ops = desk.trader("ann"), desk.trader("ops")
    assert ann.ask(control.CloseSession(user="ops")).code == FaultCode.NOT_PERMITTED
    assert ops.ask(control.CloseSession(user="nobody")).code == FaultCode.NOT_FOUND
    assert ops.ask(control.CloseSession(user="ann", session=1)).code == FaultCode.NOT_FOUND
    desk.transport.request(ops.key, ops.address, encode_control(control.CloseSession(user="ann")))
    assert ann.fault(desk.turn()) is FaultCode.CLOSED_BY_OPERATOR
    assert [session.user_name for session in desk.gateway.sessions] == ["ops"]


def test_who_loses_all_rights_is_out(desk: Desk) -> None:
    ann, _ = desk.trader("ann"), desk.trader("bob")
    desk.gateway.append(grant(ANN_ACCOUNT, ANN, 0))
    desk.clock.advance_ms(1000)
    assert ann.fault(desk.turn()) is FaultCode.RIGHTS_WITHDRAWN
    assert [session.user_name for session in desk.gateway.sessions] == ["bob"]


def test_so_many_sessions_of_a_user_and_no_more(tmp_path: Path) -> None:
    desk = Desk(tmp_path, sessions_per_user_max=2)
    for key in (1, 2):
        desk.trader("ann", key)
    assert desk.client("ann", 3).log_on().code == FaultCode.TOO_MANY_SESSIONS
    assert desk.client("ann", 2).log_on().session, "who is in may log on anew"
    assert desk.trader("bob").session
    desk.close()


def test_a_stop_is_no_absence_the_grace_begins_at_the_next_start(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    ann = desk.client("ann")
    ann.log_on(**CANCELLING)
    ann.heartbeat()
    ann.send(order(1))
    desk.gateway.stop()
    assert ann.fault(desk.turn()) is FaultCode.SERVER_STOPPING
    desk.close()
    desk.clock.advance_ms(3_600_000)
    again = Desk(tmp_path, first=False, clock=desk.clock)
    bob = again.trader("bob")
    lost(again, [bob], 2)
    assert len(live_orders(again)) == 1, "it can come back"
    lost(again, [bob], 3)
    assert live_orders(again) == []
    again.close()


def test_a_client_cannot_enter_orders_in_the_name_of_another_instance(desk: Desk) -> None:
    ann = desk.client("ann")
    ann.log_on(client_instance=5)
    ann.heartbeat()
    events = ann.send(order(1, instance=6))
    assert events["client_instance"][0] == 5
    assert len(ann.send(order(2, instance=6), order(3, instance=8))) == 2


def status(client: Client, counter: int) -> control.OrderStatus:
    reply = client.ask(control.GetOrderStatus(client_instance=client.instance, counter=counter))
    assert isinstance(reply, control.OrderStatus)
    return reply


def test_the_status_of_a_command(desk: Desk) -> None:
    ann = desk.trader("ann")
    made = ann.send(order(1))
    live = status(ann, 1)
    assert live.outcome == OrderOutcome.LIVE
    assert np.frombuffer(live.records, EVENT)["order_id"].tolist() == [made["order_id"][0]]
    ann.send(order(2, quantity=0))
    refused = status(ann, 2)
    assert (refused.outcome, np.frombuffer(refused.records, EVENT)["kind"].tolist()) == (
        OrderOutcome.ANSWERED, [EventKind.REJECTED],
    )  # fmt: skip
    ann.send(order(3, kind=CommandKind.CANCEL_ORDER, order_id=int(made["order_id"][0])))
    desk.core.event_writer.flush(desk.clock.now_ns)
    ended = np.frombuffer(status(ann, 1).records, EVENT)
    assert ended["kind"].tolist() == [EventKind.CANCELED]
    unseen = status(ann, 4)
    assert (unseen.outcome, unseen.last_counter, unseen.records) == (OrderOutcome.NOT_SEEN, 3, b"")
    assert ann.ask(control.GetOrderStatus(client_instance=1, counter=0)).code == FaultCode.INVALID_REQUEST


def test_the_status_is_the_users_own(desk: Desk) -> None:
    ann, bob = desk.trader("ann"), desk.trader("bob")
    ann.send(order(1))
    assert status(bob, 1).outcome == OrderOutcome.NOT_SEEN


def test_open_orders_come_in_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.gateway.queries._ORDERS_PAGE", 2)
    ann = desk.trader("ann")
    for counter in range(1, 6):
        ann.send(order(counter))
    found: list[int] = []
    more = True
    while more:
        page = ann.ask(control.GetOpenOrders(after_order_id=found[-1] if found else 0))
        found += np.frombuffer(page.records, EVENT)["order_id"].tolist()
        more = page.more
    assert found == live_orders(desk)
