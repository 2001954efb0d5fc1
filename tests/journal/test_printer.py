"""`tradepit journal`: commands and events as text, verification with a verdict and an exit status."""

from pathlib import Path

import numpy as np
import pytest

from server.journal.event_log import EventLog
from server.journal.journal import Journal
from server.protocol.enums import CommandKind, EventKind, Phase, RejectReason, Side
from server.protocol.records import COMMAND, LIST_INSTRUMENT, NO_PRICE
from server.tools.journal import main
from tests.journal.flows import START_NS, outputs


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A journal of four commands and the events of the third."""
    journal = Journal.open(tmp_path)
    commands = np.zeros(4, COMMAND)
    commands["kind"] = [CommandKind.LIST_INSTRUMENT, CommandKind.SET_PHASE, CommandKind.NEW_ORDER, 99]
    commands["sequence"] = range(1, 5)
    commands["time_ns"] = START_NS + np.arange(4)
    commands["price"] = [0, NO_PRICE, 1_234, 0]
    commands["side"] = [0, Phase.CONTINUOUS, Side.BUY, 0]
    commands["valid_until_ns"] = [0, 0, (1 << 63) - 1, 0]
    commands[:1].view(LIST_INSTRUMENT)["symbol"] = b"VLTA"
    journal.append(commands)
    log = EventLog.open(tmp_path, epoch=1, journal_sequence=4)
    events, market_data = outputs(3, 1, [7], {})
    events["kind"] = EventKind.REJECTED
    events["reason"] = RejectReason.PRICE_OFF_TICK
    log.append(events, market_data)
    log.close()
    journal.close()
    return tmp_path


def test_commands_are_printed_by_name(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["print", str(directory)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "2023-11-14 22:13:20.000000000 LIST_INSTRUMENT" in lines[0]
    assert "symbol=VLTA" in lines[0]
    assert "SET_PHASE" in lines[1]
    assert "phase=CONTINUOUS" in lines[1]
    assert "price=none" in lines[1]
    assert "side=BUY" in lines[2]
    assert "valid_until_ns=2262-04-11 23:47:16.854775807" in lines[2]
    assert " 99 " in lines[3]
    assert lines[4] == "journal: 4 commands, epoch 1, good"


def test_a_part_can_be_printed(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["print", str(directory), "--from", "2", "--count", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ["2", "3"]


def test_events_and_market_data_are_printed(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["print", str(directory), "--events"]) == 0
    assert (
        "REJECTED        reason=PRICE_OFF_TICK command_sequence=3 stream_sequence=1 user=7" in capsys.readouterr().out
    )
    assert main(["print", str(directory), "--market-data", "--from", "3"]) == 0
    assert [line.split()[3] for line in capsys.readouterr().out.splitlines()] == ["EXECUTE", "DELETE"]


def test_verify_says_what_is_there_and_changes_nothing(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}
    assert main(["verify", str(directory)]) == 0
    assert "sequences 1 to 4" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()} == before


def test_damage_is_named_and_gives_a_status_of_its_own(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    segment = directory / "journal" / "00000001.segment"
    content = bytearray(segment.read_bytes())
    content[-1] ^= 1
    segment.write_bytes(content)
    assert main(["verify", str(directory)]) == 1
    assert "00000001.segment is damaged at byte 256" in capsys.readouterr().err
    assert main(["print", str(directory / "nowhere")]) == 2
    assert "There is no journal in" in capsys.readouterr().err
