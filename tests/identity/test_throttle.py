"""How often a password may be tried, and that nobody can lock another one out."""

from server.identity.throttle import (
    ADDRESS_FREE_FAILURES,
    FORGET_NS,
    FREE_FAILURES,
    LONGEST_WAIT_NS,
    NAMES_MAX,
    USER_FREE_FAILURES,
    Throttle,
)

SECOND = 1_000_000_000
HERE, THERE = "10.0.0.1", "10.9.9.9"


def test_the_first_failures_cost_nothing_and_then_waits_grow() -> None:
    throttle = Throttle()
    for _ in range(FREE_FAILURES - 1):
        throttle.failed("ann", HERE, 0)
        assert throttle.allows("ann", HERE, 0)
    throttle.failed("ann", HERE, 0)
    assert not throttle.allows("ann", HERE, SECOND - 1)
    assert throttle.allows("ann", HERE, SECOND)
    throttle.failed("ann", HERE, SECOND)
    assert not throttle.allows("ann", HERE, 2 * SECOND)
    assert throttle.allows("ann", HERE, 3 * SECOND)
    assert throttle.allows("bob", HERE, SECOND)


def test_the_wait_has_an_end() -> None:
    throttle = Throttle()
    for _ in range(100):
        throttle.failed("ann", HERE, 0)
    assert throttle.allows("ann", HERE, LONGEST_WAIT_NS)


def test_a_right_password_or_a_long_time_forgets() -> None:
    throttle = Throttle()
    for _ in range(FREE_FAILURES):
        throttle.failed("ann", HERE, 0)
    throttle.succeeded("ann", HERE)
    assert throttle.allows("ann", HERE, 0)
    for _ in range(FREE_FAILURES):
        throttle.failed("ann", HERE, 0)
    throttle.failed("ann", HERE, FORGET_NS + 1)
    assert throttle.allows("ann", HERE, FORGET_NS + 1)


def test_who_guesses_from_one_address_locks_nobody_out_elsewhere() -> None:
    throttle = Throttle()
    for _ in range(USER_FREE_FAILURES - 1):
        throttle.failed("ann", THERE, 0)
    assert not throttle.allows("ann", THERE, 0)
    assert throttle.allows("ann", HERE, 0)


def test_who_guesses_from_many_addresses_does_not_lock_out_one_that_came_in_before() -> None:
    throttle = Throttle()
    throttle.succeeded("ann", HERE)
    for number in range(USER_FREE_FAILURES):
        throttle.failed("ann", f"10.1.1.{number}", 0)
    assert not throttle.allows("ann", THERE, 0), "a new address waits as all strangers do"
    assert throttle.allows("ann", HERE, 0)


def test_an_address_that_guesses_at_many_users_waits_for_all_of_them() -> None:
    throttle = Throttle()
    for number in range(ADDRESS_FREE_FAILURES):
        assert throttle.allows("ann", THERE, 0)
        throttle.failed(f"u{number}", THERE, 0)
    assert not throttle.allows("ann", THERE, 0)
    assert throttle.allows("ann", HERE, 0)


def test_a_right_password_does_not_forgive_an_address_its_other_guesses() -> None:
    throttle = Throttle()
    for number in range(ADDRESS_FREE_FAILURES):
        throttle.failed(f"u{number}", THERE, 0)
    throttle.succeeded("mallory", THERE)
    assert not throttle.allows("ann", THERE, 0)


def test_names_that_nobody_has_do_not_fill_the_memory() -> None:
    throttle = Throttle()
    for number in range(NAMES_MAX + 50):
        throttle.failed(f"u{number}", f"a{number}", 0)
        throttle.succeeded(f"v{number}", f"a{number}")
    assert max(len(known) for known in throttle._failures.values()) == NAMES_MAX
    assert len(throttle._came_in) == NAMES_MAX
