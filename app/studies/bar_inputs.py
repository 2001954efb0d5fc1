"""The fields of bars as studies take them: as prices, not in price units."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.studies.kinds import Kind


@dataclass(frozen=True, slots=True)
class Units:
    """How many price units make one of the currency, and how many lots one of the quantity."""

    price: int = 1
    quantity: int = 1

    @classmethod
    def of(cls, price_decimals: int, quantity_decimals: int) -> "Units":
        """From the decimals of an instrument."""
        return cls(10**price_decimals, 10**quantity_decimals)

    def of_kind(self, kind: Kind) -> "Units":
        """What a study reads: patterns compare prices, which whole price units do without rounding."""
        return Units() if kind.is_pattern else self


def column(rows: NDArray[np.void], name: str, units: Units) -> NDArray[np.float64]:
    """One of `CHOICES` of all rows (open, high, low, close, volume), contiguous."""
    if name == "volume":
        return np.ascontiguousarray(rows["volume"] / units.quantity)
    if name == "median":
        return (column(rows, "high", units) + column(rows, "low", units)) / 2.0
    if name in ("typical", "weighted"):
        high, low, close = (column(rows, field, units) for field in ("high", "low", "close"))
        return (high + low + close) / 3.0 if name == "typical" else (high + low + 2.0 * close) / 4.0
    return np.ascontiguousarray(rows[name] / units.price)


def figures(row: np.void, units: Units) -> dict[str, float]:
    """Every one of `CHOICES` of one row, equal to `column` bit for bit."""
    opened, high, low, close = (int(row[name]) / units.price for name in ("open", "high", "low", "close"))
    return {
        "open": opened,
        "high": high,
        "low": low,
        "close": close,
        "volume": int(row["volume"]) / units.quantity,
        "median": (high + low) / 2.0,
        "typical": (high + low + close) / 3.0,
        "weighted": (high + low + 2.0 * close) / 4.0,
    }
