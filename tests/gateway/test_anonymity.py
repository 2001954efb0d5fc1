"""What everybody may see names nobody: the feed is searched for accounts, users, sessions and private ids."""

import random
from pathlib import Path

import numpy as np
import pytest

from server.protocol.codec import decode_envelope
from server.protocol.enums import MarketDataKind, Topic
from server.protocol.records import BOOK_RECORD
from server.settings import AccountSetting, Reference, UserSetting
from tests.gateway import desk as desk_module
from tests.gateway.desk import PASSWORD, Desk, order

ANN_SECRET, BOB_SECRET = 0x00A1B2C3, 0x00D4E5F6
"""Account and user numbers that do not occur by chance."""
ANN_USER, BOB_USER = 0x71727374, 0x75767778
INSTANCES = (0x1122334455667788, 0x99AABBCCDDEEFF01)
LABELS = (b"ann-secret-label", b"bob-secret-label")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    plain = desk_module.reference()
    users = [
        UserSetting(user_id=ANN_USER, user="ann", password=PASSWORD, accounts=[ANN_SECRET]),
        UserSetting(user_id=BOB_USER, user="bob", password=PASSWORD, accounts=[BOB_SECRET]),
    ]
    accounts = [
        AccountSetting(account=ANN_SECRET, name="ANN-ACCOUNT", cash=10**12),
        AccountSetting(account=BOB_SECRET, name="BOB-ACCOUNT", cash=10**12),
    ]
    told = Reference(currencies=plain.currencies, instruments=plain.instruments, accounts=accounts, users=users)
    monkeypatch.setattr(desk_module, "reference", lambda: told)
    monkeypatch.setattr(desk_module, "ANN", ANN_USER)
    monkeypatch.setattr(desk_module, "BOB", BOB_USER)
    return Desk(tmp_path, checksum_ms=50)


def test_the_feed_names_no_account_user_session_label_or_private_order(desk: Desk) -> None:
    random_ = random.Random(7)
    traders = [desk.trader("ann"), desk.trader("bob")]
    for topic in Topic:
        assert desk.gateway.admits_subscription(traders[0].key, bytes([topic]))
    feed: list[bytes] = []
    public_ids: set[int] = set()
    for counter in range(1, 200):
        for client, account, instance, label in zip(traders, (ANN_SECRET, BOB_SECRET), INSTANCES, LABELS, strict=True):
            side = random_.randint(0, 1)
            row = order(
                counter, side=side, price=5000 + random_.randint(-9, 3) * (1 - 2 * side), account=account,
                instance=instance, quantity=random_.randint(1, 50),
            )  # fmt: skip
            row["label"] = label[:14] + b"%02d" % (counter % 100)
            client.push(client.message(row))
            desk.clock.advance_ms(10)
            outbox = desk.turn()
            feed += [topic + frame for topic, frame in outbox.market_data]
            for one in traders:
                events = one.events(outbox)
                public_ids |= set(events["public_order_id"].tolist())
    desk.clock.advance_ms(2000)
    feed += [topic + frame for topic, frame in desk.turn().market_data]
    content = b"".join(feed)
    kinds = {int(kind) for frame in feed for kind in _records(frame)["kind"]}
    assert {MarketDataKind.ADD, MarketDataKind.EXECUTE, MarketDataKind.TRADE, MarketDataKind.CHECKSUM} <= kinds
    assert len(content) > 100_000
    told = {int(number) for frame in feed for number in _records(frame)["public_order_id"]}
    assert told - {0} <= public_ids, "the feed knows the public ids alone"
    assert len(told) > 150
    for number in (ANN_SECRET, BOB_SECRET, ANN_USER, BOB_USER):
        assert number.to_bytes(4, "little") not in content, f"{number:#x}"
    for number in INSTANCES:
        assert number.to_bytes(8, "little") not in content, f"{number:#x}"
    for text in (b"ANN", b"BOB", b"secret", b"ann", b"bob"):
        assert text not in content
    for frame in feed:
        assert decode_envelope(frame[5:])["session"] == 0


def _records(frame: bytes) -> np.ndarray:
    is_book = frame[0] in (Topic.ORDERS, Topic.TRADES, Topic.DEPTH)
    return np.frombuffer(frame, BOOK_RECORD, -1, 5 + 64) if is_book else np.zeros(0, BOOK_RECORD)
