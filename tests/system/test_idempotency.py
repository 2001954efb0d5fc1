"""Orders across the death of the server, of an answer and of the client: each exactly once, none in doubt for ever."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from server.client.connection import Connection
from server.client.open_orders import open_orders
from server.client.order_entry import OrderEntry
from server.protocol import control
from tests.system.order_client import orders
from tests.system.running import OPERATOR, RunningServer, wait_until

pytestmark = [pytest.mark.recovery, pytest.mark.timeout(300)]
INSTANCE = 4711


def journaled(operator: Connection) -> int:
    """How many commands are durable."""
    status = operator.ask(control.GetStatus())
    assert isinstance(status, control.Status)
    return status.counters["journal.durable_sequence"]


def live_counters(connection: Connection) -> list[int]:
    """The counters of the live orders."""
    return sorted(open_orders(connection)["counter"].tolist())


def send_and_hear_nothing(server: RunningServer, entry: OrderEntry, count: int) -> Connection:
    """Orders that are journaled, whose answers nobody takes. The connection is to be dropped as it is."""
    connection = server.log_on(entry=entry, valid_for_ns=0)
    with server.log_on(OPERATOR) as operator:
        before = journaled(operator)
        for _ in range(count):
            connection.send(orders(1))
        wait_until(lambda: journaled(operator) >= before + count, what="the orders being durable")
    return connection


def resolve(connection: Connection) -> None:
    """Takes what comes until nothing is open."""
    wait_until(
        lambda: connection.poll(20) is not None and connection.session.entry.pending_count == 0, 60.0, "every answer"
    )


def test_the_server_dies_after_the_journal_and_before_the_answer(tmp_path: Path):
    entry = OrderEntry(INSTANCE)
    with RunningServer(tmp_path / "data") as server:
        dropped = send_and_hear_nothing(server, entry, 3)
        server.child.kill()
    assert entry.pending_count == 3
    with RunningServer(tmp_path / "data") as server, server.log_on(entry=entry, valid_for_ns=0) as again:
        resolve(again)
        assert live_counters(again) == [1, 2, 3]
    dropped.close()


def test_the_answers_are_lost(tmp_path: Path):
    entry = OrderEntry(INSTANCE)
    with RunningServer(tmp_path / "data") as server:
        dropped = send_and_hear_nothing(server, entry, 3)
        with server.log_on(entry=entry, valid_for_ns=0) as again:
            entry.resend_from(1)
            resolve(again)
            assert live_counters(again) == [1, 2, 3], "sent again they are duplicates, and made no order"
        dropped.close()


class OrderClient:
    """The other process."""

    def __init__(self, server: RunningServer, store: Path, mode: str, count: int = 0, *, resume: bool = True) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.system.order_client"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        told = {name: server.ready[name] for name in ("host", "control_port", "server_key")}
        line = {**told, "store": str(store), "mode": mode, "count": count, "resume": resume}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(line).encode() + b"\n")
        self.process.stdin.flush()
        assert self.process.stdout is not None
        self.said: dict[str, Any] = json.loads(self.process.stdout.readline())

    def kill(self) -> None:
        """As a crash does."""
        self.process.kill()
        self.process.wait()


@pytest.mark.parametrize("resume", [True, False])
def test_the_client_is_killed_and_goes_on_as_the_same(tmp_path: Path, resume: bool):
    store = tmp_path / "orders"
    with RunningServer(tmp_path / "data") as server, server.log_on(OPERATOR) as operator:
        before = journaled(operator)
        first = OrderClient(server, store, "send", 3)
        wait_until(lambda: journaled(operator) >= before + 4, what="the orders being durable")
        first.kill()
        second = OrderClient(server, store, "store", 2)
        assert second.said == {"instance": first.said["instance"], "counter": 5}
        second.kill()
        third = OrderClient(server, store, "finish", resume=resume)
        assert third.said["found"] == [1, 2, 3, 4, 5]
        assert set(third.said["answered"]) - {0} == {1, 2, 3, 4, 5}
        assert (third.said["open"], third.said["counter"]) == (0, 5)
        third.process.wait()
        with server.log_on() as connection:
            assert live_counters(connection) == [1, 2, 3, 4, 5]


def test_two_clients_of_a_user_on_one_machine_are_two_instances(tmp_path: Path):
    with RunningServer(tmp_path / "data") as server:
        first = OrderClient(server, tmp_path / "orders", "send", 1)
        second = OrderClient(server, tmp_path / "orders", "send", 1)
        assert first.said["instance"] != second.said["instance"]
        for client in (first, second):
            client.kill()
