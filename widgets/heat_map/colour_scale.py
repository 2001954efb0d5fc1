"""From quantities to colours: steps between the heat colours of the theme, at thresholds that integers pass.

Rules: below zero is unknown, zero is empty and has the colour of the ground; everything above is seen. The scale is
rounded and changes rarely, so that colours do not swim with every tick.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from widgets.theme import Theme

SHADES: Final = 48
DECADES: Final = 1.5
"""A logarithmic scale begins at this power of ten below its end."""
CONTRAST_STEPS: Final = 4
TOP_SHARE: Final = 0.98
"""The last shade begins above this share of the levels that are shown."""


class ScaleKind(Enum):
    """How quantities become shades."""

    LINEAR = "Linear"
    LOG = "Log"
    RANK = "Rank"


class ColourScale:
    """Thresholds and colours. `contrast` from -CONTRAST_STEPS to CONTRAST_STEPS: more makes less bright."""

    def __init__(self, theme: Theme) -> None:
        self.kind = ScaleKind.LINEAR
        self.contrast = 0
        self.top = 1
        """The quantity from which on a level has the last colour."""
        self._sample: NDArray[np.int64] = np.empty(0, np.int64)
        self._thresholds: NDArray[np.int64] = np.zeros(1, np.int64)
        self.set_theme(theme)
        self._build()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        stops = np.array([(color.red(), color.green(), color.blue()) for color in theme.heat], np.float64)
        places = np.linspace(0.6, len(stops) - 1, SHADES)
        shades = np.stack([np.interp(places, np.arange(len(stops)), stops[:, part]) for part in range(3)], axis=1)
        unknown = theme.color("stale_tint")
        ends = np.array([(unknown.red(), unknown.green(), unknown.blue()), stops[0]])
        levels = np.rint(np.concatenate([ends, shades])).astype(np.uint32)
        self._colours = (0xFF << 24 | levels[:, 0] << 16 | levels[:, 1] << 8 | levels[:, 2]).astype(np.uint32)

    def fit(self, quantities: NDArray[np.int64]) -> bool:
        """Look at what is shown; True if the scale has changed. Little changes are not followed."""
        shown = quantities[quantities > 0]
        if not len(shown):
            return False
        self._sample = np.sort(shown[:: max(1, len(shown) // 20_000)])
        greatest = int(self._sample[min(int(len(self._sample) * TOP_SHARE), len(self._sample) - 1)])
        if self.kind is not ScaleKind.RANK and self._fits(greatest):
            return False
        self._greatest = _rounded_up(greatest)
        before = self._thresholds
        self._build()
        return not np.array_equal(before, self._thresholds)

    def choose(self, kind: ScaleKind, contrast: int) -> None:
        """Another kind or contrast."""
        self.kind, self.contrast = kind, min(max(contrast, -CONTRAST_STEPS), CONTRAST_STEPS)
        self._build()

    def colours(self, quantities: NDArray[np.int64]) -> NDArray[np.uint32]:
        """The colour of each cell, 0xFFRRGGBB, in the shape of `quantities`."""
        picked: NDArray[np.uint32] = self._colours[np.searchsorted(self._thresholds, quantities, side="right")]
        return picked

    _greatest = 1

    def _fits(self, greatest: int) -> bool:
        return _rounded_up(greatest) == self._greatest or self._greatest * 3 // 5 <= greatest <= self._greatest

    def _build(self) -> None:
        """Thresholds, ascending: 0 (unknown below), 1 (empty below), then one for each shade but the first."""
        top = max(self._greatest * 2 ** (self.contrast / 2), 1.0)
        self.top = max(round(top), 1)
        places = np.arange(1, SHADES) / (SHADES - 1)
        if self.kind is ScaleKind.LINEAR:
            steps = places * top
        elif self.kind is ScaleKind.LOG:
            steps = top * 10.0 ** (-DECADES * (1 - places))
        elif len(self._sample):
            shares = places**2.0 ** (-self.contrast / 2)
            steps = np.quantile(self._sample, shares) if len(self._sample) else places
            self.top = int(self._sample[-1])
        else:
            steps = places
        shades = np.maximum.accumulate(np.maximum(np.ceil(steps), 1)).astype(np.int64)
        self._thresholds = np.concatenate([[0, 1], shades])


def _rounded_up(greatest: int) -> int:
    power = 10 ** (len(str(max(greatest, 1))) - 1)
    return next(power * step // 2 for step in (2, 3, 4, 6, 8, 10, 12, 16, 20) if power * step // 2 >= greatest)
