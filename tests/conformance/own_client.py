"""The project's own client under the suite: `Connection` does the protocol, this does what the steps say."""

import time
from typing import Any

import numpy as np

from server.client.book import DepthBook
from server.client.connection import Connection
from server.client.incoming import EventsReceived, MarketDataReceived
from server.protocol import control
from server.protocol.enums import CommandKind, EventKind, OrderType, Side, TimeInForce, Topic
from server.protocol.records import COMMAND
from tests.conformance.suite import Step


class OwnClient:
    """One connection and the newest order."""

    def __init__(self) -> None:
        self.connection: Connection | None = None
        self.book = DepthBook()
        self.order_id = 0
        self.account = self.instrument = 0
        self.waiting: list[Step] = []

    def do(self, step: Step) -> None:
        """Begin what the step says; what needs a session waits for it."""
        if step["do"] == "connect":
            self.connection = Connection(step["host"], step["control_port"], step["server_key"].encode(), time.time_ns)
            self.connection.session.start(time.time_ns())
            return
        self.waiting.append(step)

    def poll(self, timeout_ms: int) -> None:
        """Take what came, then do what can be done."""
        if self.connection is None:
            time.sleep(timeout_ms / 1000)
            return
        for item in self.connection.poll(timeout_ms):
            if isinstance(item, MarketDataReceived) and item.topic == Topic.DEPTH:
                (self.book.apply_snapshot if item.snapshot else self.book.apply)(item.records)
            elif isinstance(item, EventsReceived):
                for row in item.events[item.events["kind"] == EventKind.ACCEPTED]:
                    self.order_id = int(row["order_id"])
        while self.waiting and self._done(self.waiting[0], self.connection):
            self.waiting.pop(0)

    def _done(self, step: Step, connection: Connection) -> bool:
        """Whether the step could be done now."""
        what = step["do"]
        if what == "logon":
            connection.start(step["user"], step["password"])
        elif what == "logoff":
            connection.request(control.Logoff())
        elif what in ("wait", "reconnect"):
            return True
        elif connection.session.session == 0:
            return False
        elif what == "instruments":
            connection.request(control.GetInstruments())
        elif what == "subscribe":
            connection.subscribe(Topic.DEPTH, step["instrument"])
        elif what == "take-best":
            return self._take_best(step)
        elif what == "order":
            self.account, self.instrument, self.order_id = step["account"], step["instrument"], 0
            self._send(CommandKind.NEW_ORDER, side=Side[step["side"]], price=step["price"], quantity=step["quantity"])
        elif self.order_id == 0:
            return False
        elif what == "cancel":
            self._send(CommandKind.CANCEL_ORDER, order_id=self.order_id)
        elif what == "replace":
            self._send(CommandKind.REPLACE_ORDER, order_id=self.order_id, price=9_000, quantity=step["quantity"])
        return True

    def _take_best(self, step: Step) -> bool:
        best = self.book.best_ask()
        if best is None:
            return False
        self.account, self.instrument = step["account"], step["instrument"]
        self._send(CommandKind.NEW_ORDER, price=best[0], quantity=best[1], time_in_force=TimeInForce.IOC)
        return True

    def _send(self, kind: CommandKind, **fields: Any) -> None:
        row = np.zeros(1, COMMAND)
        terms = {"order_type": OrderType.LIMIT, "time_in_force": TimeInForce.GTC} | fields
        for name, value in {"account": self.account, "instrument": self.instrument, **terms}.items():
            row[name] = value
        row["kind"] = kind
        assert self.connection is not None
        self.connection.send(row)

    def close(self) -> None:
        """Let go."""
        if self.connection is not None:
            self.connection.close()
