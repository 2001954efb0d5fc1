"""Running sums that begin anew with each session."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def running_sums(parts: NDArray[Any], begins: NDArray[np.int64], carried: int) -> NDArray[Any]:
    """Sums of integers up to each place that begin anew at `begins`; `carried` counts until the first of them."""
    running = np.cumsum(parts)
    before = np.zeros(len(parts), parts.dtype)
    edges = np.append(begins, len(parts))
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        before[begin:end] = running[begin - 1] if begin else 0
    before[: int(edges[0])] = -carried
    return running - before


def begins_of(sessions: NDArray[np.int64], before: int) -> NDArray[np.int64]:
    """Where a session begins; `before` is the one before the first place."""
    if not len(sessions):
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.concatenate([[sessions[0] != before], sessions[1:] != sessions[:-1]]))
