"""`tradepit demo`: a simulated market, its server and the workstation on this machine, by one command, offline.

Rules: own throw-away users and key; the seeded past is made once and reused; every child ends with this process.
The workstation starts beside the server and is told the address before anybody listens there, so that the window comes
soon; its client tries until the server answers. Nothing of Qt or of the engine is imported.
"""

import argparse
import json
import secrets
import shutil
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from server.identity.server_key import load_or_make
from server.identity.store import IdentityError
from server.settings import encode_reference
from server.simulation.catalogue import demo_reference
from server.simulation.seed_store import (
    HOURS,
    copy_seed,
    new_run_directory,
    read_seeded,
    remove_old_seeds,
    seed_directory_name,
)
from server.tools.children import Child, ChildFailed, stop_all

FRESH_NS: Final = 20 * 60 * 1_000_000_000
"""A seed that ended longer ago is moved to now."""
HOST: Final = "127.0.0.1"
READY_S: Final = 60.0
SEEDING_S: Final = 1800.0
USERS_FILE: Final = "demo-users.json"
LIVE_SEED: Final = 1_000_003
"""The live market draws other numbers than its past."""
BAR: Final = 30


@dataclass(slots=True)
class Passwords:
    """Of trader, simulator and operator; random, for one data directory."""

    trader: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)
    simulator: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)
    operator: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)


def say(text: str) -> None:
    """A line for the person who started the demo."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


class ProgressBar:
    """A bar on one line; where standard error is no terminal, a line every tenth."""

    def __init__(self) -> None:
        self._told = -1

    def show(self, share: float) -> None:
        """`share` of 1 is done."""
        if sys.stderr.isatty():
            full = int(share * BAR)
            sys.stderr.write(f"\r  market of the last hours  [{'#' * full}{'.' * (BAR - full)}] {share * 100:3.0f} %")
            sys.stderr.write("\n" if share >= 1 else "")
            sys.stderr.flush()
        elif int(share * 10) > self._told:
            self._told = int(share * 10)
            say(f"  market of the last hours {share * 100:3.0f} %")


def prepare_seed(seed: int, hours: float) -> Path:
    """A finished seed that ends about now. Raises `ChildFailed`."""
    directory = seed_directory_name(seed, hours)
    seeded = read_seeded(directory)
    if seeded is not None and time.time_ns() - seeded.end_ns < FRESH_NS:
        return directory
    directory.parent.mkdir(parents=True, exist_ok=True)
    new = directory.with_name(directory.name.replace("seed-", "making-", 1))
    shutil.rmtree(new, ignore_errors=True)
    arguments = ["--directory", str(new), "--seed", str(seed), "--hours", str(hours)]
    if seeded is not None:
        arguments += ["--from", str(directory)]
    else:
        say("Making the demo's market (once).")
    bar = ProgressBar()
    child = Child("seeding", "server.simulation.seeding", arguments)
    try:
        while True:
            message = child.message(SEEDING_S)
            if message is None:
                raise ChildFailed(f"The seeding was not finished within {SEEDING_S:.0f} s.")
            if "progress" in message:
                bar.show(message["progress"])
            if "seeded" in message:
                break
    finally:
        child.stop()
    shutil.rmtree(directory, ignore_errors=True)
    new.rename(directory)
    remove_old_seeds(directory)
    return directory


def prepare_data(given: Path | None, seed: int, hours: float) -> tuple[Path, Passwords]:
    """The data directory to run on, and its users. Raises `ChildFailed`, OSError."""
    directory = new_run_directory() if given is None else given
    users = directory / USERS_FILE
    if users.exists():
        return directory, Passwords(**json.loads(users.read_text()))
    if not (directory / "journal").exists():
        copy_seed(prepare_seed(seed, hours), directory)
    passwords = Passwords()
    users.touch(mode=0o600)
    users.write_text(
        json.dumps({"trader": passwords.trader, "simulator": passwords.simulator, "operator": passwords.operator})
    )
    return directory, passwords


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def start_server(data: Path, passwords: Passwords, control_port: int) -> Child:
    """The server on `data`, with the demo's users."""
    bootstrap = data / "demo-bootstrap.json"
    bootstrap.touch(mode=0o600)
    bootstrap.write_bytes(encode_reference(demo_reference((passwords.trader, passwords.simulator, passwords.operator))))
    arguments = ["--data", str(data), "--mode", "demo", "--durability", "os", "--bootstrap", str(bootstrap)]
    arguments += ["--host", HOST, "--control-port", str(control_port)]
    return Child("server", "server.bootstrap", [*arguments, "--name", "Tradepit demo", "--parent-pipe"])


