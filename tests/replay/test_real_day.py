"""The real Shanghai day replays exactly; skipped where the file is not."""

import os
from pathlib import Path

import pytest

from server.tools import replay
from server.tools.replay_messages import DayUnreadable

NAME = "sse-600519-20230207.zip"
BESIDE = Path(__file__).parents[2] / ".." / "shared" / "data"


def real_day() -> Path | None:
    """Where TRADEPIT_DATA says, or beside the project."""
    try:
        path = replay.find_file(NAME, os.environ.get("TRADEPIT_DATA", str(BESIDE)))
    except DayUnreadable:
        return None
    return path if path.is_file() else None


@pytest.mark.skipif(real_day() is None, reason=f"{NAME} is neither under TRADEPIT_DATA nor in ../shared/data")
def test_the_shanghai_day_replays_exactly(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay.main([str(real_day())]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[0].startswith("600519: 31,612 adds, 14,152 deletes, 18,685 trades, 5,146 snapshots")
    assert "continuous trades 18,139 of 18,139" in lines
    assert "opening auction 334 of 334 at 1808.08" in lines
    assert "closing auction 212 of 212 at 1797.00" in lines
    assert "deletes 14,152 of 14,152" in lines
    assert "snapshots 4,864 of 4,865 and 1 empty placeholder at 14:57:00" in lines
    assert lines[-1] == "replay: exact"
