"""Drop copy: who sees what, in which order, live and from the log, and when a right changes."""

from pathlib import Path

import numpy as np

from server.client.drop_copy import DropCopyCursor
from server.client.incoming import DropCopyEnded, DropCopyStarted, DropCopySynced
from server.gateway.commands import grant, set_phase
from server.protocol import control
from server.protocol.codec import decode_bulk, decode_envelope, decode_reply, encode_control
from server.protocol.enums import CommandKind, EnvelopeKind, EventKind, FaultCode, Phase, Right, Side
from server.protocol.records import ACCOUNT_TERMS, COMMAND
from tests.gateway.desk import ANN, ANN_ACCOUNT, BOB, BOB_ACCOUNT, OPERATOR, Desk, order
from tests.gateway.drop_copy_client import RiskClient
from tests.pipeline.test_release import Rig

RISK = 20


def desk_with_risk(directory: Path, *accounts: int, **options: object) -> Desk:
    """A desk with a user `risk` that may view these accounts and trade on none."""
    desk = Desk(directory, **options)  # type: ignore[arg-type]
    desk.passwords.users["risk"] = RISK
    for account in accounts:
        desk.gateway.append(grant(account, RISK, int(Right.VIEW)))
    desk.turn()
    return desk


def trade(desk: Desk, count: int = 1, first: int = 1) -> None:
    """Ann buys from Bob, in one turn each."""
    ann, bob = desk.trader("ann", key=first), desk.trader("bob", key=first)
    for counter in range(1, count + 1):
        bob.send(order(counter, side=Side.SELL, account=BOB_ACCOUNT, instance=first))
        ann.send(order(counter, instance=first))


def test_a_viewer_sees_every_event_of_its_accounts_and_nothing_else(tmp_path: Path) -> None:
    desk = desk_with_risk(tmp_path, ANN_ACCOUNT)
    risk = RiskClient("risk", control.OpenDropCopy(), DropCopyCursor())
    risk.attach(desk)
    risk.catch_up(desk)
    ann, bob = desk.trader("ann"), desk.trader("bob")
    for client, row in (
        (bob, order(1, side=Side.SELL, account=BOB_ACCOUNT, quantity=4)),
        (ann, order(1, quantity=10)),
        (ann, order(2, quantity=-1)),
    ):
        client.push(client.message(row))
        risk.turn(desk)
    assert set(risk.rows["account"].tolist()) == {ANN_ACCOUNT}
    assert (np.diff(risk.rows["sequence"].astype(np.int64)) > 0).all()
    kinds = risk.rows["kind"].tolist()
    assert kinds[-4:] == [EventKind.ACCEPTED, EventKind.EXECUTED, EventKind.POSITION, EventKind.REJECTED]
    started = [item for item in risk.told if isinstance(item, DropCopyStarted)]
    assert [item.opened.accounts for item in started] == [[ANN_ACCOUNT]]
    desk.close()


def test_what_may_not_be_viewed_is_refused(tmp_path: Path) -> None:
    desk = desk_with_risk(tmp_path, ANN_ACCOUNT)
    risk = desk.trader("risk")
    for asked in (
        control.OpenDropCopy(accounts=[ANN_ACCOUNT, BOB_ACCOUNT]),
        control.OpenDropCopy(everything=True),
        control.OpenDropCopy(firms=[5]),
    ):
        assert risk.ask(asked).code == FaultCode.NOT_PERMITTED
    assert risk.ask(control.GetDropCopy(after_sequence=0)).code == FaultCode.INVALID_REQUEST
    assert desk.trader("ops").ask(control.OpenDropCopy(everything=True)).everything
    assert desk.trader("ops").ask(control.OpenDropCopy(accounts=[BOB_ACCOUNT])).accounts == [BOB_ACCOUNT]
    desk.close()


