"""Planted bugs: small mutations of a running server or client, by name, each of which the auditor has to catch.

Rules: a plant changes one thing, as a slip of the pen would, in the core before it recovers, or in a client's or the
history's process as it begins; the source is not touched.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np

from server.bootstrap import Core
from server.engine import layout as at
from server.engine.kernel import U
from server.engine.memory import find_row
from server.gateway.engine_view import EngineView
from server.gateway.outbox import Outbox
from server.history.folding import Folder
from server.journal.segments import FrameEncoder, Position
from server.protocol import control
from server.protocol.enums import CommandKind, EnvelopeKind
from server.protocol.records import COMMAND
from tests.simulator.trader import Trader

POISON_PRICE, POISON_QUANTITY = 5003, 13


def release_before_durable(core: Core) -> None:
    """Everything leaves at once, whatever the disk says."""
    journal: Any = core.journal
    journal.durable_sequence = lambda: journal.last_sequence


def no_fsync(core: Core) -> None:
    """The journal's thread forgets the fsync before the mark."""
    group: Any = core.journal._group
    group._sync = lambda ordinal: None


def duplicates_pass(core: Core) -> None:
    """A repeated command gets a counter that was not used yet, and so happens again."""
    gateway: Any = core.gateway
    take_commands = gateway.take_commands

    def renumbering(next_due_ns: int) -> bytearray | None:
        commands: bytearray | None = take_commands(next_due_ns)
        for row in np.frombuffer(commands or b"", COMMAND):
            used = EngineView(core.exchange).last_counter(int(row["user"]), int(row["client_instance"]))
            if 0 < int(row["counter"]) <= used:
                row["counter"] = used + 1
        return commands

    gateway.take_commands = renumbering


