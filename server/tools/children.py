"""Child processes by module name: started with pipes, heard when ready, told to stop, killed if they do not.

Rules: a child's standard input is its life line: it closes with this process, whatever ends it. Lines of standard
output are read by a thread of the child's own, so that nothing here waits unasked.
"""

import json
import queue
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any, Final

STOP_S: Final = 6.0


class ChildFailed(Exception):
    """A child ended, or did not become ready in time; the text is one sentence."""


class Child:
    """One child of this process. `lines` are sent to its standard input at once."""

    def __init__(self, name: str, module: str, arguments: list[str], lines: tuple[str, ...] = ()) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self._output: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, name=f"{name}-output", daemon=True).start()
        for line in lines:
            self.tell(line)

    @property
    def pid(self) -> int:
        """The operating system's number."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """The exit status, None while it runs."""
        return self._process.poll()

    def tell(self, line: str) -> None:
        """One line to its standard input; nothing if it has ended."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError, ValueError):
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()

    def message(self, timeout_s: float) -> dict[str, Any] | None:
        """The next JSON line that it prints; None when nothing came in time. Raises `ChildFailed` when it has ended."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            try:
                line = self._output.get(timeout=max(0.0, deadline_s - time.monotonic()))
            except queue.Empty:
                return None
            if line is None:
                status = self._process.wait()
                raise ChildFailed(f"The {self.name} ended with status {status}.")
            with suppress(json.JSONDecodeError):
                message = json.loads(line)
                if isinstance(message, dict):
                    return message

    def wait_ready(self, timeout_s: float) -> dict[str, Any]:
        """The line with `"ready": true`. Raises `ChildFailed`."""
        deadline_s = time.monotonic() + timeout_s
        while (message := self.message(deadline_s - time.monotonic())) is not None:
            if message.get("ready"):
                return message
        raise ChildFailed(f"The {self.name} was not ready within {timeout_s:.0f} s.")

    def ask_to_stop(self) -> None:
        """The message, then the end of its pipe."""
        self.tell("stop")
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()

    def stop(self, timeout_s: float = STOP_S) -> int:
        """Asks, waits and kills at last; returns the exit status."""
        self.ask_to_stop()
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def kill(self) -> None:
        """Ends it without a word (`kill -9`)."""
        self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._output.put(line)
        self._output.put(None)


def stop_all(children: list[Child]) -> None:
    """Asks all of them first, then waits for each."""
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.stop()
