"""`python -m tests.system.kill_server --kills 20`: kills the server at random moments under load and audits the rest.

Rules: one data directory through all lives; after each death no process of it is left, and the next life knows every
order that was acknowledged, once; the state hash of the last one equals a replay of the journal.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from server.client.connection import Connection
from server.protocol import control
from tests.system.auditor import Auditor
from tests.system.running import OPERATOR, RunningServer, processes_naming, replayed_hash, wait_until

STEPS_MAX = 400


def kill_under_load(
    directory: Path, kills: int, seed: int, durability: str, extra: tuple[str, ...] = ()
) -> dict[str, int]:
    """Runs it all, each server with the `extra` options; raises AssertionError. Returns figures to print."""
    rng = Random(seed)
    auditor = Auditor(seed)
    data = directory / "data"
    acknowledged = 0
    for _ in range(kills):
        with RunningServer(data, durability, extra=extra) as server:
            connection = auditor.connect(server)
            for _ in range(rng.randint(5, STEPS_MAX)):
                auditor.step(connection)
            acknowledged = auditor.sequence
            server.child.kill()
            drain(auditor, connection)
            connection.close()
        wait_until(lambda: not processes_naming(str(data)), what="all processes of the killed server being gone")
        assert auditor.sequence >= acknowledged
    with RunningServer(data, durability, extra=extra) as server:
        connection = auditor.connect(server)
        settle(auditor, connection)
        connection.close()
        auditor.check()
        check_state(server, directory / "copy")
    wait_until(lambda: not processes_naming(str(data)), what="all processes of the stopped server being gone")
    return {"kills": kills, "commands": auditor.entry.counter, "events": auditor.sequence, "sent": auditor.sent}


def drain(auditor: Auditor, connection: Connection) -> None:
    """What was on its way when the server died still counts as said."""
    for _ in range(20):
        auditor.step(connection, send=False)
        if auditor.lost:
            return


def settle(auditor: Auditor, connection: Connection) -> None:
    """Waits until every command is answered."""
    deadline_s = time.monotonic() + 60.0
    while not auditor.synced or auditor.entry.pending_count:
        assert time.monotonic() < deadline_s, f"{auditor.entry.pending_count} commands are not answered"
        auditor.step(connection, send=False)


def check_state(server: RunningServer, copy: Path) -> None:
    """The running server's state hash is that of its journal, applied by a fresh engine."""
    with server.log_on(OPERATOR) as operator:
        for _ in range(10):
            before = operator.ask(control.GetStatus())
            assert isinstance(before, control.Status)
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(server.data, copy, ignore=shutil.ignore_patterns("lock", "*.lock"))
            sequence, state_hash = replayed_hash(copy)
            if before.counters["engine.sequence"] == sequence:
                assert state_hash == before.state_hash, f"state differs from the replay at {sequence}"
                return
    raise AssertionError("the server never stood still")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--durability", choices=["os", "fsync"], default="os")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        print(f"seed {options.seed}, {options.durability}", flush=True)
        figures = kill_under_load(Path(directory), options.kills, options.seed, options.durability)
    print(" ".join(f"{name} {value}" for name, value in figures.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
