"""The hidden value of an instrument that makers quote around: trends, clustered volatility, now and then news.

Rules: pure; the generator is given, times are nanoseconds, values are in ticks. The value is pulled back to its
anchor over hours and held within `BAND` of it, so that no run ends at an absurd price.
"""

import math
from random import Random
from typing import Final

DAY_SECONDS: Final = 23_400.0
BAND: Final = 0.12
TURBULENCE_SECONDS: Final = 700.0
TURBULENCE_SPREAD: Final = 0.5
TREND_SECONDS: Final = 1_100.0
ANCHOR_SECONDS: Final = 14_000.0
NEWS_SECONDS: Final = 5_400.0
SWING_SECONDS: Final = 35.0
STEP_SECONDS: Final = 5.0


class FairValue:
    """`value` in ticks, with the passing swing in it; `turbulence`: log of present to usual volatility."""

    def __init__(self, rng: Random, ticks: float, volatility_percent: float) -> None:
        self.core = ticks
        self.anchor = ticks
        self.turbulence = 0.0
        self.sigma = ticks * volatility_percent / 100.0 / math.sqrt(DAY_SECONDS)
        """Usual volatility in ticks per root second."""
        self._rng = rng
        self._trend = 0.0
        self._swing = 0.0
        self._time_ns = 0

    @property
    def value(self) -> float:
        """Where makers see the price now."""
        return self.core + self._swing

    def advance(self, now_ns: int) -> None:
        """Moves on to `now_ns`; times before the last one change nothing."""
        if self._time_ns == 0:
            self._time_ns = now_ns
        seconds = (now_ns - self._time_ns) / 1e9
        if seconds <= 0:
            return
        self._time_ns = now_ns
        seconds = min(seconds, 600.0)
        while seconds > 0:
            step = min(seconds, STEP_SECONDS)
            self._step(step)
            seconds -= step

    def push(self, ticks: float) -> None:
        """The lasting part of a trade's effect; a part of it becomes trend."""
        self.core += ticks
        self._trend += ticks * 0.02 / TREND_SECONDS

    def _step(self, seconds: float) -> None:
        rng = self._rng
        root = math.sqrt(seconds)
        fade = seconds / TURBULENCE_SECONDS
        self.turbulence += -self.turbulence * fade + TURBULENCE_SPREAD * math.sqrt(2.0 * fade) * rng.gauss(0.0, 1.0)
        self.turbulence = max(-1.2, min(1.6, self.turbulence))
        sigma = self.sigma * math.exp(self.turbulence)
        fade = seconds / TREND_SECONDS
        trend_spread = 0.5 * self.sigma / math.sqrt(TREND_SECONDS)
        self._trend += -self._trend * fade + trend_spread * math.sqrt(2.0 * fade) * rng.gauss(0.0, 1.0)
        if rng.random() < seconds / NEWS_SECONDS:
            self.turbulence += rng.uniform(0.3, 0.8)
            self.core += rng.choice((-1.0, 1.0)) * sigma * rng.uniform(4.0, 9.0)
        fade = min(1.0, seconds / SWING_SECONDS)
        spread = 0.9 * sigma * math.sqrt(SWING_SECONDS)
        self._swing += -self._swing * fade + spread * math.sqrt(2.0 * fade) * rng.gauss(0.0, 1.0)
        pull = (self.anchor - self.core) * seconds / ANCHOR_SECONDS
        self.core += pull + self._trend * seconds + 0.9 * sigma * root * rng.gauss(0.0, 1.0)
        low, high = self.anchor * (1.0 - BAND), self.anchor * (1.0 + BAND)
        if not low < self.core < high:
            self.core = max(low, min(high, self.core))
            self._trend = 0.0
