"""Questions and answers without sockets: slices, cancelling, waiting for the log, and what is no good question."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from server.history.bar_units import SLICE_TICKS
from server.history.folding import Folder
from server.history.jobs import Jobs
from server.history.service import WAIT_S, HistoryService
from server.protocol import codec
from server.protocol.control import (
    AnyReply,
    AnyRequest,
    CancelRequest,
    GetBars,
    GetBarSeries,
    GetDepthHistory,
    GetHotList,
    GetTicks,
    GetVolumes,
    Records,
    Refused,
)
from server.protocol.enums import BarUnit, FaultCode, MarketDataKind, Ranking
from server.protocol.records import BOOK_RECORD
from tests.history.trades import DAY_NS, log_with, market_data

ROUTE = (b"gateway",)


class Desk:
    """A service over a folder, with a clock of its own."""

    def __init__(self, directory: Path) -> None:
        self.now_s = 0.0
        self.folder = Folder(directory, lambda: self.now_s)
        self.service = HistoryService(self.folder, lambda: self.now_s)

    def tell(self, request: AnyRequest) -> AnyReply | None:
        """Receive it; the answer that comes at once."""
        frame = self.service.receive(ROUTE, codec.encode_control(request))
        return None if frame is None else codec.decode_reply(frame)

    def turn(self, *, is_behind: bool = False) -> list[AnyReply]:
        """One slice of work; what was answered by it."""
        return [codec.decode_reply(frame) for _, frame in self.service.work(0.0, is_behind=is_behind)]

    def ask(self, request: AnyRequest) -> AnyReply:
        """The one answer, after as many turns as it needs."""
        at_once = self.tell(request)
        if at_once is not None:
            return at_once
        self.folder.catch_up()
        while True:
            answers = self.turn()
            if answers:
                (answer,) = answers
                return answer


def big_day(count: int) -> NDArray[np.void]:
    """So many trades of instrument 1 on one day, and one of instrument 2."""
    rows = np.zeros(count + 1, BOOK_RECORD)
    rows["kind"], rows["flags"], rows["instrument"] = MarketDataKind.EXECUTE, 1, 1
    rows["instrument"][-1] = 2
    rows["sequence"] = rows["trade_number"] = np.arange(1, count + 2)
    rows["time_ns"] = 19_700 * DAY_NS + rows["sequence"].astype(np.int64) * 10**6
    rows["price"], rows["quantity"] = 100 + np.arange(count + 1) % 7, 1
    return rows


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """For questions that change nothing."""
    directory = tmp_path_factory.mktemp("small")
    log_with(directory, big_day(500))
    made = Desk(directory)
    made.folder.catch_up()
    yield made
    made.folder.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    log_with(tmp_path, big_day(6 * SLICE_TICKS), per_append=4000)
    made = Desk(tmp_path)
    made.folder.catch_up()
    yield made
    made.folder.close()


LATE = 5 * SLICE_TICKS
LARGE = GetBarSeries(request_id=1, instrument=1, unit=BarUnit.RANGE, size=5, before_trade=LATE + 9)
SMALL = GetTicks(request_id=2, instrument=2, count=1)


def test_a_small_question_is_answered_while_a_large_one_is_worked_on(desk: Desk) -> None:
    assert desk.tell(LARGE) is None
    assert desk.turn() == []
    assert desk.turn() == []
    assert desk.tell(SMALL) is None
    answers: list[AnyReply] = []
    turns = 0
    while not answers:
        answers = desk.turn()
        turns += 1
    assert [answer.request_id for answer in answers] == [2]
    assert turns <= 2
    while not (answers := desk.turn()):
        turns += 1
    assert [answer.request_id for answer in answers] == [1]
    assert turns > 3, "the large one was no large one"


@pytest.mark.parametrize("turns", [0, 1, 3])
def test_a_cancelled_question_is_worked_on_and_answered_no_more(desk: Desk, turns: int) -> None:
    desk.tell(LARGE)
    for _ in range(turns):
        assert desk.turn() == []
    assert desk.tell(CancelRequest(cancels=1)) is None
    assert not desk.service.is_busy
    assert desk.turn() == []
    assert desk.tell(CancelRequest(cancels=1)) is None
    assert isinstance(desk.ask(SMALL), Records)


def test_a_question_waits_for_the_log_and_is_refused_when_that_takes_too_long(tmp_path: Path) -> None:
    records = market_data(3, 3000)
    log_with(tmp_path, records[:1000])
    desk = Desk(tmp_path)
    desk.tell(GetTicks(request_id=7, instrument=1, count=8000))
    assert desk.turn(is_behind=True) == []
    desk.folder.catch_up()
    while not (answers := desk.turn(is_behind=True)):
        assert desk.service.is_busy
    (answer,) = answers
    assert isinstance(answer, Records), "its end was reached, although the log has gone on"
    assert answer.engine_sequence == 1000
    log_with(tmp_path, records[1000:], epoch=2)
    desk.tell(GetTicks(request_id=8, instrument=1))
    desk.now_s += WAIT_S / 2
    assert desk.turn(is_behind=True) == []
    desk.now_s += WAIT_S / 2
    (late,) = desk.turn(is_behind=True)
    assert isinstance(late, Refused)
    assert late.code == FaultCode.UNAVAILABLE
    assert "it has come to 2023-12-10 0" in late.text
    assert not desk.service.is_busy
    desk.folder.close()


def test_a_question_is_begun_again_when_a_trade_is_taken_back_under_it(desk: Desk, tmp_path: Path) -> None:
    before = desk.ask(LARGE)
    desk.tell(LARGE)
    assert desk.turn() == []
    bust = np.zeros(1, BOOK_RECORD)
    bust["kind"], bust["instrument"], bust["trade_number"] = MarketDataKind.TRADE_BUST, 1, LATE
    bust["sequence"], bust["time_ns"] = 10**6, 19_701 * DAY_NS
    log_with(tmp_path, bust, epoch=2)
    desk.folder.catch_up()
    while not (answers := desk.turn()):
        pass
    assert isinstance(answers[0], Records)
    assert isinstance(before, Records)
    assert answers[0] == desk.ask(LARGE)
    assert answers[0].records != before.records


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (GetBarSeries(instrument=1, unit=0, size=1), "no bars of unit 0"),
        (GetBarSeries(instrument=1, unit=BarUnit.TIME, size=1), "TIME has 1000000 to"),
        (GetBarSeries(instrument=1, unit=BarUnit.VOLUME, size=-5), "VOLUME has 1 to"),
        (GetBarSeries(instrument=1, unit=BarUnit.DAY, size=1 << 62), "DAY has 1 to 366"),
        (GetBarSeries(instrument=1 << 32, unit=BarUnit.DAY), "out of range"),
        (GetBarSeries(instrument=1, unit=BarUnit.DAY, before_ns=-1), "out of range"),
        (GetBarSeries(instrument=1, unit=BarUnit.DAY, before_trade=1 << 32), "trade number"),
        (GetBarSeries(instrument=1, unit=BarUnit.DAY, before_trade=-1), "trade number"),
        (GetBarSeries(instrument=1, unit=BarUnit.DAY, count=0), "at least 1"),
        (GetTicks(instrument=1, before_trade=-1), "trade number"),
        (GetBars(instrument=1, size_ns=0), "TIME has"),
        (GetDepthHistory(instrument=1, column_ns=0), "whole seconds"),
        (GetDepthHistory(instrument=1, column_ns=-(10**9)), "whole seconds"),
        (GetDepthHistory(instrument=1, column_ns=15 * 10**8), "whole seconds"),
        (GetDepthHistory(instrument=1, column_ns=DAY_NS + 10**9), "whole seconds"),
        (GetDepthHistory(instrument=1, price_min=5, price_max=4), "no price lies"),
        (GetDepthHistory(instrument=-1), "out of range"),
        (GetVolumes(instruments=list(range(1001))), "at most 1000"),
        (GetVolumes(instruments=[-1]), "out of range"),
        (GetVolumes(after_instrument=1 << 40), "out of range"),
        (GetVolumes(days=0), "1 to 60"),
        (GetVolumes(days=61), "1 to 60"),
        (GetHotList(ranking=0), "no ranking"),
        (GetHotList(ranking=Ranking.VOLUME, count=0), "1 to 500"),
        (GetHotList(ranking=Ranking.VOLUME, count=501), "1 to 500"),
    ],
)
def test_what_is_no_good_question_is_refused_with_a_sentence(quiet: Desk, request_: AnyRequest, words: str) -> None:
    reply = quiet.ask(request_)
    assert isinstance(reply, Refused)
    assert reply.code == FaultCode.INVALID_REQUEST
    assert words in reply.text
    assert not quiet.service.is_busy


@pytest.mark.parametrize(
    "request_",
    [
        GetBarSeries(instrument=1, unit=BarUnit.TIME, size=366 * DAY_NS, before_ns=(1 << 63) - 1, count=1 << 60),
        GetBarSeries(instrument=1, unit=BarUnit.MONTH, size=120, before_ns=1, before_trade=(1 << 32) - 1),
        GetBarSeries(instrument=1, unit=BarUnit.TRADES, size=10**9, before_trade=1),
        GetBarSeries(instrument=1, unit=BarUnit.RANGE, size=1 << 62, count=1 << 62),
        GetBarSeries(instrument=(1 << 32) - 1, unit=BarUnit.WEEK, size=53, before_trade=5),
        GetDepthHistory(instrument=1, column_ns=DAY_NS, before_ns=(1 << 63) - 1, count=1 << 62),
        GetDepthHistory(instrument=1, price_min=-(1 << 63), price_max=-(1 << 63)),
        GetDepthHistory(instrument=0, before_ns=1),
        GetVolumes(instruments=[(1 << 32) - 1] * 1000, days=60),
        GetVolumes(after_instrument=(1 << 32) - 1),
        *(GetHotList(ranking=ranking, count=500) for ranking in Ranking),
    ],
)
def test_the_ends_of_every_range_are_answered_in_one_message(quiet: Desk, request_: AnyRequest) -> None:
    reply = quiet.ask(request_)
    assert isinstance(reply, Records)
    assert len(codec.encode_control(reply)) <= codec.MESSAGE_BYTES_MAX
    codec.decode_bulk(reply, reply.layout)


def test_jobs_take_turns_by_how_much_they_had() -> None:
    log: list[str] = []

    def work(name: str, slices: int) -> Iterator[None]:
        for _ in range(slices):
            log.append(name)
            yield

    jobs: Jobs[str, None] = Jobs(lambda: 0.0)
    jobs.add("a", work("a", 4))  # type: ignore[arg-type]
    jobs.run(0.0)
    jobs.run(0.0)
    jobs.add("b", work("b", 3))  # type: ignore[arg-type]
    for _ in range(5):
        jobs.run(0.0)
    assert "".join(log) == "aabbaba"
    assert jobs.drop("a")
    assert not jobs.drop("a")
