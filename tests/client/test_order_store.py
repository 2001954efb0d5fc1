"""Commands on the client's disk: another life goes on with the same keys, whatever was torn."""

from pathlib import Path

import numpy as np
import pytest

import server.client.order_store as module
from server.client.order_store import OrderStore
from server.protocol.errors import LocalProtocolError
from server.protocol.records import COMMAND
from tests.client.test_order_entry import bracket
from tests.client.wire import new_orders

KEY = b"k" * 40


def opened(root: Path, user: str = "ann", **options: bool) -> OrderStore:
    return OrderStore.open(root, KEY, user, **options)


def answer(store: OrderStore, *counters: int) -> None:
    for counter in counters:
        store.entry.settle(counter)


def test_another_life_goes_on_where_the_first_was_killed(tmp_path: Path):
    first = opened(tmp_path)
    first.entry.prepare(new_orders(3), session=1, now_ns=0)
    first.entry.prepare_group(bracket(), session=1, now_ns=0)
    answer(first, 1, 3)
    first.close()
    second = opened(tmp_path)
    assert second.entry.client_instance == first.entry.client_instance
    assert second.entry.counter == 5
    rows = np.frombuffer(second.unanswered, COMMAND)
    assert rows["counter"].tolist() == [2, 4, 0, 5, 0]
    assert rows["group_count"].tolist() == [1, 4, 0, 0, 0]
    second.entry.on_logon(last_counter=3, session=7)
    again = np.frombuffer(b"".join(second.entry.take_resend()), COMMAND)
    assert again["counter"].tolist() == [4, 0, 5, 0], "2 has arrived, its answer is to come; 4 and 5 have not"
    second.close()


def test_two_at_the_same_time_are_two_instances(tmp_path: Path):
    first, second = opened(tmp_path), opened(tmp_path)
    assert first.entry.client_instance != second.entry.client_instance
    first.close()
    third = opened(tmp_path)
    assert third.entry.client_instance == first.entry.client_instance
    for store in (second, third):
        store.close()


def test_users_and_servers_are_kept_apart(tmp_path: Path):
    stores = [opened(tmp_path), opened(tmp_path, "bob"), OrderStore.open(tmp_path, b"z" * 40, "ann")]
    assert len({store.path.parent for store in stores}) == 3
    for store in stores:
        store.close()
    fresh = opened(tmp_path, anew=True)
    assert fresh.entry.client_instance != stores[0].entry.client_instance
    fresh.close()


def test_a_tail_torn_at_any_byte_costs_only_what_had_not_left(tmp_path: Path):
    store = opened(tmp_path)
    empty = store.path.stat().st_size
    store.entry.prepare(new_orders(1), session=1, now_ns=0)
    one = store.path.stat().st_size
    store.entry.prepare(new_orders(1), session=1, now_ns=0)
    store.close()
    content = store.path.read_bytes()
    for end in range(empty, len(content) + 1):
        store.path.write_bytes(content[:end])
        again = opened(tmp_path)
        assert again.entry.pending_count == (end >= one) + (end >= len(content))
        assert again.entry.counter == again.entry.pending_count
        again.close()


@pytest.mark.parametrize("spoiled", [b"", b"garbage", b"TPORDER1" + bytes(8)])
def test_a_file_that_says_nothing_begins_anew(tmp_path: Path, spoiled: bytes):
    store = opened(tmp_path)
    store.close()
    store.path.write_bytes(spoiled)
    again = opened(tmp_path)
    assert (again.entry.counter, again.entry.pending_count) == (0, 0)
    again.close()


def test_the_file_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "GROWN_BYTES", 4_096)
    store = opened(tmp_path)
    for counter in range(1, 500):
        store.entry.prepare(new_orders(1), session=1, now_ns=0)
        if counter != 7:
            answer(store, counter)
    assert store.path.stat().st_size < 8_192
    store.close()
    again = opened(tmp_path)
    assert again.entry.counter == 499
    assert np.frombuffer(again.unanswered, COMMAND)["counter"].tolist() == [7]
    again.close()


def test_what_cannot_be_stored_does_not_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store = opened(tmp_path)

    class Full:
        closed = False

        def __init__(self) -> None:
            self.file = store._file

        def write(self, content: bytes) -> int:
            return self.file.write(content[:10]) or 0

        def __getattr__(self, name: str) -> object:
            return getattr(self.file, name)

    whole = store._file
    monkeypatch.setattr(store, "_file", Full())
    with pytest.raises(LocalProtocolError, match="cannot be stored"):
        store.entry.prepare(new_orders(1), session=1, now_ns=0)
    assert (store.entry.counter, store.entry.pending_count) == (0, 0)
    monkeypatch.setattr(store, "_file", whole)
    store.entry.prepare(new_orders(1), session=1, now_ns=0)
    store.close()
    again = opened(tmp_path)
    assert again.entry.pending_count == 1, "no half record stands in front of it"
    again.close()
