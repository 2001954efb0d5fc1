"""The users in SQLite and the server's key."""

from pathlib import Path

import pytest
import zmq

from server.identity.server_key import KEY_FILE, PUBLIC_FILE, load_or_make
from server.identity.store import FILE_NAME, IdentityError, IdentityStore, UserExists


def test_users_are_numbered_found_and_kept(tmp_path: Path) -> None:
    store = IdentityStore(tmp_path)
    assert store.is_empty()
    assert store.add("ann", "hash a", 7) == 7
    assert store.add("bob", "hash b") == 8
    again = IdentityStore(tmp_path)
    found = again.find("bob")
    assert found is not None
    assert (found.user_id, found.password_hash, found.disabled) == (8, "hash b", False)
    assert again.find("Ann") is None
    again.replace_hash(7, "hash c")
    changed = store.find("ann")
    assert changed is not None
    assert changed.password_hash == "hash c"


@pytest.mark.parametrize(("name", "number"), [("ann", 9), ("bob", 7)])
def test_a_name_or_number_is_given_once(tmp_path: Path, name: str, number: int) -> None:
    store = IdentityStore(tmp_path)
    store.add("ann", "hash", 7)
    with pytest.raises(UserExists):
        store.add(name, "hash", number)


def test_only_the_owner_may_read_the_store(tmp_path: Path) -> None:
    IdentityStore(tmp_path)
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o077 == 0


def test_a_file_that_is_no_store_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"this is not a database, not at all" * 100)
    with pytest.raises(IdentityError, match="cannot be used"):
        IdentityStore(tmp_path)


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    public, secret = load_or_make(tmp_path)
    assert zmq.curve_public(secret) == public
    assert load_or_make(tmp_path) == (public, secret)
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o077 == 0
    assert (tmp_path / PUBLIC_FILE).read_bytes().strip() == public


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 40, b"~" * 40])
def test_a_damaged_key_is_one_sentence_and_is_not_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / KEY_FILE).write_bytes(content)
    with pytest.raises(IdentityError, match="not a CURVE key"):
        load_or_make(tmp_path)
    assert (tmp_path / KEY_FILE).read_bytes() == content
