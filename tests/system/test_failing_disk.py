"""Real processes on a disk that fails, in too little memory, and stopped a while: a sentence, an end, a recovery."""

import os
import resource
import signal
from pathlib import Path

import pytest

from tests.system.crowd import Crowd
from tests.system.dead_data import check_stopped
from tests.system.running import RunningServer, wait_until

pytestmark = [pytest.mark.recovery, pytest.mark.timeout(200)]
WORK_S = 0.3
SEGMENT_BYTES = "65536"
SILENCE_S = 4.0


def recover(data: Path, crowd: Crowd, durability: str, copy: Path) -> None:
    """A life without faults: everybody's commands are answered once, and the files are those of a replay."""
    with RunningServer(data, durability) as server:
        assert crowd.connect(server)
        crowd.settle(server)
        crowd.check(server)
        crowd.close()
        assert server.child.stop() == 0
    check_stopped(data, copy)


@pytest.mark.parametrize(
    ("durability", "fault"),
    [
        ("fsync", "EIO sync"),
        ("fsync", "EIO append"),
        ("fsync", "EIO write_at"),
        ("os", "EIO append"),
        ("os", "EIO sync"),
    ],
)
def test_an_error_of_the_disk_stops_the_server_and_the_next_one_recovers(tmp_path: Path, durability: str, fault: str):
    crowd, control = Crowd(31), tmp_path / "fault"
    prepared = ("--segment-bytes", SEGMENT_BYTES, "--failing", str(control))
    with RunningServer(tmp_path / "data", durability, prepared=prepared) as server:
        assert crowd.connect(server)
        crowd.work(WORK_S)
        control.write_text(fault)
        wait_until(lambda: crowd.turn() or server.child.status is not None, what="the end of the server")
        assert server.child.status == 2
        crowd.drain()
        crowd.close()
    log = (tmp_path / "data" / "server.log").read_text()
    assert "Input/output error" in log.splitlines()[-1] or "Input/output error" in log.splitlines()[-2]
    control.unlink()
    recover(tmp_path / "data", crowd, durability, tmp_path / "copy")


def test_a_server_that_stood_still_for_a_while_doubles_nothing(tmp_path: Path):
    """Its clients give it up and come back with the same client instances."""
    crowd = Crowd(32)
    with RunningServer(tmp_path / "data", "os") as server:
        assert crowd.connect(server)
        crowd.work(WORK_S)
        os.kill(server.child.pid, signal.SIGSTOP)
        crowd.work(SILENCE_S)
        os.kill(server.child.pid, signal.SIGCONT)
        crowd.work(WORK_S)
        crowd.close()
        assert crowd.connect(server)
        crowd.settle(server)
        crowd.check(server)
        crowd.close()
        assert server.child.stop() == 0
    check_stopped(tmp_path / "data", tmp_path / "copy")


def test_a_server_without_memory_ends_and_the_next_one_recovers(tmp_path: Path):
    crowd = Crowd(33)
    with RunningServer(tmp_path / "data", "fsync") as server:
        assert crowd.connect(server)
        crowd.work(WORK_S)
        used = int((Path("/proc") / str(server.child.pid) / "statm").read_text().split()[0]) * resource.getpagesize()
        resource.prlimit(server.child.pid, resource.RLIMIT_AS, (used, used))
        wait_until(lambda: crowd.turn() or server.child.status is not None, 60.0, what="the end of the server")
        assert server.child.status != 0
        crowd.drain()
        crowd.close()
    recover(tmp_path / "data", crowd, "fsync", tmp_path / "copy")
