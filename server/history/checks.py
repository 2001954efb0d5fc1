"""What is wrong with a question about history, before anything is read for it. Pure."""

from typing import Final

from server.history.bar_units import size_sentence
from server.history.queries import TIME_MAX_NS
from server.history.ticks import DAY_NS
from server.protocol.control import (
    GetBars,
    GetDepthHistory,
    GetHotList,
    GetTicks,
    GetVolumes,
    HistoryRequest,
)
from server.protocol.enums import BarUnit, Ranking

SECOND_NS: Final = 10**9
INSTRUMENTS_MAX: Final = 1000
DAYS_MAX: Final = 60
HOT_MAX: Final = 500
TRADE_LIMIT: Final = 1 << 32
_RANKINGS: Final = frozenset(int(ranking) for ranking in Ranking)


def sentence(request: HistoryRequest) -> str:
    """One sentence, or nothing if nothing is wrong."""
    if isinstance(request, GetVolumes):
        return _of_volumes(request)
    if isinstance(request, GetHotList):
        if request.ranking not in _RANKINGS:
            return f"there is no ranking {request.ranking}"
        return "" if 1 <= request.count <= HOT_MAX else f"a hot list has 1 to {HOT_MAX} places, not {request.count}"
    if not 0 <= request.instrument < 1 << 32 or not 0 <= request.before_ns <= TIME_MAX_NS:
        return "instrument or time is out of range"
    if request.count < 1:
        return f"{request.count} rows asked for, at least 1 is needed"
    if isinstance(request, GetBars):
        return size_sentence(BarUnit.TIME, request.size_ns)
    if isinstance(request, GetDepthHistory):
        return _of_depth(request)
    if not 0 <= request.before_trade < TRADE_LIMIT:
        return "the trade number is out of range"
    return "" if isinstance(request, GetTicks) else size_sentence(request.unit, request.size)


def _of_depth(request: GetDepthHistory) -> str:
    if not SECOND_NS <= request.column_ns <= DAY_NS or request.column_ns % SECOND_NS:
        return f"columns of {request.column_ns} ns: whole seconds, up to a day"
    if request.price_min > request.price_max:
        return f"no price lies from {request.price_min} to {request.price_max}"
    return ""


def _of_volumes(request: GetVolumes) -> str:
    if len(request.instruments) > INSTRUMENTS_MAX:
        return f"{len(request.instruments)} instruments asked for, at most {INSTRUMENTS_MAX} at once"
    if not all(0 <= instrument < 1 << 32 for instrument in [*request.instruments, request.after_instrument]):
        return "an instrument is out of range"
    return "" if 1 <= request.days <= DAYS_MAX else f"an average of 1 to {DAYS_MAX} days, not {request.days}"
