"""Who is logged on: one session a CURVE key, and one a client instance of a user.

Rules: a session exists here from the moment its SESSION_OPENED is sequenced until it is closed for whatever reason;
closing removes it at once, before its SESSION_CLOSED is durable, so that nothing of it is let in meanwhile. Session
numbers begin with the epoch (16 bits), so that a number of an earlier run is never live again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from server.gateway.session_terms import SessionTerms

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
    terms: SessionTerms
    control_address: bytes = b""
    order_address: bytes = b""
    next_stream_sequence: int = 1
    confirmed: bool = False
    """Whether LogonAccepted was made; before it no event goes out."""
    had_rights: bool = False
    """Whether its user had any right when it began."""
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
        self,
        *,
        key: str,
        user: int,
        user_name: str,
        client_instance: int,
        address: bytes,
        now_ns: int,
        terms: SessionTerms,
    ) -> Session:
        """A new session, which takes the place of the key's former one; the caller closes that then."""
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
            terms=terms,
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
        if self.by_key.get(session.key) is session:
            del self.by_key[session.key]
        siblings = self.by_user[session.user]
        siblings.remove(session)
        if not siblings:
            del self.by_user[session.user]

    def former(self, key: str, user: int, client_instance: int) -> list[Session]:
        """Whom a logon would take the place of: the key's session, and that of the same client, if it is one."""
        found = [session for session in (self.by_key.get(key),) if session is not None]
        if client_instance:
            own = self.by_user.get(user, ())
            found += [one for one in own if one.client_instance == client_instance and one.key != key]
        return found

    def silent(self, now_ns: int) -> list[Session]:
        """Sessions from which nothing was heard for longer than they may be silent."""
        return [session for session in self.by_key.values() if session.heard_ns < now_ns - session.terms.timeout_ns]

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self.by_key.values()))

    def __len__(self) -> int:
        return len(self.by_key)
