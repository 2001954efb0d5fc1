"""`tradepit journal replay`: the state at the end or at any past moment, and whether the event log says the same."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from server.engine.exchange import Exchange
from server.journal.event_log import EventLog
from server.journal.journal import Journal, read_only
from server.journal.replaying import replayed_all
from server.journal.skips import groups_of
from server.protocol.codec import Records
from server.protocol.enums import SkipReason
from server.tools.journal import main
from server.tools.journal_replay import moment_ns, up_to
from server.tools.journal_state import decimal
from tests.gateway.desk import ANN
from tests.oracle.flow import random_commands
from tests.tools.made_data import make_data

Output = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, int]:
    """A directory, its last sequence and its state hash."""
    directory = tmp_path_factory.mktemp("data")
    return directory, *make_data(directory)


def commands_in(directory: Path) -> Records:
    """All of them."""
    return np.concatenate(list(replayed_all(*read_only(directory))))


def replay(capsys: Output, directory: Path, *options: str, status: int = 0) -> str:
    assert main(["replay", str(directory), *options]) == status
    said = capsys.readouterr()
    return said.out if status == 0 else said.out + said.err


def test_the_end_is_that_of_the_server(data: tuple[Path, int, int], capsys: Output) -> None:
    directory, sequence, state_hash = data
    said = replay(capsys, directory, "--check-events")
    assert f"sequence {sequence} at 2023-11-14" in said
    assert f"state hash {state_hash:016x}\n" in said
    assert "EXECUTED" in said
    assert "event log: the same, " in said


def test_any_past_moment_is_that_of_an_engine_that_went_so_far(data: tuple[Path, int, int], capsys: Output) -> None:
    directory, last, _ = data
    rows = commands_in(directory)
    for sequence in (1, 20, 77, last):
        exchange = Exchange(1)
        exchange.apply(rows[:sequence])
        said = replay(capsys, directory, "--to", str(sequence))
        assert f"sequence {sequence} at" in said
        assert f"state hash {exchange.state_hash():016x}\n" in said
    time_ns = int(rows["time_ns"][40])
    moment = datetime.fromtimestamp(time_ns // 10**9, UTC).isoformat()
    reached = int(np.count_nonzero(rows["time_ns"] <= moment_ns(moment)))
    assert f"sequence {reached} at" in replay(capsys, directory, "--until", moment)


def test_books_and_accounts_are_shown(data: tuple[Path, int, int], capsys: Output) -> None:
    said = replay(capsys, data[0], "--books", "--accounts")
    assert "1 VLTA CONTINUOUS bid " in said
    assert "2 KRNL CONTINUOUS bid none ask none last none volume 0" in said
    assert "100 A-100 currency 1 cash " in said
    assert "200 A-200 instrument 1 net " in said


def test_the_first_difference_from_the_event_log_is_named(tmp_path: Path, capsys: Output) -> None:
    make_data(tmp_path, seed=3, steps=40)
    journal = Journal.open(tmp_path)
    changed = np.concatenate(list(journal.replay()))
    exchange = Exchange(1)
    outputs = exchange.apply(changed)
    events, market_data = outputs.events.copy(), outputs.market_data.copy()
    events["price"][20] += 1
    for path in (tmp_path / "events").iterdir():
        path.unlink()
    log = EventLog.open(tmp_path, epoch=journal.epoch, journal_sequence=journal.last_sequence)
    log.append(events, market_data)
    log.close()
    journal.close()
    said = replay(capsys, tmp_path, "--check-events", status=1)
    assert "event log: different: event 21 is another one" in said
    assert "\n< published" in said
    assert "\n> replayed" in said


def test_what_was_published_and_no_replay_gives_is_a_difference(tmp_path: Path, capsys: Output) -> None:
    make_data(tmp_path, seed=3, steps=40)
    journal = Journal.open(tmp_path)
    log = EventLog.open(tmp_path, epoch=journal.epoch, journal_sequence=journal.last_sequence)
    extra = log.events_of(ANN, 0, 1)
    extra["sequence"] = log.last_event_sequence + 1
    extra["command_sequence"] = journal.last_sequence
    log.append(extra, np.zeros(0, np.dtype("V64")))
    log.close()
    journal.close()
    assert "was published that no replay gives" in replay(capsys, tmp_path, "--check-events", status=1)


def test_a_skipped_command_is_refused_by_the_replay(tmp_path: Path, capsys: Output) -> None:
    make_data(tmp_path, seed=4, steps=30)
    before = replay(capsys, tmp_path)
    journal = Journal.open(tmp_path)
    journal.append_skip(journal.last_sequence, SkipReason.WRONG_RESULT, 0)
    journal.close()
    after = replay(capsys, tmp_path)
    assert "REJECTED" not in before
    assert "REJECTED 1" in after
    assert "SETTING_CHANGED 1" in after


def test_a_replay_names_the_command_that_the_engine_fails_on(
    data: tuple[Path, int, int], capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Exchange._run

    def tripping(exchange: Exchange, words: np.ndarray) -> None:
        if (words.reshape(-1, 16)[:, 1] == 50).any():
            raise ZeroDivisionError("planted")
        run(exchange, words)

    monkeypatch.setattr(Exchange, "_run", tripping)
    assert "failed on command 50 (ZeroDivisionError: planted)" in replay(capsys, data[0], status=1)
    assert "sequence 49 at" in replay(capsys, data[0], "--to", "49")


def test_each_command_is_named_before_it_is_applied(
    data: tuple[Path, int, int], capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, named = Exchange._run, []

    def watching(exchange: Exchange, words: np.ndarray) -> None:
        named.append((int(words[1]), [line.split()[1] for line in capsys.readouterr().err.splitlines()]))
        run(exchange, words)

    monkeypatch.setattr(Exchange, "_run", watching)
    assert main(["replay", str(data[0]), "--each-from", "1", "--to", "30"]) == 0
    assert named == [(sequence, [str(sequence)]) for sequence in range(1, 31)]


@pytest.mark.parametrize("seed", [1, 2])
def test_no_group_is_cut(seed: int) -> None:
    rows = random_commands(seed, 400)
    ends = [int(group["sequence"][-1]) for group in groups_of(rows)]
    middle = next(end for end in ends if end > 200)
    for last in range(1, 401):
        applied = [len(batch) for batch in up_to(iter([rows[:middle], rows[middle:]]), last, 1 << 62)]
        assert sum(applied) == max((end for end in ends if end <= last), default=0)


def test_times_and_amounts_are_exact() -> None:
    assert moment_ns("2026-11-20T14:30") == moment_ns("2026-11-20T15:30+01:00") == 1_795_185_000 * 10**9
    assert moment_ns("1970-01-01T00:00:00.000001") == 1_000
    assert [decimal(5, 2), decimal(-5, 2), decimal(12_345, 0), decimal(-12_345, 3)] == [
        "0.05",
        "-0.05",
        "12345",
        "-12.345",
    ]
    with pytest.raises(SystemExit):
        main(["replay", ".", "--until", "soon"])
