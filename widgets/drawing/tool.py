"""What the mouse and the keys do to drawings: place one, grab one, move it, let go. No Qt.

Rules: an edit leaves here once, when the button is let go or the key is pressed, so that it is one step of undo; until
then it is only `preview`. Escape and a change from outside take the preview back. A locked drawing is selected, never
moved.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from widgets.drawing.drawing import KINDS, Anchor, Drawing, DrawingKind, DrawingStyle
from widgets.drawing.editing import copied, shifted, with_anchor
from widgets.drawing.figures import Figure
from widgets.drawing.hit import Hit, hit_at
from widgets.drawing.index import DrawingIndex
from widgets.drawing.plane import Plane
from widgets.drawing.snapping import snapped

DRAG_PX = 4.0
COPY_BARS, COPY_TICKS = 5, 10


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the mouse is on the plot; `magnet` snaps to the prices of bars, `level` keeps the price of the anchor
    before.
    """

    x: float
    y: float
    magnet: bool = True
    level: bool = False


class DrawingTool:
    """The state between a press and what comes of it. `put` takes a drawing that is new or changed."""

    def __init__(self, put: Callable[[Drawing], None]) -> None:
        self.index = DrawingIndex()
        self.selected = 0
        self.kind: DrawingKind | None = None
        self.style = DrawingStyle()
        self.preview: Drawing | None = None
        self._put = put
        self._placed: list[Anchor] = []
        self._grab: tuple[Hit, Anchor] | None = None
        self._pressed: tuple[float, float] | None = None
        self._cursor: Anchor | None = None

    @property
    def is_placing(self) -> bool:
        """Whether the next press sets an anchor."""
        return self.kind is not None

    @property
    def is_busy(self) -> bool:
        """Whether an edit has begun that is not done."""
        return self.kind is not None or self._grab is not None

    @property
    def selection(self) -> Drawing | None:
        """The drawing that keys and the tool bar are about."""
        return self.index.by_number(self.selected)

    def set_drawings(self, drawings: Sequence[Drawing]) -> None:
        """The drawings of the instrument are others now; what was grabbed and has changed is let go."""
        self.index = DrawingIndex(drawings)
        if self._grab is not None and self.index.by_number(self._grab[0].drawing.number) != self._grab[0].drawing:
            self._let_go()
        if self.selection is None:
            self.selected = 0

    def start(self, kind: DrawingKind | None) -> None:
        """Place a drawing of a kind next; None: place nothing."""
        self._let_go()
        self.kind = kind
        if kind is not None:
            self.selected = 0

    def cancel(self) -> bool:
        """Take back what has begun, else the selection; False if there was nothing."""
        had = self.is_busy or bool(self.selected)
        if not self.is_busy:
            self.selected = 0
        self.start(None)
        return had

    # the mouse

    def press(self, plane: Plane, figures: Sequence[Figure], at: Pointer) -> bool:
        """The button went down; whether it was for a drawing."""
        self._pressed = at.x, at.y
        if self.kind is not None:
            self._place(self._anchor(plane, at))
            return True
        hit = hit_at(figures, at.x, at.y, self.selected)
        self.selected = hit.drawing.number if hit else 0
        if hit is None:
            return False
        self._grab = hit, snapped(plane, at.x, at.y, magnet=False)
        return True

    def move(self, plane: Plane, at: Pointer) -> bool:
        """The mouse moved; whether something looks different."""
        if self.kind is not None:
            self._show_next(self._anchor(plane, at))
            return True
        if self._grab is None or not self._dragged(at):
            return False
        hit, begin = self._grab
        self.preview = self._moved(plane, hit, begin, at)
        return True

    def release(self, plane: Plane, at: Pointer) -> bool:
        """The button went up; whether it was for a drawing."""
        if self.kind is not None:
            if self._dragged(at) and len(self._placed) == 1:
                self._place(self._anchor(plane, at))
            self._pressed = None
            return True
        if self._grab is None:
            return False
        hit = self._grab[0]
        changed = self.preview
        self._let_go()
        if changed is not None and changed != hit.drawing:
            self._put(changed)
        return True

    # the keys

    def step(self, plane: Plane, bars: int, ticks: int, handle: int | None = None) -> bool:
        """Move the selected drawing, or one anchor of it, by bars and ticks; while placing, the next anchor."""
        if self.kind is not None:
            before = self._cursor or snapped(plane, plane.width / 2, plane.height / 2, magnet=False)
            self._show_next(Anchor(plane.stepped(before.time_ns, bars), before.price + ticks * plane.tick_size))
            return True
        drawing = self.selection
        if drawing is None:
            return False
        rise = ticks * plane.tick_size
        if handle is None:
            changed = shifted(drawing, lambda at: plane.stepped(at, bars), lambda at: at + rise)
        else:
            anchor = drawing.anchors[handle]
            changed = with_anchor(drawing, handle, Anchor(plane.stepped(anchor.time_ns, bars), anchor.price + rise))
        if changed != drawing:
            self._put(changed)
        return True

    def set_anchor(self, plane: Plane) -> bool:
        """While placing, set the anchor where the keys have brought it; whether there was one to set."""
        if self.kind is None:
            return False
        self._place(self._cursor or snapped(plane, plane.width / 2, plane.height / 2, magnet=False))
        return True

    def select_next(self, by: int = 1) -> Drawing | None:
        """Select the drawing after the selected one, round and round; None where there is none."""
        drawings = self.index.drawings
        if not drawings or self.is_placing:
            return None
        numbers = [one.number for one in drawings]
        place = numbers.index(self.selected) + by if self.selected in numbers else (0 if by > 0 else -1)
        self.selected = numbers[place % len(numbers)]
        return self.selection

    def copy(self, plane: Plane) -> Drawing | None:
        """Put a copy of the selected drawing beside it and select that."""
        drawing = self.selection
        if drawing is None:
            return None
        first = drawing.anchors[0].time_ns
        copy = copied(
            drawing, self.index.next_number(), plane.stepped(first, COPY_BARS) - first, -COPY_TICKS * plane.tick_size
        )
        self._put(copy)
        self.selected = copy.number
        return copy

    # between

    def _anchor(self, plane: Plane, at: Pointer) -> Anchor:
        anchor = snapped(plane, at.x, at.y, magnet=at.magnet)
        return Anchor(anchor.time_ns, self._placed[-1].price) if at.level and self._placed else anchor

    def _moved(self, plane: Plane, hit: Hit, begin: Anchor, at: Pointer) -> Drawing:
        if hit.handle is not None:
            anchor = snapped(plane, at.x, at.y, magnet=at.magnet)
            others = [a for i, a in enumerate(hit.drawing.anchors) if i != hit.handle]
            if at.level and others:
                anchor = Anchor(anchor.time_ns, others[0].price)
            return with_anchor(hit.drawing, hit.handle, anchor)
        end = snapped(plane, at.x, at.y, magnet=False)
        bars = plane.bars_between(begin.time_ns, end.time_ns)
        return shifted(
            hit.drawing, lambda t: plane.stepped(t, bars), lambda p: plane.carried(p, begin.price, end.price)
        )

    def _dragged(self, at: Pointer) -> bool:
        if self._pressed is None:
            return self.preview is not None
        return (self.preview is not None and self._grab is not None) or (
            math.hypot(at.x - self._pressed[0], at.y - self._pressed[1]) >= DRAG_PX
        )

    def _show_next(self, anchor: Anchor) -> None:
        assert self.kind is not None
        self._cursor = anchor
        count = KINDS[self.kind].anchor_count
        anchors = [*self._placed, *[anchor] * (count - len(self._placed))]
        self.preview = Drawing(self.index.next_number(), self.kind, tuple(anchors), self.style)

    def _place(self, anchor: Anchor) -> None:
        assert self.kind is not None
        self._placed.append(anchor)
        if len(self._placed) < KINDS[self.kind].anchor_count:
            self._show_next(anchor)
            return
        drawing = Drawing(self.index.next_number(), self.kind, tuple(self._placed), self.style)
        self.start(None)
        self._put(drawing)
        self.selected = drawing.number

    def _let_go(self) -> None:
        self.preview, self._grab, self._pressed, self._cursor = None, None, None, None
        self._placed = []
