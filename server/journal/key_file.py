"""The key-encryption keys of a data directory, in `journal.key`: they wrap the data key of every segment.

Rules: made at the first start; readable by its owner alone; replaced as a whole. One line a key, its number and 64 hex
digits; the highest number wraps, the others only unwrap until `tradepit journal rotate-key` has replaced them. The file
is never made anew beside sealed segments: without it nothing in them can be read.
"""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from server.journal.errors import JournalSealed

FILE_NAME: Final = "journal.key"
_KEY_BYTES: Final = 32


class KeyRing:
    """Key-encryption keys by number, and where new keys come from."""

    def __init__(self, keys: dict[int, bytes], random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> None:
        """`keys` is not empty. `random_bytes` is another source in a simulation alone, which has to repeat itself."""
        self.keys = dict(keys)
        self.newest = max(keys)
        self._random_bytes = random_bytes

    def new_data_key(self) -> bytes:
        """A key for one segment or snapshot that nobody had before."""
        return self._random_bytes(_KEY_BYTES)

    def wrap(self, data_key: bytes) -> tuple[int, bytes]:
        """The number of the newest key, and the data key wrapped by it (RFC 3394)."""
        return self.newest, aes_key_wrap(self.keys[self.newest], data_key)

    def unwrap(self, number: int, wrapped: bytes) -> bytes | None:
        """The data key; None if key `number` is not here or is another one than the one that wrapped it."""
        key = self.keys.get(number)
        try:
            return None if key is None else aes_key_unwrap(key, wrapped)
        except InvalidUnwrap:
            return None

    def with_new_key(self) -> "KeyRing":
        """These keys and a new one, which wraps from now on."""
        return KeyRing({**self.keys, self.newest + 1: self._random_bytes(_KEY_BYTES)}, self._random_bytes)

    def newest_alone(self) -> "KeyRing":
        """The newest key without the older ones."""
        return KeyRing({self.newest: self.keys[self.newest]}, self._random_bytes)


def new_ring() -> KeyRing:
    """One new key, number 1."""
    return KeyRing({1: secrets.token_bytes(_KEY_BYTES)})


def load(directory: Path) -> KeyRing | None:
    """The keys of a data directory, None if it has no key file. Raises JournalSealed if the file is no key file."""
    path = directory / FILE_NAME
    try:
        text = path.read_text("ascii")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise JournalSealed(f"The journal's key file {path} cannot be read: {error}.") from error
    try:
        lines = [line.split() for line in text.splitlines()]
        keys = {int(number): bytes.fromhex(digits) for number, digits in lines}
    except ValueError:
        keys = {}
    if not keys or min(keys) < 1 or any(len(key) != _KEY_BYTES for key in keys.values()):
        raise JournalSealed(f"The journal's key file {path} is damaged; restore it from a copy.")
    return KeyRing(keys)


def load_or_make(directory: Path, *, has_sealed: bool) -> KeyRing:
    """The keys of a data directory, made if there are none yet. Raises JournalSealed, OSError.

    `has_sealed`: segments are sealed already, so that a missing file must not be made.
    """
    ring = load(directory)
    if ring is None:
        if has_sealed:
            raise JournalSealed(
                f"The journal in {directory} is sealed and its key file {directory / FILE_NAME} is missing; restore it"
                " from a copy: without it the journal cannot be read."
            )
        ring = new_ring()
        store(directory, ring)
    return ring


def store(directory: Path, ring: KeyRing) -> None:
    """Replace the key file durably; a crash leaves the old one or the new one whole. Raises OSError."""
    path = directory / FILE_NAME
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    text = "".join(f"{number} {key.hex()}\n" for number, key in sorted(ring.keys.items()))
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    if os.name == "posix":
        folder = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
