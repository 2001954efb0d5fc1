"""Which page of history was asked for what, and where the answer goes.

Rules: one question at a time for each chart. What was refused for good leaves what came before it, and its chart says
so. What concerns an instrument that nobody looks at any more is cancelled, but for the newest bars.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.models.history_questions import HistoryQuestions
from app.state.bar_size import BarSize
from app.state.market import Market
from app.state.sparklines import POINT_NS, POINTS
from server.protocol import control
from server.protocol.codec import decode_bulk
from server.protocol.enums import BarUnit, FaultCode

PAGE_BARS: Final = 600
OLDER_BARS: Final = 3000
"""Whoever scrolls back goes on doing so."""
PAGE_COLUMNS: Final = 600
TICKS: Final = 400
PROFILE_TICKS: Final = 5000
PROFILE_PAGES_MAX: Final = 20
TAPE_TICKS: Final = 4000
SPARKLINES_AT_ONCE: Final = 6
_ChartKey = tuple[int, BarSize]
TakeTrades = Callable[[NDArray[np.void], bool], None]
"""TICK_RECORD rows, oldest first, and whether history has older ones."""


class HistoryPages:
    """Questions to the server's history, none of which is waited for."""

    def __init__(self, ask: Callable[[control.AnyRequest], None], cancel: Callable[[control.AnyRequest], None]) -> None:
        """Nothing is asked. `ask` sends a request, `cancel` says that its answer is not wanted any more."""
        self._questions = HistoryQuestions(ask, cancel)
        self._ask = self._questions.ask
        self._waiting: set[_ChartKey] = set()
        self._profile_pages: dict[int, int] = {}
        self._tapes: dict[int, list[TakeTrades]] = {}
        self._sparklines: deque[int] = deque()

    def ask_bars(self, instrument: int, size: BarSize, before_ns: int = 0, before_trade: int = 0) -> None:
        """Ask for the page of bars before a time or a trade (0: the newest), unless one is under way for this chart."""
        if (instrument, size) in self._waiting:
            return
        self._waiting.add((instrument, size))
        if before_trade:
            before_ns = 0
        self._ask(control.GetBarSeries(
            instrument=instrument, unit=size.unit, size=size.size, before_ns=before_ns, before_trade=before_trade,
            count=OLDER_BARS if before_ns or before_trade else PAGE_BARS,
        ))  # fmt: skip

    def waits(self, instrument: int, size: BarSize) -> bool:
        """Whether a page of this chart is under way."""
        return (instrument, size) in self._waiting

    def ask_ticks(self, instrument: int) -> None:
        """Ask for the newest trades, and once for those of the whole day, by page."""
        self._ask(control.GetTicks(instrument=instrument, count=TICKS))
        if instrument not in self._profile_pages:
            self._profile_pages[instrument] = 1
            self._ask(control.GetTicks(instrument=instrument, count=PROFILE_TICKS))

    def ask_tape(self, instrument: int, before_trade: int, take: TakeTrades) -> None:
        """Ask for the page of trades before one (0: the newest); `take` gets it, and whether there are older ones.

        Who asks while the page of another one is under way gets that one.
        """
        readers = self._tapes.setdefault(instrument, [])
        readers.append(take)
        if len(readers) == 1:
            self._ask(control.GetTicks(instrument=instrument, before_trade=before_trade, count=TAPE_TICKS))

    def forget(self, instrument: int) -> None:
        """The trades of an instrument end here: those of the day are asked for anew when it is shown again."""
        self._profile_pages.pop(instrument, None)

    def ask_depth(self, instrument: int, before_ns: int) -> None:
        """Ask for the book history before a time."""
        self._ask(control.GetDepthHistory(instrument=instrument, before_ns=before_ns, count=PAGE_COLUMNS))

    def ask_sparklines(self, instruments: Iterable[int]) -> None:
        """Ask for the day's course of instruments."""
        self._sparklines = deque(instruments)
        for _ in range(SPARKLINES_AT_ONCE):
            self._ask_sparkline()

    def _ask_sparkline(self) -> None:
        """The next one, when one has been answered: hundreds at once would crowd out what is looked at."""
        if self._sparklines:
            instrument = self._sparklines.popleft()
            self._ask(control.GetBars(instrument=instrument, size_ns=POINT_NS, count=POINTS))

    def on_reply(self, request: control.AnyRequest, reply: control.AnyReply, market: Market, now_ns: int) -> None:
        """Put an answer where it belongs. Raises `RemoteProtocolError` on records of another layout."""
        if isinstance(reply, control.Refused):
            self._refused(request, reply, market, now_ns)
            return
        self._questions.answered(request)
        if isinstance(reply, control.Records) and isinstance(request, control.GetBars):
            market.apply_sparkline(request.instrument, decode_bulk(reply, "BAR_RECORD"))
            self._ask_sparkline()
        elif isinstance(reply, control.Records) and isinstance(request, control.GetBarSeries):
            size = BarSize(BarUnit(request.unit), request.size)
            self._waiting.discard((request.instrument, size))
            bars = decode_bulk(reply, "SERIES_BAR")
            market.apply_bars(market.chart(request.instrument, size), bars, more=reply.more)
        elif isinstance(reply, control.Records) and isinstance(request, control.GetVolumes):
            market.apply_volumes(decode_bulk(reply, "VOLUME_RECORD"))
        elif isinstance(reply, control.Records) and isinstance(request, control.GetHotList):
            market.hot_lists[request.ranking] = decode_bulk(reply, "HOT_RECORD")
            market.changes.hot_lists.add(request.ranking)
        elif isinstance(reply, control.Records) and isinstance(request, control.GetTicks):
            ticks = decode_bulk(reply, "TICK_RECORD")
            if request.count == PROFILE_TICKS:
                self._profile(request.instrument, ticks, market, more=reply.more)
            elif request.count == TAPE_TICKS:
                for take in self._tapes.pop(request.instrument, []):
                    take(ticks, reply.more)
            else:
                market.apply_ticks(request.instrument, ticks)
        elif isinstance(reply, control.Records) and isinstance(request, control.GetDepthHistory):
            past = market.heat.past(request.instrument)
            if past is not None:
                past.take(decode_bulk(reply, "DEPTH_COLUMN"), more=reply.more)

    def retry(self, now_ns: int) -> None:
        """Ask again what was refused and is due."""
        self._questions.retry(now_ns)

    def leave(self, instrument: int) -> None:
        """Nobody looks at an instrument any more: older bars, trades and depth of it are not wanted."""
        for request in self._questions.drop(lambda one: _is_for_looking(one, instrument)):
            self._given_up(request)

    def _profile(self, instrument: int, ticks: NDArray[np.void], market: Market, *, more: bool) -> None:
        market.apply_profile(instrument, ticks, more=more)
        profile = market.profile(instrument)
        pages = self._profile_pages.get(instrument, PROFILE_PAGES_MAX)
        if not profile.complete and len(ticks) and pages < PROFILE_PAGES_MAX:
            self._profile_pages[instrument] += 1
            before_ns = profile.first_time_ns
            self._ask(control.GetTicks(instrument=instrument, before_ns=before_ns, count=PROFILE_TICKS))

    def _refused(self, request: control.AnyRequest, reply: control.Refused, market: Market, now_ns: int) -> None:
        if self._questions.refused(request, reply.code, now_ns):
            return
        is_final = reply.code != FaultCode.CANCELLED
        if is_final:  # what was cancelled was given up then
            self._given_up(request)
        if isinstance(request, control.GetBarSeries) and is_final:
            series = market.chart(request.instrument, BarSize(BarUnit(request.unit), request.size))
            market.fail_bars(series, reply.text or f"fault {reply.code}")
        elif isinstance(request, control.GetDepthHistory):
            past = market.heat.past(request.instrument)
            if past is not None:
                past.fail(final=is_final)

    def _given_up(self, request: control.AnyRequest) -> None:
        """There will be no answer: it may be asked anew."""
        if isinstance(request, control.GetBarSeries):
            self._waiting.discard((request.instrument, BarSize(BarUnit(request.unit), request.size)))
        elif isinstance(request, control.GetBars):
            self._ask_sparkline()
        elif isinstance(request, control.GetTicks) and request.count == PROFILE_TICKS:
            self._profile_pages.pop(request.instrument, None)
        elif isinstance(request, control.GetTicks) and request.count == TAPE_TICKS:
            self._tapes.pop(request.instrument, None)


def _is_for_looking(request: control.AnyRequest, instrument: int) -> bool:
    """Whether it is of an instrument, and nothing that may be wanted elsewhere, as what is compared with another."""
    match request:
        case control.GetTicks() | control.GetDepthHistory():
            return request.instrument == instrument
        case control.GetBarSeries():
            return request.instrument == instrument and bool(request.before_ns or request.before_trade)
    return False
