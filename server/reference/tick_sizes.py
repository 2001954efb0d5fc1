"""The tick sizes of RTS 11 (Regulation (EU) 2017/588, annex), and tick tables as commands.

Rules: 19 ranges of price by six bands of liquidity. With the series 0.0001, 0.0002, 0.0005, 0.001 ... the tick of
range r and band b is number max(0, r + 2 - b) of it. A range begins with its lower bound. All numbers are integers in
ten-thousandths, then in the instrument's own price unit; a unit coarser than a tick is a multiple of it, so the unit
itself is the tick there.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import PROTOCOL_VERSION, CommandKind
from server.protocol.records import COMMAND, TICK_TABLE

Steps = tuple[tuple[int, int], ...]
"""(price from which on, tick) each, ascending."""

RANGES: Final = 19
BANDS: Final = 6
BAND_FLOORS: Final = (0, 10, 80, 600, 2_000, 9_000)
"""The least average number of transactions a day of each liquidity band."""
_DECIMALS: Final = 4
_STEPS_A_RECORD: Final = 4
_LEADING: Final = (1, 2, 5)


def series(number: int) -> int:
    """1, 2, 5, 10, 20, 50 ... from number 0 on."""
    power, place = divmod(number, len(_LEADING))
    return int(_LEADING[place] * 10**power)


def range_start(price_range: int) -> int:
    """Where a price range begins, in ten-thousandths: 0, then 0.1, 0.2, 0.5, 1 ..."""
    return 0 if price_range == 0 else 1_000 * series(price_range - 1)


def tick_of(price_range: int, band: int) -> int:
    """The tick of a range and a liquidity band, in ten-thousandths."""
    return series(max(0, price_range + 2 - band))


def liquidity_band(daily_transactions: float) -> int:
    """The band of an average number of transactions a day."""
    return max(band for band, floor in enumerate(BAND_FLOORS) if daily_transactions >= floor)


def rts11_steps(band: int, price_decimals: int) -> Steps:
    """The steps of a liquidity band in a price unit of 10^-price_decimals; neighbours with one tick are one step."""
    if not 0 <= band < BANDS:
        raise ValueError(f"There is no liquidity band {band}.")
    unit = 10**_DECIMALS
    steps: list[tuple[int, int]] = []
    for price_range in range(RANGES):
        start, rest = divmod(range_start(price_range) * 10**price_decimals, unit)
        tick = max(1, tick_of(price_range, band) * 10**price_decimals // unit)
        if rest == 0 and (not steps or steps[-1][1] != tick):
            steps.append((start, tick))
    return tuple(steps)


def set_ticks(table: int, steps: Sequence[tuple[int, int]], *, user: int = 0, approver: int = 0) -> NDArray[Any]:
    """The SET_TICKS group that defines a tick table."""
    parts = [steps[place : place + _STEPS_A_RECORD] for place in range(0, len(steps), _STEPS_A_RECORD)]
    rows = np.zeros(len(parts), TICK_TABLE)
    rows["kind"], rows["version"], rows["table"] = CommandKind.SET_TICKS, PROTOCOL_VERSION, table
    rows["user"], rows["approver"] = user, approver
    rows["group_count"][0] = len(parts)
    for row, part in zip(rows, parts, strict=True):
        row["count"] = len(part)
        row["steps"][: len(part)] = part
    return rows.view(COMMAND)
