"""`journal replay DIR`: a fresh engine over the journal, to its end or to any past moment; what the exchange was then.

Rules: reads only and takes no lock, also beside a running server. No group is cut: it is applied if all of it lies
before the moment. What an operator has skipped is refused, as the server does. Exit status 1: the engine fails on a
command, or the event log says something else.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from server.engine import layout as at
from server.engine.exchange import Exchange
from server.journal.errors import EngineFault
from server.journal.fault_search import applied, located
from server.journal.journal import read_only
from server.journal.recovery import incomplete
from server.journal.replaying import replayed_all
from server.journal.skips import group_around, groups_of
from server.protocol.codec import Records
from server.protocol.enums import EventKind
from server.tools.journal_compare import LogComparison
from server.tools.journal_state import account_lines, book_lines
from server.tools.journal_text import describe_command, enum_name, time_text

PROGRESS: Final = 1_000_000
_EVER: Final = 1 << 62


def add(actions: Any) -> None:
    """The subcommand."""
    parser = actions.add_parser("replay", help="apply the journal to a fresh engine, up to any past moment")
    parser.add_argument("directory", type=Path, help="data directory of the server")
    parser.add_argument("--shard", type=int, default=1)
    parser.add_argument("--to", type=int, default=_EVER, metavar="SEQUENCE", help="the last command to apply")
    parser.add_argument("--until", type=moment_ns, default=_EVER, metavar="TIME",
                        help="the last moment, ISO 8601; UTC unless it says otherwise")  # fmt: skip
    parser.add_argument("--each-from", type=int, default=_EVER, metavar="SEQUENCE",
                        help="name each command before it is applied: for an engine that dies")  # fmt: skip
    parser.add_argument("--books", action="store_true", help="print each instrument's best prices at the end")
    parser.add_argument("--accounts", action="store_true", help="print balances and positions at the end")
    parser.add_argument("--check-events", action="store_true", help="compare all outputs with the event log")
    parser.set_defaults(run=replay)


def moment_ns(text: str) -> int:
    """Nanoseconds of an ISO 8601 time. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return ((since.days * 86_400 + since.seconds) * 10**6 + since.microseconds) * 1000


def up_to(batches: Iterator[Records], last_sequence: int, last_ns: int) -> Iterator[Records]:
    """The whole groups whose records are all at or before both."""
    for commands in batches:
        within = (commands["sequence"] <= last_sequence) & (commands["time_ns"] <= last_ns)
        count = int(np.count_nonzero(within))
        if count == len(commands):
            yield commands
            continue
        if count:
            start, end = group_around(commands, count - 1)
            kept = commands[: start if end > count else count]
            if len(kept):
                yield kept
        return


def one_by_one(batches: Iterator[Records], first_sequence: int) -> Iterator[Records]:
    """The same, from that sequence on group by group, each named on stderr before it is given out."""
    for commands in batches:
        if int(commands["sequence"][-1]) < first_sequence:
            yield commands
            continue
        for group in groups_of(commands):
            sys.stderr.write(f"applying {describe_command(group[0])}\n")
            sys.stderr.flush()
            yield group


def replay(options: argparse.Namespace) -> int:
    """Apply, and print what there is at the end. Raises JournalError, OSError."""
    storage, found = read_only(options.directory, options.shard)
    if found.begins_after:
        raise incomplete(found)
    exchange = Exchange(options.shard)
    comparison = LogComparison(options.directory) if options.check_events else None
    kinds: Counter[int] = Counter()
    records, said, began_s = 0, 0, time.monotonic()
    batches = up_to(replayed_all(storage, found), options.to, options.until)
    for commands in one_by_one(batches, options.each_from):
        try:
            outputs = applied(exchange, commands)
        except EngineFault as fault:
            exchange.begin_again()
            named = located(fault, replayed_all(storage, found), exchange, lambda _: None)
            sys.stderr.write(f"journal: {named}\n")
            return 1
        kinds.update(outputs.events["kind"].tolist())
        records += len(outputs.market_data)
        if comparison is not None:
            comparison.take(outputs)
            if comparison.difference:
                break
        if exchange.sequence // PROGRESS > said:
            said = exchange.sequence // PROGRESS
            rate = exchange.sequence / (time.monotonic() - began_s)
            sys.stderr.write(f"journal: {exchange.sequence:,} commands, {rate:,.0f} a second\n")
            sys.stderr.flush()
    lines = [*summary(exchange, kinds, records)]
    lines += book_lines(exchange) if options.books else []
    lines += account_lines(exchange) if options.accounts else []
    if comparison is not None:
        lines.append(comparison.judgement(exchange.sequence, is_end=exchange.sequence == found.last_sequence))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if comparison is not None and comparison.difference else 0


def summary(exchange: Exchange, kinds: Counter[int], records: int) -> Iterator[str]:
    """Where the replay ended and what it gave."""
    named = ", ".join(f"{enum_name(EventKind, kind)} {count:,}" for kind, count in sorted(kinds.items()))
    yield f"sequence {exchange.sequence} at {time_text(exchange.time_ns)}"
    yield f"state hash {exchange.state_hash():016x}"
    yield f"events {sum(kinds.values()):,}{f': {named}' if named else ''}"
    yield f"market data {records:,}"
    yield f"live orders {int(exchange.memory[at.LIVE_ORDERS]):,}"
