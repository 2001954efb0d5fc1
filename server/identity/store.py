"""The users of a server in SQLite: number, name, Argon2id hash.

Rules: one file `identity.sqlite`, readable by its owner alone; every change is one transaction that is on the disk
before the call returns. A connection for each call, so that any thread may call.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FILE_NAME = "identity.sqlite"
SCHEMA_VERSION = 1
_SCHEMA = """
create table if not exists users (
    user_id integer primary key check (user_id > 0 and user_id < 4294967296),
    name text not null unique,
    password_hash text not null,
    disabled integer not null default 0 check (disabled in (0, 1))
) strict;
"""


class IdentityError(Exception):
    """The identity store cannot be used; the text is one sentence for a person."""


class UserExists(IdentityError):
    """There is a user of this name or number already."""


@dataclass(frozen=True, slots=True)
class User:
    """One stored user."""

    user_id: int
    name: str
    password_hash: str
    disabled: bool


class IdentityStore:
    """The users of one data directory."""

    def __init__(self, directory: Path) -> None:
        """Open or create the store. Raises `IdentityError`."""
        self._path = directory / FILE_NAME
        try:
            if not self._path.exists():
                os.close(os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600))
            with self._transaction() as connection:
                version = connection.execute("pragma user_version").fetchone()[0]
                if version > SCHEMA_VERSION:
                    raise IdentityError(f"{self._path} was written by a newer version of Tradepit.")
                connection.execute(_SCHEMA)
                connection.execute(f"pragma user_version = {SCHEMA_VERSION}")
        except (sqlite3.Error, OSError) as error:
            raise IdentityError(f"The identity store {self._path} cannot be used: {error}.") from error

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=5)
        try:
            connection.execute("pragma synchronous = extra")
            with connection:
                yield connection
        finally:
            connection.close()

    def find(self, name: str) -> User | None:
        """The user of this name."""
        with self._transaction() as connection:
            row = connection.execute(
                "select user_id, name, password_hash, disabled from users where name = ?", (name,)
            ).fetchone()
        return User(row[0], row[1], row[2], bool(row[3])) if row else None

    def add(self, name: str, password_hash: str, user_id: int = 0) -> int:
        """Store a user under this number (0: the next free one) and return it. Raises `UserExists`."""
        try:
            with self._transaction() as connection:
                cursor = connection.execute(
                    "insert into users (user_id, name, password_hash) values (?, ?, ?)",
                    (user_id or None, name, password_hash),
                )
                return int(cursor.lastrowid or 0)
        except sqlite3.IntegrityError as error:
            raise UserExists(f"There is a user {name!r} or a number {user_id} already.") from error

    def replace_hash(self, user_id: int, password_hash: str) -> None:
        """Store a new hash of the same password (its cost was raised)."""
        with self._transaction() as connection:
            connection.execute("update users set password_hash = ? where user_id = ?", (password_hash, user_id))

    def copy_to(self, path: Path) -> None:
        """A consistent copy in a new file, also while another process changes the store. Raises `IdentityError`."""
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            with contextlib.closing(sqlite3.connect(path)) as copy, self._transaction() as connection:
                connection.backup(copy)
            with path.open("rb") as file:
                os.fsync(file.fileno())
        except (sqlite3.Error, OSError) as error:
            raise IdentityError(f"The identity store {self._path} cannot be copied to {path}: {error}.") from error

    def is_empty(self) -> bool:
        """Whether there is no user at all."""
        with self._transaction() as connection:
            return connection.execute("select 1 from users limit 1").fetchone() is None
