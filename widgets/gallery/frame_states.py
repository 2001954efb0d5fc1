"""What stands around the views, in every state: strips, heads, badges, the ticket."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from widgets.gallery import panels
from widgets.gallery.sample import Sample
from widgets.mode import MODES, ModeBadge
from widgets.order_ticket import OrderTicket
from widgets.panel_header import PanelHeader
from widgets.problem_strip import ProblemStrip
from widgets.side import SELL
from widgets.theme import Theme
from widgets.top_bar import TopBar

STRIP = (1900, 40)


def _top_bar(mode: str, *, armed: bool = False) -> Callable[[Theme], QWidget]:
    def made(theme: Theme) -> QWidget:
        bar = panels.top_bar(theme, armed=armed)
        bar.set_mode(mode)
        return bar

    return made


def _ticket(reason: str = "", *, sell: bool = False) -> Callable[[Theme], QWidget]:
    def made(theme: Theme) -> QWidget:
        view = panels.ticket(theme)
        view.set_blocked(reason)
        if sell:
            view.set_draft(side=SELL)
        return view

    return made


def _head(link: str, *, armed: bool = False) -> Callable[[Theme], QWidget]:
    def made(theme: Theme) -> QWidget:
        head = PanelHeader(theme, "VLTA", link=link)
        head.set_meta("tick 0.01 · lot 1", "ARMED" if armed else "disarmed")
        head.set_armed(armed)
        return head

    return made


def _badge(mode: str) -> Callable[[Theme], QWidget]:
    def made(theme: Theme) -> QWidget:
        badge = ModeBadge(theme, 40)
        badge.set_mode(mode)
        return badge

    return made


def _strip(title: str, detail: str, level: str) -> Callable[[Theme], QWidget]:
    def made(theme: Theme) -> QWidget:
        strip = ProblemStrip(theme)
        strip.set_problem(title, "00:07", detail, level=level)
        return strip

    return made


SAMPLES = (
    Sample(
        "top_bar",
        {**{mode: _top_bar(mode) for mode in MODES}, "armed": _top_bar("demo", armed=True), "empty": TopBar},
        STRIP,
    ),
    Sample("status_bar", {"live": panels.status_bar, "error": lambda theme: panels.status_bar(theme, trouble=True)},
           (1900, 24)),
    Sample("ticket", {
        "empty": OrderTicket, "live": _ticket(), "sell": _ticket(sell=True),
        "stale": _ticket("VLTA is stale for 0:41: a gap in the updates"),
        "disconnected": _ticket("Order path disconnected"), "halted": _ticket("Halted: no new orders"),
        "replay": _ticket("Replay: orders cannot leave"),
    }, (340, 404)),
    Sample("panel_header", {"linked": _head("A"), "not linked": _head("–"), "armed": _head("A", armed=True)},
           (448, 24)),
    Sample("mode_badge", {mode: _badge(mode) for mode in MODES}, (140, 40)),
    Sample("problem_strip", {
        "stale": _strip("MARKET DATA STALE", "last contact 14:03:15.004", "warning"),
        "disconnected": _strip("ORDER PATH DISCONNECTED", "3 sent, not acknowledged: UNKNOWN", "alarm"),
    }, STRIP),
)  # fmt: skip
