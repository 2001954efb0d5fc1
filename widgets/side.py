"""The two sides of an order, by the numbers that every widget takes and gives."""

from __future__ import annotations

from typing import Final

BUY: Final = 0
SELL: Final = 1

WORDS: Final = ("BUY", "SELL")
TOKENS: Final = ("buy", "sell")
TINTS: Final = ("buy_tint", "sell_tint")
ON_TOKENS: Final = ("on_buy", "on_sell")
GLYPHS: Final = ("up", "down")
