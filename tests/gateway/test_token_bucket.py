"""Token buckets: no more than burst and rate in any time, and nothing lost to rounding."""

from random import Random

from server.gateway.buckets import Buckets
from server.gateway.token_bucket import TokenBucket

SECOND = 1_000_000_000


def test_a_burst_and_then_the_rate() -> None:
    bucket = TokenBucket(10, 3, 0)
    assert [bucket.takes(1, 0) for _ in range(4)] == [True, True, True, False]
    assert not bucket.takes(1, SECOND // 10 - 1)
    assert bucket.takes(1, SECOND // 10)
    assert not bucket.takes(1, SECOND // 10)
    assert [bucket.takes(1, 10 * SECOND) for _ in range(4)] == [True, True, True, False]


def test_what_is_larger_than_the_bucket_gets_through_and_is_owed() -> None:
    bucket = TokenBucket(10, 5, 0)
    assert bucket.takes(25, 0)
    assert not bucket.takes(1, 2 * SECOND)
    assert bucket.takes(1, 2 * SECOND + SECOND // 10)


def test_many_small_steps_give_what_one_large_one_gives() -> None:
    random_ = Random(7)
    bucket, now_ns, taken = TokenBucket(1000, 10, 0), 0, 0
    while now_ns < 10 * SECOND:
        now_ns += random_.randrange(1, 200_000)
        taken += bucket.takes(1, now_ns)
    assert 10_000 <= taken <= 10_011


def test_time_that_stands_still_or_goes_back_gives_nothing() -> None:
    bucket = TokenBucket(1000, 1, SECOND)
    assert bucket.takes(1, SECOND)
    assert not bucket.takes(1, 0)
    assert not bucket.takes(1, SECOND)


def test_each_name_has_its_own_and_full_ones_are_forgotten() -> None:
    buckets = Buckets(1, 1)
    assert buckets.takes("a", 0)
    assert not buckets.takes("a", 0)
    assert buckets.takes("b", 0)
    assert len(buckets) == 2
    assert buckets.takes("c", 2 * SECOND)
    assert len(buckets) == 1


def test_names_do_not_fill_the_memory() -> None:
    buckets = Buckets(1, 1, names_max=100)
    for number in range(1000):
        buckets.takes(str(number), 0)
    assert len(buckets) == 100
