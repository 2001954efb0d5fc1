"""Requests to replies, without sockets: the history process's side of the control plane."""

from typing import Final

from server.history import queries
from server.history.folding import Folder
from server.protocol import codec
from server.protocol.control import GetBars, GetTicks, Records, Refused, Reply, Request
from server.protocol.enums import FaultCode
from server.protocol.errors import RemoteProtocolError

SIZE_NS_MAX: Final = 366 * 86_400 * 10**9
SIZE_NS_MIN: Final = 10**6


class HistoryService:
    """Answers GetBars and GetTicks; anything else is refused with a sentence."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def answer_frame(self, frame: bytes) -> bytes:
        """The encoded reply to an encoded request, whatever its bytes are."""
        try:
            request = codec.decode_request(frame)
        except RemoteProtocolError as error:
            return codec.encode_control(Refused(code=int(FaultCode.MALFORMED), text=str(error)))
        return codec.encode_control(self.answer(request))

    def answer(self, request: Request) -> Reply:
        """The reply to a request, true up to the newest print in the event log."""
        if not isinstance(request, GetBars | GetTicks):
            return _refused(request, FaultCode.UNKNOWN_REQUEST, f"{type(request).__name__} is not for the history")
        if not 0 <= request.instrument < 1 << 32 or not 0 <= request.before_ns <= queries.TIME_MAX_NS:
            return _refused(request, FaultCode.INVALID_REQUEST, "instrument or time is out of range")
        if request.count < 1:
            return _refused(request, FaultCode.INVALID_REQUEST, f"{request.count} rows asked for, at least 1 is needed")
        try:
            self._folder.catch_up()
            return self._page(request)
        except OSError as error:
            return _refused(request, FaultCode.UNAVAILABLE, f"the history's files cannot be read: {error.strerror}")

    def _page(self, request: GetBars | GetTicks) -> Reply:
        store = self._folder.store
        if isinstance(request, GetBars):
            if not SIZE_NS_MIN <= request.size_ns <= SIZE_NS_MAX:
                return _refused(request, FaultCode.INVALID_REQUEST, f"bars of {request.size_ns} ns: 1 ms to 366 days")
            layout = "BAR_RECORD"
            rows, more = queries.bars(store, request.instrument, request.size_ns, request.before_ns, request.count)
        else:
            layout = "TICK_RECORD"
            rows, more = queries.ticks(store, request.instrument, request.before_ns, request.count)
        sequence = self._folder.sequence
        return Records(
            request_id=request.request_id, layout=layout, records=rows.tobytes(), sequence=sequence,
            engine_sequence=sequence, more=more,
        )  # fmt: skip


def _refused(request: Request, code: FaultCode, text: str) -> Refused:
    return Refused(request_id=request.request_id, code=int(code), text=text)
