"""The keys of a run, made from its seed, and a watch at the cipher: no nonce comes twice under a key.

Rules: the watch sees what is sealed, not what became of it: a frame that found no space, was torn or was cut counts
too, for somebody may have copied the disk before. The same plaintext under the same nonce tells nothing, and passes.
"""

from hashlib import blake2b
from random import Random
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.journal import seal, snapshot_store
from server.journal.key_file import KeyRing
from tests.simulator.verdict import Wrong

_KEY_BYTES = 32
_SEALING = (seal, snapshot_store)


def ring_of(seed: int) -> KeyRing:
    """The key file of a simulated machine."""
    source = Random(f"keys of {seed}")
    return KeyRing({1: source.randbytes(_KEY_BYTES)}, source.randbytes)


class SealWatch:
    """Every (key, nonce) of a run with a hash of what was sealed under it. Used as a context, in which it watches."""

    def __init__(self) -> None:
        self.sealed: dict[tuple[bytes, bytes], bytes] = {}

    def __enter__(self) -> "SealWatch":
        watch = self

        class WatchedCipher:
            """AESGCM, seen from outside."""

            def __init__(self, key: bytes) -> None:
                self._key = key
                self._cipher = AESGCM(key)

            def __getattr__(self, name: str) -> Any:
                return getattr(self._cipher, name)

            def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
                """As AESGCM does it."""
                watch.on_seal(self._key, nonce, data)
                return self._cipher.encrypt(nonce, data, associated_data)

        for module in _SEALING:
            module.AESGCM = WatchedCipher  # type: ignore[attr-defined]
        return self

    def __exit__(self, *_: object) -> None:
        for module in _SEALING:
            module.AESGCM = AESGCM  # type: ignore[attr-defined]

    def on_seal(self, key: bytes, nonce: bytes, data: bytes) -> None:
        """Raises Wrong if this nonce has hidden something else."""
        content = blake2b(data, digest_size=16).digest()
        if self.sealed.setdefault((key, nonce), content) != content:
            raise Wrong(f"nonce {int.from_bytes(nonce[:4], 'little')} was used twice under one key")
