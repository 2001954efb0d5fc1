"""How often a password may be tried."""

from server.identity.throttle import FORGET_NS, FREE_FAILURES, LONGEST_WAIT_NS, USERS_MAX, Throttle

SECOND = 1_000_000_000


def test_the_first_failures_cost_nothing_and_then_waits_grow() -> None:
    throttle = Throttle()
    for _ in range(FREE_FAILURES - 1):
        throttle.failed("ann", 0)
        assert throttle.allows("ann", 0)
    throttle.failed("ann", 0)
    assert not throttle.allows("ann", SECOND - 1)
    assert throttle.allows("ann", SECOND)
    throttle.failed("ann", SECOND)
    assert not throttle.allows("ann", 2 * SECOND)
    assert throttle.allows("ann", 3 * SECOND)
    assert throttle.allows("bob", 0)


def test_the_wait_has_an_end() -> None:
    throttle = Throttle()
    for _ in range(100):
        throttle.failed("ann", 0)
    assert throttle.allows("ann", LONGEST_WAIT_NS)


def test_a_right_password_or_a_long_time_forgets() -> None:
    throttle = Throttle()
    for _ in range(FREE_FAILURES):
        throttle.failed("ann", 0)
    throttle.succeeded("ann")
    assert throttle.allows("ann", 0)
    for _ in range(FREE_FAILURES):
        throttle.failed("ann", 0)
    throttle.failed("ann", FORGET_NS + 1)
    assert throttle.allows("ann", FORGET_NS + 1)


def test_names_that_nobody_has_do_not_fill_the_memory() -> None:
    throttle = Throttle()
    for number in range(USERS_MAX + 50):
        throttle.failed(f"u{number}", 0)
    assert len(throttle._failures) == USERS_MAX
