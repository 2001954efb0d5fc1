"""The demo as a person starts it: a market that moves, and nothing left behind whoever is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from server.client.connection import Connection
from server.protocol import control
from server.protocol.codec import decode_bulk
from server.protocol.enums import BarUnit, FaultCode, Mode, Ranking, Side, Topic
from tests.system.desk_client import DeskClient
from tests.system.running import descendants, is_alive, wait_until

pytestmark = [pytest.mark.recovery, pytest.mark.timeout(240)]
HOURS = "0.02"


@contextmanager
def demo(data: Path, *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", dict[str, Any]]]:
    """The demo's process, and what it says about its server."""
    process = subprocess.Popen(
        [sys.executable, "-m", "server.tools.demo", "--hours", HOURS, "--data", str(data), *arguments],
        stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    family: dict[int, str] = {}
    try:
        yield process, read_ready(process)
        family = descendants(process.pid)
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()
    wait_until(lambda: not any(is_alive(pid) for pid in family), what=f"the end of {list(family.values())}")


def read_ready(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """The line that says how to connect."""
    assert process.stderr is not None
    told = []
    for line in process.stderr:
        told.append(line)
        if line.startswith("{"):
            ready: dict[str, Any] = json.loads(line)
            return ready
    raise AssertionError("".join(told))


def test_the_market_moves_and_the_user_has_a_past(tmp_path: Path):
    with demo(tmp_path / "data", "--no-workstation") as (_, ready):
        connection = Connection(
            ready["host"], ready["control_port"], ready["server_key"].encode(), time.time_ns, resume_from=0
        )
        welcome = connection.hello()
        assert welcome.mode == Mode.DEMO
        connection.logon(ready["user"], ready["password"])
        client = DeskClient(connection)
        client.synced()
        instruments = client.ask(control.GetInstruments())
        assert isinstance(instruments, control.Instruments)
        assert len(instruments.instruments) >= 12
        for topic in (Topic.DEPTH, Topic.TRADES):
            connection.subscribe(topic, 1)
        client.until(lambda: client.trades, "trade", 60.0)
        client.until(lambda: client.depth.get(1) and len(client.depth[1].bids) >= 15, "full book")
        assert len(client.depth[1].asks) >= 15
        assert client.depth[1].levels(Side.BUY, 1)[0][0] < client.depth[1].levels(Side.SELL, 1)[0][0]
        reply = client.ask(control.GetBars(instrument=1, size_ns=60_000_000_000))
        assert isinstance(reply, control.Records | control.Refused)
        assert client.events, "the seeded past left working orders"
        for asked, layout in (
            (control.GetBarSeries(instrument=1, unit=BarUnit.VOLUME, size=100), "SERIES_BAR"),
            (control.GetDepthHistory(instrument=1), "DEPTH_COLUMN"),
            (control.GetVolumes(), "VOLUME_RECORD"),
            (control.GetHotList(ranking=Ranking.TURNOVER), "HOT_RECORD"),
        ):
            reply = client.ask(asked)
            while isinstance(reply, control.Refused) and reply.code == FaultCode.UNAVAILABLE:
                reply = client.ask(asked)
            assert isinstance(reply, control.Records), reply
            assert len(decode_bulk(reply, layout)), layout
        done = client.ask(control.CancelRequest(cancels=1))
        assert isinstance(done, control.Done)
        assert done.number == 0
        connection.close()


@pytest.mark.parametrize("victim", ["server.tools.demo", "server.bootstrap", "server.simulation"])
def test_nothing_is_left_whoever_is_killed(tmp_path: Path, victim: str):
    with demo(tmp_path / "data", "--no-workstation") as (process, _):
        wait_until(lambda: len(descendants(process.pid)) >= 3, what="server, simulator and history")
        family = {process.pid: "server.tools.demo", **descendants(process.pid)}
        pid = next(pid for pid, line in family.items() if victim in line)
        os.kill(pid, signal.SIGKILL)
        process.wait(30)
        wait_until(lambda: not any(is_alive(pid) for pid in family), what="the end of all of them")


def test_the_second_start_goes_on_with_the_same_market(tmp_path: Path):
    data = tmp_path / "data"
    epochs = []
    for _ in range(2):
        with demo(data, "--no-workstation") as (process, ready):
            epochs.append(ready["epoch"])
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
    assert epochs[1] == epochs[0] + 1


@pytest.mark.window
def test_pictures_without_a_display(tmp_path: Path):
    pictures = tmp_path / "pictures"
    done = subprocess.run(
        [
            sys.executable, "-m", "server.tools.demo", "--hours", HOURS, "--data", str(tmp_path / "data"),
            "--offscreen", "--seconds", "6", "--screenshot", str(pictures),
        ],
        capture_output=True, text=True, timeout=200, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "window after" in done.stderr
    assert list(pictures.glob("*.png"))
