"""Wrong commands are refused with a known reason in the documented order, and change nothing."""

import pytest

from tests.engine.fuzz_commands import fingerprint, fuzz, unchanged
from tests.oracle.flow import random_run

pytestmark = pytest.mark.differential


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [401, 402])
def test_wrong_commands_change_nothing(seed: int) -> None:
    found, reasons = fuzz(seed, 5_000)
    assert found == []
    assert sum(reasons.values()) > 2_500


def test_a_change_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    count = iter(range(10**6))
    monkeypatch.setattr("tests.engine.fuzz_commands.fingerprint", lambda x: fingerprint(x) + bytes([next(count) % 256]))
    assert "changed something" in unchanged(random_run(403, 300))[0][0]
