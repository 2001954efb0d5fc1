"""A Merkle tree over SHA-256, one leaf after the other (RFC 6962, section 2.1), so that one value stands for a day.

Rules: leaf = SHA-256(00, bytes), node = SHA-256(01, left, right); of n leaves the left side holds the largest power of
two below n. Only the roots of whole subtrees are kept: memory does not grow with the day.
"""

from hashlib import sha256
from typing import Final

EMPTY: Final = sha256(b"").digest()


def leaf_hash(content: bytes) -> bytes:
    """The leaf of these bytes."""
    return sha256(b"\0" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The node over two others."""
    return sha256(b"\1" + left + right).digest()


class MerkleTree:
    """Takes leaves in order."""

    def __init__(self) -> None:
        self._whole: list[bytes] = []
        self.leaves = 0

    def add(self, content: bytes) -> None:
        """One more leaf."""
        found = leaf_hash(content)
        level = self.leaves
        while level & 1:
            found = node_hash(self._whole.pop(), found)
            level >>= 1
        self._whole.append(found)
        self.leaves += 1

    def root(self) -> bytes:
        """The root over the leaves so far; SHA-256 of nothing if there are none."""
        found = b""
        for whole in reversed(self._whole):
            found = node_hash(whole, found) if found else whole
        return found or EMPTY
