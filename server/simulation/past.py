"""A stretch of simulated past: agents, sequencer and engine under a clock that only this run moves.

Rules: no sockets and no real clock; what was decided is handed to `keep` in large batches, in order. The engine
sees each small batch at once, since the agents need the answers; no event depends on where a batch ends.
"""

from collections.abc import Callable
from typing import Any, Final, Protocol

import numpy as np

from server.gateway.commands import session_closed, session_opened, time_command
from server.journal.sequencer import Sequencer
from server.protocol.codec import Records
from server.protocol.enums import PROTOCOL_VERSION, FaultCode, MarketDataKind
from server.protocol.records import TOP_RECORD
from server.simulation.catalogue import SIMULATOR_USER, TRADER_USER
from server.simulation.desk import DeskTrader
from server.simulation.market import DEEPEST, SimulatedMarket
from server.simulation.takers import Touch

KEEP_COMMANDS: Final = 1024
CALM: Final = 18.0
THIN: Final = 4.0
PAST_REACH: Final = 2
RECENT_NS: Final = 300_000_000_000
CLOSE_UP_NS: Final = 120_000_000_000
WINDOW_NS: Final = 400_000_000
CLOSE_UP_WINDOW_NS: Final = 10_000_000
_SESSIONS: Final = {SIMULATOR_USER: 1, TRADER_USER: 2}
_INSTANCES: Final = {SIMULATOR_USER: 0x51D, TRADER_USER: 0xDE5C}

Keep = Callable[[Records, Records, Records], None]
"""Takes commands, events and market data, in order."""


class Applies(Protocol):
    """The engine, or the oracle."""

    def apply(self, commands: Records) -> Any:
        """Outputs with `events`, `market_data` and `next_due_ns`."""


class Past:
    """One run from `start_ns` to `end_ns`. The clock of `sequencer` must be `now`."""

    def __init__(
        self, market: SimulatedMarket, desk: DeskTrader | None, exchange: Applies, start_ns: int, keep: Keep
    ) -> None:
        self.now_ns = start_ns
        self.commands = 0
        self._market = market
        self._desk = desk
        self._exchange = exchange
        self._sequencer = Sequencer(self.now)
        self._keep = keep
        self._counters = dict.fromkeys(_SESSIONS, 0)
        self._due_ns = 0
        self._kept: list[tuple[Records, Records, Records]] = []
        self._kept_commands = 0

    def now(self) -> int:
        """The simulated clock."""
        return self.now_ns

    def run(self, opening: Records, end_ns: int, progress: Callable[[float], None]) -> None:
        """`opening`: the commands that list and open everything. `progress` is told the share that is done."""
        market = self._market
        start_ns = self.now_ns
        self._apply(opening)
        for user, session in _SESSIONS.items():
            self._apply(session_opened(session, user, key_id=0))
        market.begin(self.now_ns)
        told = 0.0
        while market.due_ns <= end_ns:
            left_ns = end_ns - self.now_ns
            recent = left_ns <= RECENT_NS
            market.schedule.calm = 1.0 if recent else CALM
            market.schedule.thin = 1.0 if recent else THIN
            market.schedule.reach = DEEPEST if recent else PAST_REACH
            window_ns = WINDOW_NS if left_ns > CLOSE_UP_NS else CLOSE_UP_WINDOW_NS
            self.now_ns = min(max(market.due_ns + window_ns, self.now_ns), end_ns)
            self._turn()
            done = 1.0 - left_ns / (end_ns - start_ns)
            if done >= told + 0.01:
                told = done
                progress(done)
        self.now_ns = end_ns
        if self._desk is not None:
            self._send(TRADER_USER, self._desk.last_orders(self._touches()))
        for user, session in _SESSIONS.items():
            self._apply(session_closed(session, user, FaultCode.LOGGED_OFF))
        self._flush()
        progress(1.0)

    def _turn(self) -> None:
        if self._due_ns and self.now_ns >= self._due_ns:
            self._apply(time_command())
        desk = self._desk
        if desk is not None and self.now_ns >= desk.due_ns:
            orders = desk.act(self.now_ns, self._touches())
            if orders is not None:
                self._send(TRADER_USER, orders)
        commands = self._market.act(self.now_ns)
        if commands is not None:
            self._market.sent(self._counters[SIMULATOR_USER] + 1)
            self._send(SIMULATOR_USER, commands)

    def _touches(self) -> dict[int, Touch]:
        return {number: market.touch for number, market in self._market.markets.items()}

    def _send(self, user: int, commands: Records) -> None:
        first = self._counters[user] + 1
        self._counters[user] += len(commands)
        commands["version"] = PROTOCOL_VERSION
        commands["shard"] = 1
        commands["group_count"] = 1
        commands["user"] = user
        commands["session"] = _SESSIONS[user]
        commands["client_instance"] = _INSTANCES[user]
        commands["counter"] = np.arange(first, first + len(commands))
        self._apply(commands)

    def _apply(self, commands: Records) -> None:
        self._sequencer.stamp(commands)
        outputs = self._exchange.apply(commands)
        events, market_data = outputs.events.copy(), outputs.market_data.copy()
        self._due_ns = outputs.next_due_ns
        self.commands += len(commands)
        self._kept.append((commands, events, market_data))
        self._kept_commands += len(commands)
        if self._kept_commands >= KEEP_COMMANDS:
            self._flush()
        users = events["user"]
        self._market.on_events(events[users == SIMULATOR_USER], self.now_ns)
        if self._desk is not None:
            own = users == TRADER_USER
            if own.any():
                self._desk.on_events(events[own])
        tops = market_data[market_data["kind"] == MarketDataKind.TOP].view(TOP_RECORD)
        for instrument, bid, ask in zip(
            tops["instrument"].tolist(), tops["bid_price"].tolist(), tops["ask_price"].tolist(), strict=True
        ):
            self._market.on_top(instrument, bid, ask)

    def _flush(self) -> None:
        if self._kept:
            commands, events, market_data = (np.concatenate(part) for part in zip(*self._kept, strict=True))
            self._keep(commands, events, market_data)
            self._kept.clear()
            self._kept_commands = 0
