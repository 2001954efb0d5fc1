"""`journal skip DIR --sequence N --reason CODE`: takes a command on which the engine fails out of every replay.

Rules: the server is stopped (the directory's lock is taken). The reason in the journal is a code; what a person says of
it goes to the operator's log. A refusal changes nothing.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from server.journal.errors import JournalError, LogRewound
from server.journal.journal import Journal, read_only
from server.journal.skip_checks import group_at, last_published, objection
from server.journal.skips import skips_of
from server.protocol.enums import Durability, SkipReason
from server.tools import operator_log
from server.tools.journal_text import describe_command

CODES = {reason.name.replace("_", "-"): reason for reason in SkipReason if reason}


class NotSkipped(JournalError):
    """The command may not be skipped, and why."""


def add(actions: Any) -> None:
    """The subcommand."""
    parser = actions.add_parser("skip", help="take out a command on which the engine fails; the server is stopped")
    parser.add_argument("directory", type=Path, help="data directory of the server")
    parser.add_argument("--shard", type=int, default=1)
    parser.add_argument("--sequence", type=int, required=True, help="the command that the server named when it stopped")
    parser.add_argument("--reason", type=str.upper, choices=sorted(CODES), required=True, metavar="CODE",
                        help=f"why: {', '.join(CODES)}")  # fmt: skip
    parser.add_argument("--note", default="", help="a remark for the operator's log")
    parser.set_defaults(run=skip)


def skip(options: argparse.Namespace) -> int:
    """Append the SKIP. Raises JournalError, OSError."""
    directory, sequence = options.directory, options.sequence
    storage, found = read_only(directory, options.shard)
    refused = objection(storage, found, skips_of(storage, found.segments), sequence, _published(directory))
    if refused:
        raise NotSkipped(refused)
    group = group_at(storage, found, sequence)
    journal = Journal.open(directory, shard=options.shard, durability=Durability.FSYNC)
    try:
        own = journal.append_skip(sequence, int(CODES[options.reason]), time.time_ns())
    finally:
        journal.close()
    operator_log.note(
        directory, "skip", sequence=sequence, by=own, reason=options.reason, note=options.note,
        commands=[describe_command(command) for command in group],
    )  # fmt: skip
    for command in group:
        sys.stdout.write(f"{describe_command(command)}\n")
    sys.stdout.write(
        f"journal: skipped by command {own}; the next start refuses it with ENGINE_FAULT and publishes that\n"
    )
    return 0


def _published(directory: Path) -> int:
    try:
        return last_published(directory)
    except LogRewound as error:
        raise NotSkipped(f"{error}; start the server once: it mends the event log, and names the command.") from error
