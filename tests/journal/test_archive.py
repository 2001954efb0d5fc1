"""The archive: what snapshots stand for is moved away whole, and a journal that begins later says what it needs."""

from pathlib import Path

import pytest

from server.engine.exchange import Exchange
from server.journal.archive_note import ArchiveNote, decode, encode
from server.journal.errors import JournalDamaged, JournalFailed, JournalIncomplete
from server.journal.event_log import EventLog
from server.journal.journal import Journal
from server.journal.key_rotation import rotate
from server.journal.restoring import Snapshots, candidates, explained, restore
from server.journal.snapshot_store import SnapshotStore
from server.journal.snapshotter import Snapshotter
from server.settings import SnapshotSettings
from server.tools import journal as tool
from tests.benchmarks.recovery import order_flow

FLOW = order_flow(900)
SEGMENT_BYTES = 8192


def lived(directory: Path, last: int, kept: int = 2) -> int:
    """One life in a directory up to command `last` of the flow; the state hash there."""
    store = SnapshotStore.open(directory)
    found = candidates(store)
    with explained(found):
        journal = Journal.open(directory, segment_bytes=SEGMENT_BYTES, starts=found.starts)
    log = EventLog.open(
        directory, epoch=journal.epoch, journal_sequence=journal.last_sequence, segment_bytes=SEGMENT_BYTES
    )
    exchange = restore(journal, log, Snapshots(store, found)).exchange
    for commands in journal.replay(after=exchange.sequence):
        exchange.apply(commands)
    snapshotter = Snapshotter(
        store, journal, log, exchange, settings=SnapshotSettings(commands=1, kept=kept), timer=lambda: 0
    )
    snapshotter.begin(exchange.sequence)
    while exchange.sequence < last:
        batch = FLOW[exchange.sequence : exchange.sequence + 7]
        journal.append(batch)
        outputs = exchange.apply(batch)
        log.append(outputs.events, outputs.market_data)
    snapshotter.stop(log.last_command_sequence)
    assert snapshotter.failed == 0
    snapshotter.close()
    log.close()
    journal.close()
    return exchange.state_hash()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A data directory after four lives, with two snapshots."""
    for last in (210, 420, 630, 700):
        lived(tmp_path / "data", last)
    return tmp_path


def segments(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.glob("*.segment"))


def test_what_lies_before_the_oldest_snapshot_is_moved(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, archive = place / "data", place / "archive"
    before = segments(data / "journal")
    assert tool.main(["archive", str(data), "--to", str(archive)]) == 0
    assert "stands for them" in capsys.readouterr().out
    here, there = segments(data / "journal"), segments(archive)
    assert there + here == before and len(there) > 5
    assert tool.main(["archive", str(data), "--to", str(archive)]) == 0
    assert "nothing was moved" in capsys.readouterr().out
    for words in (["verify"], ["print", "--count", "3"]):
        assert tool.main([words[0], str(data), *words[1:]]) == 0
    out = capsys.readouterr().out
    assert "begins behind sequence" in out and str(archive) in out and ", good" in out
    assert tool.main(["root", str(data), "--day", "2023-11-14"]) == 2, "the day is not whole here"
    assert rotate(data)[0] == 2
    expected = Exchange()
    expected.apply(FLOW[:875])
    assert lived(data, 875) == expected.state_hash()
    assert tool.main(["archive", str(data), "--to", str(archive)]) == 0
    assert len(segments(archive)) > len(there)


def test_a_journal_that_begins_later_needs_a_snapshot_and_says_which_segments(place: Path) -> None:
    data, archive = place / "data", place / "archive"
    tool.main(["archive", str(data), "--to", str(archive)])
    moved = segments(archive)
    with pytest.raises(JournalIncomplete, match=rf"{moved[0]} to {moved[-1]} back from the archive {archive}"):
        Journal.open(data)
    snapshots = sorted((data / "snapshots").iterdir())
    content = snapshots[-1].read_bytes()
    snapshots[-1].write_bytes(content[:-1])
    lived(data, 700)
    for path in (data / "snapshots").iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(JournalIncomplete, match="torn"):
        lived(data, 700)
    for name in moved:
        (data / "journal" / name).write_bytes((archive / name).read_bytes())
    whole = Exchange()
    whole.apply(FLOW[:700])
    assert lived(data, 700) == whole.state_hash()
    assert tool.main(["verify", str(data)]) == 0
    assert tool.main(["root", str(data), "--day", "2023-11-14"]) == 0


def test_a_first_segment_that_is_gone_without_a_note_is_damage(place: Path) -> None:
    data = place / "data"
    (data / "journal" / segments(data / "journal")[0]).unlink()
    with pytest.raises(JournalDamaged, match=r"00000001\.segment is missing"):
        Journal.open(data)


def test_another_segment_behind_the_note_is_damage(place: Path) -> None:
    data, archive = place / "data", place / "archive"
    tool.main(["archive", str(data), "--to", str(archive)])
    first = data / "journal" / segments(data / "journal")[0]
    first.unlink()
    with pytest.raises(JournalDamaged, match="is missing before it"):
        Journal.open(data)


def test_it_can_be_broken_off_and_called_again(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, archive = place / "data", place / "archive"
    before = segments(data / "journal")
    unlink = Path.unlink
    left = [3]

    def fail(self: Path, missing_ok: bool = False) -> None:
        if self.suffix == ".segment":
            left[0] -= 1
            if left[0] < 0:
                raise OSError(5, "Input/output error")
        unlink(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", fail)
    assert tool.main(["archive", str(data), "--to", str(archive)]) == 2
    monkeypatch.undo()
    assert segments(data / "journal") == before[3:]
    assert tool.main(["verify", str(data)]) == 0
    lived(data, 700)
    assert tool.main(["archive", str(data), "--to", str(archive)]) == 0
    assert set(segments(archive)).isdisjoint(segments(data / "journal"))
    lived(data, 710)


def test_a_copy_that_is_not_the_same_keeps_the_segment_here(place: Path) -> None:
    data, archive = place / "data", place / "archive"
    archive.mkdir()
    before = segments(data / "journal")
    content = bytearray((data / "journal" / before[2]).read_bytes())
    content[-1] ^= 1
    (archive / before[2]).write_bytes(content)
    assert tool.main(["archive", str(data), "--to", str(archive)]) == 1
    assert segments(data / "journal") == before


def test_without_a_snapshot_nothing_is_moved(place: Path) -> None:
    data = place / "data"
    for path in (data / "snapshots").iterdir():
        path.unlink()
    assert tool.main(["archive", str(data), "--to", str(place / "archive")]) == 2
    assert segments(place / "archive") == []
    with pytest.raises(JournalFailed, match="nothing was moved"):
        tool.archive(data, place / "archive")


def test_the_note_is_read_as_it_was_written_and_a_torn_one_is_none() -> None:
    note = ArchiveNote(7, 4711, b"12345678", "/mnt/archive")
    content = encode(note)
    assert decode(content) == note
    for size in range(len(content)):
        assert decode(content[:size]) is None
    for at in range(len(content) - 1):
        assert decode(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]) is None
