"""Time and sales: the prints of the selected instrument, from history and live, own fills marked."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.desk import Desk
from app.panels.panel import Panel
from app.state.changes import Changes
from widgets.tape import TapeView
from widgets.theme import Theme

OWN, BLOCK, SWEEP = 1, 2, 4
BLOCK_TIMES: Final = 8
"""A print so many times the median of the shown ones counts as a block."""
SHOWN: Final = 400
_MINUTE_NS: Final = 60_000_000_000


class TapePanel(Panel):
    """One tape that follows the desk's instrument."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        """Empty until an instrument is selected."""
        super().__init__(desk, theme, "tape", "Time & sales", link="A")
        self.view = TapeView(theme, self.body)
        self.column.addWidget(self.view, 1)
        self._block = 0
        self._stale = False

    def show_changes(self, changes: Changes) -> None:
        """New prints."""
        instrument = self.instrument
        if instrument in changes.history or changes.fills:
            self._show_prints()
        elif instrument in changes.trades:
            rows = self.desk.state.market.ring(instrument).rows
            self._append(rows[-min(changes.trades[instrument], SHOWN) :])
        if changes.streams or instrument in changes.stale or self._stale:
            self._show_state()

    def show_all(self) -> None:
        """Everything of the selected instrument."""
        self.show_instrument(self.instrument)

    def show_instrument(self, instrument: int) -> None:
        """Another instrument."""
        info = self.desk.state.market.instruments.get(instrument)
        if info is None or not self.seen:
            return
        self.view.set_instrument(info.price_decimals, info.quantity_decimals)
        self._show_prints()
        self._show_state()

    def _show_state(self) -> None:
        state = self.desk.trust.tape_state(self.instrument)
        self._stale = state[0] == "stale"
        self.view.set_state(*state)

    def _show_prints(self) -> None:
        rows = self.desk.state.market.ring(self.instrument).rows[-SHOWN:]
        self._block = BLOCK_TIMES * int(np.median(rows["quantity"])) if len(rows) else 0
        self.view.clear()
        self._append(rows)

    def _append(self, ticks: NDArray[np.void]) -> None:
        if len(ticks):
            columns = (ticks["time_ns"], ticks["price"], ticks["quantity"], ticks["side"])
            self.view.append(*columns, self._flags(ticks))
        rows = self.desk.state.market.ring(self.instrument).rows
        if len(rows):
            recent = len(rows) - int(np.searchsorted(rows["time_ns"], rows["time_ns"][-1] - _MINUTE_NS))
            self.header.set_meta(f"{recent:,} prints a minute")

    def _flags(self, ticks: NDArray[np.void]) -> NDArray[np.int64]:
        flags = np.zeros(len(ticks), np.int64)
        if self._block:
            flags[ticks["quantity"] >= self._block] |= BLOCK
        same = ticks["sequence"][1:] == ticks["sequence"][:-1]
        moved = same & (ticks["price"][1:] != ticks["price"][:-1])
        flags[1:][moved] |= SWEEP
        fills = self.desk.state.fills
        mine = fills.of(self.instrument)
        if len(mine):
            own = fills.rows[mine]
            keys = own["time_ns"] * 31 + own["price"]
            flags[np.isin(ticks["time_ns"] * 31 + ticks["price"], keys)] |= OWN
        return flags
