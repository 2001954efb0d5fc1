"""`tradepit replay FILE --workstation`: a recorded day on the screen, at a chosen speed.

Rules: a server in replay mode with a simulated clock, a feed that trades as the whole street, and a workstation whose
user may look and not trade; all of it ends with this process. The clock begins at `--from`; what came before is
in the server's journal, so that charts are full.
"""

import json
import secrets
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from server.client.connection import Connection
from server.client.order_entry import OrderEntry
from server.journal.errors import JournalError
from server.settings import encode_reference
from server.simulation.seed_store import new_run_directory
from server.tools.children import Child, ChildFailed, stop_all
from server.tools.replay_live import FeedEnded, LiveFeed
from server.tools.replay_messages import read_day
from server.tools.replay_past import CLIENT_INSTANCE, FEED_USER, VIEWER_USER, cut, replay_reference, write_past

READY_S: Final = 60.0
BOOTSTRAP_FILE: Final = "replay-bootstrap.json"


@dataclass(frozen=True, slots=True)
class DeskOptions:
    """What `--workstation` is told: the exchange's midnight (UTC, ns), `from_ns` after it, and the picture options."""

    midnight_ns: int
    from_ns: int
    speed: int
    theme: str = "dark"
    offscreen: bool = False
    seconds: float = 0.0
    screenshot: Path | None = None


def show(path: Path, options: DeskOptions) -> int:
    """Run until the workstation ends; its exit status. Raises `DayUnreadable`, `ChildFailed`, OSError, JournalError."""
    children: list[Child] = []
    data: Path | None = None
    passwords = (secrets.token_urlsafe(12), secrets.token_urlsafe(12))
    try:
        day = read_day(path)
        children.append(_start_workstation(options, day.symbol))
        data = new_run_directory()
        script = cut(day, options.midnight_ns, options.from_ns)
        reference = replay_reference(day, passwords)
        write_past(data, reference, script, lambda _: None)
        bootstrap = data / BOOTSTRAP_FILE
        bootstrap.touch(mode=0o600)
        bootstrap.write_bytes(encode_reference(reference))
        server = start_server(data, bootstrap, script.start_ns, options.speed)
        children.append(server)
        ready = server.wait_ready(READY_S)
        children[0].tell(_connection_line(ready, passwords[1]))
        connection = Connection(
            str(ready["host"]), int(ready["control_port"]), str(ready["server_key"]).encode(), time.time_ns,
            entry=OrderEntry(CLIENT_INSTANCE), valid_for_ns=0, build="replay",
        )  # fmt: skip
        with connection:
            connection.start(FEED_USER, passwords[0])
            feed = LiveFeed(connection, script.coming, options.midnight_ns, options.speed, time.time_ns)
            return _run(feed, children)
    finally:
        stop_all(children)
        if data is not None:
            shutil.rmtree(data, ignore_errors=True)


def _run(feed: LiveFeed, children: list[Child]) -> int:
    """Feed until the workstation ends. Raises `ChildFailed` if another child does."""
    told = False
    while True:
        feed.turn()
        if feed.done and not told:
            told = True
            sys.stderr.write("The recorded day is over.\n")
        for child in children:
            status = child.status
            if status is None:
                continue
            if child.name == "workstation":
                return status
            raise ChildFailed(f"The {child.name} ended with status {status}.")


def start_server(data: Path, bootstrap: Path, start_ns: int, speed: int) -> Child:
    """A server in replay mode whose clock begins at `start_ns`; it ends with this process."""
    arguments = ["--data", str(data), "--mode", "replay", "--durability", "os", "--bootstrap", str(bootstrap)]
    arguments += ["--clock-start", str(start_ns), "--clock-speed", str(speed), "--name", "Tradepit replay"]
    return Child("server", "server.bootstrap", [*arguments, "--parent-pipe"])


def _start_workstation(options: DeskOptions, symbol: str) -> Child:
    """The workstation; its connection follows as a line on standard input."""
    arguments = ["--connect-stdin", "--theme", options.theme, "--symbol", symbol]
    if options.offscreen:
        arguments.append("--offscreen")
    if options.seconds:
        arguments += ["--seconds", str(options.seconds)]
    if options.screenshot is not None:
        arguments += ["--screenshot", str(options.screenshot)]
    return Child("workstation", "app.bootstrap", arguments)


def _connection_line(server: dict[str, object], password: str) -> str:
    fields = {name: server[name] for name in ("host", "control_port", "server_key")}
    return json.dumps({**fields, "user": VIEWER_USER, "password": password})


FAILURES: Final = (ChildFailed, FeedEnded, JournalError, OSError)
"""What `show` may raise beside `DayUnreadable`; the text is a sentence."""
