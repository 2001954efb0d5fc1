"""The tape and the watchlist in the forms that a person can give them, with their tools and questions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.formula_dialog import FormulaDialog
from widgets.gallery import market, tables
from widgets.gallery.sample import Make, Sample
from widgets.tape import BigMark, TapeFilter, TapeView, TimeForm, TimeText
from widgets.tape.tape_tools import TapeOptions, TapeTools
from widgets.theme import Theme
from widgets.watchlist_tools import WatchlistTools

PRINTS, LATER = 400, 24


def _tape(options: TapeOptions, offset_px: int = 0, opened: int = 0) -> Make:
    """A tape with these options; `LATER` prints come after it was scrolled."""

    def made(theme: Theme) -> QWidget:
        box, tools, view = QWidget(), TapeTools(theme), TapeView(theme)
        _stack(box, tools, view)
        box.resize(340, 400)
        prints = market.prints(PRINTS)
        view.set_instrument(2)
        view.set_grouped(options.grouped)
        view.set_time(TimeText(options.time, options.zone))
        view.replace(prints[:-LATER])
        view.scroll_to(offset_px)
        view.append(prints[-LATER:])
        view.set_filter(options.filter)
        view.set_mark(options.mark)
        tools.show_options(options)
        for line in [line for line in view.shown() if line.count > 1][:opened]:
            view.seen.toggle(line.head)
        return box

    return made


def _watchlist(width_px: int, sorted_by: int = -1) -> Make:
    def made(theme: Theme) -> QWidget:
        box, tools, view = QWidget(), WatchlistTools(theme), tables.watchlist(theme)
        _stack(box, tools, view)
        box.resize(width_px, 400)
        tools.set_lists(["All instruments", "Energy and rates"], 0)
        view.set_editable(True)
        if sorted_by >= 0:
            view.sort_by(sorted_by, descending=True)
        return box

    return made


def _question(title: str, text: str, problem: str) -> Make:
    def made(theme: Theme) -> QWidget:
        names = ("ask", "bid", "change_percent", "high", "last", "low", "mid", "relative_volume", "spread", "volume")
        check: Callable[[str], str] = lambda _: problem  # noqa: E731 - an answer that is given
        dialog = FormulaDialog(theme, check, names)
        dialog.set_formula(title, text, 1)
        return dialog

    return made


def _stack(box: QWidget, tools: QWidget, view: QWidget) -> None:
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(tools)
    column.addWidget(view, 1)


_PLAIN = TapeOptions()
SAMPLES = (
    Sample(
        "tape-forms",
        {
            "every print": _tape(_PLAIN),
            "grouped, two opened": _tape(replace(_PLAIN, grouped=True), opened=2),
            "scrolled back": _tape(replace(_PLAIN, grouped=True), offset_px=130),
            "large buys": _tape(replace(_PLAIN, filter=TapeFilter(quantity_min=300, side=0))),
            "big from 500, New York": _tape(
                replace(_PLAIN, mark=BigMark(500, 0.0), time=TimeForm.MICROSECONDS, zone="America/New_York")
            ),
        },
        (340, 400),
    ),
    Sample(
        "watchlist-forms",
        {"wide": _watchlist(620), "sorted": _watchlist(620, 3)},
        (620, 400),
    ),
    Sample(
        "formula",
        {
            "understood": _question("Spread bp", "(ask - bid) / mid * 10000", ""),
            "not understood": _question("Spread", "(ask - bid", "Not understood: '(' was never closed"),
        },
        (480, 260),
    ),
)