def start_simulator(server: dict[str, object], password: str, seed: int) -> Child:
    """The market's agents, as a client of the server that said `server`."""
    arguments = ["--host", str(server["host"]), "--control-port", str(server["control_port"])]
    arguments += [f"--server-key={server['server_key']}", "--user", "simulator", "--password-stdin"]
    arguments += ["--seed", str(seed), "--parent-pipe"]
    return Child("simulator", "server.simulation", arguments, (password,))


def start_workstation(options: argparse.Namespace) -> Child:
    """The workstation; its connection follows as a line on standard input."""
    arguments = ["--connect-stdin", "--theme", options.theme]
    if options.offscreen:
        arguments.append("--offscreen")
    if options.seconds:
        arguments += ["--seconds", str(options.seconds)]
    if options.screenshot is not None:
        arguments += ["--screenshot", str(options.screenshot)]
    return Child("workstation", "app.bootstrap", arguments)


def connection_line(control_port: int, server_key: bytes, password: str, orders: Path | None) -> str:
    """What the workstation needs to log on, and where it keeps its commands if the market is kept."""
    fields = {"host": HOST, "control_port": control_port, "server_key": server_key.decode()}
    fields["orders"] = str(orders) if orders is not None else ""
    return json.dumps({**fields, "user": "trader", "password": password})


def run(options: argparse.Namespace, began_ns: int) -> int:
    """Everything, until the workstation ends. Raises `ChildFailed`, OSError."""
    if options.prepare:
        prepare_seed(options.seed, options.hours)
        return 0
    children: list[Child] = []
    data: Path | None = None
    try:
        if not options.no_workstation:
            children.append(start_workstation(options))
        data, passwords = prepare_data(options.data, options.seed, options.hours)
        port, key = free_port(), load_or_make(data)[0]
        if not options.no_workstation:
            children[0].tell(connection_line(port, key, passwords.trader, data / "orders" if options.data else None))
        server = start_server(data, passwords, port)
        children.append(server)
        ready = server.wait_ready(READY_S)
        children.append(start_simulator(ready, passwords.simulator, options.seed + LIVE_SEED))
        if options.no_workstation:
            say(json.dumps({**ready, "user": "trader", "password": passwords.trader}))
        else:
            window = children[0].wait_ready(READY_S)
            shown_ns = int(window.get("window_ns", time.time_ns()))
            say(f"Demo: window after {(shown_ns - began_ns) / 1e9:.2f} s.")
        return watch(children, options)
    finally:
        stop_all(children)
        if data is not None and options.data is None:
            shutil.rmtree(data, ignore_errors=True)


def watch(children: list[Child], options: argparse.Namespace) -> int:
    """Waits until one of them ends; 0 if it was the workstation, and well."""
    deadline_s = time.monotonic() + options.seconds if options.seconds and options.no_workstation else None
    while True:
        for child in children:
            status = child.status
            if status is not None:
                if child.name == "workstation":
                    return status
                raise ChildFailed(f"The {child.name} ended with status {status}.")
        if deadline_s is not None and time.monotonic() > deadline_s:
            return 0
        time.sleep(0.1)


def main(arguments: list[str] | None = None) -> int:
    """0 when the workstation was closed, 2 with one sentence on standard error otherwise."""
    began_ns = time.time_ns()
    parser = argparse.ArgumentParser(prog="tradepit demo", description="The demo: a simulated market on this machine.")
    parser.add_argument("--offscreen", action="store_true", help="without a display")
    parser.add_argument("--seconds", type=float, default=0.0, help="end by itself after so long")
    parser.add_argument("--screenshot", type=Path, help="a directory for pictures of the windows")
    parser.add_argument("--data", type=Path, help="keep the market in this directory, and go on with it next time")
    parser.add_argument("--seed", type=int, default=1, help="number of the market's random draws")
    parser.add_argument("--hours", type=float, default=HOURS, help="length of the market's past")
    parser.add_argument("--theme", choices=["dark", "light"], default="dark")
    parser.add_argument("--prepare", action="store_true", help="make the market's past, and end")
    parser.add_argument("--no-workstation", action="store_true", help="server and market alone; prints how to connect")
    options = parser.parse_args(arguments)
    try:
        return run(options, began_ns)
    except (ChildFailed, IdentityError, OSError) as error:
        say(f"tradepit demo: {error}")
        return 2
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        sys.exit(main())
