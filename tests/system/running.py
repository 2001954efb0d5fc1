"""A server as a process of its own, for tests that kill it: started, connected to, ended, and looked for afterwards."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from server.client.connection import Connection
from server.client.order_entry import OrderEntry
from server.engine.exchange import Exchange
from server.journal.journal import Journal
from server.protocol.enums import Durability
from server.settings import (
    AccountSetting,
    CurrencySetting,
    InstrumentSetting,
    Reference,
    UserSetting,
    encode_reference,
)
from server.tools.children import Child

READY_S = 300.0
"""A first start may compile the engine, on a machine that does much else."""
ACCOUNT, OTHER_ACCOUNT = 11, 12
TRADER, OTHER, OPERATOR = "trader", "other", "operator"
TRADER_ID, OTHER_ID = 1, 2
PASSWORDS = {TRADER: "a long one", OTHER: "another one", OPERATOR: "the third one"}
CASH = 10**15


def small_reference() -> Reference:
    """Two instruments, two accounts, two traders and an operator."""
    money = {"cash": CASH, "credit_limit": CASH, "orders_max": 1_000_000}
    return Reference(
        currencies=[CurrencySetting(number=840, code="USD", money_decimals=2)],
        instruments=[
            InstrumentSetting(
                instrument=number, symbol=symbol, name=symbol, currency=840, price_max=100_000, quantity_max=100_000,
                reference_price=10_000,
            )
            for number, symbol in ((1, "ABC"), (2, "XYZ"))
        ],
        accounts=[
            AccountSetting(account=ACCOUNT, name="FIRST", currency=840, **money),
            AccountSetting(account=OTHER_ACCOUNT, name="SECOND", currency=840, **money),
        ],
        users=[
            UserSetting(user_id=TRADER_ID, user=TRADER, password=PASSWORDS[TRADER], accounts=[ACCOUNT]),
            UserSetting(user_id=OTHER_ID, user=OTHER, password=PASSWORDS[OTHER], accounts=[OTHER_ACCOUNT]),
            UserSetting(user_id=3, user=OPERATOR, password=PASSWORDS[OPERATOR], operator=True),
        ],
    )  # fmt: skip


class RunningServer:
    """One server process on `data`; the reference data is given at each start, as the demo does."""

    def __init__(
        self, data: Path, durability: str = "os", *, extra: tuple[str, ...] = (), prepared: tuple[str, ...] = (),
        wait: bool = True, module: str = "server.bootstrap",
    ) -> None:  # fmt: skip
        """`prepared` are the arguments of `tests.system.powered_server` to run under; none: `module` alone.

        `wait` False: call `wait_ready`, or not.
        """
        data.mkdir(parents=True, exist_ok=True)
        bootstrap = data.parent / f"{data.name}-bootstrap.json"
        bootstrap.write_bytes(encode_reference(small_reference()))
        arguments = ["--data", str(data), "--mode", "demo", "--durability", durability, "--parent-pipe"]
        self.data = data
        arguments += ["--bootstrap", str(bootstrap), *extra]
        if prepared:
            self.child = Child("server", "tests.system.powered_server", [*prepared, "--", *arguments])
        else:
            self.child = Child("server", module, arguments)
        self.ready: dict[str, Any] = {}
        if wait:
            self.wait_ready()

    def wait_ready(self) -> None:
        """Wait for its ready line."""
        try:
            self.ready = self.child.wait_ready(READY_S)
        except BaseException:
            self.child.stop()
            raise

    def connect(self, entry: OrderEntry | None = None, resume_from: int | None = None, **options: Any) -> Connection:
        """A client that has not said anything yet."""
        ready = self.ready
        return Connection(
            ready["host"],
            ready["control_port"],
            ready["server_key"].encode(),
            time.time_ns,
            entry=entry,
            resume_from=resume_from,
            **options,
        )

    def log_on(
        self, user: str = TRADER, entry: OrderEntry | None = None, resume_from: int | None = None, **options: Any
    ) -> Connection:
        """A client with a session."""
        connection = self.connect(entry, resume_from, **options)
        connection.logon(user, PASSWORDS[user], timeout_ms=30_000)
        return connection

    def __enter__(self) -> "RunningServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.child.stop()


def wait_until(condition: Callable[[], bool], timeout_s: float = 20.0, what: str = "the condition") -> None:
    """Looks again and again until `condition` holds; fails the test at the deadline."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, f"{what} did not hold within {timeout_s:.0f} s"
        time.sleep(0.02)


def processes_naming(text: str) -> list[int]:
    """The living processes (without this one) whose command line contains `text`."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            line = (entry / "cmdline").read_bytes().decode(errors="replace")
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if text in line and state != "Z":
            found.append(int(entry.name))
    return found


def replayed_hash(data: Path) -> tuple[int, int]:
    """(last sequence, state hash) of a fresh engine that applied the journal in `data`. The directory is opened."""
    journal = Journal.open(data, shard=1, durability=Durability.OS)
    try:
        exchange = Exchange(1)
        for commands in journal.replay():
            exchange.apply(commands)
        return journal.last_sequence, exchange.state_hash()
    finally:
        journal.close()


def descendants(pid: int) -> dict[int, str]:
    """The living children of a process and theirs, with their command lines."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found: dict[int, str] = {}
    wave = {pid}
    while wave:
        wave = {child for child, parent in parents.items() if parent in wave and child not in found}
        for child in wave:
            try:
                found[child] = (Path("/proc") / str(child) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                found[child] = ""
    return found


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
