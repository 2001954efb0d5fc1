"""Depth history as a whole: the books followed second by second, their columns in files, and what to go on from.

Rules: at a checkpoint the columns are synced, then the state of the books is written under the cursor's sequence; only
then may the cursor be stored. Without the state of its cursor there is nothing to go on from.
"""

import os
from pathlib import Path
from typing import Final

import numpy as np

from server.history import depth_state
from server.history.books import Sampler
from server.history.depth_state import StateDamaged
from server.history.depth_store import BYTES_MAX, LENGTH, DepthStore

_STATE_NAME: Final = "books-{}.state"


class DepthHistory:
    """Sampler and store under `root`, the history's folder."""

    def __init__(self, root: Path, bytes_max: int = BYTES_MAX) -> None:
        """Nothing is known yet."""
        self._root = root
        self._bytes_max = bytes_max
        self.store = DepthStore(root, bytes_max)
        self.sampler = Sampler(self.store.put)

    def open(self, sequence: int) -> bool:
        """Go on from the checkpoint at a sequence (0: from nothing); False if it is not there. Raises OSError."""
        if sequence == 0:
            self.store.open(np.zeros(0, LENGTH))
            return True
        try:
            content = self._path(sequence).read_bytes()
            self.store.open(depth_state.decode(content, self.sampler))
        except (FileNotFoundError, StateDamaged):
            self.store = DepthStore(self._root, self._bytes_max)
            self.sampler = Sampler(self.store.put)
            return False
        return True

    def keep(self, sequence: int) -> None:
        """Write what is needed to go on from this command, and sync it. Raises OSError."""
        fresh = self._root / "books.new"
        with fresh.open("wb") as file:
            file.write(depth_state.encode(self.sampler, self.store.sync()))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path(sequence))

    def forget_others(self, sequence: int) -> None:
        """Remove the states of other checkpoints."""
        for path in self._root.glob(_STATE_NAME.format("*")):
            if path != self._path(sequence):
                path.unlink()

    def _path(self, sequence: int) -> Path:
        return self._root / _STATE_NAME.format(sequence)
