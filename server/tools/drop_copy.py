"""`tradepit drop-copy`: every event of the accounts that a user may view, one JSON object a line, from a stored cursor.

Rules: the cursor is stored after the lines were flushed, so a kill loses nothing and may repeat the newest lines: those
carry `"resend": true`, and (`shard`, `sequence`) is the same as before. Numbers are whole, in the units of PROTOCOL.md;
fields that are 0 are left out. It goes on over breaks and restarts of the server until it is interrupted.
"""

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from server.client.connection import Connection, ConnectionRefused
from server.client.drop_copy import DropCopyCursor
from server.client.incoming import (
    DropCopyEnded,
    DropCopyReceived,
    DropCopyRolledBack,
    DropCopyStarted,
    DropCopySynced,
    Faulted,
    Incoming,
)
from server.protocol import control
from server.protocol.codec import Records
from server.protocol.enums import (
    CancelReason,
    EventKind,
    Liquidity,
    OrderState,
    RejectReason,
    RestateReason,
    Side,
)
from server.protocol.layouts import event_layout
from server.tools.server_address import AddressMissing, add_address_arguments, connect, read_password

_REASONS: Final[dict[int, Any]] = {
    EventKind.REJECTED: RejectReason,
    EventKind.CANCELED: CancelReason,
    EventKind.RESTATED: RestateReason,
}
_LEFT_OUT: Final = ("kind", "version", "group_count", "reserved", "spare", "stream_sequence")


class Stopped(Exception):
    """It cannot go on; the text is one sentence."""


def name_of(vocabulary: Any, code: int) -> str | int:
    """The code's name, or the code where this build does not know it."""
    return str(vocabulary(code).name) if code in vocabulary.__members__.values() else code


def described(row: Records, *, resend: bool) -> dict[str, Any]:
    """One EVENT row, shape (1,), as what is printed of it."""
    kind, reason = int(row["kind"][0]), int(row["reason"][0])
    event: Any = row.view(event_layout(kind, reason))[0]
    line: dict[str, Any] = {"kind": name_of(EventKind, kind), "resend": resend}
    for name in event.dtype.names:
        if name in _LEFT_OUT:
            continue
        value = event[name]
        line[name] = value.decode(errors="replace") if isinstance(value, bytes) else int(value)
    if line.get("state"):
        line["side"] = name_of(Side, line["side"])
        line["state"] = name_of(OrderState, line["state"])
        line["liquidity"] = name_of(Liquidity, line["liquidity"]) if line["liquidity"] else 0
    if kind in _REASONS:
        line["reason"] = name_of(_REASONS[kind], reason)
    return {name: value for name, value in line.items() if value != 0 or name == "resend"}


def lines_of(events: Records, *, resend: bool) -> Iterator[str]:
    """JSON lines of EVENT rows."""
    for place in range(len(events)):
        yield json.dumps(described(events[place : place + 1], resend=resend), separators=(",", ":"))


class CursorFile:
    """Where the tool stands, in a file of one line: epoch and event number."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def read(self) -> DropCopyCursor | None:
        """The stored cursor, None if there is none. Raises Stopped if the file holds something else."""
        if self._path is None or not self._path.exists():
            return None
        try:
            epoch, sequence = self._path.read_text(encoding="ascii").split()
            return DropCopyCursor(int(epoch), int(sequence))
        except (OSError, ValueError) as error:
            raise Stopped(f"The cursor file {self._path} cannot be read: {error}.") from error

    def write(self, cursor: DropCopyCursor) -> None:
        """Replace the file as a whole. Raises Stopped."""
        if self._path is None:
            return
        beside = self._path.with_name(self._path.name + ".new")
        try:
            with beside.open("w", encoding="ascii") as file:
                file.write(f"{cursor.epoch} {cursor.sequence}\n")
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
        except OSError as error:
            raise Stopped(f"The cursor file {self._path} cannot be written: {error.strerror}.") from error


def follow(connection: Connection, cursor_file: CursorFile, *, until_synced: bool) -> None:
    """Prints until interrupted, or with `until_synced` until it has caught up. Raises Stopped."""
    while True:
        incoming = connection.poll(1000)
        for item in incoming:
            if isinstance(item, DropCopyReceived):
                sys.stdout.writelines(f"{line}\n" for line in lines_of(item.events, resend=item.resumed))
            else:
                tell(item)
        cursor = connection.session.drop_copy.cursor
        if cursor is not None and any(isinstance(item, DropCopyReceived | DropCopySynced) for item in incoming):
            sys.stdout.flush()
            cursor_file.write(cursor)
        if until_synced and any(isinstance(item, DropCopySynced) for item in incoming):
            return


def tell(item: Incoming) -> None:
    """What is no event goes to standard error, a sentence each. Raises Stopped at the end."""
    if isinstance(item, DropCopyEnded):
        raise Stopped(item.text)
    if isinstance(item, Faulted):
        if item.final:
            raise Stopped(f"{item.code.name}: {item.text}")
        say(f"the connection is gone ({item.text}); trying again")
    elif isinstance(item, DropCopyStarted):
        shown = "all accounts" if item.opened.everything else f"accounts {', '.join(map(str, item.opened.accounts))}"
        say(f"following {shown}")
    elif isinstance(item, DropCopySynced):
        say(f"caught up at event {item.sequence}")
    elif isinstance(item, DropCopyRolledBack):
        say(f"events {item.sequence + 1} to {item.known} were lost by the server and never happened")


def say(text: str) -> None:
    """One line for a person."""
    print(f"tradepit drop-copy: {text}.", file=sys.stderr, flush=True)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="tradepit drop-copy", description=(__doc__ or "").splitlines()[0])
    top.add_argument("--account", type=int, action="append", default=[], help="this account (repeatable)")
    top.add_argument("--firm", type=int, action="append", default=[], help="accounts of this firm (repeatable)")
    top.add_argument("--desk", type=int, action="append", default=[], help="accounts of this desk (repeatable)")
    top.add_argument("--everything", action="store_true", help="all accounts; for operators")
    top.add_argument("--cursor", type=Path, help="a file that says where to go on, and is kept up to date")
    top.add_argument("--from-start", action="store_true", help="without a cursor: from the oldest event, not from now")
    top.add_argument("--until-synced", action="store_true", help="end when it has caught up")
    add_address_arguments(top)
    return top


def main(arguments: list[str] | None = None) -> int:
    """0: interrupted, or caught up as asked; 2: one sentence on standard error says why not."""
    options = parser().parse_args(arguments)
    cursor_file = CursorFile(options.cursor)
    asked = control.OpenDropCopy(
        accounts=options.account, firms=options.firm, desks=options.desk, everything=options.everything
    )
    try:
        cursor = cursor_file.read() or (DropCopyCursor() if options.from_start else None)
        with connect(options) as connection, contextlib.suppress(KeyboardInterrupt):
            connection.logon(options.user, read_password(options))
            connection.follow_drop_copy(asked, cursor)
            follow(connection, cursor_file, until_synced=options.until_synced)
    except (AddressMissing, ConnectionRefused, Stopped) as error:
        print(f"tradepit drop-copy: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
