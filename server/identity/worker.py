"""The authenticator's worker: verifies and creates users beside the loop, one at a time.

Rules: questions go into a queue that the gateway bounds, outcomes come back by `completed` and a readable descriptor.
An unknown user, a disabled one and a wrong password get the same sentence after the same work.
"""

import contextlib
import queue
import socket
import threading
from dataclasses import dataclass

import structlog

from server.identity.passwords import Passwords
from server.identity.store import IdentityError, IdentityStore, UserExists
from server.identity.throttle import Throttle
from server.protocol.enums import FaultCode

WRONG = "User or password is wrong."
log = structlog.get_logger("identity")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one question: a user id, or 0 and the code and sentence of a refusal."""

    ticket: int
    user: int
    code: FaultCode = FaultCode.NONE
    text: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A password to verify, or (`creates`) a user to store."""

    ticket: int
    user: str
    password: str
    now_ns: int = 0
    peer: str = ""
    creates: bool = False


class IdentityWorker:
    """A thread with a queue. `close` ends it after the question that it is at."""

    def __init__(self, store: IdentityStore, passwords: Passwords) -> None:
        self._store = store
        self._passwords = passwords
        self._throttle = Throttle()
        self._questions: queue.SimpleQueue[Question | None] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._reading, self._writing = socket.socketpair()
        self._reading.setblocking(False)
        self._writing.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="identity", daemon=True)
        self._thread.start()

    def verify(self, ticket: int, now_ns: int, user: str, password: str, peer: str = "") -> None:
        """Ask whether the password is the user's; time and network address count for the throttle."""
        self._questions.put(Question(ticket, user, password, now_ns, peer))

    def create(self, ticket: int, user: str, password: str) -> None:
        """Ask for a new user."""
        self._questions.put(Question(ticket, user, password, creates=True))

    def completed(self) -> list[Outcome]:
        """Outcomes since the last call, oldest first."""
        outcomes: list[Outcome] = []
        while not self._outcomes.empty():
            outcomes.append(self._outcomes.get())
        return outcomes

    @property
    def wake_fd(self) -> int:
        """Readable when there are outcomes; `clear_wake` before `completed`."""
        return self._reading.fileno()

    def clear_wake(self) -> None:
        """Make `wake_fd` unreadable."""
        try:
            while self._reading.recv(4096):
                pass
        except BlockingIOError:
            pass

    def close(self) -> None:
        """End the thread."""
        self._questions.put(None)
        self._thread.join()
        self._reading.close()
        self._writing.close()

    def _run(self) -> None:
        self._passwords.prepare()
        while (question := self._questions.get()) is not None:
            try:
                outcome = self._create(question) if question.creates else self._verify(question)
            except Exception as error:  # noqa: BLE001 - the worker outlives any failure of one question
                log.error("identity store failed", error=str(error))
                outcome = Outcome(question.ticket, 0, FaultCode.UNAVAILABLE, "Logon is not available just now.")
            self._outcomes.put(outcome)
            with contextlib.suppress(BlockingIOError):  # a full pipe wakes the loop as well
                self._writing.send(b"\0")

    def _verify(self, question: Question) -> Outcome:
        if not self._throttle.allows(question.user, question.peer, question.now_ns):
            return Outcome(question.ticket, 0, FaultCode.TOO_MANY_ATTEMPTS, "Too many attempts; wait a minute.")
        user = self._store.find(question.user)
        password_hash = user.password_hash if user is not None and not user.disabled else None
        if not self._passwords.verify(password_hash, question.password) or user is None:
            self._throttle.failed(question.user, question.peer, question.now_ns)
            log.warning("logon refused")
            return Outcome(question.ticket, 0, FaultCode.WRONG_CREDENTIALS, WRONG)
        self._throttle.succeeded(question.user, question.peer)
        if self._passwords.is_outdated(user.password_hash):
            self._store.replace_hash(user.user_id, self._passwords.hash(question.password))
        return Outcome(question.ticket, user.user_id)

    def _create(self, question: Question) -> Outcome:
        try:
            number = self._store.add(question.user, self._passwords.hash(question.password))
        except UserExists:
            return Outcome(question.ticket, 0, FaultCode.INVALID_REQUEST, "There is a user of this name already.")
        except IdentityError as error:
            return Outcome(question.ticket, 0, FaultCode.UNAVAILABLE, str(error))
        return Outcome(question.ticket, number)
