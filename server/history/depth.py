"""Depth history as a whole: the books followed second by second, their columns in files, and what to go on from.

Rules: at a checkpoint the columns are synced, then the state of the books is written under the name of the cursor's
place in the log; only then may the cursor be stored, and the states of other places are removed when the cursor's own
name would survive a power cut. Without the state of its cursor there is nothing to go on from.
"""

from pathlib import Path
from typing import Final

import numpy as np

from server.history import depth_state, files
from server.history.books import Sampler
from server.history.depth_state import StateDamaged
from server.history.depth_store import BYTES_MAX, LENGTH, DepthStore, FilesDamaged

_STATE_NAME: Final = "books-{}-{}.state"
Place = tuple[int, int]
"""Segment of the log, and offset in it."""


class DepthHistory:
    """Sampler and store under `root`, the history's folder."""

    def __init__(self, root: Path, bytes_max: int = BYTES_MAX) -> None:
        """Nothing is known yet."""
        self._root = root
        self._bytes_max = bytes_max
        self.store = DepthStore(root, bytes_max)
        self.sampler = Sampler(self.store.put)

    def open(self, place: Place | None) -> bool:
        """Go on from the checkpoint at a place (None: from nothing); False if it is not there. Raises OSError."""
        if place is None:
            self.store.open(np.zeros(0, LENGTH))
            return True
        try:
            content = self._path(place).read_bytes()
            self.store.open(depth_state.decode(content, self.sampler))
        except (FileNotFoundError, StateDamaged, FilesDamaged):
            self.store = DepthStore(self._root, self._bytes_max)
            self.sampler = Sampler(self.store.put)
            return False
        return True

    def keep(self, place: Place) -> None:
        """Write what is needed to go on from this place, and sync it. Raises OSError."""
        path = self._path(place)
        path.write_bytes(depth_state.encode(self.sampler, self.store.sync()))
        files.sync(path)
        files.sync_folder(self._root)

    def forget_others(self, place: Place) -> None:
        """Remove the states of other checkpoints, now that the cursor is stored. Raises OSError."""
        others = [path for path in self._root.glob(_STATE_NAME.format("*", "*")) if path != self._path(place)]
        if others:
            files.sync_folder(self._root)
        for path in others:
            path.unlink()

    def _path(self, place: Place) -> Path:
        return self._root / _STATE_NAME.format(*place)
