"""After a restart: the same state, a higher epoch, no session, a complete event log; batches do not matter."""

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np

from server.engine.exchange import Exchange
from server.journal.event_log_reader import EventLogReader
from server.journal.framing import FrameKind
from server.journal.journal import Journal
from server.protocol import control
from server.protocol.enums import EventKind, OrderType, Side
from server.protocol.records import EVENT
from tests.gateway.desk import ANN, BOB_ACCOUNT, Client, Clock, Desk, order

EVENTS = 10_000


def trade(desk: Desk, seed: int, steps: int, batch: int, after_batch: Callable[[], None] = lambda: None) -> None:
    """A seeded flow of two traders, so many messages a turn. The engine sees the same commands at the same times."""
    random_ = random.Random(seed)
    ann, bob = desk.trader("ann"), desk.trader("bob")
    accounts = {ann: 100, bob: BOB_ACCOUNT}
    counters = {ann: 0, bob: 0}
    for step in range(steps):
        client: Client = random_.choice([ann, bob])
        counters[client] += 1
        side = random_.randint(0, 1)
        price = 5000 + random_.randint(-9, 3) * (1 - 2 * side)
        client.push(
            client.message(
                order(
                    counters[client], side=side, price=price, quantity=random_.randint(1, 9), account=accounts[client]
                )
            )
        )
        if step % batch == batch - 1:
            desk.turn()
            after_batch()
    desk.turn()


def test_everything_is_there_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    trade(desk, 1, 300, 7)
    commands, hash_ = desk.core.exchange.sequence, desk.core.exchange.state_hash()
    private = desk.core.event_writer.events_of(ANN, 0, EVENTS).tobytes()
    events = desk.core.event_log.last_event_sequence
    epoch = desk.core.journal.epoch
    desk.close()

    again = Desk(tmp_path, first=False)
    assert again.core.journal.epoch == epoch + 1
    assert again.core.exchange.sequence == commands + 2, "two sessions of the former run are closed"
    assert again.gateway._parts.view.open_sessions() == []
    assert again.core.event_writer.events_of(ANN, 0, EVENTS).tobytes().startswith(private)
    assert again.core.event_log.last_event_sequence == events + 2, "also what was in no log yet"
    again.close()

    replayed = Desk(tmp_path, first=False)
    assert replayed.core.exchange.state_hash() != hash_, "the sessions are part of the state"
    replayed.close()


def test_the_state_is_that_of_the_journal_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    trade(desk, 2, 200, 5)
    hash_ = desk.core.exchange.state_hash()
    desk.core.close()
    journal = Journal.open(tmp_path)
    exchange = Exchange(1)
    for commands in journal.replay():
        exchange.apply(commands)
    assert exchange.state_hash() == hash_
    journal.close()


def test_an_event_log_that_lags_is_completed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    trade(desk, 3, 100, 10)
    full = desk.core.event_writer.events_of(ANN, 0, EVENTS)
    desk.close()
    for segment in sorted((tmp_path / "events").iterdir(), reverse=True):
        segment.write_bytes(segment.read_bytes()[: segment.stat().st_size // 2])
        break
    again = Desk(tmp_path, first=False)
    assert again.core.event_writer.events_of(ANN, 0, EVENTS)[: len(full)].tobytes() == full.tobytes()
    again.close()


def test_a_client_goes_on_after_a_restart(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    ann = desk.trader("ann")
    ann.send(order(1), order(2))
    seen = 3
    former = ann.session
    desk.close()

    again = Desk(tmp_path, first=False)
    ann = again.client("ann")
    accepted = ann.log_on()
    assert accepted.session > former
    assert accepted.last_counter == 2
    records = ann.ask(control.ResumePrivate(after_sequence=seen))
    kinds = np.frombuffer(records.records, EVENT)["kind"].tolist()
    assert kinds == [EventKind.SESSION_CLOSED, EventKind.SESSION_OPENED]
    assert ann.send(order(2))["reason"].tolist() == [1], "a duplicate"
    assert ann.send(order(3))["kind"].tolist() == [EventKind.ACCEPTED]
    again.close()


def test_the_size_of_a_batch_changes_no_event_and_no_state(tmp_path: Path) -> None:
    results = []
    for batch in (1, 3, 1000):
        desk = Desk(tmp_path / str(batch), clock=StandingClock())
        trade(desk, 4, 300, batch)
        events = desk.core.event_writer.events_of(ANN, 0, EVENTS)
        results.append((events.tobytes(), desk.core.exchange.state_hash(), desk.core.exchange.sequence))
        desk.close()
    assert results[0] == results[1] == results[2]


def test_a_log_that_ends_with_a_refused_basket_goes_on_behind_it(tmp_path: Path) -> None:
    """The later order is refused first, so the last event is not that of the newest command."""
    desk = Desk(tmp_path)
    ann = desk.trader("ann")
    head, other = order(1, group_count=2), order(2, group_count=0, order_type=OrderType.MARKET)
    refused = ann.send(head, other)
    assert refused["command_sequence"].tolist() == [desk.core.exchange.sequence, desk.core.exchange.sequence - 1]
    events = desk.core.exchange.event_sequence
    desk.close()
    again = Desk(tmp_path, first=False)
    again.close()
    reader = EventLogReader.open(tmp_path)
    sequences: list[int] = []
    while groups := reader.poll():
        for kind, rows in groups:
            sequences += rows["sequence"].tolist() if kind == FrameKind.EVENTS else []
    assert sequences == list(range(1, events + 2)), "those of before, and that the session is closed"


class StandingClock(Clock):
    """Never moves, so that the sequencer counts: a command's time follows from its number."""


def test_what_is_due_becomes_one_command_when_the_clock_passes(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    ann, ops = desk.trader("ann"), desk.trader("ops")
    assert isinstance(ops.ask(control.SetPhase(request_id=1, instrument=1, phase=3)), control.Done)
    ann.send(order(1, side=Side.BUY))
    before = desk.core.exchange.sequence
    desk.turn()
    assert desk.core.exchange.sequence == before
    desk.clock.advance_ms(501)
    desk.turn()
    desk.turn()
    assert desk.core.exchange.sequence == before + 1
    desk.close()
