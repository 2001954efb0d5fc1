"""`python -m tests.system.order_client`: a client of its own process that keeps its orders on disk, to be killed.

Rules: one JSON line of arguments on standard input, one JSON line of results on standard output. `send`: orders are
stored and sent, no answer is ever looked at. `store`: they are stored and never leave. `finish`: wait until all that
the store has is answered, and say what became of it.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from server.client.connection import Connection
from server.client.incoming import Channel, ChannelState, EventsReceived, OrdersUnknown
from server.client.order_store import OrderStore
from server.protocol.enums import CommandKind, OrderType, TimeInForce
from server.protocol.records import COMMAND
from tests.system.running import ACCOUNT, PASSWORDS, TRADER

PATIENCE_S = 60.0


def orders(count: int) -> np.ndarray:
    """Bids that rest."""
    rows = np.zeros(count, COMMAND)
    rows["kind"], rows["account"], rows["instrument"] = CommandKind.NEW_ORDER, ACCOUNT, 1
    rows["order_type"], rows["time_in_force"] = OrderType.LIMIT, TimeInForce.GTC
    rows["price"], rows["quantity"] = 9_000, 1
    return rows


def tell(**fields: Any) -> None:
    """One line to the parent."""
    print(json.dumps(fields), flush=True)


def main() -> None:
    """Does what the parent's line says."""
    told = json.loads(sys.stdin.readline())
    store = OrderStore.open(Path(told["store"]), told["server_key"].encode(), TRADER)
    found = store.entry.pending["counter"].tolist()
    connection = Connection(
        told["host"], told["control_port"], told["server_key"].encode(), time.time_ns, entry=store.entry,
        resume_from=0 if told["mode"] == "finish" and told["resume"] else None, valid_for_ns=0,
    )  # fmt: skip
    accepted = connection.logon(TRADER, PASSWORDS[TRADER], timeout_ms=30_000)
    if told["mode"] == "store":
        store.entry.prepare(orders(told["count"]), accepted.session, time.time_ns(), 0)
    elif told["mode"] == "send":
        while connection.session.health.states[Channel.ORDERS] is not ChannelState.LIVE:
            connection.poll(50)
        for _ in range(told["count"]):
            connection.send(orders(1))
    else:
        unknown: set[int] = set()
        answered: set[int] = set()
        deadline_s = time.monotonic() + PATIENCE_S
        while store.entry.pending_count and time.monotonic() < deadline_s:
            for item in connection.poll(50):
                if isinstance(item, OrdersUnknown):
                    unknown |= set(item.commands["counter"].tolist())
                elif isinstance(item, EventsReceived):
                    own = item.events["client_instance"] == np.uint64(store.entry.client_instance)
                    answered |= set(item.events["counter"][own].tolist())
        open_ = store.entry.pending_count
        tell(found=found, unknown=sorted(unknown), answered=sorted(answered), open=open_, counter=store.entry.counter)
        connection.close()
        return
    tell(instance=store.entry.client_instance, counter=store.entry.counter)
    sys.stdin.readline()


if __name__ == "__main__":
    main()
