"""How often a password may be tried: by user and network address together, by address, and by user.

Rules: pure, the time is passed in; what is kept is bounded. Whoever guesses at one user from one address waits, and
the user himself, who comes from elsewhere, does not. One address that guesses at many users waits for all of them. A
user whose password is tried from very many addresses is locked for those alone from which he never came in.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

FREE_FAILURES: Final = 5
ADDRESS_FREE_FAILURES: Final = 50
USER_FREE_FAILURES: Final = 100
FIRST_WAIT_NS: Final = 1_000_000_000
LONGEST_WAIT_NS: Final = 60_000_000_000
FORGET_NS: Final = 900_000_000_000
NAMES_MAX: Final = 10_000
_PAIR, _ADDRESS, _USER = 0, 1, 2
_FREE: Final = {_PAIR: FREE_FAILURES, _ADDRESS: ADDRESS_FREE_FAILURES, _USER: USER_FREE_FAILURES}


@dataclass(slots=True)
class Failures:
    """Failed tries, and from when on the next is allowed."""

    count: int
    last_ns: int
    allowed_ns: int


class Throttle:
    """Failures by user and address. An address that is not known ("") counts as one."""

    def __init__(self) -> None:
        self._failures: dict[int, OrderedDict[tuple[str, str], Failures]] = {
            kind: OrderedDict() for kind in (_PAIR, _ADDRESS, _USER)
        }
        self._came_in: OrderedDict[tuple[str, str], None] = OrderedDict()

    def allows(self, user: str, address: str, now_ns: int) -> bool:
        """Whether a try may be made now."""
        kinds = [_PAIR]
        if address:
            kinds.append(_ADDRESS)
        if (user, address) not in self._came_in:
            kinds.append(_USER)
        return all(self._is_allowed(kind, user, address, now_ns) for kind in kinds)

    def failed(self, user: str, address: str, now_ns: int) -> None:
        """A wrong password, at this time."""
        for kind in (_PAIR, _ADDRESS, _USER) if address else (_PAIR, _USER):
            self._count(kind, _name(kind, user, address), now_ns)

    def succeeded(self, user: str, address: str) -> None:
        """A right password: the failures of the user at this address are forgotten, those of others are not."""
        self._failures[_PAIR].pop((user, address), None)
        self._came_in[user, address] = None
        self._came_in.move_to_end((user, address))
        if len(self._came_in) > NAMES_MAX:
            self._came_in.popitem(last=False)

    def _is_allowed(self, kind: int, user: str, address: str, now_ns: int) -> bool:
        failures = self._failures[kind].get(_name(kind, user, address))
        return failures is None or now_ns >= failures.allowed_ns

    def _count(self, kind: int, name: tuple[str, str], now_ns: int) -> None:
        known = self._failures[kind]
        failures = known.pop(name, None)
        if failures is None or now_ns - failures.last_ns > FORGET_NS:
            failures = Failures(0, now_ns, now_ns)
        failures.count += 1
        failures.last_ns = now_ns
        excess = failures.count - _FREE[kind]
        wait_ns = min(LONGEST_WAIT_NS, FIRST_WAIT_NS << min(excess, 16)) if excess >= 0 else 0
        failures.allowed_ns = now_ns + wait_ns
        known[name] = failures
        if len(known) > NAMES_MAX:
            known.popitem(last=False)


def _name(kind: int, user: str, address: str) -> tuple[str, str]:
    return (user if kind != _ADDRESS else "", address if kind != _USER else "")
