"""A window that stands still is noticed, with the place where it did."""

import logging
import threading
import time

import pytest

from app.debug.watchdog import Watchdog

MS = 1_000_000


@pytest.mark.log_warnings
def test_a_stall_is_logged_once_with_its_place(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    began = [time.perf_counter_ns()]
    watchdog = Watchdog(lambda: began[0], 20 * MS)
    released = threading.Event()

    def stand_still() -> None:
        while not released.wait(0.01):
            if time.perf_counter_ns() - began[0] > 300 * MS:
                return

    watchdog.start()
    stand_still()
    began[0] = time.perf_counter_ns()
    deadline = time.monotonic() + 20
    while not watchdog.stalls and time.monotonic() < deadline:
        began[0] = time.perf_counter_ns()
        released.wait(0.01)
    watchdog.stop()
    assert watchdog.stalls == 1
    assert watchdog.longest_ns > 100 * MS
    assert "stand_still" in caplog.text


def test_a_clock_that_stands_on_purpose_is_no_stall() -> None:
    looked = threading.Event()
    turns: list[int] = []

    def began_ns() -> int:
        turns.append(1)
        if len(turns) > 4:
            looked.set()
        return 0

    watchdog = Watchdog(began_ns, 1)
    watchdog.start()
    assert looked.wait(30)
    watchdog.stop()
    assert watchdog.stalls == 0
