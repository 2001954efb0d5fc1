"""A command on which the engine fails: the server stops and names it, and goes on without it once it is skipped."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from server.client.order_entry import OrderEntry
from server.protocol import control
from server.protocol.enums import EventKind, RejectReason, Side
from server.protocol.records import COMMAND
from tests.system.desk_client import DeskClient
from tests.system.poisoned_server import POISON_PRICE
from tests.system.running import OPERATOR, RunningServer, wait_until

POISONED = "tests.system.poisoned_server"
pytestmark = [pytest.mark.recovery, pytest.mark.timeout(300)]


def run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A program to its end."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, timeout=120, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def faults_in(data: Path) -> list[int]:
    """The commands that the server's log names as those the engine failed on."""
    lines = [json.loads(line) for line in (data / "server.log").read_text().splitlines()]
    return [line["sequence"] for line in lines if line["event"] == "engine fault"]


def start_again(data: Path) -> subprocess.CompletedProcess[str]:
    """A start that is expected to fail."""
    return run(POISONED, "--data", str(data), "--mode", "demo", "--durability", "os", "--no-history")


@pytest.mark.parametrize("durability", ["os", "fsync"])
def test_a_poison_command_stops_the_server_until_it_is_skipped(tmp_path: Path, durability: str) -> None:
    data = tmp_path / "data"
    entry = OrderEntry(99)
    with RunningServer(data, durability, module=POISONED) as server:
        client = DeskClient(server.log_on(entry=entry))
        client.synced()
        good = client.answer(client.order(Side.BUY, 5_000, 3))
        batch = np.concatenate([order(5_001), order(POISON_PRICE), order(5_002)])
        client.connection.send(batch)
        wait_until(lambda: server.child.status is not None, what="the server's end")
        assert server.child.status == 2
        seen = [int(row["counter"]) for row in client.events]
        assert good["counter"] in seen
        assert entry.counter not in seen, "nothing of the batch may come out"
        client.connection.close()
    named = faults_in(data)
    again = start_again(data)
    assert again.returncode == 2
    assert len(again.stderr.strip().splitlines()) == 1
    assert f"--sequence {named[0]} " in again.stderr
    assert faults_in(data) == [named[0], named[0]]
    assert f"command {named[0]} " in again.stderr

    skipped = run("server.tools.journal", "skip", str(data), "--sequence", str(named[0]), "--reason", "ENGINE-FAULT")
    assert skipped.returncode == 0, skipped.stderr
    assert "NEW_ORDER" in skipped.stdout
    with RunningServer(data, durability, module=POISONED) as server:
        client = DeskClient(server.log_on(entry=entry, resume_from=0))
        client.synced()
        poisoned = entry.counter - 1
        answers = {int(row["counter"]): row for row in client.events if row["counter"]}
        assert answers[poisoned - 1]["kind"] == answers[poisoned + 1]["kind"] == EventKind.ACCEPTED
        refused = answers[poisoned]
        assert (refused["kind"], refused["reason"]) == (EventKind.REJECTED, RejectReason.ENGINE_FAULT)
        assert (refused["price"], refused["command_sequence"]) == (POISON_PRICE, named[0])
        assert [int(row["stream_sequence"]) for row in client.events] == list(range(1, len(client.events) + 1))
        assert client.answer(client.order(Side.BUY, 5_003, 1))["kind"] == EventKind.ACCEPTED
        client.connection.close()
        with server.log_on(OPERATOR) as operator:
            status = operator.ask(control.GetStatus())
        assert isinstance(status, control.Status)
    applied = status.counters["engine.sequence"]
    said = run("server.tools.journal", "replay", str(data), "--to", str(applied), "--check-events").stdout
    assert f"sequence {applied} at" in said
    assert f"state hash {status.state_hash:016x}\n" in said, "an engine without the fault honours the skip"
    assert "event log: the same" in said
    again = run("server.tools.journal", "skip", str(data), "--sequence", str(named[0]), "--reason", "ENGINE-FAULT")
    assert (again.returncode, len(again.stderr.splitlines())) == (2, 1)
    assert "is published" in again.stderr


def order(price: int) -> np.ndarray:
    """A limit order to buy one lot."""
    row = np.zeros(1, COMMAND)
    row["kind"], row["account"], row["instrument"] = 1, 11, 1
    row["side"], row["price"], row["quantity"], row["order_type"], row["time_in_force"] = 0, price, 1, 1, 2
    return row
