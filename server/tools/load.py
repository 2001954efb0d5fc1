"""The load generator: orders at a rate, or as fast as they go, through the client that everyone uses.

Rules: orders rest around a price and are cancelled again, so that the book stays small; each is timed from sending to
its first event. Figures go to standard output at the end.
"""

import argparse
import json
import sys
import time
from random import Random

import numpy as np

from server.client.connection import Connection, ConnectionRefused
from server.client.incoming import EventsReceived, Faulted
from server.protocol.codec import Records
from server.protocol.enums import CommandKind, EventKind, OrderType, TimeInForce
from server.protocol.records import COMMAND
from server.tools.server_address import AddressMissing, add_address_arguments, connect, read_password

PENDING_MAX = 5_000
LIVE_MAX = 200


class LoadGenerator:
    """Sends messages of `per_message` commands; `rate` is orders a second, 0 for as many as go."""

    def __init__(self, connection: Connection, options: argparse.Namespace) -> None:
        self._connection = connection
        self._options = options
        self._rng = Random(options.seed)
        self._sent_ns: dict[int, int] = {}
        self._live: list[int] = []
        self.sent = 0
        self.rejected = 0
        self.elapsed_ns: list[int] = []

    def run(self) -> float:
        """Runs for `seconds`, then waits for the last answers. Returns seconds. Raises `ConnectionRefused`."""
        options, entry = self._options, self._connection.session.entry
        began_ns = time.perf_counter_ns()
        end_ns = began_ns + int(options.seconds * 1e9)
        while (now_ns := time.perf_counter_ns()) < end_ns:
            due = options.per_message
            if options.rate:
                due = int((now_ns - began_ns) / 1e9 * options.rate) - self.sent
            if due >= options.per_message and entry.pending_count < PENDING_MAX:
                self._send(options.per_message)
                self._take(0)
            else:
                self._take(1)
        while entry.pending_count and time.perf_counter_ns() < end_ns + int(10e9):
            self._take(20)
        return (time.perf_counter_ns() - began_ns) / 1e9

    def _send(self, count: int) -> None:
        first = self._connection.send(self._commands(count))
        now_ns = time.perf_counter_ns()
        for counter in range(first, first + count):
            self._sent_ns[counter] = now_ns
        self.sent += count

    def _take(self, timeout_ms: int) -> None:
        for item in self._connection.poll(timeout_ms):
            if isinstance(item, Faulted):
                raise ConnectionRefused(item.code, item.text)
            if isinstance(item, EventsReceived):
                self._take_events(item.events)

    def _take_events(self, events: Records) -> None:
        now_ns = time.perf_counter_ns()
        for kind, counter, order_id in zip(
            events["kind"].tolist(), events["counter"].tolist(), events["order_id"].tolist(), strict=True
        ):
            sent_ns = self._sent_ns.pop(counter, None)
            if sent_ns is not None:
                self.elapsed_ns.append(now_ns - sent_ns)
            if kind == EventKind.ACCEPTED:
                self._live.append(order_id)
            elif kind == EventKind.REJECTED:
                self.rejected += 1

    def _commands(self, count: int) -> Records:
        rng, options = self._rng, self._options
        commands = np.zeros(count, COMMAND)
        for row in commands:
            if len(self._live) > LIVE_MAX:
                row["kind"] = CommandKind.CANCEL_ORDER
                row["order_id"] = self._live.pop(rng.randrange(len(self._live)))
                continue
            row["kind"] = CommandKind.NEW_ORDER
            row["account"], row["instrument"] = options.account, options.instrument
            row["side"] = rng.randrange(2)
            row["price"] = options.price + options.tick * rng.randint(-10, 10)
            row["quantity"] = rng.randint(1, 100)
            row["order_type"], row["time_in_force"] = OrderType.LIMIT, TimeInForce.GTC
        return commands


def main(arguments: list[str] | None = None) -> int:
    """0 with figures on standard output; 2 with one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m server.tools.load", description="The load generator.")
    add_address_arguments(parser)
    parser.add_argument("--account", type=int, required=True)
    parser.add_argument("--instrument", type=int, default=1)
    parser.add_argument("--price", type=int, required=True, help="middle of the orders, in price units")
    parser.add_argument("--tick", type=int, default=1, help="in price units")
    parser.add_argument("--rate", type=float, default=0.0, help="orders a second (default: as many as go)")
    parser.add_argument("--per-message", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    try:
        with connect(options) as connection:
            connection.logon(options.user, read_password(options))
            load = LoadGenerator(connection, options)
            seconds = load.run()
    except (AddressMissing, ConnectionRefused) as error:
        print(f"load: {error}", file=sys.stderr)
        return 2
    p50, p99 = np.percentile(load.elapsed_ns, (50, 99)) / 1e3 if load.elapsed_ns else (0.0, 0.0)
    figures = {"orders": load.sent, "rejected": load.rejected, "per_s": round(load.sent / seconds)}
    print(json.dumps({**figures, "p50_us": round(p50), "p99_us": round(p99)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
