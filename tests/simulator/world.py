"""One run: the machine, its clients, the faults of the plan, and the audit from the first step to quiet.

Rules: the server's loop is the real one; while it waits, everything else happens. A crash is an exception that unwinds
it wherever it stands. When the clients have done enough, the faults end, all has to become quiet, and is compared.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from server.bootstrap import Core
from server.gateway.gateway import CONTROL_DOMAIN, MARKET_DATA_DOMAIN
from server.journal.errors import JournalDamaged, JournalError
from server.journal.journal import Journal
from server.settings import AccountSetting, CurrencySetting, InstrumentSetting, Reference, UserSetting
from tests.simulator import faults
from tests.simulator.auditor import Auditor
from tests.simulator.disk import PowerCut
from tests.simulator.faults import Counts, plan_of
from tests.simulator.followers import Follower, check_replay
from tests.simulator.machine import IDLE_MS, Killed, Machine
from tests.simulator.network import Network, ServerTransport
from tests.simulator.program import INSTRUMENTS, PRICE, Program
from tests.simulator.schedule import MILLISECOND, SECOND, Schedule
from tests.simulator.sealing import SealWatch, ring_of
from tests.simulator.trader import Trader
from tests.simulator.verdict import Wrong

USERS = {"ann": 7, "bob": 8, "cat": 9, "dan": 10}
REFUSALS_MAX = 5
QUIET_NS = 45 * SECOND


class Quiet(BaseException):
    """Everything was compared; the server may stop."""


@dataclass(frozen=True)
class Result:
    """How a run ended. `wrong` is empty if all was true."""

    seed: int
    steps: int
    digest: str
    counts: Counts
    wrong: str

    def line(self) -> str:
        """The run in one line, without a time in it."""
        if self.wrong:
            return f"seed {self.seed}: FAILED after {self.steps} steps: {self.wrong}"
        return f"seed {self.seed}: ok, {self.steps} steps, hash {self.digest}"


def reference() -> Reference:
    """Three instruments, and users with an account each."""
    return Reference(
        currencies=[CurrencySetting(number=1, code="EUR", money_decimals=2)],
        instruments=[
            InstrumentSetting(
                instrument=number, symbol=f"SIM{number}", name=f"Simulated {number}", price_max=100_000,
                quantity_max=1_000_000, reference_price=PRICE,
            )
            for number in INSTRUMENTS
        ],
        accounts=[AccountSetting(account=100 * number, name=f"A-{number}", cash=10**10) for number in range(1, 5)],
        users=[
            UserSetting(user_id=number, user=user, password="", accounts=[100 * index])
            for index, (user, number) in enumerate(USERS.items(), 1)
        ],
    )  # fmt: skip


class World:
    """Everything of one seed."""

    def __init__(self, seed: int, actions: int = 2000, plant: Callable[[Core], None] = lambda _: None) -> None:
        self.seed = seed
        self.schedule = Schedule(seed)
        self.counts = Counts()
        self.network = Network(self.schedule, self.counts)
        self.machine = Machine(self.schedule, self.counts, self.network, reference(), ring_of(seed), plant)
        self.auditor = Auditor(self.machine.journal_disk)
        self._wanted = actions
        self._plan = plan_of(self.schedule.chance, actions)
        self._is_healed = False
        self._refusals = 0
        self._quiet_by_ns = 0
        self._followers = [Follower(self.schedule, self.counts, self.machine.event_disk, self.machine.keys) for _ in range(2)]
        self.traders: list[Trader] = []
        self._programs: list[Program] = []
        for number, (index, user) in enumerate([(1, "ann"), (2, "bob"), (3, "cat"), (4, "dan"), (1, "ann")], 1):
            trader = Trader(
                self.schedule, self.counts, self.network, number=number, user=user, user_id=USERS[user],
                account=100 * index, on_events=self.auditor.on_received,
            )  # fmt: skip
            self.traders.append(trader)
            for instrument in INSTRUMENTS:
                trader.follow(instrument)
            trader.start()
            pace_ns = self.schedule.chance.choice((6, 10, 20)) * MILLISECOND
            self._programs.append(Program(self.schedule, self.counts, trader, pace_ns))

    def run(self) -> Result:
        """The whole run."""
        wrong = ""
        self.schedule.after(MILLISECOND, self._watch)
        try:
            with SealWatch():
                self._live()
        except Wrong as error:
            wrong = str(error)
        except (KeyboardInterrupt, PowerCut, Killed):
            raise
        except Exception as error:  # noqa: BLE001 - a server that dies of it is a finding, whatever it is
            wrong = f"the server died of {type(error).__name__}: {error}"
        return Result(self.seed, self.schedule.steps, self.schedule.digest(), self.counts, wrong)

    def _live(self) -> None:
        """One life of the server after another."""
        while not self._live_once():
            chance = self.schedule.chance
            self.schedule.run_until(self.schedule.now_ns + chance.randint(20 * MILLISECOND, 1500 * MILLISECOND))

    def _live_once(self) -> bool:
        """One life of the server process; True if it was the last one and ended well."""
        machine, chance = self.machine, self.schedule.chance
        transport = ServerTransport(self.network, self._after_turn, self.auditor.on_send)
        try:
            pipeline = machine.boot(transport, self._recovered)
            self._refusals = 0
            self.counts["server.lives"] += 1
            while True:
                pipeline.turn(IDLE_MS)
        except Quiet:
            self._stop()
            return True
        except Killed as end:
            self.counts[faults.POWER_CUT if end.power else faults.KILL] += 1
            machine.ends(power=end.power)
        except PowerCut:
            self.counts[faults.POWER_CUT_AT_WRITE] += 1
            machine.ends(power=True)
        except JournalDamaged as error:
            raise Wrong(f"the journal was refused: {error}") from error
        except JournalError as error:
            self.counts["server.stopped_by_disk"] += 1
            self.schedule.note(f"stopped: {error}")
            self._refusals += 1
            if self._refusals > REFUSALS_MAX:
                raise Wrong(f"the server does not come up: {error}") from error
            machine.ends(power=chance.random() < 0.3)
        if chance.random() < 0.25 and not self._is_healed:
            self.counts[faults.CRASH_IN_RECOVERY] += 1
            chance.choice((machine.journal_disk, machine.event_disk)).cut_in = chance.randint(1, 8)
        return False

    def _recovered(self) -> None:
        """Before the first turn of a life: all that was promised is there."""
        core: Any = self.machine.core
        journal = core.journal
        self.auditor.on_recovered(core.exchange, list(journal.replay()))
        for name in ("append_bytes", "append_urgent_bytes"):
            setattr(journal, name, self._audited(getattr(journal, name)))
        self._watch_engine(core.exchange)

    def _watch_engine(self, exchange: Any) -> None:
        apply_bytes = exchange.apply_bytes

        def watched(commands: bytearray) -> tuple[bytes, bytes, int]:
            outputs: tuple[bytes, bytes, int] = apply_bytes(commands)
            self.auditor.on_applied(outputs[1])
            return outputs

        exchange.apply_bytes = watched

    def _audited(self, append: Callable[..., None]) -> Callable[..., None]:
        """An append of the journal, of which the auditor hears once it took the batch."""

        def append_bytes(commands: bytearray, *rest: int) -> None:
            append(commands, *rest)
            self.auditor.on_journaled(bytes(commands))

        return append_bytes

    def _after_turn(self) -> None:
        assert self.machine.core is not None
        self.auditor.after_turn(self.machine.core.exchange)
        self.machine.plan_commit()
        for trader in self.traders:
            if trader.broken:
                raise Wrong(trader.broken[0])

    def _stop(self) -> None:
        """As a server stops when it is told to; then the journal alone has to give everything."""
        core, pipeline = self.machine.core, self.machine.pipeline
        assert core is not None
        assert pipeline is not None
        pipeline.stop(self.schedule.now_ns + 5 * SECOND)
        core.event_writer.flush(self.schedule.now_ns)
        for follower in self._followers:
            follower.read()
        core.close()
        journal = Journal(self.machine.journal_disk, threaded=False, keys=self.machine.keys)
        check_replay(journal, core.exchange, self._followers)
        journal.close()

    # ---- the plan ----

    def _watch(self) -> None:
        """Faults when the clients have done as much as the plan says; the end when they have done enough."""
        self.schedule.after(MILLISECOND, self._watch)
        done = sum(program.actions for program in self._programs)
        while self._plan and self._plan[0][0] <= done:
            self.schedule.after(0, partial(self._strike, self._plan.pop(0)[1]))
        if done >= self._wanted and not self._is_healed:
            self._heal()

    def _strike(self, fault: str) -> None:
        machine, chance, now_ns = self.machine, self.schedule.chance, self.schedule.now_ns
        trader = chance.choice(self.traders)
        disk = chance.choice((machine.journal_disk, machine.event_disk))
        if self._is_healed:
            return
        if self.network.server is None:
            self.schedule.after(20 * MILLISECOND, lambda: self._strike(fault))
        elif fault == faults.KILL:
            raise Killed(power=False)
        elif fault == faults.POWER_CUT:
            raise Killed(power=True)
        elif fault == faults.POWER_CUT_AT_WRITE:
            disk.cut_in = chance.randint(1, 12)
        elif fault == faults.DISK_FULL:
            disk.full = True
            self.schedule.between(20 * MILLISECOND, 700 * MILLISECOND, lambda: setattr(disk, "full", False))
        elif fault == faults.DISK_ERROR:
            disk.fault_next = True
        elif fault == faults.DISK_SLOW:
            machine.slow_until_ns = now_ns + chance.randint(50 * MILLISECOND, 2 * SECOND)
        elif fault == faults.PARTITION:
            self._cut_off(trader)
        elif fault == faults.BREAK_ASKED:
            self._break_asked()
        elif fault == faults.CLOCK_STEP:
            self.counts[fault] += 1
            self.schedule.offset_ns += chance.randint(-3 * SECOND, 3 * SECOND)
        else:
            self._strike_link(fault, trader)

    def _strike_link(self, fault: str, trader: Trader) -> None:
        chance, now_ns = self.schedule.chance, self.schedule.now_ns
        links = trader.links()
        if fault == faults.SLOW_READER:
            links = [link for link in links if link.domain == MARKET_DATA_DOMAIN]
        if not links:
            return
        self.counts[fault] += 1
        link = chance.choice(links)
        if fault == faults.BREAK:
            link.break_now()
        elif fault == faults.HALF_OPEN:
            link.is_silent = True
            self.schedule.between(2 * SECOND, 15 * SECOND, link.break_now)
        elif fault == faults.DELAY:
            link.delay_ns = (2 * MILLISECOND, chance.randint(5, 80) * MILLISECOND)
        elif fault == faults.SLOW_READER:
            link.dropping_until_ns = now_ns + chance.randint(10 * MILLISECOND, 400 * MILLISECOND)

    def _break_asked(self) -> None:
        """As soon as some client waits for an answer."""
        for trader in self.traders:
            if trader.is_online and len(trader.session._requests):
                for link in trader.links():
                    if link.domain == CONTROL_DOMAIN:
                        self.counts[faults.BREAK_ASKED] += 1
                        link.break_now()
                        return
        self.schedule.after(MILLISECOND // 4, partial(self._strike, faults.BREAK_ASKED))

    def _cut_off(self, trader: Trader) -> None:
        """A partition; if it lasts, TCP gives up and the connections break."""
        chance = self.schedule.chance
        self.counts[faults.PARTITION] += 1
        lasts_ns = chance.choice((300 * MILLISECOND, 3 * SECOND, 8 * SECOND))
        lasts_ns = chance.randint(lasts_ns // 4, lasts_ns)
        self.network.cut_off_until_ns[trader.key] = self.schedule.now_ns + lasts_ns
        if chance.random() < 0.4:
            self.schedule.after(lasts_ns - MILLISECOND, lambda: self._give_up(trader))

    def _give_up(self, trader: Trader) -> None:
        self.counts[faults.PARTITION_BROKE] += 1
        for link in trader.links():
            link.break_now()

    # ---- quiet ----

    def _heal(self) -> None:
        """No new harm. What is broken already has to mend by itself."""
        self._is_healed = True
        for disk in (self.machine.journal_disk, self.machine.event_disk):
            disk.full = disk.fault_next = False
            disk.cut_in = 0
        for program in self._programs:
            program.is_running = False
        self._quiet_by_ns = self.schedule.now_ns + QUIET_NS
        self.schedule.after(3 * SECOND, self._ask_for_quiet)

    def _ask_for_quiet(self) -> None:
        for trader in self.traders:
            for instrument in INSTRUMENTS:
                trader.follow(instrument)
        unquiet = self._unquiet()
        if not unquiet:
            self.schedule.after(2 * SECOND, self._compare)
        elif self.schedule.now_ns > self._quiet_by_ns:
            raise Wrong(f"it does not become quiet: {unquiet}")
        else:
            self.schedule.after(200 * MILLISECOND, self._ask_for_quiet)

    def _unquiet(self) -> str:
        """What is still going on; empty if nothing is."""
        if self.network.server is None:
            return "there is no server"
        for trader in self.traders:
            session = trader.session
            if not trader.is_online:
                return f"{trader.user} is {session.stage.value}"
            if not session.private.synced:
                return f"{trader.user} has not resumed its events"
            if session.entry.pending_count:
                return f"{trader.user} waits for {session.entry.pending_count} answers"
            for stream in session.feed.streams.values():
                if not stream.synced:
                    return f"{trader.user} has no {stream.topic.name} of {stream.instrument}"
        return ""

    def _compare(self) -> None:
        unquiet = self._unquiet()
        if unquiet:
            self._ask_for_quiet()
            return
        assert self.machine.core is not None
        self.auditor.on_quiet(self.machine.core.exchange, self.traders)
        raise Quiet
