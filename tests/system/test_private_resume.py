"""A client that was away during thousands of fills: every one of them, once, in order, then in step."""

from pathlib import Path

import numpy as np
import pytest

from app.state.workstation import Workstation
from server.client.connection import Connection
from server.client.incoming import EventsReceived, PrivateSynced
from server.client.open_orders import open_orders
from server.protocol.codec import Records
from server.protocol.enums import CommandKind, EventKind, OrderType, Side, TimeInForce
from server.protocol.records import COMMAND
from tests.system.running import ACCOUNT, OTHER, OTHER_ACCOUNT, RunningServer, wait_until

pytestmark = [pytest.mark.recovery, pytest.mark.timeout(300)]
FILLS = 5_000
BATCH = 500


def limit_orders(account: int, side: Side, quantity: int, count: int = 1) -> np.ndarray:
    """Orders at one price."""
    rows = np.zeros(count, COMMAND)
    rows["kind"], rows["account"], rows["instrument"] = CommandKind.NEW_ORDER, account, 1
    rows["order_type"], rows["time_in_force"] = OrderType.LIMIT, TimeInForce.GTC
    rows["side"], rows["price"], rows["quantity"] = side, 10_000, quantity
    return rows


def take(connection: Connection, state: Workstation, seen: list[Records]) -> bool:
    """What came goes into the state; True when the private stream is complete."""
    complete = False
    for item in connection.poll(50):
        if isinstance(item, EventsReceived):
            seen.append(item.events)
            state.apply_events(item.events, resumed=item.resumed)
        elif isinstance(item, PrivateSynced):
            state.apply_synced()
            complete = True
    return complete


def answered(connection: Connection) -> None:
    """Until nothing is open."""
    wait_until(lambda: connection.poll(20) is not None and not connection.session.entry.pending_count, what="answers")


def test_five_thousand_fills_while_away(tmp_path: Path):
    state, seen = Workstation(), []
    with RunningServer(tmp_path / "data") as server:
        here = server.log_on(resume_from=0)
        wait_until(lambda: take(here, state, seen), what="being in step")
        here.send(limit_orders(ACCOUNT, Side.BUY, FILLS + 7))
        wait_until(lambda: bool(take(here, state, seen)) or len(state.orders) == 1, what="the order")
        known = here.session.private.sequence
        here.close()
        with server.log_on(OTHER) as other:
            for _ in range(FILLS // BATCH):
                other.send(limit_orders(OTHER_ACCOUNT, Side.SELL, 1, BATCH))
                answered(other)
        again = server.log_on(resume_from=known)
        wait_until(lambda: take(again, state, seen), what="being in step again")
        live = open_orders(again)
        again.close()
    events = np.concatenate(seen)
    assert events["stream_sequence"].tolist() == list(range(1, len(events) + 1)), "all, once, in their order"
    fills = events[events["kind"] == EventKind.EXECUTED]
    assert len(fills) == len(np.unique(fills["trade_id"])) == FILLS
    assert (fills["filled"] + fills["leaves"] == FILLS + 7).all()
    assert fills["filled"].tolist() == list(range(1, FILLS + 1))
    order = state.orders.rows[0]
    assert len(state.orders) == len(live) == 1
    for name in ("order_id", "filled", "leaves", "state", "price", "quantity"):
        assert order[name] == live[name][0], name
    assert len(state.fills) == FILLS
    assert state.fills.rows["late"].all()
    assert state.take_away().fills == FILLS
