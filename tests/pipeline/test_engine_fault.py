"""A command on which the engine fails: nothing of its batch comes out, each start names it, a skip goes on."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from server.engine.exchange import Exchange
from server.engine.kernel import Words
from server.journal.errors import EngineFault
from server.journal.journal import Journal
from server.journal.replaying import replayed_all
from server.journal.skip_checks import last_published
from server.protocol.enums import CommandKind, EventKind, RejectReason, SkipReason, TimeInForce
from server.protocol.records import COMMAND, ORDER_TERMS
from tests.gateway.desk import ANN, BOB_ACCOUNT, START_NS, Client, Desk, order

POISON = 6_660
EVERYTHING = 10_000


@pytest.fixture(autouse=True)
def poison(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Orders at one price trip the engine, after it has done the half of its batch; with an entry, nothing does."""
    is_mended: list[int] = []
    run = Exchange._run

    def tripping(exchange: Exchange, words: Words) -> None:
        rows = np.frombuffer(words, COMMAND)
        trips = (rows["price"] == POISON) & (rows["kind"] == CommandKind.NEW_ORDER)
        if trips.any() and not is_mended:
            run(exchange, words[: len(words) // 2 // 16 * 16])
            raise ZeroDivisionError("a case that was never thought of")
        run(exchange, words)

    monkeypatch.setattr(Exchange, "_run", tripping)
    yield is_mended


def fault_of_start(directory: Path) -> EngineFault:
    """What the next start says; it lets go of the directory."""
    opened: list[Journal] = []

    def note(journal: Journal) -> Journal:
        opened.append(journal)
        return journal

    with pytest.raises(EngineFault) as fault:
        Desk(directory, first=False, wrap=note)
    opened[0].close()
    return fault.value


def skip(directory: Path, sequence: int) -> None:
    journal = Journal.open(directory)
    journal.append_skip(sequence, SkipReason.ENGINE_FAULT, START_NS)
    journal.close()


def poisoned(directory: Path, *rows: np.ndarray) -> tuple[int, Client]:
    """A desk that has traded, and then got these in one message; the sequence of the first, and the client."""
    desk = Desk(directory)
    ann, bob = desk.trader("ann"), desk.trader("bob")
    ann.send(order(1, price=5_000, quantity=5))
    bob.send(order(1, side=1, price=5_000, quantity=2, account=BOB_ACCOUNT))
    before = desk.core.exchange.sequence
    desk.transport.take()
    ann.push(ann.message(np.concatenate(rows)))
    bob.push(bob.message(order(2, price=4_000, account=BOB_ACCOUNT)))
    with pytest.raises(EngineFault) as fault:
        desk.turn()
    assert not desk.transport.take().has_messages(), "nothing of the batch leaves"
    assert not fault.value.is_found
    assert (fault.value.first_sequence, fault.value.last_sequence) == (before + 1, before + len(rows) + 1)
    assert desk.core.event_log.last_command_sequence == before, "what was released before is in the log, and no more"
    desk.core.close()
    return before + 1, ann


def test_a_poison_command_is_named_and_skipped(tmp_path: Path, poison: list[int]) -> None:
    first, _ = poisoned(tmp_path, order(2, price=5_001), order(3, price=POISON, label=b"bad"), order(4, price=5_002))
    for _ in range(2):
        fault = fault_of_start(tmp_path)
        assert fault.is_found
        assert (fault.first_sequence, fault.last_sequence) == (first + 1, first + 1)
        assert f"failed on command {first + 1} (ZeroDivisionError: a case" in str(fault)
    assert last_published(tmp_path) == first, "the command before it in its batch is published by then"
    skip(tmp_path, first + 1)

    desk = Desk(tmp_path, first=False)
    events = desk.core.event_writer.events_of(ANN, 0, EVERYTHING)
    assert events["stream_sequence"].tolist() == list(range(1, len(events) + 1))
    answers = events[np.isin(events["counter"], [2, 3, 4]) & (events["session"] != 0)]
    assert answers["kind"].tolist() == [EventKind.ACCEPTED, EventKind.REJECTED, EventKind.ACCEPTED]
    refused = answers[1]
    assert refused["reason"] == RejectReason.ENGINE_FAULT
    assert (refused["command_sequence"], refused["label"], refused["price"]) == (first + 1, b"bad", POISON)
    system = desk.core.event_writer.events_of(0, 0, EVERYTHING)
    noted = system[(system["kind"] == EventKind.SETTING_CHANGED) & (system["value"] == CommandKind.SKIP)]
    assert (noted["quantity"].tolist(), noted["limit"].tolist()) == ([first + 1], [SkipReason.ENGINE_FAULT])
    ann = desk.trader("ann")
    assert ann.send(order(3, price=5_003))["reason"].tolist() == [RejectReason.DUPLICATE]
    assert ann.send(order(5, price=5_004))["kind"].tolist() == [EventKind.ACCEPTED]
    state_hash, events = desk.core.exchange.state_hash(), desk.core.event_log.last_event_sequence
    desk.close()

    poison.append(1)
    mended, journal = Exchange(1), Journal.open(tmp_path)
    for commands in replayed_all(journal._storage, journal.recovered):
        mended.apply(commands)
    journal.close()
    assert mended.state_hash() == state_hash, "a build without the fault honours the skip"


def test_a_group_is_skipped_as_a_whole(tmp_path: Path) -> None:
    terms = np.zeros(1, ORDER_TERMS)
    terms["kind"], terms["version"], terms["shard"] = CommandKind.ORDER_TERMS, 1, 1
    terms["display_quantity"] = 1
    basket = [
        order(2, price=5_001, group_count=4), order(3, price=POISON, group_count=0), terms.view(COMMAND),
        order(4, price=5_002, group_count=0),
    ]  # fmt: skip
    first, _ = poisoned(tmp_path, *basket, order(5, price=5_003))
    fault = fault_of_start(tmp_path)
    assert (fault.first_sequence, fault.last_sequence) == (first, first + 3)
    skip(tmp_path, first + 1)
    desk = Desk(tmp_path, first=False)
    events = desk.core.event_writer.events_of(ANN, 0, EVERYTHING)
    answers = events[np.isin(events["counter"], [2, 3, 4, 5]) & (events["session"] != 0)]
    fault_code = RejectReason.ENGINE_FAULT
    assert answers["reason"].tolist() == [fault_code, fault_code, fault_code, 0]
    assert answers["command_sequence"].tolist() == [first, first + 1, first + 3, first + 4]
    desk.close()


def test_a_command_that_no_door_lets_in_keeps_its_own_reason(tmp_path: Path) -> None:
    late = order(2, price=POISON, valid_until_ns=1)
    again = order(1, price=POISON, time_in_force=TimeInForce.GTC)
    first, _ = poisoned(tmp_path, late, again)
    skip(tmp_path, first)
    assert fault_of_start(tmp_path).first_sequence == first + 1
    skip(tmp_path, first + 1)
    desk = Desk(tmp_path, first=False)
    events = desk.core.event_writer.events_of(ANN, 0, EVERYTHING)
    refused = events[events["kind"] == EventKind.REJECTED]
    assert refused["reason"].tolist() == [RejectReason.TOO_LATE, RejectReason.DUPLICATE]
    desk.close()


def test_a_skipped_command_of_the_server_is_refused_for_its_user(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    sequence = desk.core.exchange.sequence
    ops = desk.trader("ops")
    session = desk.core.exchange.sequence
    assert ops.session
    desk.close()
    assert session > sequence
    journal = Journal.open(tmp_path)
    for named in (2, session):
        journal.append_skip(named, SkipReason.WRONG_RESULT, START_NS)
    exchange = Exchange(1)
    refused = [
        (int(event["command_sequence"]), int(event["user"]), int(event["reason"]))
        for commands in journal.read()
        for event in exchange.apply(commands).events
        if event["kind"] == EventKind.REJECTED and event["reason"] == RejectReason.ENGINE_FAULT
    ]
    journal.close()
    assert refused == [(2, 0, 63), (session, 9, 63)]


def test_a_mended_build_goes_on_without_a_skip(tmp_path: Path, poison: list[int]) -> None:
    first, _ = poisoned(tmp_path, order(2, price=POISON), order(3))
    fault = fault_of_start(tmp_path)
    assert fault.is_found
    poison.append(1)
    desk = Desk(tmp_path, first=False)
    assert desk.core.exchange.sequence >= first + 2
    desk.close()
