"""Recovery: a prefix that holds everything durable, or a refusal that names the place. Each byte, each operation.

Invariant: whatever happened to the files, opening gives the first N commands unchanged with N at least the commit
mark, or raises JournalDamaged with segment, offset and first sequence in doubt, and changes nothing. The same for a
journal that is sealed and for one from before the seal.
"""

import pytest

from server.journal.commit_mark import FILE_NAME
from server.journal.errors import JournalDamaged, JournalError
from server.journal.framing import headers_of, scan_frames
from server.journal.journal import Journal
from server.journal.key_file import KeyRing, new_ring
from server.protocol.enums import Durability
from tests.journal.flows import fill, replayed, stamped
from tests.journal.memory_storage import MemoryStorage, PowerCut

BATCHES_BELOW = [2, 1, 3]
BATCHES_ABOVE = [1, 2, 1]
BELOW = sum(BATCHES_BELOW)
TOTAL = BELOW + sum(BATCHES_ABOVE)
SEGMENT_BYTES = 640
KEYS = new_ring()
HEAD_BYTES, SLOTS_BYTES = 256, 128


def opened(
    storage: MemoryStorage, durability: Durability = Durability.OS, keys: KeyRing | None = KEYS, shard: int = 1
) -> Journal:
    return Journal(storage, shard=shard, durability=durability, threaded=False, segment_bytes=SEGMENT_BYTES, keys=keys)


@pytest.fixture(scope="module", params=["sealed", "unsealed"])
def files(request: pytest.FixtureRequest) -> dict[str, bytes]:
    """A journal of a few segments whose commit mark stands in the middle, as a killed process leaves it."""
    storage = MemoryStorage()
    journal = opened(storage, keys=KEYS if request.param == "sealed" else None)
    fill(journal, BATCHES_BELOW)
    journal.commit()
    fill(journal, BATCHES_ABOVE)
    return {name: bytes(content) for name, content in storage.files.items()}


def frame_at(files: dict[str, bytes], name: str, position: int) -> tuple[int, int]:
    """Offset of the frame that holds the byte, and its first sequence."""
    chain = bytes(8)
    for other in sorted(files):
        if other == FILE_NAME:
            continue
        scan = scan_frames(files[other], chain)
        if other == name:
            index = max(i for i, offset in enumerate(scan.offsets) if offset <= position)
            return scan.offsets[index], int(headers_of(files[other], scan.offsets)["first_sequence"][index])
        chain = scan.chain
    raise AssertionError(name)


def is_key_slot(files: dict[str, bytes], name: str, position: int) -> bool:
    """Whether the byte belongs to one of the two copies of a segment's data key."""
    is_sealed = int.from_bytes(files[name][8:12], "little") == HEAD_BYTES
    return is_sealed and HEAD_BYTES - SLOTS_BYTES <= position < HEAD_BYTES


def in_use(files: dict[str, bytes], name: str) -> list[int]:
    """The positions that mean something: all but the gap between the slots of the commit mark."""
    positions = range(len(files[name]))
    return [position for position in positions if name != FILE_NAME or position % 4096 < 64]


def check(changed: dict[str, bytes], floor: int, *, goes_on: bool = True) -> int | JournalDamaged:
    """Open the files: how many commands came back, at least `floor` and all right; or the refusal.

    `goes_on`: append behind what came back, and recover once more.
    """
    storage = MemoryStorage(changed)
    try:
        journal = opened(storage)
    except JournalDamaged as damage:
        assert storage.after_kill().files == changed, "a refusal changes nothing"
        return damage
    assert journal.last_sequence >= floor
    assert (replayed(journal) == stamped(1, journal.last_sequence)).all()
    if not goes_on:
        return journal.last_sequence
    fill(journal, [2, 1])
    journal.close()
    again = opened(storage.after_kill())
    assert (replayed(again) == stamped(1, journal.last_sequence)).all()
    return journal.recovered.last_sequence


def test_the_journal_of_these_tests_has_segments_below_across_and_above_the_mark(files: dict[str, bytes]) -> None:
    assert len(files) >= 4
    assert check(files, TOTAL) == TOTAL


def test_each_flipped_byte(files: dict[str, bytes]) -> None:
    counts = {"refused": 0, "cut": 0}
    for name in sorted(files):
        for position in in_use(files, name):
            flipped = bytearray(files[name])
            flipped[position] ^= 1 << (position * 5) % 8
            found = check({**files, name: bytes(flipped)}, BELOW, goes_on=position % 16 == 0)
            if name == FILE_NAME or is_key_slot(files, name, position):
                assert found == TOTAL
                continue
            offset, first = frame_at(files, name, position)
            if first <= BELOW:
                assert isinstance(found, JournalDamaged), (name, position)
                assert (found.segment, found.offset, found.first_sequence) == (name, offset, first)
                counts["refused"] += 1
            else:
                assert found == first - 1, (name, position)
                counts["cut"] += 1
    assert min(counts.values()) > 500, counts


