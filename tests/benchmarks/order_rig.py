"""What the order benchmarks share: a server, its client, and a bare echo beside them.

Rules: the client is the product's (`server.client.Connection`); the echo's is a bare DEALER with messages of the same
size. Both processes of a pair are measured in turn in short blocks, so that a disturbance hits both; the one that is
not measured is stopped, since a spinning server would take a core from the echo.
"""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import zmq

from server.client.connection import Connection
from server.client.incoming import EventsReceived
from server.journal.commit_mark import CommitFile
from server.journal.framing import HEADER_BYTES, NO_CHAIN
from server.journal.storage import FileStorage
from server.protocol.codec import Records
from server.protocol.enums import CommandKind, EventKind, OrderType, Side, TimeInForce
from server.protocol.records import COMMAND, ENVELOPE
from server.tools.children import Child
from tests.system.running import ACCOUNT, RunningServer

MESSAGE_BYTES = ENVELOPE.itemsize + COMMAND.itemsize
WIDE_LIMITS = """
[gateway]
orders_per_s = 1000000
orders_burst = 1000000
cancels_per_s = 1000000
cancels_burst = 1000000
traffic_bytes_per_s_max = 1000000000
traffic_burst_bytes = 1000000000
"""
"""A benchmark's one session does what the sessions of many users do otherwise."""
ANSWERS = (int(EventKind.ACCEPTED), int(EventKind.CANCELED), int(EventKind.REJECTED))


class Echo:
    """The bare echo and its client."""

    def __init__(self) -> None:
        self.child = Child("echo", "tests.benchmarks.echo_server", [])
        ready = self.child.wait_ready(20)
        self.dealer = zmq.Context.instance().socket(zmq.DEALER)
        self.dealer.curve_serverkey = ready["key"].encode()
        self.dealer.curve_publickey, self.dealer.curve_secretkey = zmq.curve_keypair()
        self.dealer.set_hwm(100_000)
        self.dealer.linger = 0
        self.dealer.connect(f"tcp://127.0.0.1:{ready['port']}")
        self.message = bytes(MESSAGE_BYTES)

    def round_trips(self, count: int) -> list[int]:
        """Nanoseconds of each."""
        send, receive, message, clock = self.dealer.send, self.dealer.recv, self.message, time.perf_counter_ns
        elapsed = []
        for _ in range(count):
            began = clock()
            send(message)
            receive()
            elapsed.append(clock() - began)
        return elapsed

    def pipelined(self, count: int, window: int) -> float:
        """Seconds for `count` messages, at most `window` on their way."""
        send, receive, message = self.dealer.send, self.dealer.recv, self.message
        began = time.perf_counter()
        sent = received = 0
        while received < count:
            while sent < count and sent - received < window:
                send(message)
                sent += 1
            receive()
            received += 1
            with suppress(zmq.Again):
                while True:
                    receive(zmq.NOBLOCK)
                    received += 1
        return time.perf_counter() - began

    def close(self) -> None:
        """Ends the child."""
        self.dealer.send(b"end")
        self.dealer.close(linger=100)
        self.child.stop()


class Syncs:
    """One small append to a segment, its fsync, and the commit mark, as the journal's thread does them."""

    def __init__(self, directory: Path) -> None:
        self._storage = FileStorage(directory)
        self._commit = CommitFile(self._storage)
        self._frame = bytes(HEADER_BYTES + COMMAND.itemsize)
        self._sequence = 0

    def timed(self, count: int) -> list[int]:
        """Nanoseconds of each."""
        storage, clock, elapsed = self._storage, time.perf_counter_ns, []
        for _ in range(count):
            self._sequence += 1
            began = clock()
            storage.append("00000001.segment", self._frame)
            storage.sync("00000001.segment")
            self._commit.store(1, self._sequence, NO_CHAIN)
            elapsed.append(clock() - began)
        return elapsed

    def close(self) -> None:
        """Lets go of the files."""
        self._storage.close()


