"""Painting that survives its own mistakes.

A Python error that leaves a paint event while its QPainter is alive ends the process inside Qt. So the painter is
ended before the error goes on; it is reported and the next paint tries again.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea


def painted(draw: Callable[[Any, QPainter, QPaintEvent], None]) -> Callable[[Any, QPaintEvent], None]:
    """Make a paint event of a method that takes a painter; in a scroll area it paints the viewport."""

    @functools.wraps(draw)
    def paint_event(self: Any, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport() if isinstance(self, QAbstractScrollArea) else self)
        try:
            draw(self, painter, event)
        finally:
            painter.end()

    return paint_event


def report_error() -> None:
    """Hand the error that is being handled to whoever listens, and go on."""
    kind, error, trace = sys.exc_info()
    if kind is not None and error is not None:
        sys.excepthook(kind, error, trace)
