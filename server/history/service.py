"""Answers to questions about history, from frame to frame, without sockets: what is asked waits for the log, is worked
on in slices beside others, and is answered once.

Rules: a question is answered true up to the end that the log had when it was asked; if that is not reached in time it
is refused with how far the history is. When something of the past changes under a question, it is begun again.
"""

import datetime as dt
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Final

from server.history import checks, depth_queries
from server.history.depth_queries import TooDeep
from server.history.folding import Folder, LogEnd
from server.history.jobs import Jobs
from server.history.queries import Queries
from server.history.store import HistoryStore
from server.history.ticks import narrow
from server.history.volumes import Volumes
from server.protocol import codec
from server.protocol.codec import Records as Rows
from server.protocol.control import (
    AnyRequest,
    CancelRequest,
    GetBars,
    GetBarSeries,
    GetDepthHistory,
    GetHotList,
    GetTicks,
    GetVolumes,
    HistoryRequest,
    Records,
    Refused,
)
from server.protocol.enums import BarUnit, FaultCode
from server.protocol.errors import RemoteProtocolError

WAIT_S: Final = 2.0
BEGUN_AGAIN_MAX: Final = 4
Reply = Records | Refused
Route = tuple[bytes, ...]
Key = tuple[Route, int]
Work = Generator[None, None, tuple[Rows, bool]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question for which the log is not folded far enough yet."""

    key: Key
    request: HistoryRequest
    end: LogEnd
    until_s: float


class HistoryService:
    """One history process's answers."""

    def __init__(self, folder: Folder, clock_s: Callable[[], float]) -> None:
        self._folder = folder
        self._clock_s = clock_s
        self._jobs: Jobs[Key, Reply] = Jobs(clock_s)
        self._waiting: deque[Waiting] = deque()
        self._of_store: tuple[HistoryStore, Queries, Volumes] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a question is under way."""
        return len(self._jobs) > 0 or len(self._waiting) > 0

    def receive(self, route: Route, frame: bytes) -> bytes | None:
        """Take a frame; the answer if there is one at once. A cancelled question is never answered."""
        try:
            request = codec.decode_request(frame)
        except RemoteProtocolError as error:
            return codec.encode_control(Refused(code=int(FaultCode.MALFORMED), text=str(error)))
        if isinstance(request, CancelRequest):
            self._cancel((route, request.cancels))
            return None
        if not isinstance(request, HistoryRequest):
            text = f"{type(request).__name__} is not for the history"
            return codec.encode_control(_refused(request, FaultCode.UNKNOWN_REQUEST, text))
        wrong = checks.sentence(request)
        if wrong:
            return codec.encode_control(_refused(request, FaultCode.INVALID_REQUEST, wrong))
        until_s = self._clock_s() + WAIT_S
        self._waiting.append(Waiting((route, request.request_id), request, self._folder.log_end(), until_s))
        return None

    def work(self, budget_s: float, *, is_behind: bool) -> list[tuple[Route, bytes]]:
        """Work for about that long; the answers that were finished. `is_behind`: the last fold found something."""
        answers = self._admit(is_behind=is_behind)
        answers += self._jobs.run(budget_s)
        return [(route, codec.encode_control(reply)) for (route, _), reply in answers]

    def _admit(self, *, is_behind: bool) -> list[tuple[Key, Reply]]:
        """Begin with the questions whose log is folded; refuse those that have waited for too long."""
        late: list[tuple[Key, Reply]] = []
        for _ in range(len(self._waiting)):
            one = self._waiting.popleft()
            if not is_behind or self._folder.has_reached(one.end):
                self._jobs.add(one.key, self._answer(one.request))
            elif self._clock_s() >= one.until_s:
                text = f"The history is being made; it has come to {_time_text(self._folder.time_ns)}."
                late.append((one.key, _refused(one.request, FaultCode.UNAVAILABLE, text)))
            else:
                self._waiting.append(one)
        return late

    def _cancel(self, key: Key) -> None:
        self._jobs.drop(key)
        for one in [one for one in self._waiting if one.key == key]:
            self._waiting.remove(one)

    def _answer(self, request: HistoryRequest) -> Generator[None, None, Reply]:
        try:
            for _ in range(BEGUN_AGAIN_MAX):
                store, edition, sequence = self._folder.store, self._folder.store.edition, self._folder.sequence
                layout, work = self._work_on(request)
                page = yield from self._while_unchanged(work, store, edition)
                if page is not None:
                    rows, more = page
                    return Records(
                        request_id=request.request_id, layout=layout, records=rows.tobytes(), sequence=sequence,
                        engine_sequence=sequence, more=more,
                    )  # fmt: skip
            return _refused(request, FaultCode.UNAVAILABLE, "The past changes just now; ask again.")
        except TooDeep as error:
            return _refused(request, FaultCode.INVALID_REQUEST, str(error))
        except OSError as error:
            text = f"the history's files cannot be read: {error.strerror}"
            return _refused(request, FaultCode.UNAVAILABLE, text)

    def _while_unchanged(
        self, work: Work, store: HistoryStore, edition: int
    ) -> Generator[None, None, tuple[Rows, bool] | None]:
        """The work's result, or None as soon as the past is another: mapped files may have been cut."""
        try:
            while True:
                next(work)
                yield
                if self._folder.store is not store or store.edition != edition:
                    work.close()
                    return None
        except StopIteration as stop:
            page: tuple[Rows, bool] = stop.value
            return page

    def _work_on(self, request: HistoryRequest) -> tuple[str, Work]:
        queries, volumes = self._answerers()
        match request:
            case GetBars():
                series = GetBarSeries(
                    instrument=request.instrument, unit=BarUnit.TIME, size=request.size_ns,
                    before_ns=request.before_ns, count=request.count,
                )  # fmt: skip
                return "BAR_RECORD", _narrowed(queries.bars(series))
            case GetTicks():
                return "TICK_RECORD", queries.ticks(request)
            case GetBarSeries():
                return "SERIES_BAR", queries.bars(request)
            case GetVolumes():
                return "VOLUME_RECORD", volumes.volumes(request, self._folder.time_ns)
            case GetDepthHistory():
                depth = self._folder.depth
                return "DEPTH_COLUMN", depth_queries.depth(depth.store, request, depth.sampler.ended_ns)
            case GetHotList():
                return "HOT_RECORD", volumes.hot_list(request, self._folder.time_ns)

    def _answerers(self) -> tuple[Queries, Volumes]:
        """Made anew when the folder has opened its store anew."""
        store = self._folder.store
        if self._of_store is None or self._of_store[0] is not store:
            self._of_store = (store, Queries(store), Volumes(store))
        return self._of_store[1:]


def _narrowed(work: Work) -> Work:
    bars, more = yield from work
    return narrow(bars), more


def _refused(request: AnyRequest, code: FaultCode, text: str) -> Refused:
    return Refused(request_id=request.request_id, code=int(code), text=text)


def _time_text(time_ns: int) -> str:
    return f"{dt.datetime.fromtimestamp(time_ns // 10**9, dt.UTC):%Y-%m-%d %H:%M:%S} UTC"
