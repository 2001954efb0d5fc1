"""What the gateway asks of the identity store, as an interface: passwords are verified elsewhere, in their time.

Rules: every question carries a ticket and its outcome comes back later by the same ticket, in any order; the caller
never waits. Who may not log on is not told why.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from server.journal.event_pages import Page
from server.protocol.enums import FaultCode


class Outcome(Protocol):
    """The answer to one question: a user id, or 0 and the code and sentence of a refusal."""

    @property
    def ticket(self) -> int: ...
    @property
    def user(self) -> int: ...
    @property
    def code(self) -> FaultCode: ...
    @property
    def text(self) -> str: ...


class Authenticator(Protocol):
    """Users and their passwords."""

    def verify(self, ticket: int, now_ns: int, user: str, password: str, peer: str) -> None:
        """Ask whether the password is the user's; `peer` is the network address that it came from."""

    def create(self, ticket: int, user: str, password: str) -> None:
        """Ask for a new user."""

    def completed(self) -> Sequence[Outcome]:
        """Outcomes since the last call, oldest first."""


class PrivateHistory(Protocol):
    """The event log as far as the gateway reads it."""

    def events_of(self, user: int, after_stream_sequence: int, count: int) -> NDArray[Any]:
        """EVENT rows of a user after a number of its stream, oldest first, at most `count`."""

    def newest_kept(self, user: int, known: int, epoch: int, last: int) -> int:
        """The newest event up to `known` that a client saw in `epoch` or before and that is still there."""

    def page(self, after_event: int) -> Page | None:
        """A page of everybody's released events after that number; None: ask again."""
