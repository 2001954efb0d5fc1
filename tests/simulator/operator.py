"""The exchange's operators: phases by request, and through the server itself what has no request yet.

Rules: whatever is set is taken back after a while, so that trading goes on; `settle` takes back all of it. What is
given to a server that dies before it journaled it is lost, as a person's click would be.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from server.engine import layout as at
from server.gateway.commands import command, set_phase
from server.protocol import control
from server.protocol.codec import Records
from server.protocol.enums import BlockAction, Check, CommandKind, Phase, Scope
from server.protocol.records import (
    AUCTION_RULES,
    COMMAND,
    FEE_SCHEDULE,
    INSTRUMENT_RULES,
    OPERATION,
    RISK_SETTING,
    SCHEDULE_ENTRY,
)
from tests.simulator.faults import Counts
from tests.simulator.machine import Machine
from tests.simulator.program import INSTRUMENTS, PRICE
from tests.simulator.schedule import MILLISECOND, SECOND, Schedule
from tests.simulator.trader import Trader

_DOINGS = (
    "halt", "call", "open", "close", "at_last", "scheduled", "rules", "auction", "fees", "limit", "block", "protection",
    "bust", "adjust", "dividend", "time",
)  # fmt: skip
_WEIGHTS = (3, 4, 2, 1, 1, 4, 4, 3, 2, 3, 2, 2, 3, 2, 1, 1)
_WAYS = {
    "halt": (Phase.HALTED,), "call": (Phase.INTRADAY_CALL,), "open": (Phase.PRE_OPEN,),
    "close": (Phase.CLOSING_CALL, Phase.CLOSED), "at_last": (Phase.CLOSING_CALL, Phase.TRADING_AT_LAST, Phase.CLOSED),
}  # fmt: skip
"""Phases that an instrument goes through before it trades again."""
_PACE_NS = (40 * MILLISECOND, 250 * MILLISECOND)
_TRADES_LOOKED_AT = 60
_SHARD_SHIFT = 48


def setting(layout: np.dtype[np.void], kind: CommandKind, **fields: Any) -> Records:
    """A command of the server with a body of its own, as a COMMAND row."""
    row = np.zeros(1, layout)
    row["kind"], row["version"], row["shard"], row["group_count"] = kind, 1, 1, 1
    for name, field in fields.items():
        row[name] = field
    return row.view(COMMAND)


class Operator:
    """One operator at the control plane and at the server, doing something now and then."""

    def __init__(
        self, schedule: Schedule, counts: Counts, machine: Machine, trader: Trader, accounts: list[int]
    ) -> None:
        self.is_running = True
        self.phases_done = 0
        """SET_PHASE requests that were answered as done."""
        self._schedule = schedule
        self._chance = schedule.chance
        self._counts = counts
        self._machine = machine
        self._trader = trader
        self._accounts = accounts
        self._plan()

    def _plan(self) -> None:
        self._schedule.between(*_PACE_NS, self._act)

    def _act(self) -> None:
        if not self.is_running:
            return
        kind = self._chance.choices(_DOINGS, _WEIGHTS)[0]
        if kind in _WAYS:
            self._through(*_WAYS[kind])
        else:
            getattr(self, f"_{kind}")()
        self._counts[f"operator.{kind}"] += 1
        self._plan()

    def append(self, rows: Records) -> None:
        """Through the server itself; lost if there is none."""
        core, transport = self._machine.core, self._machine.transport
        if core is not None and transport is not None and self._machine.network.server is not None:
            core.gateway.append(rows)
            transport.wake()

    def settle(self) -> None:
        """Take back every setting, and bring all instruments to continuous trading."""
        for account in self._accounts:
            self.append(self._block_of(account, BlockAction.RELEASE))
            self.append(self._limit_of(account, 0))
        for number in INSTRUMENTS:
            self.append(setting(SCHEDULE_ENTRY, CommandKind.SET_SCHEDULE, instrument=number))
            self.append(setting(INSTRUMENT_RULES, CommandKind.SET_RULES, instrument=number))
            self.append(set_phase(number, Phase.CLOSED))
            self.append(set_phase(number, Phase.CONTINUOUS))

    # ---- phases ----

    def _later(self, low_ns: int, high_ns: int, action: Callable[[], None]) -> None:
        self._schedule.between(low_ns, high_ns, lambda: action() if self.is_running else None)

    def _ask(self, number: int, phase: Phase) -> None:
        """By the control plane; without a session by the server."""
        if not self._trader.is_online:
            self.append(set_phase(number, phase))
            return
        message = control.SetPhase(instrument=number, phase=int(phase))
        self._trader.session.request(message, self._on_reply)
        self._trader.act()

    def _on_reply(self, reply: control.AnyReply) -> None:
        if isinstance(reply, control.Done):
            self.phases_done += 1
            self._counts["operator.done"] += 1
        else:
            self._counts["operator.refused"] += 1

    def _through(self, *phases: Phase) -> None:
        """An instrument goes through phases and comes back to continuous trading."""
        number = self._chance.choice((0, *INSTRUMENTS, *INSTRUMENTS))
        delay_ns = 0
        for phase in (*phases, Phase.CONTINUOUS):
            self._schedule.after(delay_ns, partial(self._ask_if_running, number, phase))
            delay_ns += self._chance.randint(10 * MILLISECOND, 400 * MILLISECOND)

    def _ask_if_running(self, number: int, phase: Phase) -> None:
        if self.is_running:
            self._ask(number, phase)

    def _scheduled(self) -> None:
        number, due_ns = self._chance.choice(INSTRUMENTS), self._schedule.clock()
        for phase in (Phase.INTRADAY_CALL, Phase.CONTINUOUS):
            due_ns += self._chance.randint(MILLISECOND, 500 * MILLISECOND)
            self.append(
                setting(SCHEDULE_ENTRY, CommandKind.SET_SCHEDULE, instrument=number, phase=phase, due_ns=due_ns)
            )

    # ---- settings ----

    def _rules(self) -> None:
        """Ranges and bands that a busy market leaves, a while long."""
        chance, number = self._chance, self._chance.choice(INSTRUMENTS)
        self.append(
            setting(
                INSTRUMENT_RULES, CommandKind.SET_RULES, instrument=number,
                static_ppm=chance.choice((0, 1500)), dynamic_ppm=chance.choice((0, 800)),
                band_tier=chance.choice((0, 0, 1)), fee_schedule=chance.choice((0, 1)), product_group=number,
            )
        )  # fmt: skip
        off = setting(INSTRUMENT_RULES, CommandKind.SET_RULES, instrument=number)
        self._later(100 * MILLISECOND, SECOND, lambda: self.append(off))

    def _auction(self) -> None:
        chance = self._chance
        self.append(
            setting(
                AUCTION_RULES, CommandKind.SET_AUCTION, instrument=chance.choice(INSTRUMENTS),
                volatility_ms=chance.choice((5, 50, 300)), random_ms=chance.choice((0, 30)),
                extension_ms=chance.choice((0, 40)), limit_state_ms=chance.choice((20, 200)),
                pause_ms=chance.choice((20, 100)), extensions_max=chance.choice((0, 1)), seed=chance.getrandbits(64),
            )
        )  # fmt: skip

    def _fees(self) -> None:
        chance = self._chance
        self.append(
            setting(
                FEE_SCHEDULE, CommandKind.SET_FEES, schedule=1, currency=1, tier=0, tiers=1,
                maker_e8=chance.choice((-500, 0, 700)), taker_e8=chance.choice((0, 33_333)),
                per_order=chance.choice((0, 3)), clearing_e8=chance.choice((0, 777)),
            )
        )  # fmt: skip

    def _limit_of(self, account: int, hard: int) -> Records:
        return setting(
            RISK_SETTING, CommandKind.SET_LIMIT, scope=Scope.ACCOUNT, scope_id=account, check=Check.ORDER_QUANTITY,
            action=0 if hard else 1, hard=hard,
        )  # fmt: skip

    def _limit(self) -> None:
        account = self._chance.choice(self._accounts)
        self.append(self._limit_of(account, self._chance.choice((10, 25))))
        self._later(50 * MILLISECOND, SECOND, lambda: self.append(self._limit_of(account, 0)))

    def _block_of(self, account: int, action: BlockAction) -> Records:
        return setting(RISK_SETTING, CommandKind.SET_BLOCK, scope=Scope.ACCOUNT, scope_id=account, action=int(action))

    def _block(self) -> None:
        account = self._chance.choice(self._accounts)
        self.append(self._block_of(account, self._chance.choice(list(BlockAction))))
        self._later(
            20 * MILLISECOND, 400 * MILLISECOND, lambda: self.append(self._block_of(account, BlockAction.RELEASE))
        )

    def _protection(self) -> None:
        chance = self._chance
        self.append(
            setting(
                RISK_SETTING, CommandKind.SET_PROTECTION, account=chance.choice(self._accounts),
                product_group=chance.choice((0, *INSTRUMENTS)), hard=chance.choice((0, 30)), soft=chance.choice((0, 2)),
                window_ns=SECOND,
            )
        )  # fmt: skip

    # ---- corrections ----

    def _trade(self) -> int:
        """A trade of late; one that never was if there is none yet."""
        core = self._machine.core
        made = int(core.exchange.memory[at.TRADE_IDS]) if core is not None else 0
        return 1 << _SHARD_SHIFT | max(1, made - self._chance.randint(0, _TRADES_LOOKED_AT))

    def _bust(self) -> None:
        self.append(setting(OPERATION, CommandKind.BUST_TRADE, trade_id=self._trade(), reason=4))

    def _adjust(self) -> None:
        price = PRICE + self._chance.randint(-12, 12)
        self.append(setting(OPERATION, CommandKind.ADJUST_TRADE, trade_id=self._trade(), amount=price, reason=4))

    def _dividend(self) -> None:
        number, amount = self._chance.choice(INSTRUMENTS), self._chance.choice((1, 7))
        self.append(setting(OPERATION, CommandKind.DIVIDEND, instrument=number, amount=amount))

    def _time(self) -> None:
        self.append(command(CommandKind.TIME))
