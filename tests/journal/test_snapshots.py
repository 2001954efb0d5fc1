"""Snapshots: from any of them the journal goes on to the same state; what is not right is never believed."""

import errno
from pathlib import Path

import numpy as np
import pytest

from server.engine.exchange import Exchange
from server.journal.commit_mark import CommitFile
from server.journal.errors import JournalDamaged, SnapshotUnusable
from server.journal.journal import Journal
from server.journal.key_rotation import rewrap, rewrap_snapshots
from server.journal.segments import segment_names
from server.journal.snapshot import DIGEST_BYTES, HEAD_BYTES, decode_head
from server.journal.snapshot_store import SnapshotStore
from server.settings import SnapshotSettings
from tests.gateway.desk import ANN, Desk
from tests.journal.memory_storage import MemoryStorage, PowerCut
from tests.journal.snapshot_rig import COMMANDS, KEYS, Disks, Life, hash_at
from tests.pipeline.test_recovery import trade

EVENTS = 10_000


def lived(seed: int = 1, last: int = 600, **options: object) -> Disks:
    """What a life leaves that ended after so many commands."""
    disks = Disks()
    Life(disks, **options).run(last, np.random.default_rng(seed))
    return disks


def snapshots_of(disks: Disks) -> list[str]:
    """Newest first."""
    return sorted((name for name in disks.snapshots.files if name.endswith(".snapshot")), reverse=True)


def sequence_of(name: str) -> int:
    return int(name.removesuffix(".snapshot"))


@pytest.mark.parametrize("seed", range(12))
def test_a_snapshot_at_a_random_point_and_the_journal_give_one_state(seed: int) -> None:
    chance = np.random.default_rng(seed)
    last = int(chance.integers(150, COMMANDS))
    disks = lived(seed, last, every=int(chance.integers(20, 150)), keys=KEYS if seed % 3 else None)
    keys = KEYS if seed % 3 else None
    fast = Life(disks.after_kill(), keys=keys)
    assert fast.restored.notes == []
    assert fast.restored_to == sequence_of(snapshots_of(disks)[0]) > 0
    assert len(fast.journal.recovered.segments) < len(segment_names(disks.journal))
    alone = disks.after_kill()
    alone.snapshots = MemoryStorage()
    slow = Life(alone, keys=keys)
    assert slow.restored_to == 0
    assert fast.exchange.state_hash() == slow.exchange.state_hash() == hash_at(last)
    assert fast.exchange.sequence == slow.exchange.sequence == last
    assert fast.log.last_event_sequence == slow.log.last_event_sequence == fast.exchange.event_sequence
    for life in (fast, slow):
        life.run(COMMANDS, np.random.default_rng(seed))
    assert fast.exchange.state_hash() == slow.exchange.state_hash() == hash_at(COMMANDS)


def test_the_newest_are_kept_and_each_of_them_is_good_for_a_start() -> None:
    disks = lived(kept=3)
    names = snapshots_of(disks)
    assert len(names) == 3
    while names:
        life = Life(disks.after_kill())
        assert life.restored_to == sequence_of(names[0])
        assert life.exchange.state_hash() == hash_at(600)
        disks.snapshots.remove(names.pop(0))
    assert Life(disks).restored_to == 0


