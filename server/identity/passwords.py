"""Argon2id: hashing and verifying, at the same cost for users that do not exist.

Rules: blocking and slow on purpose (tens of milliseconds and megabytes); never called on the loop's thread.
"""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MEMORY_KIB = 64 * 1024
PASSES = 2


class Passwords:
    """One set of Argon2id parameters. Smaller ones are for tests alone."""

    def __init__(self, memory_kib: int = MEMORY_KIB, passes: int = PASSES) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._nobody = ""

    def prepare(self) -> None:
        """Make the hash that users who do not exist are measured by; before the first `verify`, by the same thread."""
        self._nobody = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """The PHC string of a password, with a salt of its own."""
        return self._hasher.hash(password)

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is the hash's. None (no such user) takes as long and is always False."""
        if not self._nobody:
            self.prepare()
        try:
            return self._hasher.verify(password_hash or self._nobody, password) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than these."""
        return self._hasher.check_needs_rehash(password_hash)
