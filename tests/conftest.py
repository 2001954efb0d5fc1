"""What every test shares: an offscreen Qt, a silent log, a private kernel cache on demand.

Rules: the platform is set before anything imports Qt; a test whose code logs a warning fails unless it is marked
`log_warnings`; Hypothesis is derandomised under CI, elsewhere it prints how to repeat a failure.
"""

import logging
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")

import hypothesis
import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
    # A shell starts what runs in its background with SIGINT ignored, and children would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)

hypothesis.settings.register_profile("desk", deadline=None, print_blob=True, max_examples=100)
hypothesis.settings.register_profile("ci", parent=hypothesis.settings.get_profile("desk"), derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "desk")


class WarningRecorder(logging.Handler):
    """Keeps each record of level WARNING or above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record."""
        self.records.append(record)


@pytest.fixture(autouse=True)
def silent_log(request: pytest.FixtureRequest) -> Iterator[WarningRecorder]:
    """Fails the test when its code logged a warning that it did not announce with the mark `log_warnings`."""
    recorder = WarningRecorder()
    root = logging.getLogger()
    root.addHandler(recorder)
    yield recorder
    root.removeHandler(recorder)
    if recorder.records and request.node.get_closest_marker("log_warnings") is None:
        lines = [f"{record.name}: {record.getMessage()}" for record in recorder.records]
        pytest.fail("unexpected warnings in the log:\n" + "\n".join(lines), pytrace=False)


@pytest.fixture
def kernel_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory that processes started by this test use for compiled kernels."""
    cache = tmp_path / "kernels"
    cache.mkdir()
    monkeypatch.setenv("TRADEPIT_CACHE", str(cache))
    return cache
