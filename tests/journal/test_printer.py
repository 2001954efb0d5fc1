"""`tradepit journal`: commands and events as text, verification, comparison, the daily root, with an exit status."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from server.journal.commit_mark import CommitFile
from server.journal.event_log import EventLog
from server.journal.journal import Journal, read_only
from server.journal.recovery import commands_of
from server.journal.storage import FileStorage
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
    assert "sequences 1 to 4, 832 bytes, sealed" in capsys.readouterr().out
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


def test_without_the_key_file_the_chain_and_the_root_are_checked_and_nothing_is_read(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["root", str(directory), "--day", "2023-11-14"]) == 0
    root = capsys.readouterr().out.splitlines()[0]
    assert root.startswith("2023-11-14 ")
    assert root.endswith(" 1 frames, sequences 1 to 4")
    assert len(root.split()[1]) == 64
    (directory / "journal.key").unlink()
    assert main(["root", str(directory), "--day", "2023-11-14"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == root
    assert main(["root", str(directory), "--day", "2023-11-15"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "2023-11-15 no frames"
    assert main(["verify", str(directory)]) == 0
    assert "the seals were not opened" in capsys.readouterr().out
    for action in (["print"], ["print", "--events"], ["diff", str(directory)]):
        assert main([action[0], str(directory), *action[1:]]) == 2
        assert "there is no key file beside the journal" in capsys.readouterr().err


def test_a_broken_seal_under_a_right_chain_is_found_by_verify(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    segment = directory / "journal" / "00000001.segment"
    content = bytearray(segment.read_bytes())
    content[-1] ^= 1
    link = sha256(bytes(content[:8]) + content[264:]).digest()[:8]
    content[256:264] = link
    segment.write_bytes(content)
    mark = CommitFile(storage := FileStorage(directory / "journal"))
    mark.load(journal_exists=True)
    mark.store_durably(1, 4, link)
    storage.close()
    assert main(["verify", str(directory)]) == 1
    assert "00000001.segment is damaged at byte 256: the frame's seal is broken; sequence 1" in capsys.readouterr().err


def test_two_journals_are_compared_by_what_they_say(
    directory: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    storage, found = read_only(directory)
    rows = commands_of(storage.read("00000001.segment"), found.segments[0])
    others = []
    for change in ("nothing", "price", "end"):
        other = tmp_path_factory.mktemp(change)
        journal = Journal.open(other)
        written = rows[:3].copy() if change == "end" else rows.copy()
        if change == "price":
            written["price"][2] = 1_235
        for row in range(len(written)):
            journal.append(written[row : row + 1])
        journal.close()
        others.append(str(other))
    same, priced, short = others
    assert main(["diff", str(directory), same]) == 0
    assert capsys.readouterr().out == "journal: the same 4 commands\n"
    assert main(["diff", str(directory), priced]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "price=1234" in lines[0]
    assert "price=1235" in lines[1]
    assert lines[2] == "journal: different, after 2 equal commands"
    assert main(["diff", str(directory), short]) == 1
    assert "> the journal ends here" in capsys.readouterr().out
    assert main(["diff", str(directory), short, "--from", "4"]) == 1


def test_a_key_is_rotated_by_one_command(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rotate-key", str(directory)]) == 0
    assert capsys.readouterr().out == "journal: 2 segments are wrapped by key 2; keep a copy of the new key file\n"
    assert main(["verify", str(directory)]) == 0
    assert main(["rotate-key", str(directory / "nowhere")]) == 2
