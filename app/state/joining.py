"""Joining record arrays of one layout: as bytes, because `np.concatenate` compares layouts field by field in Python."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def joined(pieces: Sequence[NDArray[np.void]]) -> NDArray[np.void]:
    """The rows of all pieces (at least one), read-only; one piece is returned as it is."""
    if len(pieces) == 1:
        return pieces[0]
    return np.frombuffer(b"".join([piece.tobytes() for piece in pieces]), pieces[0].dtype)
