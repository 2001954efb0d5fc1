"""Backup and restore: whole, verified, incremental, refused where it would mix histories or hide damage."""

import json
from pathlib import Path

import pytest

from server.identity.store import IdentityStore
from server.journal import archive_note
from server.journal.archive_note import ArchiveNote
from server.journal.errors import JournalError
from server.journal.framing import scan_frames
from server.journal.journal import Journal, read_only
from server.journal.manifest import FILE_NAME, load
from server.protocol.enums import Durability
from server.tools.backup import BackedUp, back_up, restore
from server.tools.journal import main
from tests.journal.flows import fill
from tests.tools.made_data import make_data, trade_on


@pytest.fixture
def data(tmp_path: Path) -> Path:
    make_data(tmp_path / "data", steps=30)
    return tmp_path / "data"


def backed_up(data: Path, *, with_keys: bool = True) -> BackedUp:
    return back_up(data, data.parent / "backup", with_keys=with_keys)


def contents(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_a_restored_directory_has_everything(data: Path, tmp_path: Path) -> None:
    (data / "snapshots").mkdir(exist_ok=True)
    (data / "snapshots" / "00000042.snapshot").write_bytes(b"finished")
    (data / "snapshots" / "00000043.snapshot.new").write_bytes(b"not finished")
    done = backed_up(data)
    restored = tmp_path / "restored"
    whole, has_key = restore(tmp_path / "backup", restored)
    assert has_key
    assert whole == done.manifest
    kept = {*contents(data)} - {"lock", "journal/reserve", "journal/commit", "snapshots/00000043.snapshot.new"}
    found = contents(restored)
    assert kept - {*found} == {"events/checkpoint"} - {*found}
    for path in kept - {"identity.sqlite"}:
        assert found[path] == (data / path).read_bytes(), path
    user = IdentityStore(restored).find("ann")
    assert user is not None
    assert user.password_hash == "hash of ann"
    assert (restored / "journal.key").stat().st_mode & 0o777 == 0o600
    assert (restored / "server.key").stat().st_mode & 0o777 == 0o600
    storage, journal = read_only(restored)
    assert (journal.last_sequence, journal.damage) == (whole.sequence, None)
    storage.close()


def test_a_restored_server_goes_on_where_the_backup_was_made(data: Path, tmp_path: Path) -> None:
    sequence = backed_up(data).manifest.sequence
    trade_on(data)
    restored = tmp_path / "restored"
    restore(tmp_path / "backup", restored)
    assert trade_on(restored, seed=5)[0] > sequence
    assert main(["replay", str(restored), "--check-events"]) == 0


def test_only_what_is_new_is_copied_again(data: Path, tmp_path: Path) -> None:
    first = backed_up(data)
    before = contents(tmp_path / "backup")
    assert (first.copied, first.kept) == (2, 0)
    for seed in (2, 3):
        trade_on(data, seed=seed)
    second = backed_up(data)
    assert second.manifest.sequence > first.manifest.sequence
    assert (second.copied, second.kept) == (4, 2)
    after = contents(tmp_path / "backup")
    complete = [path for path in before if path.endswith("1.segment")]
    assert len(complete) == 2
    assert all(before[path] == after[path] for path in complete)
    third = backed_up(data)
    assert (third.copied, third.kept) == (2, 4)
    assert third.manifest.files == second.manifest.files


def test_the_newest_segment_is_cut_to_whole_frames(data: Path, tmp_path: Path) -> None:
    sequence = read_only(data)[1].last_sequence
    newest = sorted((data / "journal").glob("*.segment"))[-1]
    with newest.open("ab") as file:
        file.write(b"\0" * 64 + b"half a frame")
    done = backed_up(data)
    assert done.manifest.sequence == sequence
    assert read_only(tmp_path / "backup")[1].damage is None


def test_a_backup_while_the_journal_is_written(tmp_path: Path) -> None:
    data, backup = tmp_path / "data", tmp_path / "backup"
    journal = Journal.open(data, durability=Durability.FSYNC, segment_bytes=20_000)
    reached = 0
    for _ in range(4):
        fill(journal, [7] * 40)
        done = back_up(data, backup, with_keys=True)
        assert done.manifest.sequence >= max(reached, journal.synced_sequence() - 280)
        reached = done.manifest.sequence
        assert read_only(backup)[1].last_sequence == reached
    journal.close()
    assert back_up(data, backup, with_keys=True).manifest.sequence == 4 * 280


def test_without_the_key_nothing_can_be_read(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backup, restored = tmp_path / "backup", tmp_path / "restored"
    assert main(["backup", str(data), "--to", str(backup)]) == 0
    assert "journal.key is not in it; without that file nothing in this copy can be read" in capsys.readouterr().out
    assert "journal.key" not in contents(backup)
    assert main(["restore", str(backup), "--to", str(restored)]) == 0
    assert f"put journal.key into {restored} before the start" in capsys.readouterr().out
    with pytest.raises(JournalError, match="key file"):
        Journal.open(restored)
    other = tmp_path / "other"
    assert main(["restore", str(backup), "--to", str(other), "--key", str(data / "journal.key")]) == 0
    assert main(["replay", str(other)]) == 0


def test_the_epoch_rises_above_what_the_original_may_have_used(data: Path, tmp_path: Path) -> None:
    epoch = backed_up(data).manifest.epoch
    restore(tmp_path / "backup", tmp_path / "one")
    restore(tmp_path / "backup", tmp_path / "two", epoch_above=epoch + 40)
    for name, expected in (("one", epoch + 1), ("two", epoch + 41)):
        journal = Journal.open(tmp_path / name)
        assert journal.epoch == expected
        journal.close()


def test_each_spoiled_file_is_found_before_anything_is_written(data: Path, tmp_path: Path) -> None:
    backup, restored = tmp_path / "backup", tmp_path / "restored"
    backed_up(data)
    for path, content in contents(backup).items():
        if path == FILE_NAME or not content:
            continue
        for spoiled in (content[:-1], content[:-1] + bytes([content[-1] ^ 1])):
            (backup / path).write_bytes(spoiled)
            with pytest.raises(JournalError, match="is not the file that was backed up"):
                restore(backup, restored)
        (backup / path).unlink()
        with pytest.raises(JournalError, match="cannot be read"):
            restore(backup, restored)
        (backup / path).write_bytes(content)
    assert not restored.exists()
    restore(backup, restored)


def test_places_that_are_not_empty_are_left_alone(data: Path, tmp_path: Path) -> None:
    backed_up(data)
    for place in (data, tmp_path / "backup"):
        before = contents(place)
        with pytest.raises(JournalError, match="is not empty"):
            restore(tmp_path / "backup", place)
        assert contents(place) == before
    occupied = tmp_path / "occupied"
    occupied.mkdir()
    (occupied / "a letter").write_text("dear")
    with pytest.raises(JournalError, match="There is no backup in"):
        back_up(data, occupied, with_keys=False)
    assert [*contents(occupied)] == ["a letter"]


def test_another_history_is_not_mixed_in(data: Path, tmp_path: Path) -> None:
    backed_up(data)
    other = tmp_path / "other"
    make_data(other, seed=9, steps=10)
    before = contents(tmp_path / "backup")["journal/00000001.segment"]
    with pytest.raises(JournalError, match="of another history"):
        back_up(other, tmp_path / "backup", with_keys=True)
    assert contents(tmp_path / "backup")["journal/00000001.segment"] == before


def test_a_damaged_source_makes_no_backup(data: Path, tmp_path: Path) -> None:
    trade_on(data)
    oldest = sorted((data / "journal").glob("*.segment"))[0]
    content = bytearray(oldest.read_bytes())
    content[len(content) // 2] ^= 1
    oldest.write_bytes(content)
    assert main(["backup", str(data), "--to", str(tmp_path / "backup")]) == 1
    assert not (tmp_path / "backup" / FILE_NAME).exists()
    assert main(["backup", str(tmp_path / "nowhere"), "--to", str(tmp_path / "b")]) == 2


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "a/b/c", "", ".", "manifest.json", "a\\b", "x//y"])
def test_no_name_in_a_manifest_leads_out_of_the_backup(data: Path, tmp_path: Path, path: str) -> None:
    backed_up(data)
    manifest = tmp_path / "backup" / FILE_NAME
    said = json.loads(manifest.read_text())
    said["files"][0]["path"] = path
    manifest.write_text(json.dumps(said))
    with pytest.raises(JournalError, match="names a file"):
        load(tmp_path / "backup")


def test_what_was_archived_since_stays_in_the_backup(data: Path, tmp_path: Path) -> None:
    """As `journal archive` does it: the first segment goes, and a note says where it went."""
    backed_up(data)
    trade_on(data)
    sequence = backed_up(data).manifest.sequence
    first = read_only(data)[1].segments[0]
    chain = scan_frames((data / "journal" / first.name).read_bytes(), bytes(8)).chain
    note = ArchiveNote(1, first.last_sequence, chain, str(tmp_path / "archive"))
    (data / "journal" / archive_note.FILE_NAME).write_bytes(archive_note.encode(note))
    (data / "journal" / first.name).unlink()
    assert backed_up(data).manifest.sequence == sequence
    assert read_only(tmp_path / "backup")[1].begins_after == 0
    fresh = back_up(data, tmp_path / "fresh", with_keys=True).manifest
    assert fresh.sequence == sequence
    assert read_only(tmp_path / "fresh")[1].begins_after == first.last_sequence
