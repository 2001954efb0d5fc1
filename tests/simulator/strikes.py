"""Carries out the plan of faults: what each one does, to whom, and for how long.

Rules: a fault that finds nothing to hit comes again a little later; none strikes after the run was healed.
"""

from functools import partial

from server.gateway.gateway import CONTROL_DOMAIN, MARKET_DATA_DOMAIN
from tests.simulator import faults
from tests.simulator.disk import Killed, SimulatedDisk
from tests.simulator.faults import Counts, Planned
from tests.simulator.machine import Machine
from tests.simulator.network import DOWN, UP, Network
from tests.simulator.program import INSTRUMENTS
from tests.simulator.schedule import MILLISECOND, SECOND, Schedule
from tests.simulator.trader import Trader

_AGAIN_NS = 20 * MILLISECOND
_SNAPSHOT_OPERATIONS = 9
_HOUR_NS = 3600 * SECOND


class Strikes:
    """The faults of one run."""

    def __init__(
        self, schedule: Schedule, counts: Counts, network: Network, machine: Machine, plan: list[Planned]
    ) -> None:
        self.traders: list[Trader] = []
        self.is_over = False
        self._schedule = schedule
        self._chance = schedule.chance
        self._counts = counts
        self._network = network
        self._machine = machine
        self._plan = plan

    def on_actions(self, done: int) -> None:
        """Clients have done so much."""
        while self._plan and self._plan[0].action <= done:
            self._schedule.after(0, partial(self._strike, self._plan.pop(0).fault))

    def _strike(self, fault: str) -> None:
        if self.is_over:
            return
        if self._network.server is None:
            self._schedule.after(_AGAIN_NS, partial(self._strike, fault))
        elif fault in (faults.KILL, faults.POWER_CUT):
            raise Killed(power=fault == faults.POWER_CUT)
        elif fault == faults.DECAY:
            self._machine.decays_next = True
            raise Killed(power=self._chance.random() < 0.5)
        elif fault == faults.SNAPSHOT_SPOILED:
            self._machine.snapshots.spoils_next = True
            raise Killed(power=self._chance.random() < 0.5)
        elif fault == faults.HISTORY_KILL:
            self._machine.history.is_killed()
        elif fault in faults.SNAPSHOT_FAULTS:
            self._strike_snapshot(fault)
        elif fault.startswith(("disk.", "crash.")):
            self._strike_disk(fault, self._chance.choice((self._machine.journal_disk, self._machine.event_disk)))
        elif fault == faults.CLOCK_STEP:
            self._counts[fault] += 1
            self._schedule.offset_ns += self._chance.randint(-3 * SECOND, 3 * SECOND)
        elif fault == faults.BREAK_ASKED:
            self._break_asked()
        elif fault.startswith("net."):
            self._strike_link(fault, self._chance.choice(self.traders))
        else:
            self._strike_client(fault, self._chance.choice(self.traders))

    # ---- disks ----

    def _strike_disk(self, fault: str, disk: SimulatedDisk) -> None:
        chance, machine = self._chance, self._machine
        if fault == faults.POWER_CUT_AT_WRITE:
            disk.cut_in = chance.randint(1, 12)
        elif fault == faults.CRASH_AT:
            self._crash_at(chance.choice((*faults.OPERATIONS, *faults.RARE_OPERATIONS)))
        elif fault == faults.DISK_FULL:
            self._fill(disk)
        elif fault == faults.DISK_ERROR:
            disk.fault_next = True
        elif fault == faults.SYNC_ERROR:
            disk.fail_in = "sync"
        elif fault == faults.RENAME_ERROR:
            machine.journal_disk.fail_in = "rename"
            self._fill(machine.journal_disk)
        elif fault == faults.DISK_SLOW:
            machine.slow_until_ns = self._schedule.now_ns + chance.randint(50 * MILLISECOND, 2 * SECOND)

    def _strike_snapshot(self, fault: str) -> None:
        """While the next one is written, which is soon."""
        chance, snapshots = self._chance, self._machine.snapshots
        disk = snapshots.disk
        if fault == faults.SNAPSHOT_CUT:
            disk.cut_in = chance.randint(1, _SNAPSHOT_OPERATIONS)
        elif fault == faults.SNAPSHOT_KILL:
            disk.kill_in = chance.randint(1, _SNAPSHOT_OPERATIONS)
        elif fault == faults.SNAPSHOT_FULL:
            self._fill(disk)
        else:
            disk.fail_in = chance.choice(("append", "sync", "rename", "sync_names"))
        snapshots.make_due()

    def _fill(self, disk: SimulatedDisk) -> None:
        disk.full = True
        self._schedule.between(20 * MILLISECOND, 700 * MILLISECOND, lambda: setattr(disk, "full", False))

    def _crash_at(self, operation: str) -> None:
        """The power goes in the next operation of a kind; a full disk or a restart lets the rare ones happen."""
        journal, events = self._machine.journal_disk, self._machine.event_disk
        disk = events if operation == "replace" else journal
        disk.cut_at = operation
        if operation in ("rename", "allocate"):
            self._fill(journal)
        elif operation in ("truncate", "remove"):
            raise Killed(power=True)

    # ---- network ----

    def _strike_link(self, fault: str, trader: Trader) -> None:
        chance, now_ns = self._chance, self._schedule.now_ns
        if fault in (faults.PARTITION, faults.PARTITION_ONE_WAY):
            self._cut_off(trader, chance.choice(((UP,), (DOWN,))) if fault != faults.PARTITION else (UP, DOWN))
            return
        links = trader.links()
        if fault == faults.SLOW_READER:
            links = [link for link in links if link.domain == MARKET_DATA_DOMAIN]
        if not links:
            self._schedule.after(_AGAIN_NS, partial(self._strike, fault))
            return
        self._counts[fault] += 1
        link = chance.choice(links)
        if fault == faults.BREAK:
            link.break_now()
        elif fault == faults.HALF_OPEN:
            link.is_silent = True
            self._schedule.between(2 * SECOND, 15 * SECOND, link.break_now)
        elif fault == faults.DELAY:
            link.delay_ns = (2 * MILLISECOND, chance.randint(5, 80) * MILLISECOND)
        elif fault == faults.SLOW_READER:
            link.dropping_until_ns = now_ns + chance.randint(10 * MILLISECOND, 400 * MILLISECOND)

    def _break_asked(self) -> None:
        """As soon as some client waits for an answer."""
        for trader in self.traders:
            if trader.is_online and len(trader.session.requests):
                for link in trader.links():
                    if link.domain == CONTROL_DOMAIN:
                        self._counts[faults.BREAK_ASKED] += 1
                        link.break_now()
                        return
        self._schedule.after(MILLISECOND // 4, partial(self._strike, faults.BREAK_ASKED))

    def _cut_off(self, trader: Trader, ways: tuple[str, ...]) -> None:
        """A partition, of one way or both; if it lasts, TCP gives up and the connections break."""
        chance = self._chance
        self._counts[faults.PARTITION if len(ways) > 1 else faults.PARTITION_ONE_WAY] += 1
        lasts_ns = chance.choice((300 * MILLISECOND, 3 * SECOND, 8 * SECOND))
        lasts_ns = chance.randint(lasts_ns // 4, lasts_ns)
        for way in ways:
            self._network.cut_off_until_ns[trader.key, way] = self._schedule.now_ns + lasts_ns
        if chance.random() < 0.4:
            self._schedule.after(lasts_ns - MILLISECOND, lambda: self._give_up(trader))

    def _give_up(self, trader: Trader) -> None:
        self._counts[faults.PARTITION_BROKE] += 1
        for link in trader.links():
            link.break_now()

    # ---- clients ----

    def _strike_client(self, fault: str, trader: Trader) -> None:
        self._counts[fault] += 1
        if fault == faults.CLIENT_RESTART:
            trader.restart(INSTRUMENTS)
        elif fault == faults.CLIENT_CLOCK_STEP:
            step_ns = self._chance.choice((SECOND, 4 * SECOND, _HOUR_NS))
            trader.offset_ns = self._chance.randint(-step_ns, step_ns)