def resume_drops_an_event(core: Core) -> None:
    """A page of a resume lacks an event in its middle."""
    writer: Any = core.event_writer
    events_of = writer.events_of

    def lacking(user: int, after: int, count: int) -> np.ndarray:
        rows: np.ndarray = events_of(user, after, count)
        return np.delete(rows, len(rows) // 2) if len(rows) > 3 else rows

    writer.events_of = lacking


def poison_command(core: Core) -> None:
    """The engine trips on a command that looks like any other; one that an operator has skipped does not get there."""
    exchange: Any = core.exchange
    run = exchange._run

    def tripping(words: np.ndarray) -> None:
        rows = words.view(COMMAND)
        is_poison = (rows["price"] == POISON_PRICE) & (rows["quantity"] == POISON_QUANTITY)
        assert not (is_poison & (rows["kind"] == CommandKind.NEW_ORDER)).any(), "a case that was never thought of"
        run(words)

    exchange._run = tripping


def market_data_forgets_a_record(core: Core) -> None:
    """The publisher leaves out a record, and does not number it either."""
    publisher: Any = core.gateway.publisher
    on_market_data = publisher.on_market_data
    calls = [0]

    def forgetful(content: bytes, out: Any, **fields: int) -> None:
        calls[0] += 1
        if calls[0] % 50:
            on_market_data(content, out, **fields)

    publisher.on_market_data = forgetful


def event_log_skips_a_batch(core: Core) -> None:
    """What was released is not always logged."""
    writer: Any = core.event_writer
    append = writer.append
    calls = [0]

    def skipping(now_ns: int, events: bytes, market_data: bytes) -> None:
        calls[0] += 1
        append(now_ns, events, market_data if calls[0] % 40 else b"")

    writer.append = skipping


def a_cent_is_lost(core: Core) -> None:
    """Now and then an account has less than the sums say."""
    exchange: Any = core.exchange
    run = exchange._run

    def leaking(words: np.ndarray) -> None:
        run(words)
        row = find_row(exchange.memory, at.KIND_ACCOUNT | U(100), at.ZERO)
        if row and exchange.sequence % 97 == 0:
            exchange.memory[row + at.ACCOUNT_CASH] -= U(1)

    exchange._run = leaking


def nonce_is_taken_back(core: Core) -> None:
    """A frame that found no space gives its nonce to the next one."""
    encoder: Any = core.journal._writer.encoder

    def rewind(position: Position) -> None:
        before = encoder._seal._number if encoder._seal else 0
        FrameEncoder.rewind(encoder, position)
        if encoder._seal is not None and before:
            encoder._seal._number = before - 1

    encoder.rewind = rewind


def mark_leads(core: Core) -> None:
    """The commit mark is written before the fsync that it tells of."""
    group: Any = core.journal._group
    sync, mark = group._sync, group._mark

    def marking_first(ordinal: int) -> None:
        sequence, chain, _ = group.written
        mark(sequence, chain)
        with contextlib.suppress(OSError):
            core.journal._storage.sync("commit")
        sync(ordinal)

    group._sync, group._mark = marking_first, lambda sequence, chain: None


def cancel_overtakes(core: Core) -> None:
    """Cancels go first in a batch, because they matter most."""
    gateway: Any = core.gateway
    take_commands = gateway.take_commands

    def sorting(next_due_ns: int) -> bytearray | None:
        commands: bytearray | None = take_commands(next_due_ns)
        rows = np.frombuffer(commands or b"", COMMAND)
        if len(rows) < 2 or (rows["group_count"] != 1).any():
            return commands
        is_late = rows["kind"] != CommandKind.CANCEL_ORDER
        return bytearray(rows[np.argsort(is_late, kind="stable")].tobytes())

    gateway.take_commands = sorting


def answer_goes_to_another_session(core: Core) -> None:
    """Now and then a message of events is sent to the session that was served before."""
    egress: Any = core.gateway._egress
    inner = egress.on_events
    calls = [0]
    last = [b""]

    class Straying:
        """The egress with a wrong address."""

        def on_events(self, content: bytes, outbox: Outbox, *rest: int) -> None:
            """As the egress does it, but for one message in fifty."""
            inner(content, outbox, *rest)
            for place, (address, frame) in enumerate(outbox.orders):
                if frame[0] != EnvelopeKind.EVENTS:
                    continue
                calls[0] += 1
                if last[0] and calls[0] % 50 == 0:
                    outbox.orders[place] = (last[0], frame)
                last[0] = address

    core.gateway._egress = Straying()  # type: ignore[assignment]


def resent_under_a_new_counter(trader: Trader) -> None:
    """After a break a client sends what was decided and not answered once more, as if it were new."""
    entry: Any = trader.session.entry

    def on_logon(last_counter: int, session: int) -> None:
        pending = entry.pending.copy()
        type(entry).on_logon(entry, last_counter, session)
        again = pending[(pending["group_count"] == 1) & (pending["counter"] <= last_counter)]
        if len(again):
            first = entry.counter + 1
            entry.prepare(again, session, trader.now_ns())
            entry._resend_from = first if entry._resend_from is None else entry._resend_from

    entry.on_logon = on_logon


def gap_is_not_noticed(trader: Trader) -> None:
    """A client takes any market data as what comes next."""
    feed: Any = trader.session.feed
    on_message = feed.on_message

    def trusting(topic_frame: bytes, frame: bytes, envelope: np.void) -> Any:
        stream = feed._by_frame.get(topic_frame)
        if stream is not None and stream.synced:
            stream.next_sequence = int(envelope["sequence"])
        return on_message(topic_frame, frame, envelope)

    feed.on_message = trusting


def snapshot_misses_the_last_batch(core: Core) -> None:
    """What is copied is how the memory was before the last batch, under the number behind it."""
    exchange: Any = core.exchange
    snapshotter: Any = core.snapshotter
    apply_bytes, take = exchange.apply_bytes, snapshotter.take
    before = [exchange.memory.copy()]

    def applying(commands: bytearray) -> Any:
        before[0] = exchange.memory.copy()
        return apply_bytes(commands)

    def taking(output_sequence: int) -> bool:
        is_taken: bool = take(output_sequence)
        if is_taken:
            size = min(snapshotter._taken.words, len(before[0]))
            before[0][[at.SEQUENCE, at.TIME_NS]] = exchange.memory[[at.SEQUENCE, at.TIME_NS]]
            snapshotter._buffer[:size] = before[0][:size]
        return is_taken

    exchange.apply_bytes, snapshotter.take = applying, taking


def snapshot_waits_for_nothing(core: Core) -> None:
    """It is written at once, whatever journal and event log have of it by then."""
    snapshotter: Any = core.snapshotter
    snapshotter._is_secured = lambda taken: True


class Unhearing:
    """The table of sessions, of which none is ever silent."""

    def __init__(self, sessions: Any) -> None:
        self._sessions = sessions

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sessions, name)

    def __iter__(self) -> Any:
        return iter(self._sessions)

    def __len__(self) -> int:
        return len(self._sessions)

    def silent(self, now_ns: int) -> list[Any]:
        """Nobody."""
        return []


