"""Messages that are taken together are taken as they would be one by one."""

from pathlib import Path
from random import Random

import numpy as np
import pytest

from server.gateway import order_entry
from server.gateway.many_messages import MANY
from server.protocol.enums import CommandKind, EventKind, RejectReason
from tests.gateway.desk import ANN_ACCOUNT, BOB_ACCOUNT, Desk, order

ODD = ("heartbeat", "foreign", "garbage", "many", "server_kind", "version", "stranger")


def outcome(directory: Path, seed: int, odd: str, limits: dict[str, int]) -> list[object]:
    """What two traders are told, and the state after, of a made flow of busy turns."""
    random_ = Random(seed)
    desk = Desk(directory, **limits)
    traders = [(desk.trader("ann"), ANN_ACCOUNT), (desk.trader("bob"), BOB_ACCOUNT)]
    counters = [0, 0]
    told: list[object] = []
    for turn in range(4):
        for number in range(MANY + random_.randrange(40)):
            which = random_.randrange(2)
            client, account = traders[which]
            counters[which] += 1
            kind = CommandKind.CANCEL_ORDER if random_.random() < 0.2 else CommandKind.NEW_ORDER
            row = order(counters[which], kind=kind, account=account, price=4990 + random_.randrange(20), order_id=turn)
            frame = client.message(row)
            if turn == 2 and number == 20 and odd:
                frame = broken(frame, odd, client.message(np.concatenate([row, row])))
            key = "f" * 64 if odd == "stranger" and turn == 2 and number == 20 else client.key
            desk.transport.order(key, client.address, frame)
        outbox = desk.turn()
        told += [[bytes(frame[64:]) for at, frame in outbox.orders if at == client.address] for client, _ in traders]
    told += [desk.core.exchange.state_hash(), dict(desk.gateway.counters.values)]
    desk.close()
    return told


def broken(frame: bytes, odd: str, many: bytes) -> bytes:
    """The frame, with what is odd about it."""
    place, value = {"heartbeat": (0, 3), "foreign": (16, 99), "server_kind": (64, 200), "version": (65, 9)}.get(
        odd, (0, 0)
    )
    if odd == "many":
        return many
    if odd == "garbage":
        return frame[:100]
    return frame if odd == "stranger" else frame[:place] + bytes([value]) + frame[place + 1 :]


@pytest.mark.parametrize("odd", ["", *ODD])
@pytest.mark.parametrize(
    "limits", [{}, {"orders_per_s": 1, "orders_burst": 100}, {"cancels_per_s": 1, "cancels_burst": 9}]
)
def test_together_is_as_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: str, limits: dict[str, int]
) -> None:
    together = outcome(tmp_path / "together", 7, odd, limits)
    monkeypatch.setattr(order_entry, "take_together", lambda *_: False)
    assert together == outcome(tmp_path / "one", 7, odd, limits)


def test_a_busy_turn_is_taken_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path)
    ann = desk.trader("ann")
    results: list[bool] = []
    take = order_entry.take_together
    monkeypatch.setattr(order_entry, "take_together", lambda *given: results.append(take(*given)) or results[-1])
    for counter in range(1, MANY + 1):
        ann.push(ann.message(order(counter, session=0, user=0)))
    events = ann.events(desk.turn())
    assert results == [True]
    assert (events["kind"] == EventKind.ACCEPTED).all()
    assert (events["reason"] == RejectReason.NONE).all()
    assert set(events["user"].tolist()) == {7}
    desk.close()
