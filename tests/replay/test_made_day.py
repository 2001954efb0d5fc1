"""The committed made day replays exactly, and a changed day does not."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from server.tools import replay
from tests.golden import make_day
from tests.golden.make_day import made_day
from tests.oracle import OracleExchange

DAY = make_day.PATH
EXPECTED = DAY.with_suffix(".expected.txt")
TIMES_LINE = -2
Change = Callable[[str, str], Path]


@pytest.fixture
def changed(tmp_path: Path) -> Change:
    """Writes the made day with one text in the place of another that is in it."""

    def write(old: str, new: str) -> Path:
        text = DAY.read_text()
        assert old in text
        path = tmp_path / "changed.log"
        path.write_text(text.replace(old, new, 1))
        return path

    return write


def lines_with(*words: str) -> list[str]:
    """The lines of the day that have all of the words."""
    return [line for line in DAY.read_text().splitlines() if all(word in line for word in words)]


def with_more(line: str, key: str, amount: int) -> str:
    """The line with a larger number."""
    number = int(re.search(rf"{re.escape(key)}=(\d+)", line)[1])
    return line.replace(f"{key}={number}", f"{key}={number + amount}")


def report_of(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Exit status and report, without the line of times."""
    status = replay.main([str(path)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[TIMES_LINE].startswith("feed and engine")
    return status, [*lines[:TIMES_LINE], lines[-1]]


def test_made_day_is_what_its_script_makes() -> None:
    assert made_day() == DAY.read_bytes()


def test_made_day_replays_exactly(capsys: pytest.CaptureFixture[str]) -> None:
    status, lines = report_of(DAY, capsys)
    assert lines == EXPECTED.read_text().splitlines()
    assert status == 0


def test_oracle_gives_the_same_report(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "Exchange", OracleExchange)
    assert report_of(DAY, capsys) == (0, EXPECTED.read_text().splitlines())


def test_another_quantity_in_a_trade_is_reported(changed: Change, capsys: pytest.CaptureFixture[str]) -> None:
    trade = lines_with("MsgType=191", "ExecType=78")[0]
    status, lines = report_of(changed(trade, with_more(trade, "LastQty", 1000)), capsys)
    assert (status, lines[-1]) == (1, "replay: 1 differences")
    assert any(line.startswith("    opening auction ") for line in lines)


def test_a_missing_trade_is_reported(changed: Change, capsys: pytest.CaptureFixture[str]) -> None:
    status, lines = report_of(changed(lines_with("MsgType=191", "ExecType=66")[0] + "\n", ""), capsys)
    assert status == 1
    assert lines[-1].endswith("differences")


def test_another_rest_in_a_delete_is_reported(changed: Change, capsys: pytest.CaptureFixture[str]) -> None:
    delete = lines_with("MsgType=192", "OrdType=68")[0]
    status, lines = report_of(changed(delete, with_more(delete, "OrderQty", 1000)), capsys)
    assert (status, lines[-1]) == (1, "replay: 1 differences")
    assert any(line.startswith("    deletes 1: published") for line in lines)


def test_a_delete_of_an_unknown_order_is_reported(changed: Change, capsys: pytest.CaptureFixture[str]) -> None:
    number = re.search(r"OrderNo=\d+ ", lines_with("MsgType=192", "OrdType=68")[-1])[0]
    status, lines = report_of(changed(lines_with("MsgType=192", "OrdType=65", number)[0] + "\n", ""), capsys)
    assert status == 1
    assert any("UNKNOWN_ORDER" in line for line in lines)


def test_a_snapshot_that_never_was_is_reported(changed: Change, capsys: pytest.CaptureFixture[str]) -> None:
    snapshot = lines_with("MsgType=111", "TradingPhase=2")[5]
    status, lines = report_of(changed(snapshot, with_more(snapshot, "BidLevel[2].Qty", 1000)), capsys)
    assert (status, lines[-1]) == (1, "replay: 1 differences")
    assert any("no moment has the book of the snapshot of" in line for line in lines)


def test_snapshots_in_the_wrong_order_are_reported(changed: Change, capsys: pytest.CaptureFixture[str]) -> None:
    snapshots = lines_with("MsgType=111", "TradingPhase=2")
    early, late = snapshots[3], snapshots[-3]
    status, lines = report_of(changed(early + "\n", f"{late}\n{early}\n"), capsys)
    assert status == 1
    assert any("no moment has the book of the snapshot of" in line for line in lines)


def test_an_empty_book_in_the_middle_of_the_day_is_reported(
    changed: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = lines_with("MsgType=111", "TradingPhase=2")[5]
    emptied = re.sub(r"(Level\[\d\]\.\w+)=\d+", r"\1=0", snapshot)
    assert report_of(changed(snapshot, emptied), capsys)[0] == 1