class Trader:
    """The product's client, with orders that rest and are cancelled again."""

    def __init__(self, server: RunningServer) -> None:
        self.connection: Connection = server.log_on(valid_for_ns=0)
        self.order = np.zeros(1, COMMAND)
        self.order["kind"] = CommandKind.NEW_ORDER
        self.order["account"], self.order["instrument"] = ACCOUNT, 1
        self.order["side"], self.order["price"], self.order["quantity"] = Side.BUY, 9_000, 1
        self.order["order_type"], self.order["time_in_force"] = OrderType.LIMIT, TimeInForce.GTC
        self.cancel = np.zeros(1, COMMAND)
        self.cancel["kind"] = CommandKind.CANCEL_ORDER
        self.clear = np.zeros(1, COMMAND)
        self.clear["kind"], self.clear["account"], self.clear["side"] = CommandKind.MASS_CANCEL, ACCOUNT, 2
        deadline = time.monotonic() + 10
        while not self.connection.session.private.synced and time.monotonic() < deadline:
            self.connection.poll(20)

    def answer(self) -> Records:
        """Waits for the next private events."""
        while True:
            for item in self.connection.poll(1000):
                if isinstance(item, EventsReceived):
                    return item.events

    def round_trips(self, count: int) -> list[int]:
        """Nanoseconds of each: an order that rests, its cancel, in turn."""
        clock = time.perf_counter_ns
        elapsed = []
        for _ in range(count // 2):
            began = clock()
            self.connection.send(self.order)
            accepted = self.answer()
            elapsed.append(clock() - began)
            self.cancel["order_id"] = accepted["order_id"][0]
            began = clock()
            self.connection.send(self.cancel)
            self.answer()
            elapsed.append(clock() - began)
        return elapsed

    def pipelined(self, count: int, window: int, per_message: int) -> float:
        """Seconds for `count` orders that rest, in messages of `per_message`; they are cancelled outside the clock."""
        connection, entry = self.connection, self.connection.session.entry
        batch = np.repeat(self.order, per_message)
        began = time.perf_counter()
        sent = 0
        while sent < count or entry.pending_count:
            while sent < count and entry.pending_count < window:
                connection.send(batch)
                sent += per_message
            connection.poll(1000)
        elapsed = time.perf_counter() - began
        connection.send(self.clear)
        while entry.pending_count:
            connection.poll(1000)
        return elapsed

    def close(self) -> None:
        """Logs off."""
        self.connection.close()


class Pair:
    """A server and an echo; `server_turn` and `echo_turn` stop the other one."""

    def __init__(self, directory: Path, durability: str, *, spin: bool) -> None:
        limits = directory / "limits.toml"
        limits.write_text(WIDE_LIMITS, encoding="utf-8")
        extra = ("--no-history", "--limits", str(limits), *(("--spin",) if spin else ()))
        self.server = RunningServer(directory / "data", durability, extra=extra)
        self.echo = Echo()
        self.trader = Trader(self.server)
        self.syncs = Syncs(directory / "syncs")

    @contextmanager
    def server_turn(self) -> Iterator[Trader]:
        """The server runs alone."""
        with _stopped(self.echo.child.pid):
            yield self.trader

    @contextmanager
    def server_stopped(self) -> Iterator[None]:
        """Neither runs."""
        with _stopped(self.echo.child.pid), _stopped(self.server.child.pid):
            yield

    @contextmanager
    def echo_turn(self) -> Iterator[Echo]:
        """The echo runs alone."""
        with _stopped(self.server.child.pid):
            yield self.echo

    def close(self) -> None:
        """Ends both."""
        self.syncs.close()
        self.trader.close()
        self.echo.close()
        self.server.child.stop()


@contextmanager
def pair(durability: str = "os", *, spin: bool = False) -> Iterator[Pair]:
    """A server and an echo in a directory that goes afterwards."""
    with tempfile.TemporaryDirectory() as directory:
        running = Pair(Path(directory), durability, spin=spin)
        try:
            yield running
        finally:
            running.close()


@contextmanager
def _stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
