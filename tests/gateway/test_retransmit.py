"""The ring gives back exactly what was numbered, and refuses what it no longer has."""

import random

import numpy as np
import pytest

from server.gateway.retransmit import RetransmitRing
from server.protocol.records import BOOK_RECORD


def rows(first: int, count: int) -> np.ndarray:
    made = np.zeros(count, BOOK_RECORD)
    made["sequence"] = np.arange(first, first + count)
    return made


@pytest.mark.parametrize("capacity", [1, 7, 64, 100, 1000])
def test_against_a_list(capacity: int) -> None:
    seed = 20261122 + capacity
    print(f"seed {seed}")
    random_ = random.Random(seed)
    ring = RetransmitRing(capacity)
    total = 0
    for _ in range(200):
        count = random_.randint(1, 2 * capacity if random_.random() < 0.1 else max(1, capacity // 5))
        ring.append(rows(total + 1, count).tobytes(), count)
        total += count
        assert ring.next_sequence == total + 1
        ask, want = random_.randint(1, total + 1), random_.randint(1, 50)
        got = ring.read(ask, want)
        if got is None:
            assert ask <= total - capacity
        else:
            assert got["sequence"].tolist() == list(range(ask, min(ask + want, total + 1)))


def test_what_is_too_old_or_to_come_is_refused() -> None:
    ring = RetransmitRing(10)
    for first in range(1, 26):
        ring.append(rows(first, 1).tobytes(), 1)
    assert ring.read(15, 5) is None
    assert ring.read(0, 5) is None
    assert ring.read(-3, 5) is None
    assert ring.read(27, 1) is None
    assert ring.newest()["sequence"].tolist() == [25]
    at_end = ring.read(26, 1)
    assert at_end is not None
    assert len(at_end) == 0
    newest = ring.read(16, 100)
    assert newest is not None
    assert newest["sequence"].tolist() == list(range(16, 26))
