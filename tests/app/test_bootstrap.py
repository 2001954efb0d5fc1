"""The workstation as a process: how it is told where to connect, how it ends, what it leaves behind."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

pytestmark = pytest.mark.window
TIMEOUT_S = 60
COMMAND = [sys.executable, "-m", "app.bootstrap", "--offscreen"]


@pytest.fixture
def feeder() -> Iterator[dict[str, str]]:
    """A server of paper; its connection line as the demo would give it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.storm_feeder", "--rate", "500"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdin is not None
    line = json.loads(process.stdout.readline())
    yield {**line, "host": "127.0.0.1", "user": "trader", "password": "-"}
    process.stdin.close()
    process.wait(TIMEOUT_S)


def start(*options: str) -> subprocess.Popen[str]:
    """A workstation."""
    return subprocess.Popen(
        [*COMMAND, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_it_shows_itself_takes_pictures_and_ends(feeder: dict[str, str], tmp_path: Path) -> None:
    process = start("--connect-stdin", "--seconds", "2", "--screenshot", str(tmp_path), "--size", "1366x768")
    assert process.stdin is not None
    process.stdin.write(json.dumps(feeder) + "\n")
    process.stdin.flush()
    assert process.wait(TIMEOUT_S) == 0
    output, _ = process.communicate()
    ready = json.loads(output.splitlines()[0])
    assert ready["ready"] is True
    assert ready["window_ns"] > 0
    for name in ("desk-dark.png", "desk-light.png"):
        assert QImage(str(tmp_path / name)).size().toTuple() == (1366, 768)


def test_it_ends_with_its_parent(feeder: dict[str, str]) -> None:
    process = start("--connect-stdin")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(feeder) + "\n")
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["ready"] is True
    process.stdin.close()
    assert process.wait(TIMEOUT_S) == 0
    process.stdout.close()
    assert process.stderr is not None
    process.stderr.close()


@pytest.mark.parametrize(
    "options", [[], ["--control-port", "4000"], ["--control-port", "4000", "--server-key", "short"]]
)
def test_without_a_server_to_go_to_it_says_so_in_one_sentence(options: list[str]) -> None:
    done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("Where is the server?")
    assert "Traceback" not in done.stderr


def test_garbage_for_a_connection_line_is_one_sentence_too() -> None:
    done = subprocess.run(
        [*COMMAND, "--connect-stdin"], input="garbage\n", capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
