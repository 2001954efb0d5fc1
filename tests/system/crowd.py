"""Several users at work on one server at the same time, across its lives: three that trade and one that operates.

Rules: one thread; each has a private stream of its own (two share one user) and is audited for itself. `seen` of each
only grows, but where the server says that a power cut took its tail.
"""

import time
from random import Random

from server.client.connection import Connection, ConnectionRefused
from server.client.incoming import Faulted
from server.protocol import control
from server.protocol.enums import Phase
from tests.system.auditor import Auditor
from tests.system.running import ACCOUNT, OPERATOR, OTHER, OTHER_ACCOUNT, TRADER, RunningServer

SETTLE_S = 60.0
INSTANCES_APART = 1_000_003
HALTED_INSTRUMENT = 2


class Crowd:
    """Connect, work, and be asked what the server said."""

    def __init__(self, seed: int, *, may_roll_back: bool = False) -> None:
        self.rng = Random(seed)
        desks = ((TRADER, ACCOUNT), (TRADER, ACCOUNT), (OTHER, OTHER_ACCOUNT))
        self.auditors = [
            Auditor(seed + INSTANCES_APART * number, user, account) for number, (user, account) in enumerate(desks)
        ]
        for auditor in self.auditors:
            auditor.may_roll_back = may_roll_back
        self._connections: list[Connection] = []
        self._operator: Connection | None = None
        self._phase = Phase.CONTINUOUS

    def connect(self, server: RunningServer, *, with_operator: bool = True) -> bool:
        """All log on. False if the server went meanwhile."""
        try:
            for auditor in self.auditors:
                if auditor.may_roll_back:
                    auditor.reconcile(server)
            for auditor in self.auditors:
                self._connections.append(auditor.connect(server))
            if with_operator:
                self._operator = server.log_on(OPERATOR)
        except ConnectionRefused:
            if server.child.status is None:
                raise
            self.close()
            return False
        return True

    def work(self, seconds: float) -> None:
        """Send and take for so long, without a pause."""
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            self.turn()

    def turn(self) -> None:
        """Everybody does something."""
        for auditor, connection in zip(self.auditors, self._connections, strict=True):
            auditor.step(connection)
        if self._operator is not None:
            if self.rng.random() < 0.02:
                self._operate(self._operator)
            self._operator.poll(0)

    def drain(self) -> None:
        """What was on its way when the server died still counts as said."""
        for auditor, connection in zip(self.auditors, self._connections, strict=False):
            silent = 0
            while silent < 2 and not auditor.lost:
                before = auditor.sequence
                auditor.step(connection, send=False, timeout_ms=10)
                silent = silent + 1 if auditor.sequence == before else 0

    def settle(self, server: RunningServer) -> None:
        """Wait until every command of everybody is answered, with new connections where one has to begin anew."""
        deadline_s = time.monotonic() + SETTLE_S
        self._resume(HALTED_INSTRUMENT)
        while True:
            for number, auditor in enumerate(self.auditors):
                if auditor.lost:
                    self._connections[number].close()
                    self._connections[number] = auditor.connect(server)
                auditor.step(self._connections[number], send=False, timeout_ms=5)
            waiting = sum(auditor.entry.pending_count for auditor in self.auditors)
            if not waiting and all(auditor.synced and not auditor.lost for auditor in self.auditors):
                return
            assert time.monotonic() < deadline_s, f"{waiting} commands are not answered"

    def close(self) -> None:
        """All hang up."""
        for connection in (*self._connections, *([self._operator] if self._operator else [])):
            connection.close()
        self._connections.clear()
        self._operator = None

    def check(self, server: RunningServer) -> None:
        """Each had one answer to each command, and the server tells the same story to one who asks from the start."""
        for auditor in self.auditors:
            auditor.check()
            reader = Auditor(self.rng.randrange(1 << 40), auditor.user)
            reader.read_all(server)
            known = auditor.sequence
            pairs = enumerate(zip(reader.seen, auditor.seen, strict=False))
            differs = next((place for place, (told, seen) in pairs if told != seen), min(reader.sequence, known))
            assert differs == known, (
                f"{auditor.user} of {known} events: the server tells another one at {differs + 1};"
                f" rolled back: {auditor.rolled_back}"
            )

    @property
    def figures(self) -> dict[str, int]:
        """Counts to print."""
        return {
            "commands": sum(auditor.sent for auditor in self.auditors),
            "events": sum(auditor.sequence for auditor in self.auditors),
            "rollbacks": sum(len(auditor.rolled_back) for auditor in self.auditors),
        }

    def _operate(self, operator: Connection) -> None:
        if self.rng.random() < 0.5:
            operator.request(control.GetStatus())
            return
        self._phase = Phase.HALTED if self._phase == Phase.CONTINUOUS else Phase.CONTINUOUS
        operator.request(control.SetPhase(instrument=HALTED_INSTRUMENT, phase=int(self._phase)))

    def _resume(self, instrument: int) -> None:
        if self._operator is not None:
            self._operator.request(control.SetPhase(instrument=instrument, phase=int(Phase.CONTINUOUS)))
            assert not any(isinstance(item, Faulted) for item in self._operator.poll(0))
