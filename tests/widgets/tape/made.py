"""Prints for the tests of the tape."""

import numpy as np
from numpy.typing import NDArray

from widgets.tape import PRINT


def numbered(first: int, count: int, group: int = 0) -> NDArray[np.void]:
    """Prints whose number and price are 1, 2, 3 ..., a millisecond apart, sides in turn."""
    made = np.zeros(count, PRINT)
    numbers = np.arange(first, first + count)
    made["number"] = made["price"] = numbers
    made["time_ns"] = numbers * 10**6
    made["quantity"], made["side"] = numbers + 1, numbers % 2
    made["group"] = group
    return made


def random_prints(rng: np.random.Generator, count: int, first: int = 1) -> NDArray[np.void]:
    """Prints of aggressors with one to five each, some of them auctions."""
    made = numbered(first, count)
    made["price"] = rng.integers(-3, 4, count)
    made["quantity"] = rng.integers(1, 50, count)
    made["group"] = np.cumsum(rng.random(count) < 0.4) + first
    made["side"] = rng.integers(0, 2, count)
    made["flags"] = rng.choice([0, 0, 0, 1, 4, 8, 16, 32], count)
    return made
