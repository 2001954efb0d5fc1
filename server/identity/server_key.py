"""The server's CURVE key pair in the data directory: `server.key` (secret) and `server.pub`.

Rules: made at the first start and never replaced by itself, since clients know the public half; the secret file is
readable by its owner alone; a key that cannot be read stops the start with one sentence.
"""

import os
from pathlib import Path

import zmq

from server.identity.store import IdentityError

KEY_FILE = "server.key"
PUBLIC_FILE = "server.pub"
_Z85_BYTES = 40


def load_or_make(directory: Path) -> tuple[bytes, bytes]:
    """(public, secret) in Z85. Raises `IdentityError`."""
    path = directory / KEY_FILE
    try:
        if not path.exists():
            _write_new(path)
        secret = path.read_bytes().strip()
    except OSError as error:
        raise IdentityError(f"The server's key {path} cannot be read: {error.strerror}.") from error
    try:
        if len(secret) != _Z85_BYTES:
            raise ValueError("wrong length")
        public: bytes = zmq.curve_public(secret)
    except (ValueError, KeyError, zmq.ZMQError) as error:
        raise IdentityError(f"The server's key {path} is not a CURVE key; restore it from a copy.") from error
    try:
        (directory / PUBLIC_FILE).write_bytes(public + b"\n")
    except OSError as error:
        raise IdentityError(f"The server's public key cannot be written: {error.strerror}.") from error
    return public, secret


def _write_new(path: Path) -> None:
    """The file appears whole or not at all, and stays: clients that know the key are not told another one later."""
    _, secret = zmq.curve_keypair()
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret + b"\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
