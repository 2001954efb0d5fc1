"""A disk on paper: files in memory that can be full, fail, lose what was not flushed, and be copied.

Rules: same interface as `server.journal.storage.Storage`; each call is one numbered operation, so that a test can stop
the world at any of them. `after_power_cut` gives what a disk might hold then; the seed decides.
"""

import errno
import random
from collections.abc import Callable


class PowerCut(BaseException):
    """The world ended at this operation. No code under test may catch it."""


class MemoryStorage:
    """Files by name. `files` is what the operating system knows, `durable` what is on the plate."""

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self.files = {name: bytearray(content) for name, content in (files or {}).items()}
        self.durable = dict(files or {})
        self.names_durable = set(self.files)
        self.space: int | None = None
        """Bytes that can still be appended; None: no limit."""
        self.fault: Callable[[str, str], OSError | None] = lambda operation, name: None
        self.cut_at = -1
        """The operation at which the power goes; an append or write is half done by then."""
        self.operations = 0

    def names(self) -> list[str]:
        return sorted(self.files)

    def size(self, name: str) -> int:
        return len(self.files.get(name, b""))

    def read(self, name: str, offset: int = 0, count: int = -1) -> bytes:
        if name not in self.files:
            raise FileNotFoundError(errno.ENOENT, "no such file", name)
        content = bytes(self.files[name])
        return content[offset:] if count < 0 else content[offset : offset + count]

    def append(self, name: str, content: bytes) -> None:
        is_last = self._begin("append", name)
        file = self.files.setdefault(name, bytearray())
        if is_last:
            file += content[: len(content) // 2]
            raise PowerCut
        if self.space is not None and len(content) > self.space:
            file += content[: self.space]
            self.space = 0
            raise OSError(errno.ENOSPC, "No space left on device", name)
        if self.space is not None:
            self.space -= len(content)
        file += content

    def write_at(self, name: str, offset: int, content: bytes) -> None:
        is_last = self._begin("write_at", name)
        file = self.files.setdefault(name, bytearray())
        file.extend(bytes(max(0, offset + len(content) - len(file))))
        if is_last:
            content = content[: len(content) // 2]
        file[offset : offset + len(content)] = content
        if is_last:
            raise PowerCut

    def replace(self, name: str, content: bytes) -> None:
        if self._begin("replace", name):
            raise PowerCut
        self.files[name] = bytearray(content)
        self.durable[name] = content
        self.names_durable = set(self.files)

    def allocate(self, name: str, size: int) -> None:
        is_last = self._begin("allocate", name)
        if self.space is not None and size > self.space:
            self.files.pop(name, None)
            raise OSError(errno.ENOSPC, "No space left on device", name)
        if self.space is not None:
            self.space -= size
        self.files[name] = bytearray(size // 2 if is_last else size)
        if is_last:
            raise PowerCut
        self.durable[name] = bytes(size)
        self.names_durable.add(name)

    def rename(self, name: str, new_name: str) -> None:
        """Atomic; which of the two names a power cut leaves is open until the names are flushed."""
        if self._begin("rename", name):
            raise PowerCut
        self.files[new_name] = self.files.pop(name)
        self.durable[new_name] = self.durable.pop(name)
        self.names_durable.discard(name)

    def truncate(self, name: str, size: int) -> None:
        if self._begin("truncate", name):
            raise PowerCut
        del self.files[name][size:]

    def remove(self, name: str) -> None:
        if self._begin("remove", name):
            raise PowerCut
        del self.files[name]

    def sync(self, name: str) -> None:
        if self._begin("sync", name):
            raise PowerCut
        self.durable[name] = bytes(self.files[name])

    def sync_names(self) -> None:
        if self._begin("sync_names", ""):
            raise PowerCut
        self.names_durable = set(self.files)
        for name in [name for name in self.durable if name not in self.files]:
            del self.durable[name]

    def descriptor(self, name: str) -> int:
        """There is none."""
        return -1

    def release(self, name: str) -> None:
        """Nothing is held open."""

    def close(self) -> None:
        """Nothing is held open."""

    def after_kill(self) -> "MemoryStorage":
        """The process is gone, the operating system is not: all that was written is there."""
        return MemoryStorage({name: bytes(content) for name, content in self.files.items()})

    def after_power_cut(self, seed: int) -> "MemoryStorage":
        """The machine was off: what was flushed is there; of the rest, any prefix, or pages that never arrived."""
        chance = random.Random(seed)
        found: dict[str, bytes] = {}
        for name in sorted(set(self.files) | set(self.durable)):
            if name not in self.names_durable and chance.random() < 0.5:
                continue
            flushed = self.durable.get(name, b"")
            written = bytes(self.files.get(name, flushed))
            if written == flushed:
                found[name] = flushed
                continue
            choice = chance.randrange(3)
            if choice == 0 or len(written) <= len(flushed):
                found[name] = chance.choice([flushed, written])
            elif choice == 1:
                found[name] = written[: chance.randrange(len(flushed), len(written))]
            else:
                hole = chance.randrange(len(flushed), len(written))
                found[name] = written[:hole] + bytes(min(64, len(written) - hole)) + written[hole + 64 :]
        return MemoryStorage(found)

    def _begin(self, operation: str, name: str) -> bool:
        """Count the operation; raise the fault planted for it; True if the power goes during it."""
        self.operations += 1
        error = self.fault(operation, name)
        if error is not None:
            raise error
        return self.operations == self.cut_at