def silence_is_not_noticed(core: Core) -> None:
    """A client may be silent for as long as it likes."""
    gateway: Any = core.gateway
    gateway.sessions = Unhearing(core.gateway.sessions)


def grace_is_forgotten(core: Core) -> None:
    """Sessions begin without the grace that their clients asked for."""
    gateway: Any = core.gateway
    take_commands = gateway.take_commands

    def hurrying(next_due_ns: int, **rest: Any) -> bytearray | None:
        commands: bytearray | None = take_commands(next_due_ns, **rest)
        if commands:
            rows = np.frombuffer(commands, COMMAND)
            rows["quantity"][rows["kind"] == CommandKind.SESSION_OPENED] = 0
        return commands

    gateway.take_commands = hurrying


def drop_copy_skips_one_after_a_crash(trader: Trader) -> None:
    """In a new epoch the stream is followed from one event too far."""
    stream: Any = trader.session.drop_copy
    on_opened = stream._on_opened

    def skipping(reply: Any) -> None:
        known = stream.cursor
        on_opened(reply)
        if known is not None and 0 < known.epoch < reply.epoch:
            stream.cursor = replace(stream.cursor, sequence=stream.cursor.sequence + 1)

    stream._on_opened = skipping


def drop_copy_page_says_too_much(core: Core) -> None:
    """A page of the past says that it reaches one event further than it does."""
    drop_copy: Any = core.gateway._drop_copy
    page = drop_copy._page

    def boasting(*given: Any) -> Any:
        reply = page(*given)
        if isinstance(reply, control.Records) and reply.more:
            return msgspec.structs.replace(reply, sequence=reply.sequence + 1)
        return reply

    drop_copy._page = boasting


def history_cursor_leads(folder: Folder) -> None:
    """The cursor is stored before the ticks that it stands for are on the disk."""
    store: Any = folder.store
    store_cursor = store.store_cursor

    def hasty(cursor: Any) -> None:
        store._unsynced.clear()
        store_cursor(cursor)

    store.store_cursor = hasty


@dataclass(frozen=True)
class Plant:
    """What is done to each life of the server, of a client, and of the history process."""

    core: Callable[[Core], None] = lambda _: None
    trader: Callable[[Trader], None] = lambda _: None
    history: Callable[[Folder], None] = lambda _: None
    is_skipped: bool = False
    """Whether an operator takes commands out on which the engine fails: then all has to end well."""


NOTHING_PLANTED = Plant()
POISON_SKIPPED = Plant(poison_command, is_skipped=True)
PLANTS: dict[str, Plant] = {
    "release-before-durable": Plant(release_before_durable),
    "no-fsync": Plant(no_fsync),
    "duplicates-pass": Plant(duplicates_pass),
    "resume-drops-an-event": Plant(resume_drops_an_event),
    "poison-command": Plant(poison_command),
    "market-data-forgets-a-record": Plant(market_data_forgets_a_record),
    "event-log-skips-a-batch": Plant(event_log_skips_a_batch),
    "a-cent-is-lost": Plant(a_cent_is_lost),
    "nonce-is-taken-back": Plant(nonce_is_taken_back),
    "mark-leads": Plant(mark_leads),
    "cancel-overtakes": Plant(cancel_overtakes),
    "answer-goes-to-another-session": Plant(answer_goes_to_another_session),
    "resent-under-a-new-counter": Plant(trader=resent_under_a_new_counter),
    "gap-is-not-noticed": Plant(trader=gap_is_not_noticed),
    "snapshot-misses-the-last-batch": Plant(snapshot_misses_the_last_batch),
    "snapshot-waits-for-nothing": Plant(snapshot_waits_for_nothing),
    "silence-is-not-noticed": Plant(silence_is_not_noticed),
    "grace-is-forgotten": Plant(grace_is_forgotten),
    "drop-copy-skips-one-after-a-crash": Plant(trader=drop_copy_skips_one_after_a_crash),
    "drop-copy-page-says-too-much": Plant(drop_copy_page_says_too_much),
    "history-cursor-leads": Plant(history=history_cursor_leads),
}
