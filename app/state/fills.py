"""The user's executions, oldest first; never conflated, never changed."""

import numpy as np
from numpy.typing import NDArray

from app.state.table import KeyedTable

FILL_ROW = np.dtype([
    ("trade_id", "<u8"), ("order_id", "<u8"), ("sequence", "<u8"), ("time_ns", "<i8"),
    ("account", "<u4"), ("instrument", "<u4"), ("side", "u1"), ("liquidity", "u1"), ("state", "u1"), ("late", "u1"),
    ("label", "S16"),
    ("price", "<i8"), ("quantity", "<i8"), ("leaves", "<i8"), ("fee", "<i8"),
])  # fmt: skip
"""`late`: it happened while this window was away, and came by a resume."""


class FillTable(KeyedTable):
    """Fills by event sequence."""

    def __init__(self) -> None:
        """No fills."""
        super().__init__(FILL_ROW)

    def apply_event(self, event: np.void, *, late: bool = False) -> int:
        """Take an EXECUTED event; returns its row, or -1 if it was here already."""
        key = int(event["sequence"])
        if self.find(key) >= 0:
            return -1
        row = self.append(key)
        fill = self.rows[row]
        for name in ("trade_id", "order_id", "sequence", "time_ns", "account", "instrument", "side", "liquidity",
                     "state", "label", "leaves", "fee"):  # fmt: skip
            fill[name] = event[name]
        fill["late"] = late
        fill["price"], fill["quantity"] = event["last_price"], event["last_quantity"]
        return row

    def of(self, instrument: int, account: int = 0) -> NDArray[np.intp]:
        """Rows of an instrument, and of an account if not 0."""
        mask = self.column("instrument") == instrument
        if account:
            mask &= self.column("account") == account
        return np.flatnonzero(mask)
