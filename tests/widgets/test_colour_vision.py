"""Sides stay apart for every kind of colour vision: CIEDE2000 under simulated protan, deutan and tritan vision.

Simulation: Machado, Oliveira and Fernandes 2009 at full severity, in linear light. Difference: Sharma, Wu and Dalal
2005.
"""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.widgets.test_tokens import colors
from widgets.theme import PALETTE_NAMES, THEME_NAMES

VISIONS = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
XYZ_OF_RGB = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
Vector = NDArray[np.float64]


def lab(color: str, vision: str) -> Vector:
    """CIELAB of a colour as it is seen."""
    encoded = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    seen = np.clip(VISIONS[vision] @ linear, 0.0, 1.0)
    ratio = XYZ_OF_RGB @ seen / WHITE
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(one: Vector, other: Vector) -> float:
    """The colour difference of two CIELAB colours."""
    chroma = [math.hypot(*one[1:]), math.hypot(*other[1:])]
    mean7 = (sum(chroma) / 2) ** 7
    g = 0.5 * (1 - math.sqrt(mean7 / (mean7 + 25**7)))
    a = [(1 + g) * one[1], (1 + g) * other[1]]
    c = [math.hypot(a[0], one[2]), math.hypot(a[1], other[2])]
    h = [math.degrees(math.atan2(v[2], x)) % 360 for v, x in ((one, a[0]), (other, a[1]))]
    dl, dc = other[0] - one[0], c[1] - c[0]
    dh = 0.0 if not c[0] * c[1] else (h[1] - h[0] + 180) % 360 - 180
    dhh = 2 * math.sqrt(c[0] * c[1]) * math.sin(math.radians(dh / 2))
    mean_l, mean_c = (one[0] + other[0]) / 2, sum(c) / 2
    mean_h = sum(h) if not c[0] * c[1] else (h[0] + dh / 2) % 360
    t = (
        1
        - 0.17 * math.cos(math.radians(mean_h - 30))
        + 0.24 * math.cos(math.radians(2 * mean_h))
        + 0.32 * math.cos(math.radians(3 * mean_h + 6))
        - 0.20 * math.cos(math.radians(4 * mean_h - 63))
    )
    sl = 1 + 0.015 * (mean_l - 50) ** 2 / math.sqrt(20 + (mean_l - 50) ** 2)
    sc, sh = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    rotation = 30 * math.exp(-(((mean_h - 275) / 25) ** 2))
    rc = 2 * math.sqrt(mean_c**7 / (mean_c**7 + 25**7))
    rt = -math.sin(math.radians(2 * rotation)) * rc
    return math.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dhh / sh) ** 2 + rt * (dc / sc) * (dhh / sh))


def least_difference(palette: str, one: str, other: str) -> float:
    """The least difference of two tokens over themes and visions."""
    return min(
        ciede2000(lab(look[one], vision), lab(look[other], vision))
        for look in (colors(theme, palette) for theme in THEME_NAMES)
        for vision in VISIONS
        if vision != "normal"
    )


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0000),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_formula_gives_the_published_values(
    one: tuple[float, ...], other: tuple[float, ...], difference: float
) -> None:
    assert ciede2000(np.array(one), np.array(other)) == pytest.approx(difference, abs=1e-4)


@pytest.mark.parametrize(("palette", "promised"), list(zip(PALETTE_NAMES, (46, 49, 46), strict=True)))
def test_buy_and_sell_are_told_apart_by_everyone(palette: str, promised: int) -> None:
    assert round(least_difference(palette, "buy", "sell")) >= promised


def test_up_and_down_are_told_apart_in_the_colour_blind_palette() -> None:
    assert round(least_difference("colour_blind_safe", "up", "down")) >= 39
