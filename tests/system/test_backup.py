"""Backup of a server under load, restored elsewhere: it starts, knows what it knew, and clients see a higher epoch."""

import subprocess
import sys
from pathlib import Path

import pytest

from server.client.incoming import PrivateRolledBack
from server.client.order_entry import OrderEntry
from server.journal.manifest import load
from server.protocol import control
from server.protocol.enums import Side
from tests.system.desk_client import DeskClient
from tests.system.running import OPERATOR, RunningServer, replayed_hash

pytestmark = [pytest.mark.recovery, pytest.mark.timeout(300)]


def journal_tool(*arguments: str, status: int = 0) -> str:
    """`tradepit journal ...`; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "server.tools.journal", *arguments], capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


def test_a_backup_of_a_running_server_is_a_server(tmp_path: Path) -> None:
    data, backup, restored = tmp_path / "data", tmp_path / "backup", tmp_path / "restored"
    entry = OrderEntry(5)
    with RunningServer(data) as server:
        client = DeskClient(server.log_on(entry=entry))
        client.synced()
        for price in range(5_000, 5_040):
            client.order(Side.BUY, price, 1)
        client.answer(entry.counter)
        said = journal_tool("backup", str(data), "--to", str(backup))
        assert "journal.key is not in it" in said
        early = load(backup).sequence
        for price in range(5_100, 5_140):
            client.order(Side.BUY, price, 1)
        client.answer(entry.counter)
        journal_tool("backup", str(data), "--to", str(backup))
        kept = load(backup)
        assert kept.sequence >= early + 40
        for price in range(5_200, 5_220):
            client.order(Side.BUY, price, 1)
        client.answer(entry.counter)
        epoch = server.ready["epoch"]
        seen = len(client.events)
        client.connection.close()
    assert "is not empty" in journal_tool("restore", str(backup), "--to", str(data), status=2)
    arguments = ("--key", str(data / "journal.key"), "--epoch-above", str(epoch + 5))
    said = journal_tool("restore", str(backup), "--to", str(restored), *arguments)
    assert f"epoch {epoch + 6}" in said
    assert replayed_hash(restored)[0] == kept.sequence
    assert f"sequence {kept.sequence} " in journal_tool("replay", str(restored), "--check-events")
    with RunningServer(restored) as server:
        assert server.ready["epoch"] > epoch + 5
        client = DeskClient(server.log_on(entry=entry, resume_from=seen))
        client.until(
            lambda: any(isinstance(item, PrivateRolledBack) for item in client.incoming), "word of the lost events"
        )
        client.synced()
        with server.log_on(OPERATOR) as operator:
            status = operator.ask(control.GetStatus())
        assert isinstance(status, control.Status)
        assert status.counters["engine.sequence"] >= kept.sequence
        client.connection.close()
