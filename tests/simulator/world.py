"""One run: the machine, its clients, the faults of the plan, and the audit from the first step to quiet.

Rules: the server's loop is the real one; while it waits, everything else happens. A crash is an exception that unwinds
it wherever it stands. When the clients have done enough, the faults end, all has to become quiet, and is compared.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from server.engine import layout as at
from server.engine import views
from server.engine.exchange import Exchange
from server.engine.kernel import U
from server.engine.memory import find_row
from server.journal.errors import EngineFault, JournalDamaged, JournalError
from server.journal.journal import Journal
from server.protocol.enums import Phase
from tests.simulator import faults
from tests.simulator.auditor import Auditor
from tests.simulator.disk import Killed, PowerCut
from tests.simulator.drop_copies import DropCopyClient
from tests.simulator.faults import Counts, Planned, plan_of
from tests.simulator.followers import Follower, Replay, check_followers, replay_of
from tests.simulator.machine import IDLE_MS, Machine
from tests.simulator.market import (
    ACCOUNTS,
    MONITOR,
    OPERATOR,
    TRADERS,
    USERS,
    VANDAL,
    VIEWED,
    VIEWER,
    WISHES,
    reference,
)
from tests.simulator.network import Network, ServerTransport
from tests.simulator.operator import Operator
from tests.simulator.order_history import OrderHistory
from tests.simulator.plants import NOTHING_PLANTED, Plant
from tests.simulator.presence import PresenceAudit
from tests.simulator.program import INSTRUMENTS, Program
from tests.simulator.schedule import MILLISECOND, SECOND, Schedule
from tests.simulator.sealing import SealWatch, ring_of
from tests.simulator.strikes import Strikes
from tests.simulator.trader import Trader
from tests.simulator.vandal import Vandal
from tests.simulator.verdict import Wrong

REFUSALS_MAX = 5
QUIET_NS = 60 * SECOND
_WATCH_NS = 4 * MILLISECOND
CALM_NS = SECOND
"""So long nothing was carried out before all is compared."""


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


class World:
    """Everything of one seed."""

    def __init__(
        self, seed: int, actions: int = 2000, plant: Plant = NOTHING_PLANTED, plan: list[Planned] | None = None
    ) -> None:
        """`plan`: these faults instead of those that the seed would have."""
        self.seed = seed
        self.schedule = Schedule(seed)
        self.counts = Counts()
        self.network = Network(self.schedule, self.counts)
        self.history = OrderHistory()
        self.machine = Machine(
            self.schedule,
            self.counts,
            self.network,
            reference(),
            ring_of(seed),
            plant.core,
            plant.history,
            self.history.on_arrival,
        )
        self.auditor = Auditor(self.machine.journal_disk, self.history, self._user_at)
        drawn = plan_of(self.schedule.chance, actions)
        self.strikes = Strikes(
            self.schedule, self.counts, self.network, self.machine, drawn if plan is None else list(plan)
        )
        self._plant = plant
        self._users: dict[str, int] = {}
        self._wanted = actions
        self._is_healed = False
        self._refusals = 0
        self._quiet_by_ns = 0
        self._followers = [Follower(self.schedule, self.counts, self.machine.event_disk, self.machine.keys)]
        self.traders = [self._trader(number, user) for number, user in enumerate(TRADERS, 1)]
        self.lost: Trader | None = None
        """Who vanished when the faults ended, and does not come back."""
        self.present = self.traders
        for trader in self.traders:
            for instrument in INSTRUMENTS:
                trader.follow(instrument)
        self._programs = [Program(self.schedule, self.counts, trader, self._pace_ns()) for trader in self.traders]
        others = (self._trader(len(TRADERS) + 1, OPERATOR), self._trader(len(TRADERS) + 2, VANDAL))
        accounts = list(ACCOUNTS.values())
        self._operator = Operator(self.schedule, self.counts, self.machine, others[0], accounts)
        self._vandal = Vandal(self.schedule, self.counts, self.network, others[1], self.traders)
        self._drop_copies = [
            self._drop_copy(len(TRADERS) + 3, MONITOR, []),
            self._drop_copy(len(TRADERS) + 4, VIEWER, [ACCOUNTS[name] for name in VIEWED]),
        ]
        self.strikes.traders = [*self.traders, *self._drop_copies]

    def _trader(self, number: int, user: str) -> Trader:
        trader = Trader(
            self.schedule, self.counts, self.network, number=number, user=user, user_id=USERS[user],
            account=ACCOUNTS.get(user, 0), on_events=self.auditor.on_received, on_store=self.history.on_store,
            on_begin=self._plant.trader, is_honest=user != VANDAL,
            wishes=WISHES[number - 1] if number <= len(TRADERS) else None,
        )  # fmt: skip
        self._users[trader.key] = trader.user_id
        trader.start()
        return trader

    def _drop_copy(self, number: int, user: str, accounts: list[int]) -> DropCopyClient:
        client = DropCopyClient(
            self.schedule, self.counts, self.network, number=number, user=user, user_id=USERS[user], account=0,
            on_events=self.auditor.on_drop_copy, on_store=self.history.on_store, on_begin=self._plant.trader,
            is_honest=True, accounts=accounts,
        )  # fmt: skip
        self._users[client.key] = client.user_id
        client.start()
        return client

    def _user_at(self, address: bytes) -> int:
        link = self.network.links.get(address)
        return self._users.get(link.key, 0) if link is not None else 0

    def _pace_ns(self) -> int:
        return self.schedule.chance.choice((6, 10, 20)) * MILLISECOND

    def run(self) -> Result:
        """The whole run."""
        wrong = ""
        self.schedule.after(MILLISECOND, self._watch)
        try:
            with SealWatch(), self.machine.history_files:
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
            machine.decay.on_refused(error)
            machine.ends(power=False)
        except EngineFault as fault:
            self._on_engine_fault(fault)
        except JournalError as error:
            self.counts["server.stopped_by_disk"] += 1
            self.schedule.note(f"stopped: {error}")
            self._refusals += 1
            if self._refusals > REFUSALS_MAX:
                raise Wrong(f"the server does not come up: {error}") from error
            machine.ends(power=chance.random() < 0.3)
        self.history.on_server_gone()
        if chance.random() < 0.25 and not self._is_healed:
            self.counts[faults.CRASH_IN_RECOVERY] += 1
            chance.choice((machine.journal_disk, machine.event_disk)).cut_in = chance.randint(1, 8)
        return False

    def _on_engine_fault(self, fault: EngineFault) -> None:
        """The start behind it names the command; an operator, if there is one, takes it out."""
        self.counts["engine.fault"] += 1
        if not self._plant.is_skipped:
            raise Wrong(f"the server died of {fault}") from fault
        assert self.machine.core is not None
        self.machine.heal()
        with contextlib.suppress(JournalError, OSError):
            self.machine.core.close()
        self.machine.ends(power=False)
        if fault.is_found:
            self.counts["operator.skip"] += 1
            self.machine.skip(fault.first_sequence)

    def _recovered(self) -> None:
        """Before the first turn of a life: all that was promised is there."""
        core: Any = self.machine.core
        journal = core.journal
        self.auditor.on_recovered(core.exchange, self.machine.whole_journal())
        for name in ("append_bytes", "append_urgent_bytes"):
            setattr(journal, name, self._audited(getattr(journal, name)))
        self._watch_engine(core.exchange)

    def _watch_engine(self, exchange: Any) -> None:
        apply_bytes = exchange.apply_bytes

        def watched(commands: bytearray) -> tuple[bytes, bytes, int]:
            outputs: tuple[bytes, bytes, int] = apply_bytes(commands)
            self.auditor.on_applied(self.schedule.now_ns, outputs[1])
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
        for client in (*self.traders, *self._drop_copies):
            if client.broken:
                raise Wrong(client.broken[0])

    def _stop(self) -> None:
        """As a server stops when it is told to; then the journal alone has to give everything."""
        core, pipeline = self.machine.core, self.machine.pipeline
        assert core is not None
        assert pipeline is not None
        pipeline.stop(self.schedule.now_ns + 5 * SECOND)
        core.event_writer.flush(self.schedule.now_ns)
        for follower in self._followers:
            while follower.read():
                pass
        core.close()
        journal = Journal(self.machine.journal_disk, threaded=False, keys=self.machine.keys)
        replay = replay_of(journal)
        journal.close()
        check_followers(replay, core.exchange, self._followers)
        for client in self._drop_copies:
            client.check(replay.events)
        self.machine.history.check(replay.market_data)
        self._check_presence(replay)

    def _check_presence(self, replay: Replay) -> None:
        audit = PresenceAudit({trader.instance: wishes for trader, wishes in zip(self.traders, WISHES, strict=True)})
        audit.replay(replay.commands, replay.events)
        audit.check_live(replay.exchange, list(USERS.values()))
        for name in ("gone", "returned", "canceled", "kept"):
            self.counts[f"presence.{name}"] += getattr(audit, name)
        if self.lost is not None and (self.lost.user_id, self.lost.instance) in audit.clients:
            raise Wrong(f"{self.lost.user} has been gone for long, and its grace is not over")

    # ---- the plan ----

    def _watch(self) -> None:
        """Faults when the clients have done as much as the plan says; the end when they have done enough."""
        self.schedule.after(_WATCH_NS, self._watch)
        done = sum(program.actions for program in self._programs)
        self.strikes.on_actions(done)
        if done >= self._wanted and not self._is_healed:
            self._heal()

    # ---- quiet ----

    def _heal(self) -> None:
        """No new harm. What is broken already has to mend by itself."""
        self._is_healed = self.strikes.is_over = True
        self.machine.heal()
        for actor in (*self._programs, self._operator, self._vandal):
            actor.is_running = False
        self._quiet_by_ns = self.schedule.now_ns + QUIET_NS
        self.lost = self.schedule.chance.choice(self.traders[:3])
        self.lost.vanish()
        self.present = [trader for trader in self.traders if trader is not self.lost]
        self.schedule.after(3 * SECOND, self._ask_for_quiet)

    def _ask_for_quiet(self) -> None:
        for trader in self.present:
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
        core = self.machine.core
        assert core is not None
        if any(views.phase(core.exchange, number) != Phase.CONTINUOUS for number in INSTRUMENTS):
            self._operator.settle()
            return "an instrument does not trade"
        if self.schedule.now_ns - self.auditor.applied_ns < CALM_NS:
            return "commands are still carried out"
        if self._is_awaited(core.exchange):
            return "somebody is gone, and the server has not noticed"
        for client in self._drop_copies:
            if not client.is_online or not client.is_caught_up:
                return f"the drop copy of {client.user} has not caught up"
        for trader in self.present:
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

    def _is_awaited(self, exchange: Exchange) -> bool:
        """Whether the engine still waits for who is lost."""
        assert self.lost is not None
        client = at.KIND_PRESENCE | U(self.lost.user_id), U(self.lost.instance)
        return bool(find_row(exchange.memory, *client))

    def _compare(self) -> None:
        unquiet = self._unquiet()
        if unquiet:
            self._ask_for_quiet()
            return
        assert self.machine.core is not None
        self.auditor.on_quiet(self.machine.core.exchange, self.present)
        self.history.check()
        raise Quiet