def test_it_resumes_from_its_cursor_after_a_restart_of_the_server(tmp_path: Path) -> None:
    desk = desk_with_risk(tmp_path, ANN_ACCOUNT, BOB_ACCOUNT)
    risk = RiskClient("risk", control.OpenDropCopy(), DropCopyCursor())
    risk.attach(desk)
    trade(desk, 3)
    risk.catch_up(desk)
    seen = len(risk.rows)
    risk.detach()
    trade(desk, 2, first=2)
    desk.close()
    desk = Desk(tmp_path, first=False)
    desk.passwords.users["risk"] = RISK
    risk.attach(desk)
    risk.catch_up(desk)
    assert len(risk.rows) > seen
    assert risk.stream.cursor is not None and risk.stream.cursor.epoch == 2
    everything = RiskClient("ops", control.OpenDropCopy(everything=True), DropCopyCursor(), key=78)
    everything.attach(desk)
    everything.catch_up(desk)
    both = np.isin(everything.rows["account"], (ANN_ACCOUNT, BOB_ACCOUNT))
    assert everything.rows[both].tobytes() == risk.rows.tobytes()
    assert everything.resumed == len(everything.rows)
    desk.close()


def test_a_lost_message_is_seen_by_the_next_and_a_lost_tail_by_the_heartbeat(tmp_path: Path) -> None:
    desk = desk_with_risk(tmp_path, ANN_ACCOUNT)
    risk = RiskClient("risk", control.OpenDropCopy())
    risk.attach(desk)
    risk.catch_up(desk)
    ann = desk.trader("ann")
    risk.loses = lambda: True
    ann.push(ann.message(order(1)))
    risk.turn(desk)
    assert not len(risk.rows)
    risk.loses = lambda: False
    desk.clock.advance_ms(1000)
    risk.turn(desk)
    assert not risk.stream.synced
    risk.catch_up(desk)
    assert risk.rows["kind"].tolist() == [EventKind.ACCEPTED] and risk.stream.gaps == 1
    risk.loses = iter([True, False]).__next__
    for counter in (2, 3):
        ann.push(ann.message(order(counter)))
        risk.turn(desk)
    risk.loses = lambda: False
    risk.catch_up(desk)
    assert risk.rows["counter"].tolist() == [1, 2, 3] and risk.stream.gaps == 2
    desk.close()


def test_the_end_names_its_reason_and_the_stream_opens_again_with_what_is_left(tmp_path: Path) -> None:
    desk = desk_with_risk(tmp_path, ANN_ACCOUNT, BOB_ACCOUNT)
    risk = RiskClient("risk", control.OpenDropCopy())
    risk.attach(desk)
    risk.catch_up(desk)
    ops, ann = desk.trader("ops"), desk.trader("ann")
    taken = control.SetRights(request_id=5, user_id=RISK, account=ANN_ACCOUNT, rights=0)
    desk.transport.request(ops.key, ops.address, encode_control(taken))
    ann.push(ann.message(order(1)))
    risk.turn(desk)
    assert not risk.stream.synced
    risk.catch_up(desk)
    assert ANN not in risk.rows["user"].tolist()
    shown = [item.opened.accounts for item in risk.told if isinstance(item, DropCopyStarted)]
    assert shown == [[ANN_ACCOUNT, BOB_ACCOUNT], [BOB_ACCOUNT]]
    desk.gateway.append(grant(BOB_ACCOUNT, RISK, 0))
    for _ in range(4):
        risk.turn(desk)
    assert isinstance(risk.told[-1], DropCopyEnded) and risk.told[-1].code is FaultCode.NOT_PERMITTED
    desk.close()


def test_an_account_opened_to_the_viewer_joins_the_stream(tmp_path: Path) -> None:
    desk = desk_with_risk(tmp_path, ANN_ACCOUNT)
    risk = RiskClient("risk", control.OpenDropCopy())
    risk.attach(desk)
    risk.catch_up(desk)
    desk.gateway.append(grant(BOB_ACCOUNT, RISK, int(Right.VIEW)))
    for _ in range(4):
        risk.turn(desk)
    assert isinstance(risk.told[-1], DropCopySynced)
    bob = desk.trader("bob")
    bob.push(bob.message(order(1, account=BOB_ACCOUNT)))
    risk.turn(desk)
    assert BOB in risk.rows["user"].tolist()
    desk.close()


def test_nobody_else_gets_drop_copy_messages(tmp_path: Path) -> None:
    desk = desk_with_risk(tmp_path, ANN_ACCOUNT)
    ann = desk.trader("ann")
    risk = RiskClient("risk", control.OpenDropCopy())
    risk.attach(desk)
    risk.catch_up(desk)
    ann.push(ann.message(order(1)))
    outbox = desk.turn()
    kinds = [int(envelope["kind"]) for envelope, _ in ann.received(outbox)]
    assert kinds == [EnvelopeKind.EVENTS]
    assert OPERATOR not in {int(row["user"]) for row in risk.rows}
    desk.close()


