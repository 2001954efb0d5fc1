"""Who is logged on: one session a user and CURVE key.

Rules: a session exists here from the moment its SESSION_OPENED is sequenced until it is closed for whatever reason;
closing removes it at once, before its SESSION_CLOSED is durable, so that nothing of it is let in meanwhile. Session
numbers begin with the epoch (16 bits), so that a number of an earlier run is never live again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

EPOCH_SHIFT = 16


@dataclass(slots=True)
class Session:
    """One logged-on key. `order_address` is where its private events go, empty until it spoke on that socket."""

    key: str
    number: int
    user: int
    user_name: str
    client_instance: int
    opened_ns: int
    heard_ns: int
    control_address: bytes = b""
    order_address: bytes = b""
    next_stream_sequence: int = 1
    confirmed: bool = False
    """Whether LogonAccepted was made; before it no event goes out."""
    topics: set[bytes] = field(default_factory=set)
    """Market data topics that the key has been admitted to."""


class SessionTable:
    """Sessions by key, number and user."""

    __slots__ = ("_next_number", "by_key", "by_number", "by_user")

    def __init__(self, epoch: int) -> None:
        self.by_key: dict[str, Session] = {}
        self.by_number: dict[int, Session] = {}
        self.by_user: dict[int, list[Session]] = {}
        self._next_number = ((epoch & 0xFFFF) << EPOCH_SHIFT) + 1

    def open(
        self, *, key: str, user: int, user_name: str, client_instance: int, address: bytes, now_ns: int
    ) -> Session:
        """A new session for a key that has none. The caller has closed the key's former one."""
        assert key not in self.by_key, "a key has one session"
        number = self._next_number
        self._next_number = (number + 1) & 0xFFFFFFFF or 1
        session = Session(
            key=key,
            number=number,
            user=user,
            user_name=user_name,
            client_instance=client_instance,
            opened_ns=now_ns,
            heard_ns=now_ns,
            control_address=address,
        )
        self.by_key[key] = session
        self.by_number[number] = session
        self.by_user.setdefault(user, []).append(session)
        return session

    def remove(self, session: Session) -> None:
        """Forget a session; unknown ones are ignored."""
        if self.by_number.pop(session.number, None) is None:
            return
        del self.by_key[session.key]
        siblings = self.by_user[session.user]
        siblings.remove(session)
        if not siblings:
            del self.by_user[session.user]

    def silent_since(self, limit_ns: int) -> list[Session]:
        """Sessions from which nothing was heard since `limit_ns`."""
        return [session for session in self.by_key.values() if session.heard_ns < limit_ns]

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self.by_key.values()))

    def __len__(self) -> int:
        return len(self.by_key)
