"""Passwords beside the loop: the same answer and the same work for every kind of wrong."""

import select
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.identity.passwords import Passwords
from server.identity.store import IdentityStore
from server.identity.throttle import FREE_FAILURES
from server.identity.worker import IdentityWorker, Outcome
from server.protocol.enums import FaultCode

PASSWORD = "a long enough word"
DEADLINE_S = 20.0


class CountingPasswords(Passwords):
    """Counts how many hashes were computed for verification."""

    verified = 0

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Count, then verify."""
        self.verified += 1
        return super().verify(password_hash, password)


@pytest.fixture
def passwords() -> CountingPasswords:
    return CountingPasswords(memory_kib=64, passes=1)


@pytest.fixture
def worker(tmp_path: Path, passwords: CountingPasswords) -> Iterator[IdentityWorker]:
    store = IdentityStore(tmp_path)
    store.add("ann", passwords.hash(PASSWORD), 7)
    made = IdentityWorker(store, passwords)
    yield made
    made.close()


def next_outcome(worker: IdentityWorker) -> Outcome:
    """Wait for the worker's descriptor, as the loop does."""
    ready, _, _ = select.select([worker.wake_fd], [], [], DEADLINE_S)
    assert ready, "no outcome"
    worker.clear_wake()
    (outcome,) = worker.completed()
    return outcome


def test_a_right_password_names_the_user(worker: IdentityWorker) -> None:
    worker.verify(1, 0, "ann", PASSWORD)
    assert next_outcome(worker) == Outcome(1, 7)


def test_wrong_and_unknown_look_and_cost_the_same(worker: IdentityWorker, passwords: CountingPasswords) -> None:
    worker.verify(1, 0, "ann", "another word")
    wrong = next_outcome(worker)
    worker.verify(2, 0, "nobody", PASSWORD)
    unknown = next_outcome(worker)
    assert (wrong.code, wrong.text) == (unknown.code, unknown.text) == (FaultCode.WRONG_CREDENTIALS, wrong.text)
    assert passwords.verified == 2


def test_the_password_of_nobody_opens_nothing(worker: IdentityWorker) -> None:
    worker.verify(1, 0, "nobody", "nobody has this password")
    assert next_outcome(worker).code is FaultCode.WRONG_CREDENTIALS


def test_too_many_attempts_are_refused_without_work(worker: IdentityWorker, passwords: CountingPasswords) -> None:
    for ticket in range(FREE_FAILURES):
        worker.verify(ticket, 0, "ann", "guess")
        assert next_outcome(worker).code is FaultCode.WRONG_CREDENTIALS
    worker.verify(99, 1, "ann", PASSWORD)
    assert next_outcome(worker).code is FaultCode.TOO_MANY_ATTEMPTS
    assert passwords.verified == FREE_FAILURES
    worker.verify(100, 10**12, "ann", PASSWORD)
    assert next_outcome(worker) == Outcome(100, 7)


def test_a_new_user_can_log_on_and_a_second_of_the_name_cannot_be_made(worker: IdentityWorker) -> None:
    worker.create(1, "bob", PASSWORD)
    assert next_outcome(worker) == Outcome(1, 8)
    worker.verify(2, 0, "bob", PASSWORD)
    assert next_outcome(worker) == Outcome(2, 8)
    worker.create(3, "bob", PASSWORD)
    assert next_outcome(worker).code is FaultCode.INVALID_REQUEST


def test_hashes_of_weaker_parameters_are_replaced_at_logon(tmp_path: Path) -> None:
    store = IdentityStore(tmp_path)
    weak, strong = Passwords(memory_kib=32, passes=1), Passwords(memory_kib=64, passes=1)
    store.add("ann", weak.hash(PASSWORD), 7)
    worker = IdentityWorker(store, strong)
    worker.verify(1, 0, "ann", PASSWORD)
    assert next_outcome(worker) == Outcome(1, 7)
    user = store.find("ann")
    assert user is not None
    assert not strong.is_outdated(user.password_hash)
    worker.close()


@pytest.mark.parametrize("password", ["", "x" * 256, "\ud800 no such character", "\0"])
def test_no_password_breaks_the_worker(worker: IdentityWorker, password: str) -> None:
    worker.verify(1, 0, "ann", password)
    assert next_outcome(worker).code is not FaultCode.NONE
    worker.verify(2, 10**12, "ann", PASSWORD)
    assert next_outcome(worker) == Outcome(2, 7)
