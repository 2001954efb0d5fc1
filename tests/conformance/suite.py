"""The conformance suite as a process, and a client that does what its steps say."""

import json
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

PROJECT = Path(__file__).resolve().parents[2]
Step = dict[str, Any]
ALL = 23
"""Items of the suite."""


class UnderTest(Protocol):
    """A client that is certified. `do` begins what a step says and does not wait; `poll` is its life."""

    def do(self, step: Step) -> None: ...
    def poll(self, timeout_ms: int) -> None: ...
    def close(self) -> None: ...


class Lines:
    """The lines of a pipe, as they come, without waiting."""

    def __init__(self, pipe: Any) -> None:
        self._lines: deque[str] = deque()
        self.ended = False
        self._thread = threading.Thread(target=self._read, args=(pipe,), daemon=True)
        self._thread.start()

    def _read(self, pipe: Any) -> None:
        for line in pipe:
            self._lines.append(line)
        self.ended = True

    def take(self) -> list[Step]:
        """What came since the last call."""
        taken = []
        while self._lines:
            taken.append(json.loads(self._lines.popleft()))
        return taken


class Certificate:
    """What the suite said about a client."""

    def __init__(self) -> None:
        self.verdicts: dict[str, tuple[str, str]] = {}
        self.sums: dict[str, int] = {}
        self.status = -1

    def of(self, verdict: str) -> list[str]:
        """The items with this verdict."""
        return [key for key, (found, _) in self.verdicts.items() if found == verdict]

    def take(self, said: Step) -> None:
        """A line that is no step."""
        if "verdict" in said:
            self.verdicts[said["item"]] = (said["verdict"], said["why"])
        else:
            self.sums = said


def certify(make: Callable[[], UnderTest], *arguments: str, patience_s: float = 30.0) -> Certificate:
    """Run the whole suite with a client of this kind."""
    suite = subprocess.Popen(
        [sys.executable, "-m", "server.tools.conformance", "--json", "--patience", str(patience_s), *arguments],
        cwd=PROJECT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    certificate, client, lines = Certificate(), make(), Lines(suite.stdout)
    try:
        while not lines.ended:
            for said in lines.take():
                if "do" in said:
                    client.do(said)
                else:
                    certificate.take(said)
            client.poll(20)
        for said in lines.take():
            certificate.take(said)
        certificate.status = suite.wait(30)
    finally:
        client.close()
        suite.kill()
        suite.wait()
    return certificate
