"""A failed fsync, and the start after it: what the system still shows may not be on the disk."""

import errno

import pytest

from server.journal.errors import JournalFailed, JournalUnreadable
from server.journal.journal import Journal
from server.journal.key_file import new_ring
from server.journal.segments import segment_names
from server.protocol.enums import Durability
from tests.journal.flows import fill, replayed, stamped
from tests.journal.memory_storage import MemoryStorage

KEYS = new_ring()


class ForgetfulStorage(MemoryStorage):
    """A page cache that takes its pages for clean after an fsync that failed, as Linux does."""

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        super().__init__(files)
        self.dirty: dict[str, list[tuple[int, int]]] = {}
        self.cut: set[str] = set()

    def truncate(self, name: str, size: int) -> None:
        super().truncate(name, size)
        self.cut.add(name)

    def append(self, name: str, content: bytes) -> None:
        start = self.size(name)
        super().append(name, content)
        self.dirty.setdefault(name, []).append((start, start + len(content)))

    def write_at(self, name: str, offset: int, content: bytes) -> None:
        super().write_at(name, offset, content)
        self.dirty.setdefault(name, []).append((offset, offset + len(content)))

    def sync(self, name: str) -> None:
        dirty = self.dirty.pop(name, [])
        is_cut = name in self.cut
        self.cut.discard(name)
        self._begin("sync", name)
        plate = bytearray(self.durable.get(name, b""))
        if is_cut:
            del plate[len(self.files[name]) :]
        for start, end in dirty:
            plate.extend(bytes(max(0, end - len(plate))))
            plate[start:end] = self.files[name][start:end]
        self.durable[name] = bytes(plate)

    def restarted(self) -> "ForgetfulStorage":
        """The process is gone; cache and plate are what they were."""
        again = ForgetfulStorage({name: bytes(content) for name, content in self.files.items()})
        again.durable = dict(self.durable)
        return again

    def on_the_plate(self) -> MemoryStorage:
        """The machine was off."""
        return MemoryStorage(dict(self.durable))


def opened(storage: MemoryStorage) -> Journal:
    return Journal(storage, durability=Durability.FSYNC, threaded=False, segment_bytes=1000, keys=KEYS)


@pytest.mark.parametrize("above", [[1], [2, 3], [9, 9, 9]])
def test_what_a_start_accepts_is_on_the_disk_then(above: list[int]) -> None:
    storage = ForgetfulStorage()
    journal = opened(storage)
    fill(journal, [4])
    journal.commit()
    fill(journal, above)
    storage.fault = lambda operation, _: OSError(errno.EIO, "lost") if operation == "sync" else None
    with pytest.raises(JournalFailed):
        journal.commit()
    total = 4 + sum(above)

    again = storage.restarted()
    assert opened(again.restarted().on_the_plate()).last_sequence < total, "the pages are lost indeed"
    recovered = opened(again)
    assert recovered.last_sequence == total
    after = opened(again.on_the_plate())
    assert replayed(after).tobytes() == stamped(1, total).tobytes()


def test_a_start_behind_a_cut_that_was_not_flushed_flushes_it() -> None:
    """Else the old end is there again after a power cut, before commands that are durable."""
    storage = ForgetfulStorage()
    journal = opened(storage)
    fill(journal, [2])
    journal.commit()
    segment = segment_names(storage)[-1]
    end = storage.size(segment)
    storage.append(segment, bytes(640))
    MemoryStorage.sync(storage, segment)
    cut = storage.restarted()
    cut.fault = lambda operation, name: OSError(errno.EIO, "lost") if (operation, name) == ("sync", segment) else None
    with pytest.raises(JournalUnreadable):
        opened(cut)
    assert (cut.size(segment), len(cut.durable[segment])) == (end, end + 640)

    again = cut.restarted()
    journal = opened(again)
    fill(journal, [1, 1])
    journal.commit()
    after = opened(again.on_the_plate())
    assert replayed(after).tobytes() == stamped(1, 4).tobytes()
