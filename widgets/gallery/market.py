"""A made-up market for the gallery: bars, a book, prints and instruments. The same on every run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from widgets.tape import AUCTION, HIDDEN, OWN, PRINT

SEED = 20261122
NOW_NS = 1_795_356_202_118 * 10**6
BAR_NS = 300 * 10**9
LAST, BEST_BID, BEST_ASK = 4837, 4836, 4837


@dataclass(frozen=True, slots=True)
class SampleInstrument:
    """Name, group, price decimals, last price in price units, change in percent."""

    group: str
    symbol: str
    decimals: int
    last: int
    change: float


INSTRUMENTS = tuple(
    SampleInstrument(*row)
    for row in (
        ("Index and rates futures", "TP50 Z6", 2, 581225, 0.42),
        ("Index and rates futures", "NORD Z6", 1, 189445, -0.31),
        ("Index and rates futures", "BRNT F7", 2, 8146, -1.12),
        ("Index and rates futures", "AUR G7", 1, 24186, 0.27),
        ("Currencies", "ALD/BRN", 5, 108412, 0.06),
        ("Currencies", "CRN/ALD", 3, 148227, -0.19),
        ("Currencies", "BRN/SOL", 4, 71946, 0.02),
        ("Currencies", "ZRA/ALD", 1, 648125, 2.84),
        ("Shares", "VLTA", 2, 4837, 0.62),
        ("Shares", "KRNL", 2, 16794, -0.44),
        ("Shares", "HLDN", 2, 5524, 1.18),
        ("Shares", "MIRA", 2, 61240, 0.93),
        ("Shares", "ORBX", 3, 8472, 0.0),
        ("Shares", "QNTL", 2, 34115, -2.07),
        ("Shares", "BLUF", 2, 1906, 0.11),
        ("Shares", "SABL", 2, 9637, -0.68),
        ("Shares", "TERN", 2, 7490, 0.35),
        ("Shares", "WYVN", 2, 120450, 1.52),
        ("Shares", "FENX", 2, 4318, -0.09),
        ("Shares", "JUNO", 3, 12335, 3.46),
        ("Shares", "LUMA", 2, 6207, -1.31),
        ("Shares", "PELT", 2, 2765, 0.47),
    )
)


def bars(count: int, last: int = LAST) -> tuple[NDArray[np.int64], ...]:
    """Time, open, high, low, close and volume of `count` bars of five minutes that end at `last`."""
    rng = np.random.default_rng(SEED)
    moves = np.rint(rng.normal(0, 2.4, count) + 0.6 * np.sin(np.arange(count) / 17)).astype(np.int64)
    close = np.cumsum(moves)
    close += last - close[-1]
    opened = np.concatenate(([close[0]], close[:-1]))
    high = np.maximum(opened, close) + rng.integers(0, 4, count)
    low = np.minimum(opened, close) - rng.integers(0, 4, count)
    hour = np.arange(count) % 78
    volume = (rng.integers(40, 130, count) * np.where(hour < 10, 190, 100)).astype(np.int64)
    time_ns = NOW_NS // BAR_NS * BAR_NS + (np.arange(count) - count + 1) * BAR_NS
    return time_ns, opened, high, low, close, volume


def book(depth: int = 40) -> tuple[NDArray[np.int64], ...]:
    """Bid prices and quantities, ask prices and quantities, best first."""
    rng = np.random.default_rng(SEED + 1)
    distance = np.arange(depth)
    shape = 0.35 + 0.22 * np.minimum(distance, 7)

    def side() -> NDArray[np.int64]:
        return np.rint(1100 * shape * (0.55 + 0.9 * rng.random(depth)) / 10).astype(np.int64) * 10

    bids, asks = side(), side()
    bids[3], bids[7], bids[11], asks[7] = 1180, 2780, 1280, 1910
    return BEST_BID - distance, bids, BEST_ASK + distance, asks


def prints(count: int) -> NDArray[np.void]:
    """PRINT rows, oldest first: aggressors that take one to four orders, some big, some own, an auction at first."""
    rng = np.random.default_rng(SEED + 2)
    made = np.zeros(count, PRINT)
    first = rng.random(count) < 0.6
    aggressor = np.maximum.accumulate(np.where(first, np.arange(count), 0))
    waits = np.where(first, rng.integers(1, 900, count), 0)
    made["group"] = np.cumsum(first) + 1
    made["time_ns"] = (NOW_NS - np.cumsum(waits[::-1])[::-1] * 10**6)[aggressor]
    made["price"] = LAST + np.clip(np.cumsum(rng.integers(-1, 2, count) * first), -3, 3)
    made["price"] += ~first * rng.integers(0, 2, count)
    made["quantity"] = (rng.random(count) ** 2 * 90 + 1).astype(np.int64) * 10
    made["side"] = rng.integers(0, 2, count)[aggressor]
    made["number"] = np.arange(1, count + 1)
    made["flags"][rng.random(count) < 0.03] = HIDDEN
    made["quantity"][-7::-31] = 2700
    made["flags"][-4::-12], made["quantity"][-4::-12] = OWN, 100
    auction = slice(0, count // 8)
    made["flags"][auction], made["price"][auction], made["group"][auction] = AUCTION, LAST, 1
    return made


def traded_volume() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Prices and what traded at each."""
    rng = np.random.default_rng(SEED + 3)
    prices = np.arange(4780, 4860)
    bell = np.exp(-(((prices - 4822) / 12) ** 2)) + 0.6 * np.exp(-(((prices - 4802) / 8) ** 2))
    return prices, np.rint(bell * 61_000 * (0.75 + rng.random(len(prices)) * 0.5)).astype(np.int64) + 300


def course(seed: int, drift: float, points: int = 24) -> NDArray[np.float64]:
    """A course of a day, as differences from the previous close."""
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.random(points) - 0.5)
    return walk - walk[-1] * np.linspace(0, 1, points) + drift * np.linspace(0, 1, points)
