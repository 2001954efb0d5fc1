"""A widget in every one of its states, on one page.

Rules: a module of this folder that has `SAMPLES`, a tuple of `Sample`, is found by itself: whoever adds a widget adds a
file and touches no other. A state is shown as it stands on a desk: with data where there would be some.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QLabel, QWidget

import widgets.gallery
from widgets.state_overlay import STATES
from widgets.theme import Theme

Make = Callable[[Theme], QWidget]
PAGE = (1920, 1080)
GAP_PX, LABEL_PX = 8, 20
WITHOUT_DATA = ("empty", "loading")
SENTENCES = {
    "live": ("", ""),
    "loading": ("20 Oct to 12 Nov", "loading from history"),
    "empty": ("Nothing yet", "what comes first shows here"),
    "stale": ("STALE 0:41", "a gap in the updates; asked anew"),
    "disconnected": ("MARKET DATA DISCONNECTED", "last contact 14:03:15.004"),
    "halted": ("VLTA HALTED", "volatility auction, ends in 02:48"),
    "error": ("HISTORY REFUSED", "the page could not be read; it is asked for again in 5 s"),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A widget by name and what makes it in each state, each as large as `size` (px)."""

    name: str
    states: Mapping[str, Make]
    size: tuple[int, int] = (468, 500)


def in_every_state(full: Callable[[Theme], Any], bare: Callable[[Theme], Any]) -> dict[str, Make]:
    """The states of a view that has `set_state`: `full` makes it with data, `bare` without."""

    def make(state: str) -> Make:
        def made(theme: Theme) -> QWidget:
            view: QWidget = (bare if state in WITHOUT_DATA else full)(theme)
            view.set_state(state, *SENTENCES[state])  # type: ignore[attr-defined]
            return view

        return made

    return {state: make(state) for state in STATES}


def sample_page(sample: Sample, theme: Theme) -> QWidget:
    """All states of a sample, each under its name."""
    page = QWidget()
    page.resize(*PAGE)
    page.setAccessibleName(f"{sample.name} in every state")
    x = y = GAP_PX
    width, height = sample.size
    for state, make in sample.states.items():
        if x + width > PAGE[0]:
            x, y = GAP_PX, y + height + LABEL_PX + GAP_PX
        word = QLabel(f"{sample.name}: {state}", page)
        word.setGeometry(x, y, width, LABEL_PX)
        view = make(theme)
        view.setParent(page)
        view.setGeometry(x, y + LABEL_PX, width, height)
        view.show()
        x += width + GAP_PX
    return page


def samples() -> dict[str, Sample]:
    """Every sample of the modules of this folder, by name."""
    found: dict[str, Sample] = {}
    for module in sorted(pkgutil.iter_modules(widgets.gallery.__path__), key=lambda one: one.name):
        loaded = importlib.import_module(f"widgets.gallery.{module.name}")
        for sample in getattr(loaded, "SAMPLES", ()):
            found[sample.name] = sample
    return found
