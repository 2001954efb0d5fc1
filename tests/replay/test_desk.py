"""`tradepit replay FILE --workstation` as a person starts it, without a display."""

import subprocess
import sys
from pathlib import Path

import pytest

from server.tools import replay
from tests.golden import make_day

SIGNATURE = b"\x89PNG\r\n"


@pytest.mark.slow
@pytest.mark.window
def test_the_made_day_is_shown_and_everything_ends(tmp_path: Path) -> None:
    words = ["--workstation", "--offscreen", "--seconds", "6", "--screenshot", str(tmp_path), "--speed", "60"]
    done = subprocess.run(
        [sys.executable, "-m", "server.tools.replay", str(make_day.PATH), "--date", "20230207", *words],
        capture_output=True, text=True, timeout=110, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    pictures = sorted(tmp_path.glob("*.png"))
    assert pictures
    assert all(picture.read_bytes().startswith(SIGNATURE) for picture in pictures)


@pytest.mark.parametrize(
    "words", [["--speed", "0"], ["--speed", "2.5"], ["--from", "24:00"], ["--from", "noon"], ["--theme", "pink"]]
)
def test_what_cannot_be_meant_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        replay.main([str(make_day.PATH), "--workstation", *words])
    assert stopped.value.code == 2
    assert "error: argument" in capsys.readouterr().err


def test_a_date_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay.main([str(make_day.PATH), "--workstation", "--date", "7 Feb"]) == 2
    assert capsys.readouterr().err == "tradepit replay: 7 Feb is no date as 20230207.\n"
