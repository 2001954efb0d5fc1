"""The history process as a child of the server: started, heard when it is ready, told to stop by its pipe.

Rules: nothing waits for it; its ready line is read by a thread of its own and reported through a descriptor. A child
that ends is started again after a while, a few times. It ends by itself when the pipe to it closes, so that no kill
leaves it behind.
"""

import contextlib
import json
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

STARTS_MAX = 5
STOP_TIMEOUT_S = 5.0
log = structlog.get_logger("history")


@dataclass(frozen=True, slots=True)
class HistoryReady:
    """Where the history process listens; `public_key` in Z85. Port 0: it has ended."""

    port: int
    public_key: bytes = b""


class HistoryProcess:
    """One child at a time. `news` says what became of it since the last call."""

    def __init__(self, data: Path, client_key: str) -> None:
        self._command = [
            sys.executable, "-m", "server.history", "--data", str(data), f"--client-key={client_key}", "--parent-pipe",
        ]  # fmt: skip
        self._news: list[HistoryReady] = []
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._reading, self._writing = socket.socketpair()
        self._reading.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="history-child", daemon=True)
        self._thread.start()

    @property
    def wake_fd(self) -> int:
        """Readable when there is news."""
        return self._reading.fileno()

    def news(self) -> list[HistoryReady]:
        """What happened since the last call; makes `wake_fd` unreadable."""
        try:
            while self._reading.recv(4096):
                pass
        except BlockingIOError:
            pass
        taken, self._news = self._news, []
        return taken

    def _tell(self, what: HistoryReady) -> None:
        self._news.append(what)
        with contextlib.suppress(OSError):  # the loop may have closed its end
            self._writing.send(b"\0")

    def _run(self) -> None:
        for start in range(STARTS_MAX):
            if self._stopping.wait(min(start, 3)):
                return
            try:
                self._child = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
                )
            except OSError as error:
                log.error("history process cannot be started", error=str(error))
                return
            self._follow(self._child)
            if self._stopping.is_set():
                return
            log.warning("history process ended", status=self._child.wait())
            self._tell(HistoryReady(0))

    def _follow(self, child: subprocess.Popen[bytes]) -> None:
        """Read its lines until it ends; the first is its ready line."""
        assert child.stdout is not None, "its output is a pipe"
        for line in child.stdout:
            try:
                said: dict[str, Any] = json.loads(line)
                ready = HistoryReady(int(said["port"]), str(said["public_key"]).encode())
            except (ValueError, KeyError, TypeError):
                log.warning("history process said something else", line=line[:200].decode(errors="replace"))
                continue
            log.info("history process is ready", port=ready.port, pid=child.pid)
            self._tell(ready)

    def close(self) -> None:
        """Tell it to stop by closing its pipe, wait a little, and make sure of it."""
        self._stopping.set()
        child = self._child
        if child is not None:
            if child.stdin is not None:
                with contextlib.suppress(OSError):  # it may be gone already
                    child.stdin.close()
            try:
                child.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._thread.join(STOP_TIMEOUT_S)
        self._reading.close()
        self._writing.close()
