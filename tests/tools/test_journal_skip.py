"""`tradepit journal skip`: one SKIP in the journal and a line in the operator's log, or one sentence and nothing."""

import json
from pathlib import Path

import pytest

from server.journal.journal import Journal, read_only
from server.journal.lock import DirectoryLock
from server.protocol.enums import FAULTED_KIND
from server.tools.journal import main
from server.tools.operator_log import FILE_NAME
from tests.journal.flows import fill
from tests.tools.made_data import make_data

Output = pytest.CaptureFixture[str]


@pytest.fixture
def data(tmp_path: Path) -> tuple[Path, int]:
    """A directory with three commands that were not published; the first of them."""
    published = make_data(tmp_path, steps=10)[0]
    journal = Journal.open(tmp_path)
    fill(journal, [3])
    journal.close()
    return tmp_path, published + 1


def skip(directory: Path, sequence: int, *options: str) -> int:
    return main(["skip", str(directory), "--sequence", str(sequence), "--reason", "engine-fault", *options])


def test_the_command_is_skipped_and_noted(data: tuple[Path, int], capsys: Output) -> None:
    directory, first = data
    assert skip(directory, first + 1, "--note", "ticket 77, Ann on duty") == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0].split()[0] == str(first + 1)
    assert f"skipped by command {first + 3}; the next start refuses it" in said
    line = json.loads((directory / FILE_NAME).read_text())
    assert (line["action"], line["sequence"], line["by"]) == ("skip", first + 1, first + 3)
    assert line["note"] == "ticket 77, Ann on duty"
    journal = Journal.open(directory)
    kinds = {int(row["sequence"]): int(row["kind"]) for batch in journal.replay() for row in batch}
    journal.close()
    assert [sequence for sequence, kind in kinds.items() if kind & FAULTED_KIND] == [first + 1]
    assert b"Ann" not in b"".join(path.read_bytes() for path in (directory / "journal").iterdir())
    assert main(["print", str(directory), "--from", str(first + 3)]) == 0
    assert f"SKIP            flags=1 order_id={first + 1}" in capsys.readouterr().out


def test_what_may_not_be_skipped_is_refused_in_a_sentence(data: tuple[Path, int], capsys: Output) -> None:
    directory, first = data
    assert skip(directory, first) == 0
    before = read_only(directory)[1].last_sequence
    noted = (directory / FILE_NAME).read_bytes()
    capsys.readouterr()
    for sequence, why in (
        (first, f"Command {first} is skipped already, by command {first + 3}."),
        (first + 3, f"Command {first + 3} is a SKIP itself"),
        (first - 1, f"Command {first - 1} is published"),
        (1, "Command 1 is published"),
        (0, "There is no command 0"),
        (first + 4, f"There is no command {first + 4}"),
    ):
        assert skip(directory, sequence) == 2
        said = capsys.readouterr().err
        assert why in said
        assert len(said.splitlines()) == 1
    assert read_only(directory)[1].last_sequence == before
    assert (directory / FILE_NAME).read_bytes() == noted


def test_a_running_server_is_not_written_behind(data: tuple[Path, int], capsys: Output) -> None:
    directory, first = data
    lock = DirectoryLock(directory)
    assert skip(directory, first) == 2
    assert "stop it first" in capsys.readouterr().err
    lock.release()
    assert skip(directory, first) == 0


def test_the_reason_is_one_of_a_list(data: tuple[Path, int]) -> None:
    with pytest.raises(SystemExit):
        main(["skip", str(data[0]), "--sequence", "1", "--reason", "it-looks-bad"])


def test_an_event_log_that_cannot_be_read_is_mended_first(data: tuple[Path, int], capsys: Output) -> None:
    directory, first = data
    (directory / "events" / "checkpoint").unlink()
    newest = sorted((directory / "events").glob("*.segment"))[-1]
    content = bytearray(newest.read_bytes())
    content[300] ^= 1
    newest.write_bytes(content)
    assert skip(directory, first) == 2
    assert "start the server once: it mends the event log" in capsys.readouterr().err
