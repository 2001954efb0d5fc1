"""When something that need not follow every frame is due again: on a grid of its own, so that not all fall on one."""


class Pace:
    """Due once a period, at an offset within it; different offsets spread the work over the frames."""

    def __init__(self, period_ns: int, offset_ns: int = 0) -> None:
        """Due at the first call."""
        self._period_ns, self._offset_ns = period_ns, offset_ns
        self._turn = -1

    def due(self, now_ns: int) -> bool:
        """True once in each period."""
        turn = (now_ns - self._offset_ns) // self._period_ns
        if turn == self._turn:
            return False
        self._turn = turn
        return True

    def soon(self) -> None:
        """Due at the next call."""
        self._turn = -1
