"""Token buckets by name: one for each key or network address that was heard of lately.

Rules: pure. What is kept is bounded: full buckets are forgotten first, since a new one would be the same; then the
one that was used longest ago.
"""

from collections import OrderedDict
from typing import Final

from server.gateway.token_bucket import TokenBucket

NAMES_MAX: Final = 10_000
_SWEPT: Final = 8
"""How many of the oldest are looked at when a new name comes."""


class Buckets:
    """The buckets of one kind of thing that is limited."""

    __slots__ = ("_burst", "_by_name", "_names_max", "_per_s")

    def __init__(self, per_s: int, burst: int, names_max: int = NAMES_MAX) -> None:
        self._per_s = per_s
        self._burst = burst
        self._names_max = names_max
        self._by_name: OrderedDict[str, TokenBucket] = OrderedDict()

    def takes(self, name: str, now_ns: int, count: int = 1) -> bool:
        """Take from the bucket of that name; False if it is empty."""
        bucket = self._by_name.get(name)
        if bucket is None:
            self._forget(now_ns)
            bucket = self._by_name[name] = TokenBucket(self._per_s, self._burst, now_ns)
        else:
            self._by_name.move_to_end(name)
        return bucket.takes(count, now_ns)

    def __len__(self) -> int:
        return len(self._by_name)

    def _forget(self, now_ns: int) -> None:
        by_name = self._by_name
        for _ in range(min(_SWEPT, len(by_name))):
            name, bucket = next(iter(by_name.items()))
            if not bucket.is_full(now_ns):
                break
            del by_name[name]
        if len(by_name) >= self._names_max:
            by_name.popitem(last=False)
