"""Drawings on a chart: what they are, how they look in pixels, how they are placed and edited.

Rules: nothing here but the tool bar and the dialog knows Qt; pixels exist only behind a `Plane`.
"""

from widgets.drawing.drawing import Anchor, Drawing, DrawingKind, DrawingStyle
from widgets.drawing.tool import DrawingTool, Pointer

__all__ = ["Anchor", "Drawing", "DrawingKind", "DrawingStyle", "DrawingTool", "Pointer"]
