"""`python -m tests.system.cut_server --cuts 50`: cuts the power under load, with real processes, and audits the rest.

Rules: one data directory through all lives. A life ends by `kill -9` at a random moment, also while it starts; then
the directory is made into what a power cut could have left (`power_cut.py`), by seed. In `fsync` mode the next life
knows every order that was acknowledged, once. In `os` mode it knows a beginning of them, says so to who knew more, and
has a higher epoch. No nonce comes twice under a data key, torn tails included. The state hash of the last life equals
a replay, the event log too, byte for byte.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from tests.journal.nonces import Seal, repeated, seals_of
from tests.system.crowd import Crowd
from tests.system.dead_data import check_killed, check_stopped
from tests.system.power_cut import cut_power, plate_of
from tests.system.running import RunningServer, processes_naming, wait_until

SEGMENT_BYTES = 1 << 16
LOAD_MAX_S = 0.3
PROGRESS_EVERY = 10
START_MAX_S = 1.2
CHECKED_EVERY = 10


class PoweredLives:
    """Lives of one data directory that end by a power cut."""

    def __init__(self, directory: Path, seed: int, durability: str) -> None:
        self.chance = Random(seed)
        self.crowd = Crowd(seed, may_roll_back=durability == "os")
        self.counts: dict[str, int] = {"cuts": 0, "while starting": 0}
        self._directory = directory
        self._data = directory / "data"
        self._data.mkdir()
        self._durability = durability
        self._epoch = 0
        self._seals: set[Seal] = set()

    def live_and_cut(self) -> None:
        """One life, its end, and what the cut leaves."""
        log = self._directory / "witness"
        log.unlink(missing_ok=True)
        plate = plate_of(self._data)
        with self._server(log) as server:
            if self.chance.random() < 0.2:
                self.counts["while starting"] += 1
                time.sleep(self.chance.uniform(0.0, START_MAX_S))
            else:
                self._work(server)
            assert server.child.status is None, f"the server ended by itself: {server.child.status}"
            server.child.kill()
            self.crowd.drain()
            self.crowd.close()
        self._wait_until_gone()
        self._note_seals()
        for name, count in cut_power(self._data, plate, log, self.chance).items():
            self.counts[name] = self.counts.get(name, 0) + count
        self.counts["cuts"] += 1
        if self.counts["cuts"] % CHECKED_EVERY == 0:
            check_killed(self._data, self._directory / "copy")

    def finish(self) -> dict[str, int]:
        """A last life without violence; returns the figures."""
        with self._server(None) as server:
            self._see_epoch(server)
            assert self.crowd.connect(server)
            self.crowd.settle(server)
            self.crowd.check(server)
            self.crowd.close()
            assert server.child.stop() == 0
        self._wait_until_gone()
        check_stopped(self._data, self._directory / "copy")
        self._note_seals()
        assert self._seals, "nothing was sealed"
        assert not repeated(self._seals), "a nonce was used twice under a key"
        return {**self.counts, **self.crowd.figures, "seals": len(self._seals)}

    def _note_seals(self) -> None:
        """Remember every use of a key, also in what the cut will take."""
        for folder in ("journal", "events"):
            self._seals |= seals_of(self._data, folder)

    def _work(self, server: RunningServer) -> None:
        server.wait_ready()
        self._see_epoch(server)
        assert self.crowd.connect(server)
        self.crowd.work(self.chance.uniform(0.0, LOAD_MAX_S))

    def _see_epoch(self, server: RunningServer) -> None:
        epoch = int(server.ready["epoch"])
        assert epoch > self._epoch, f"epoch {epoch} after {self._epoch}"
        self._epoch = epoch

    def _server(self, log: Path | None) -> RunningServer:
        witness = () if log is None else ("--witness", str(log))
        return RunningServer(
            self._data, self._durability, prepared=(*witness, "--segment-bytes", str(SEGMENT_BYTES)), wait=log is None
        )

    def _wait_until_gone(self) -> None:
        wait_until(lambda: not processes_naming(str(self._data)), what="all processes of the server being gone")


def cut_under_load(directory: Path, cuts: int, seed: int, durability: str) -> dict[str, int]:
    """Runs it all; raises AssertionError. Returns figures to print."""
    lives = PoweredLives(directory, seed, durability)
    for number in range(cuts):
        lives.live_and_cut()
        if number % PROGRESS_EVERY == PROGRESS_EVERY - 1:
            print(f"{number + 1} cuts", flush=True)
    return lives.finish()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--durability", choices=["os", "fsync"], default="fsync")
    parser.add_argument("--keep", type=Path, help="an empty directory to work in, which is left as it is")
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.durability}", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        figures = cut_under_load(options.keep or Path(directory), options.cuts, options.seed, options.durability)
    print(", ".join(f"{name} {value}" for name, value in figures.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
