"""How often a user may try a password: some tries at once, then one after a growing wait.

Rules: pure, the time is passed in; a right password forgets the failures; what is kept is bounded.
"""

from dataclasses import dataclass

FREE_FAILURES = 5
FIRST_WAIT_NS = 1_000_000_000
LONGEST_WAIT_NS = 60_000_000_000
FORGET_NS = 900_000_000_000
USERS_MAX = 10_000


@dataclass(slots=True)
class Failures:
    """Failed tries of one user, and from when on the next is allowed."""

    count: int
    last_ns: int
    allowed_ns: int


class Throttle:
    """Failures by user name."""

    def __init__(self) -> None:
        self._failures: dict[str, Failures] = {}

    def allows(self, user: str, now_ns: int) -> bool:
        """Whether a try may be made now."""
        failures = self._failures.get(user)
        return failures is None or now_ns >= failures.allowed_ns

    def failed(self, user: str, now_ns: int) -> None:
        """A wrong password, at this time."""
        failures = self._failures.pop(user, None)
        if failures is None or now_ns - failures.last_ns > FORGET_NS:
            failures = Failures(0, now_ns, now_ns)
        failures.count += 1
        failures.last_ns = now_ns
        excess = failures.count - FREE_FAILURES
        wait_ns = min(LONGEST_WAIT_NS, FIRST_WAIT_NS << min(excess, 16)) if excess >= 0 else 0
        failures.allowed_ns = now_ns + wait_ns
        self._failures[user] = failures
        while len(self._failures) > USERS_MAX:
            del self._failures[next(iter(self._failures))]

    def succeeded(self, user: str) -> None:
        """A right password."""
        self._failures.pop(user, None)
