"""A token bucket: so much at once, and so much a second after that.

Rules: pure and whole numbers alone; the time is an argument. Whoever finds anything in it may take, also more than
there is, and then owes the rest: something larger than the bucket gets through in its turn and no rate is exceeded.
It is filled in steps, or when it is empty, since filling costs more than taking.
"""

from typing import Final

_SECOND_NS: Final = 1_000_000_000
_STEP_NS: Final = 5_000_000


class TokenBucket:
    """`per_s` tokens a second, at most `burst` of them kept; full at the beginning."""

    __slots__ = ("_burst", "_filled_ns", "_per_s", "_tokens")

    def __init__(self, per_s: int, burst: int, now_ns: int) -> None:
        assert per_s > 0, "a bucket is filled"
        assert burst > 0, "a bucket holds something"
        self._per_s = per_s
        self._burst = burst
        self._tokens = burst
        self._filled_ns = now_ns

    def takes(self, count: int, now_ns: int) -> bool:
        """Take `count` tokens if there is at least one; False, and nothing taken, if there is none."""
        if self._tokens <= 0 or now_ns - self._filled_ns >= _STEP_NS:
            self._fill(now_ns)
        if self._tokens <= 0:
            return False
        self._tokens -= count
        return True

    def has(self, count: int, now_ns: int) -> bool:
        """Whether so many tokens are there."""
        if self._tokens < count:
            self._fill(now_ns)
        return self._tokens >= count

    def is_full(self, now_ns: int) -> bool:
        """Whether nothing was taken that has not come back: the bucket may be forgotten."""
        return self._tokens + (now_ns - self._filled_ns) * self._per_s // _SECOND_NS >= self._burst

    def _fill(self, now_ns: int) -> None:
        gained = (now_ns - self._filled_ns) * self._per_s // _SECOND_NS
        if gained <= 0:
            return
        tokens = self._tokens + gained
        if tokens >= self._burst:
            self._tokens, self._filled_ns = self._burst, now_ns
        else:
            self._tokens = tokens
            self._filled_ns += gained * _SECOND_NS // self._per_s