def test_a_data_key_that_is_lost_twice_is_damage(files: dict[str, bytes]) -> None:
    for name in sorted(files):
        if name == FILE_NAME or not is_key_slot(files, name, HEAD_BYTES - 1):
            continue
        for hole in (range(140, 141), range(HEAD_BYTES - SLOTS_BYTES, HEAD_BYTES)):
            spoiled = bytearray(files[name])
            for position in hole:
                spoiled[position] ^= 0xFF
                spoiled[HEAD_BYTES - 1] ^= 0xFF
            _, first = frame_at(files, name, 0)
            found = check({**files, name: bytes(spoiled)}, BELOW)
            if first <= BELOW:
                assert isinstance(found, JournalDamaged)
                assert (found.segment, found.offset, found.first_sequence) == (name, 0, first)
                assert "data key" in found.what
            else:
                assert found == first - 1


def test_each_truncation(files: dict[str, bytes]) -> None:
    for name in sorted(files):
        if name == FILE_NAME:
            continue
        for size in range(0, len(files[name]), 3):
            offset, first = frame_at(files, name, size)
            found = check({**files, name: files[name][:size]}, BELOW, goes_on=size % 8 == 0)
            if first <= BELOW:
                assert isinstance(found, JournalDamaged)
                assert found.segment >= name
                assert found.first_sequence == first
                assert found.segment > name or found.offset == offset
            else:
                assert found == first - 1


def test_a_missing_segment_or_mark_is_refused(files: dict[str, bytes]) -> None:
    for name in sorted(files):
        left = {other: content for other, content in files.items() if other != name}
        found = check(left, BELOW)
        _, first = (0, 1) if name == FILE_NAME else frame_at(files, name, 0)
        assert isinstance(found, JournalDamaged) == (first <= BELOW), name


def test_segments_of_another_shard_or_history_are_refused(files: dict[str, bytes]) -> None:
    foreign = MemoryStorage()
    other = opened(foreign, shard=2)
    fill(other, BATCHES_BELOW + BATCHES_ABOVE)
    first = "00000001.segment"
    assert isinstance(check({**files, first: foreign.read(first)}, BELOW), JournalDamaged)
    with pytest.raises(JournalDamaged, match="another shard"):
        opened(MemoryStorage(files), shard=2)


def test_a_sound_journal_that_is_not_the_one_of_the_mark_is_refused(files: dict[str, bytes]) -> None:
    foreign = MemoryStorage()
    other = opened(foreign)
    commands = stamped(1, TOTAL)
    commands["price"] += 1
    start = 0
    for count in BATCHES_BELOW + BATCHES_ABOVE:
        other.append(commands[start : start + count])
        start += count
    found = check({**foreign.after_kill().durable, FILE_NAME: files[FILE_NAME]}, BELOW)
    assert isinstance(found, JournalDamaged)
    assert "not the frame that the commit mark names" in found.what


def test_an_older_copy_of_the_segments_is_below_the_mark(files: dict[str, bytes]) -> None:
    """A restored backup without its newest segments must not start: acknowledged orders would be gone."""
    kept = {name: content for name, content in files.items() if name in (FILE_NAME, "00000001.segment")}
    found = check(kept, BELOW)
    assert isinstance(found, JournalDamaged)
    assert f"before sequence {BELOW}, which was durable" in found.what


def test_what_was_cut_is_said(files: dict[str, bytes]) -> None:
    last = max(name for name in files if name != FILE_NAME)
    journal = opened(MemoryStorage({**files, last: files[last][:-1]}))
    damage = journal.recovered.damage
    assert damage is not None
    assert damage.segment == last
    assert journal.recovered.cut_bytes > 0


@pytest.mark.parametrize("durability", [Durability.FSYNC, Durability.OS])
def test_the_power_goes_at_each_operation(durability: Durability) -> None:
    """Stop the disk at its n-th operation, for all n, then recover from what it might hold."""
    outcomes: set[int] = set()
    for cut_at in range(1, 200):
        storage = MemoryStorage()
        storage.cut_at = cut_at
        acknowledged = promised = 0
        journal: Journal | None = None
        try:
            journal = opened(storage, durability)
            for batch in (1, 2, 1, 3, 1, 1):
                fill(journal, [batch])
                if batch != 2:
                    journal.commit()
                promised = journal.durable_sequence()
                acknowledged = journal.synced_sequence()
        except PowerCut:
            if journal is not None:
                acknowledged = max(acknowledged, journal.synced_sequence())
        else:
            break
        killed = opened(storage.after_kill(), durability)
        assert killed.last_sequence >= promised
        assert (replayed(killed) == stamped(1, killed.last_sequence)).all()
        for seed in range(12):
            try:
                found = opened(storage.after_power_cut(seed), durability)
            except JournalError as error:
                raise AssertionError(f"operation {cut_at}, seed {seed}") from error
            assert found.last_sequence >= acknowledged, (cut_at, seed)
            assert (replayed(found) == stamped(1, found.last_sequence)).all()
            outcomes.add(found.last_sequence)
    else:
        raise AssertionError("the run never ended")
    assert len(outcomes) > 3
