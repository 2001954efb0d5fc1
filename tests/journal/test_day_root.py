"""The daily root: the tree of RFC 6962, a frame in the day of its time, no key needed, any change seen."""

from hashlib import sha256

import pytest

from server.journal.commit_mark import CommitFile
from server.journal.day_root import DayRoot, day_root
from server.journal.journal import Journal
from server.journal.key_file import KeyRing, new_ring
from server.journal.key_rotation import rewrap
from server.journal.merkle import EMPTY, MerkleTree, leaf_hash, node_hash
from server.journal.recovery import read_journal
from tests.journal.flows import fill, stamped
from tests.journal.memory_storage import MemoryStorage

KEYS = new_ring()


def by_the_book(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(by_the_book(leaves[:split]), by_the_book(leaves[split:]))


@pytest.mark.parametrize("count", [*range(20), 63, 64, 65, 100])
def test_the_tree_is_that_of_the_book(count: int) -> None:
    leaves = [bytes([number]) * number for number in range(count)]
    tree = MerkleTree()
    for leaf in leaves:
        tree.add(leaf)
    assert tree.root() == by_the_book(leaves)
    assert tree.leaves == count


def test_published_roots() -> None:
    """The vectors that implementations of certificate transparency share."""
    tree = MerkleTree()
    for content in (b"", b"\0", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43"):
        tree.add(content)
    assert tree.root().hex() == "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"


def written(keys: KeyRing | None = KEYS) -> MemoryStorage:
    storage = MemoryStorage()
    journal = Journal(storage, threaded=False, segment_bytes=1500, keys=keys)
    fill(journal, [1, 2, 3, 1, 1, 2, 1])
    journal.commit()
    return storage


def root_of(storage: MemoryStorage, start: int, end: int) -> DayRoot:
    """The root of the frames whose last command is one of `start` to `end`, by the times of the test's commands."""
    times = stamped(start, end - start + 1)["time_ns"]
    found = read_journal(storage, 1, CommitFile(storage).load(journal_exists=True))
    return day_root(storage, found, int(times[0]), int(times[-1]) + 1)


def test_a_frame_belongs_to_the_day_of_its_last_command_over_segments() -> None:
    storage = written()
    found = read_journal(storage, 1, CommitFile(storage).load(journal_exists=True))
    frames = [storage.read(part.name)[start:end] for part in found.segments for start, end in part.frames()]
    assert len(found.segments) > 1
    assert root_of(storage, 1, 11) == DayRoot(by_the_book(frames), 7, 1, 11)
    assert root_of(storage, 3, 7) == DayRoot(by_the_book(frames[1:4]), 3, 2, 7)
    assert root_of(storage, 2, 2) == DayRoot(EMPTY, 0, 0, 0)
    assert root_of(storage, 100, 200).frames == 0


def test_the_root_needs_no_key_and_stays_when_the_key_changes() -> None:
    storage = written()
    before = root_of(storage, 1, 11)
    assert rewrap(storage, KEYS.with_new_key()) > 1
    assert root_of(storage, 1, 11) == before
    assert root_of(written(), 1, 11).root != before.root, "the same commands, sealed another time"
    assert root_of(written(None), 1, 11) == root_of(written(None), 1, 11)