def changed_ones(content: bytes) -> list[bytes]:
    """A snapshot's bytes, torn or with one bit wrong at places of each kind."""
    flips = [*range(0, HEAD_BYTES, 7), 400, len(content) // 2, len(content) - DIGEST_BYTES - 1]
    torn = [content[:size] for size in (0, 5, HEAD_BYTES, 400, len(content) // 2, len(content) - 1)]
    return [*torn, content + b"\0", *(content[:at] + bytes([content[at] ^ 16]) + content[at + 1 :] for at in flips)]


def test_one_that_is_torn_or_changed_is_not_believed_and_the_one_before_is() -> None:
    disks = lived()
    newest, before = snapshots_of(disks)[:2]
    for content in changed_ones(bytes(disks.snapshots.files[newest])):
        found = disks.after_kill()
        found.snapshots.files[newest] = bytearray(content)
        life = Life(found)
        assert life.restored_to == sequence_of(before)
        assert len(life.restored.notes) == 1 and newest in life.restored.notes[0]
        assert life.exchange.state_hash() == hash_at(600)


def test_the_checksum_tells_without_a_key_that_a_copy_is_whole() -> None:
    disks = lived()
    store = SnapshotStore(disks.snapshots)
    newest = snapshots_of(disks)[0]
    assert store.check(newest).sequence == sequence_of(newest)
    content = bytes(disks.snapshots.files[newest])
    for changed in (*changed_ones(content), content[:-1] + bytes([content[-1] ^ 1])):
        disks.snapshots.files[newest] = bytearray(changed)
        with pytest.raises(SnapshotUnusable):
            store.check(newest)


def test_one_slot_of_the_data_key_is_enough_and_none_is_not() -> None:
    disks = lived()
    newest = snapshots_of(disks)[0]
    disks.snapshots.files[newest][HEAD_BYTES + 20] ^= 1
    assert Life(disks.after_kill()).restored_to == sequence_of(newest)
    disks.snapshots.files[newest][HEAD_BYTES + 64 + 20] ^= 1
    assert Life(disks.after_kill()).restored_to == sequence_of(snapshots_of(disks)[1])


def test_those_of_another_build_are_not_read() -> None:
    disks = lived()
    life = Life(disks, fingerprint=b"g" * 32)
    assert life.restored_to == 0
    assert len(life.restored.notes) == 3 and "another build" in life.restored.notes[0]
    assert life.exchange.state_hash() == hash_at(600)
    life.run(800, np.random.default_rng(2))
    assert Life(disks.after_kill(), fingerprint=b"g" * 32).restored_to > 600


def test_those_of_another_journal_are_not_believed_and_make_room() -> None:
    other = lived(seed=9, last=900)
    disks = lived(seed=1, last=300)
    disks.snapshots = other.snapshots
    life = Life(disks)
    assert life.restored_to == 0
    assert all("not in this journal" in note for note in life.restored.notes)
    life.run(450, np.random.default_rng(1))
    assert [sequence_of(name) <= 450 for name in snapshots_of(disks)] == [True] * len(snapshots_of(disks))
    assert Life(disks).exchange.state_hash() == hash_at(450)


def test_none_is_used_whose_outputs_the_event_log_lacks() -> None:
    disks = lived()
    for name in reversed(segment_names(disks.events)[len(segment_names(disks.events)) // 2 :]):
        disks.events.remove(name)
    disks.events.remove("checkpoint")
    life = Life(disks.after_kill())
    assert 0 < life.restored_to < sequence_of(snapshots_of(disks)[0]) or life.restored_to == 0
    assert "the event log ends before it" in life.restored.notes[0]
    assert life.exchange.state_hash() == hash_at(600)
    assert life.log.last_event_sequence == life.exchange.event_sequence
    whole = Life(lived())
    for user in (7,):
        events = [log.events_of(user, 0, EVENTS).tobytes() for log in (life.log, whole.log)]
        assert events[0] == events[1]


def test_one_is_never_ahead_of_the_commit_mark() -> None:
    disks = Disks()
    life = Life(disks)
    sizes = np.random.default_rng(3)
    life.run(80, sizes)
    for _ in range(20):
        life.batch(10)
        assert snapshots_of(disks) == [], "nothing is durable, so nothing is written"
    assert life.snapshotter.newest_sequence > 0
    life.journal.commit()
    life.turn()
    (name,) = snapshots_of(disks)
    mark = CommitFile(MemoryStorage(disks.journal.durable)).load(journal_exists=True)
    head = decode_head(disks.snapshots.durable[name])
    assert head.sequence <= head.anchor.sequence <= mark.sequence


def test_one_is_good_for_a_start_where_the_mark_is_older_than_its_frame() -> None:
    """The power went while the slot was written over that told of the frame: the other slot tells of less."""
    disks = Disks()
    life = Life(disks)
    life.run(90, np.random.default_rng(3))
    older = bytes(disks.journal.files["commit"])
    life.run(130, np.random.default_rng(3))
    (name,) = snapshots_of(disks)
    found = disks.after_kill()
    found.journal.files["commit"] = bytearray(older)
    assert CommitFile(found.journal).load(journal_exists=True).sequence < sequence_of(name)
    again = Life(found)
    assert again.restored.notes == []
    assert again.restored_to == sequence_of(name)
    assert again.exchange.state_hash() == hash_at(130)


@pytest.mark.parametrize("seed", range(3))
def test_the_power_goes_at_any_operation_of_writing_one(seed: int) -> None:
    """Whatever is left: the state is that of the durable journal, and no snapshot that is used leads its mark."""
    cut_at = 0
    while True:
        disks = Disks()
        life = Life(disks, every=60, kept=2)
        life.run(190, np.random.default_rng(seed), commits=True)
        life.run(245, np.random.default_rng(seed), commits=False)
        before = disks.snapshots.operations
        cut_at += 1
        disks.snapshots.cut_at = before + cut_at
        try:
            life.run(250, np.random.default_rng(seed))
        except PowerCut:
            durable = life.journal.synced_sequence()
            found = disks.after_power_cut(seed * 1000 + cut_at)
        else:
            assert cut_at > 5
            return
        again = Life(found)
        assert again.exchange.sequence >= durable
        assert again.restored_to <= durable
        assert again.exchange.state_hash() == hash_at(again.exchange.sequence)
        assert not [name for name in found.snapshots.files if name.endswith(".draft") and again.snapshotter.written]


@pytest.mark.parametrize("operation", ["append", "sync", "rename", "sync_names", "remove"])
def test_a_failing_disk_costs_the_snapshot_and_not_the_server(operation: str) -> None:
    disks = lived(last=450, kept=2)
    life = Life(disks, kept=2)
    error = OSError(errno.EIO, "Input/output error")
    disks.snapshots.fault = lambda done, _: error if done == operation else None
    life.run(700, np.random.default_rng(4))
    assert life.snapshotter.failed >= 1
    assert life.reports and "was not written: " in life.reports[0]
    disks.snapshots.fault = lambda done, _: None
    life.run(900, np.random.default_rng(4))
    assert life.snapshotter.written >= 1
    again = Life(disks.after_kill())
    assert again.restored_to > 700
    assert again.exchange.state_hash() == hash_at(900)


def test_a_full_disk_leaves_no_draft_behind() -> None:
    disks = lived(last=450)
    life = Life(disks)
    disks.snapshots.space = 10_000
    life.run(700, np.random.default_rng(4))
    assert life.snapshotter.failed >= 1
    assert not [name for name in disks.snapshots.files if name.endswith(".draft")]
    assert Life(disks.after_kill()).exchange.state_hash() == hash_at(700)


def test_what_was_read_back_otherwise_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    disks = lived(last=450)
    names = snapshots_of(disks)
    life = Life(disks)
    read = MemoryStorage.read

    def bad(self: MemoryStorage, name: str, offset: int = 0, count: int = -1) -> bytes:
        content = bytearray(read(self, name, offset, count))
        if name.endswith(".draft") and len(content) > 5000:
            content[5000] ^= 1
        return bytes(content)

    monkeypatch.setattr(MemoryStorage, "read", bad)
    life.run(700, np.random.default_rng(4))
    assert life.snapshotter.written == 0 and life.snapshotter.failed >= 1
    assert snapshots_of(disks) == names, "none is removed for one that is not whole"


def test_damage_in_the_tail_is_named_as_without_a_snapshot() -> None:
    disks = lived()
    last = segment_names(disks.journal)[-1]
    for at in (300, 1000, len(disks.journal.files[last]) - 1):
        caught = []
        for snapshots in (disks.snapshots, MemoryStorage()):
            found = disks.after_kill()
            found.snapshots = snapshots
            found.journal.files[last][at] ^= 4
            with pytest.raises(JournalDamaged) as error:
                Life(found)
            caught.append((error.value.segment, error.value.offset, error.value.first_sequence, error.value.what))
        assert caught[0] == caught[1]


def test_a_start_that_is_refused_behind_a_damaged_snapshot_has_changed_nothing() -> None:
    """The journal is damaged where the snapshot stood for it: that is seen before the first write."""
    disks = lived()
    for name in snapshots_of(disks):
        disks.snapshots.files[name][500] ^= 1
    first = segment_names(disks.journal)[0]
    disks.journal.files[first][-100] ^= 1
    before = {name: bytes(content) for name, content in disks.journal.files.items()}
    with pytest.raises(JournalDamaged) as refused:
        Life(disks)
    assert refused.value.segment == first
    assert disks.journal.files == before


def test_a_rotated_key_opens_them_and_an_older_one_does_not() -> None:
    disks = lived()
    both = KEYS.with_new_key()
    assert rewrap_snapshots(disks.snapshots, both) == 3
    life = Life(disks.after_kill())
    assert life.restored_to == 0
    assert "the key file does not hold the key" in life.restored.notes[0]
    for storage in (disks.journal, disks.events):
        rewrap(storage, both)
    assert Life(disks, keys=both.newest_alone()).restored_to == sequence_of(snapshots_of(disks)[0])


def settle(desk: Desk) -> None:
    """Make all durable and logged, and write the snapshot that was due."""
    desk.core.journal.commit()
    for _ in range(3):
        desk.clock.advance_ms(10)
        desk.turn()
        desk.core.snapshotter._wait()


def test_a_server_restarts_from_the_newest_and_stops_with_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path, snapshots=SnapshotSettings(commands=100))
    group = desk.core.journal._group
    group._stopping.set()
    group._thread.join()
    trade(desk, 1, 300, 7, after_batch=lambda: settle(desk))
    settle(desk)
    snapshotter = desk.core.snapshotter
    assert (snapshotter.written >= 2, snapshotter.failed) == (True, 0)
    taken = snapshotter.newest_sequence
    private = desk.core.event_writer.events_of(ANN, 0, EVENTS).tobytes()
    desk.core.close()

    again = Desk(tmp_path, first=False, snapshots=SnapshotSettings(commands=10))
    assert again.core.notes == []
    assert again.restored_to == taken > 300
    assert again.core.event_writer.events_of(ANN, 0, EVENTS).tobytes().startswith(private)
    trade(again, 2, 30, 7)
    again.pipeline.stop(again.clock.now_ns)
    expected, sequence = again.core.exchange.state_hash(), again.core.exchange.sequence
    assert (again.core.snapshotter.newest_sequence, again.core.snapshotter.failed) == (sequence, 0)
    assert (tmp_path / "snapshots" / f"{sequence:020d}.snapshot").exists()
    again.core.close()
    journal = Journal.open(tmp_path)
    alone = Exchange()
    for commands in journal.replay():
        alone.apply(commands)
    journal.close()
    assert (alone.state_hash(), alone.sequence) == (expected, sequence)
