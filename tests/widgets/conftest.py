"""The themes, as fixtures: fonts and colours need the application first."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from widgets.theme import THEME_NAMES, Theme


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """The dark theme."""
    return Theme.load("dark")


@pytest.fixture(params=THEME_NAMES)
def each_theme(request: pytest.FixtureRequest, qapp: QApplication) -> Theme:
    """Every theme in turn."""
    return Theme.load(request.param)


@pytest.fixture
def shown(qtbot: QtBot) -> Callable[..., QWidget]:
    """Shows a widget at a size and waits until it has been painted."""

    def show(widget: QWidget, width: int = 448, height: int = 700) -> QWidget:
        qtbot.addWidget(widget)
        widget.resize(width, height)
        with qtbot.waitExposed(widget):
            widget.show()
        widget.grab()
        return widget

    return show
