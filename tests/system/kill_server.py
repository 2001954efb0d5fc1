"""`python -m tests.system.kill_server --kills 200`: kills the server at random moments under load and audits the rest.

Rules: one data directory through all lives, with segments so small that several rotate in each. Several users and an
operator are at work. A life ends by `kill -9`: under load, while it starts or recovers, while it stops, while the disk
is full and the reserve is in use, or after its history process was killed. After each death no process of it is left,
and the next life knows every order that was acknowledged, once; state hash and event log are those of a replay.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from server.journal.segment_writer import RESERVE_NAME
from server.protocol import control
from tests.system.crowd import Crowd
from tests.system.dead_data import check_killed, check_stopped, replayed
from tests.system.running import OPERATOR, RunningServer, descendants, processes_naming, wait_until

SEGMENT_BYTES = 1 << 17
LOAD_MAX_S = 0.3
PROGRESS_EVERY = 10
START_MAX_S = 1.1
STOP_MAX_S = 0.15
CHECKED_EVERY = 25
TURNS_ON_RESERVE_MAX = 40
FULL_S = 1.0
"""So long is waited for the reserve; it is not used if more orders wait before the first cancel than it would take."""


class KilledLives:
    """Lives of one data directory that end by `kill -9`."""

    def __init__(self, directory: Path, seed: int, durability: str, extra: tuple[str, ...] = ()) -> None:
        self.chance = Random(seed)
        self.crowd = Crowd(seed)
        self.counts = {"kills": 0}
        self._directory = directory
        self._data = directory / "data"
        self._full = directory / "full"
        self._durability = durability
        self._extra = extra
        self._ways: list[tuple[Callable[[RunningServer], None], int]] = [
            (self._under_load, 8),
            (self._starting, 4),
            (self._stopping, 2),
            (self._on_reserve, 3),
            (self._without_history, 2),
        ]

    def live_and_die(self) -> None:
        """One life and its end."""
        [(way, _)] = self.chance.choices(self._ways, [weight for _, weight in self._ways])
        prepared = ("--segment-bytes", str(SEGMENT_BYTES), "--failing", str(self._full))
        with RunningServer(self._data, self._durability, prepared=prepared, wait=False, extra=self._extra) as server:
            way(server)
            expected = (None, 0) if way == self._stopping else (None,)
            assert server.child.status in expected, f"the server ended by itself: {server.child.status}"
            server.child.kill()
            self.crowd.drain()
            self.crowd.close()
        self._full.unlink(missing_ok=True)
        self._wait_until_gone()
        name = way.__name__.strip("_").replace("_", " ")
        self.counts[name] = self.counts.get(name, 0) + 1
        self.counts["kills"] += 1
        if self.counts["kills"] % CHECKED_EVERY == 0:
            check_killed(self._data, self._directory / "copy")

    def finish(self) -> dict[str, int]:
        """A last life without violence; returns the figures."""
        with RunningServer(self._data, self._durability, extra=self._extra) as server:
            assert self.crowd.connect(server)
            self.crowd.settle(server)
            self.crowd.check(server)
            self.crowd.close()
            self._check_state(server)
            assert server.child.stop() == 0
        self._wait_until_gone()
        check_stopped(self._data, self._directory / "copy")
        segments = len(list((self._data / "journal").glob("*.segment")))
        return {**self.counts, **self.crowd.figures, "segments": segments}

    def _check_state(self, server: RunningServer) -> None:
        """The running server's state is that of its journal, applied by a fresh engine."""
        for _ in range(10):
            with server.log_on(OPERATOR) as operator:
                status = operator.ask(control.GetStatus())
                story = replayed(self._data, self._directory / "copy")
            assert isinstance(status, control.Status), status
            if story.sequence == status.counters["engine.sequence"]:
                assert story.state_hash == status.state_hash, f"state differs from the replay at {story.sequence}"
                return
        raise AssertionError("the server never stood still")

    def _under_load(self, server: RunningServer) -> None:
        server.wait_ready()
        assert self.crowd.connect(server)
        self.crowd.work(self.chance.uniform(0.0, LOAD_MAX_S))

    def _starting(self, server: RunningServer) -> None:
        time.sleep(self.chance.uniform(0.0, START_MAX_S))

    def _stopping(self, server: RunningServer) -> None:
        self._under_load(server)
        server.child.ask_to_stop()
        time.sleep(self.chance.uniform(0.0, STOP_MAX_S))

    def _on_reserve(self, server: RunningServer) -> None:
        """The disk is full; cancels go on, into the reserve; perhaps there is space again before the end."""
        self._under_load(server)
        self._full.write_text("ENOSPC append allocate")
        deadline_s = time.monotonic() + FULL_S
        while not self._is_on_reserve() and time.monotonic() < deadline_s:
            self.crowd.turn()
        name = "reserve used" if self._is_on_reserve() else "reserve too small"
        self.counts[name] = self.counts.get(name, 0) + 1
        for _ in range(self.chance.randrange(TURNS_ON_RESERVE_MAX)):
            self.crowd.turn()
        if self.chance.random() < 0.5:
            self._full.unlink()
            self.crowd.work(self.chance.uniform(0.0, 2 * LOAD_MAX_S))

    def _is_on_reserve(self) -> bool:
        return not (self._data / "journal" / RESERVE_NAME).exists()

    def _without_history(self, server: RunningServer) -> None:
        self._under_load(server)
        for pid, command in descendants(server.child.pid).items():
            if "server.history" in command:
                os.kill(pid, signal.SIGKILL)
        self.crowd.work(self.chance.uniform(0.0, LOAD_MAX_S))

    def _wait_until_gone(self) -> None:
        wait_until(lambda: not processes_naming(str(self._data)), what="all processes of the killed server being gone")


def kill_under_load(
    directory: Path, kills: int, seed: int, durability: str, extra: tuple[str, ...] = ()
) -> dict[str, int]:
    """Runs it all, each server with the `extra` options; raises AssertionError. Returns figures to print."""
    lives = KilledLives(directory, seed, durability, extra)
    for number in range(kills):
        lives.live_and_die()
        if number % PROGRESS_EVERY == PROGRESS_EVERY - 1:
            print(f"{number + 1} kills", flush=True)
    return lives.finish()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--durability", choices=["os", "fsync"], default="os")
    parser.add_argument("--keep", type=Path, help="an empty directory to work in, which is left as it is")
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.durability}", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        figures = kill_under_load(options.keep or Path(directory), options.kills, options.seed, options.durability)
    print(", ".join(f"{name} {value}" for name, value in figures.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