def test_trade_alone_shows_nothing(tmp_path: Path) -> None:
    desk = desk_with_risk(tmp_path)
    desk.gateway.append(grant(ANN_ACCOUNT, RISK, int(Right.TRADE)))
    desk.turn()
    assert desk.trader("risk").ask(control.OpenDropCopy()).code == FaultCode.NOT_PERMITTED
    desk.close()


def test_what_belongs_to_no_account_is_no_part_of_it(tmp_path: Path) -> None:
    desk = desk_with_risk(tmp_path)
    risk = RiskClient("ops", control.OpenDropCopy(everything=True), DropCopyCursor())
    risk.attach(desk)
    risk.catch_up(desk)
    desk.trader("ann")  # its turns are not the risk client's: what they bring is resumed
    desk.gateway.append(set_phase(0, Phase.HALTED))
    risk.turn(desk)
    assert len(risk.rows) and (risk.rows["account"] != 0).all()
    assert risk.stream.gaps == 0
    desk.close()


def test_a_session_that_is_over_has_no_stream(tmp_path: Path) -> None:
    desk = desk_with_risk(tmp_path, ANN_ACCOUNT)
    risk, ann = desk.trader("risk"), desk.trader("ann")
    assert isinstance(risk.ask(control.OpenDropCopy()), control.DropCopyOpened)
    risk.ask(control.Logoff())
    ann.push(ann.message(order(1)))
    desk.clock.advance_ms(1000)
    assert not [frame for at, frame in desk.turn().orders if at == risk.address]
    assert risk.ask(control.GetDropCopy(after_sequence=0)).code == FaultCode.NOT_LOGGED_ON
    desk.close()


def test_a_page_waits_for_what_is_not_durable_yet(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    desk = rig.desk
    ops, ann = desk.trader("ops"), desk.trader("ann")
    rig.stall()
    ann.push(ann.message(order(1)))
    asked = control.OpenDropCopy(request_id=1, everything=True)
    desk.transport.request(ops.key, ops.address, encode_control(asked))
    desk.turn()
    newest = desk.gateway._parts.view.event_sequence
    page = control.GetDropCopy(request_id=2, after_sequence=newest - 1)
    desk.transport.request(ops.key, ops.address, encode_control(page))
    for _ in range(3):
        assert not desk.turn().has_messages(), "neither the stream nor the event is shown before the disk has it"
    rig.disk.behind = False
    replies = [decode_reply(frame) for _ in range(3) for _, frame in desk.turn().control]
    assert [type(reply) for reply in replies] == [control.DropCopyOpened, control.Records]
    rows = decode_bulk(replies[1], "EVENT")
    assert rows["kind"].tolist() == [EventKind.ACCEPTED] and not replies[1].more
    desk.close()


def test_accounts_of_a_firm_and_of_a_desk(tmp_path: Path) -> None:
    desk = desk_with_risk(tmp_path, ANN_ACCOUNT, BOB_ACCOUNT)
    desk.gateway.append(belongs(ANN_ACCOUNT, firm=5, desk=51))
    desk.gateway.append(belongs(BOB_ACCOUNT, firm=5, desk=52))
    desk.turn()
    risk = desk.trader("risk")
    assert risk.ask(control.OpenDropCopy(firms=[5])).accounts == [ANN_ACCOUNT, BOB_ACCOUNT]
    assert risk.ask(control.OpenDropCopy(desks=[52])).accounts == [BOB_ACCOUNT]
    desk.gateway.append(belongs(BOB_ACCOUNT, firm=5, desk=51))
    ended = [decode_envelope(frame) for at, frame in desk.turn().orders if at == risk.address]
    assert FaultCode.DROP_COPY_CHANGED in [envelope["code"] for envelope in ended]
    desk.close()


def belongs(account: int, *, firm: int, desk: int) -> np.ndarray:
    """A SET_ACCOUNT that puts an account into a firm and a desk."""
    row = np.zeros(1, ACCOUNT_TERMS)
    for name, value in {
        "kind": CommandKind.SET_ACCOUNT, "version": 1, "shard": 1, "group_count": 1, "account": account, "firm": firm,
        "desk": desk, "user": OPERATOR, "approver": ANN,
    }.items():  # fmt: skip
        row[name] = value
    return row.view(COMMAND)
