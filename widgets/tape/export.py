"""Prints as a table of texts, for the clipboard and for files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from widgets.formatting import format_price, format_quantity
from widgets.side import WORDS
from widgets.tape.prints import AUCTION, BUSTED, HIDDEN, OWN, SELF_TRADE

TITLES: Final = ("Time UTC", "Trade", "Side", "Price", "Quantity", "Conditions", "Own", "Aggressor")
_CONDITIONS: Final = ((AUCTION, "auction"), (HIDDEN, "hidden"), (SELF_TRADE, "self-trade"), (BUSTED, "busted"))
_NS_PER_S: Final = 1_000_000_000


def table_rows(prints: NDArray[np.void], price_decimals: int, quantity_decimals: int) -> Iterator[tuple[str, ...]]:
    """One row a print under `TITLES`, oldest first; times to the nanosecond, figures without separators."""
    names = ("time_ns", "number", "side", "price", "quantity", "flags", "group")
    for time_ns, number, side, price, quantity, flags, group in zip(
        *(prints[name].tolist() for name in names), strict=True
    ):
        second, rest = divmod(time_ns, _NS_PER_S)
        time = f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
        yield (
            time,
            str(number),
            "" if flags & AUCTION else WORDS[side],
            _plain(format_price(price, price_decimals)),
            _plain(format_quantity(quantity, quantity_decimals)),
            " ".join(word for flag, word in _CONDITIONS if flags & flag),
            "own" if flags & OWN else "",
            str(group) if group else "",
        )


def _plain(text: str) -> str:
    return text.replace(",", "").replace("−", "-")
