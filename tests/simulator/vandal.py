"""Somebody who sends what no client sends: with a session of its own, and without one.

Rules: all that it may cost is its own session. What passes the gateway is a command like any other: those with random
fields reach the engine, which has to have an answer to each.
"""

import numpy as np

from server.gateway.gateway import CONTROL_DOMAIN, MARKET_DATA_DOMAIN, ORDERS_DOMAIN
from server.protocol import control
from server.protocol.codec import MESSAGE_BYTES_MAX, REQUEST_BYTES_MAX, encode_control
from server.protocol.enums import CommandKind
from server.protocol.records import COMMAND
from tests.simulator.faults import GARBAGE, Counts
from tests.simulator.network import Network, Socket
from tests.simulator.program import INSTRUMENTS, PRICE
from tests.simulator.schedule import MILLISECOND, SECOND, Schedule
from tests.simulator.trader import Trader

_DOINGS = (
    "stranger_speaks",
    "frame",
    "version",
    "foreign",
    "oversize",
    "records",
    "request",
    "topic",
    "half",
    "restart",
)
_PACE_NS = (20 * MILLISECOND, 200 * MILLISECOND)
_CLIENT_KINDS = [int(kind) for kind in CommandKind if kind < CommandKind.TIME]
_HEAD_BYTES = 24
"""Of a record: what random bytes leave as it is."""


class Vandal:
    """One key with a user's rights and no manners, and a stranger without either."""

    def __init__(
        self, schedule: Schedule, counts: Counts, network: Network, trader: Trader, others: list[Trader]
    ) -> None:
        self.is_running = True
        self._schedule = schedule
        self._chance = schedule.chance
        self._counts = counts
        self._trader = trader
        self._others = others
        self._stranger = Socket(network, CONTROL_DOMAIN, "f" * 64, lambda _, frame: None, lambda: None, lambda: None)
        self._plan()

    def _plan(self) -> None:
        self._schedule.between(*_PACE_NS, self._act)

    def _act(self) -> None:
        if not self.is_running:
            return
        self._trader.log_on_again()
        kind = self._chance.choice(_DOINGS)
        if kind == "stranger_speaks" or self._trader.is_online:
            getattr(self, f"_{kind}")()
            self._counts[f"{GARBAGE}.{kind}"] += 1
        self._plan()

    def _bytes(self, most: int = 400) -> bytes:
        return self._chance.randbytes(self._chance.randint(0, most))

    def _frame_of(self, session: int, version: int = 1) -> bytes:
        """One order as a frame of this session."""
        row = np.zeros(1, COMMAND)
        row["kind"], row["version"], row["shard"], row["group_count"] = CommandKind.NEW_ORDER, version, 1, 1
        frames = self._trader.session._frames
        return frames.commands(self._trader.session.epoch, session, row.tobytes()).frame

    def _stranger_speaks(self) -> None:
        """Without a session: noise, a question that only a session may ask."""
        self._stranger.send(self._chance.choice((self._bytes(), encode_control(control.GetAccounts(request_id=1)))))

    def _frame(self) -> None:
        self._trader.sockets.throw(ORDERS_DOMAIN, self._bytes())

    def _version(self) -> None:
        frame = bytearray(self._frame_of(self._trader.session.session))
        frame[1] = self._chance.choice((0, 2, 255))
        self._trader.sockets.throw(ORDERS_DOMAIN, bytes(frame))

    def _foreign(self) -> None:
        self._trader.sockets.throw(ORDERS_DOMAIN, self._frame_of(self._chance.choice(self._others).session.session))

    def _oversize(self) -> None:
        size = (REQUEST_BYTES_MAX if self._chance.random() < 0.5 else MESSAGE_BYTES_MAX) + 1
        domain = CONTROL_DOMAIN if size == REQUEST_BYTES_MAX + 1 else ORDERS_DOMAIN
        self._trader.sockets.throw(domain, self._frame_of(self._trader.session.session).ljust(size, b"\1"))

    def _records(self) -> None:
        """A client's commands with random fields; the counters are right, so that they get far."""
        count = self._chance.randint(1, 4)
        rows = np.zeros(count, COMMAND)
        rows["account"], rows["instrument"], rows["price"], rows["quantity"] = self._trader.account, 1, PRICE, 5
        spoiled = bytearray(rows.tobytes())
        for _ in range(self._chance.randint(0, 6)):
            row = self._chance.randrange(count) * COMMAND.itemsize
            spoiled[row + self._chance.randrange(_HEAD_BYTES, COMMAND.itemsize)] = self._chance.randrange(256)
        drawn = np.frombuffer(spoiled, COMMAND)
        drawn["kind"], drawn["shard"] = [self._chance.choice(_CLIENT_KINDS) for _ in range(count)], 1
        drawn["order_type"], drawn["time_in_force"] = 1, 2
        self._trader.send(drawn)

    def _request(self) -> None:
        self._trader.sockets.throw(CONTROL_DOMAIN, self._bytes())

    def _topic(self) -> None:
        topic = self._bytes(6) if self._chance.random() < 0.7 else b"O" + self._chance.choice(INSTRUMENTS).to_bytes(4)
        self._trader.sockets.throw(MARKET_DATA_DOMAIN, topic, self._chance.choice((b"", b"-")))

    def _half(self) -> None:
        """A frame that ends in its middle."""
        frame = self._frame_of(self._trader.session.session)
        self._trader.sockets.throw(ORDERS_DOMAIN, frame[: self._chance.randrange(len(frame))])

    def _restart(self) -> None:
        self._schedule.between(MILLISECOND, SECOND, lambda: self._trader.restart(()))
