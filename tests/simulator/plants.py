"""Planted bugs: small mutations of a running server, by name, each of which the auditor has to catch.

Rules: a plant changes one thing, as a slip of the pen would, in the core before it recovers; the source is not touched.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from server.bootstrap import Core
from server.engine import layout as at
from server.engine.kernel import U
from server.engine.memory import find_row
from server.gateway.engine_view import EngineView
from server.protocol.records import COMMAND

POISON_PRICE = 5003


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
    """The engine trips on a command that looks like any other."""
    exchange: Any = core.exchange
    run = exchange._run

    def tripping(words: np.ndarray) -> None:
        assert not (words.view(COMMAND)["price"] == POISON_PRICE).any(), "a case that was never thought of"
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


PLANTS: dict[str, Callable[[Core], None]] = {
    "release-before-durable": release_before_durable,
    "no-fsync": no_fsync,
    "duplicates-pass": duplicates_pass,
    "resume-drops-an-event": resume_drops_an_event,
    "poison-command": poison_command,
    "market-data-forgets-a-record": market_data_forgets_a_record,
    "event-log-skips-a-batch": event_log_skips_a_batch,
    "a-cent-is-lost": a_cent_is_lost,
}
