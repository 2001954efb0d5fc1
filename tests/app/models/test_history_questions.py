"""Questions about history: so many at once, asked again when it was too busy, left when nobody wants them."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from app.models.history_questions import AT_ONCE, HistoryQuestions
from app.state.bar_size import BarSize
from server.client.incoming import ReplyReceived
from server.protocol import control
from server.protocol.enums import BarUnit, FaultCode
from tests.app.desk_rig import DeskRig
from tests.app.made import NOON

SECOND_NS = 10**9


class Paper:
    """Keeps what is sent and cancelled."""

    def __init__(self) -> None:
        self.sent: list[control.AnyRequest] = []
        self.cancelled: list[control.AnyRequest] = []
        self.questions = HistoryQuestions(self.sent.append, self.cancelled.append)

    def answer(self, request: control.AnyRequest) -> None:
        self.questions.answered(structs.replace(request, request_id=77))

    def refuse(self, request: control.AnyRequest, code: FaultCode, now_ns: int) -> bool:
        return self.questions.refused(structs.replace(request, request_id=78), code, now_ns)


def ticks(instrument: int) -> control.GetTicks:
    return control.GetTicks(instrument=instrument)


def test_so_many_are_sent_and_the_next_with_each_answer() -> None:
    paper = Paper()
    for instrument in range(AT_ONCE + 5):
        paper.questions.ask(ticks(instrument))
    paper.questions.ask(ticks(AT_ONCE + 1))
    assert paper.sent == [ticks(instrument) for instrument in range(AT_ONCE)]
    paper.answer(ticks(3))
    paper.answer(ticks(3))
    assert paper.sent[AT_ONCE:] == [ticks(AT_ONCE)]
    for instrument in range(3):
        paper.answer(ticks(instrument))
    paper.questions.ask(ticks(5))
    for instrument in range(6, 9):
        paper.answer(ticks(instrument))
    assert paper.sent[AT_ONCE:] == [ticks(AT_ONCE + place) for place in range(5)] + [ticks(5)]


def test_what_was_too_busy_is_asked_again_with_longer_pauses_and_other_refusals_stand() -> None:
    paper = Paper()
    paper.questions.ask(ticks(1))
    now_ns, pauses = 0, []
    for _ in range(8):
        assert paper.refuse(ticks(1), FaultCode.BUSY, now_ns)
        began_ns, count = now_ns, len(paper.sent)
        while len(paper.sent) == count:
            now_ns += SECOND_NS // 10
            paper.questions.retry(now_ns)
        pauses.append(now_ns - began_ns)
    assert pauses == sorted(pauses)
    assert pauses[0] < SECOND_NS < pauses[-1] == 5 * SECOND_NS
    assert not paper.refuse(ticks(1), FaultCode.INVALID_REQUEST, now_ns)
    paper.questions.retry(now_ns + 100 * SECOND_NS)
    assert len(paper.sent) == 9


def test_the_unwanted_is_cancelled_if_it_was_sent_and_else_forgotten() -> None:
    paper = Paper()
    for instrument in range(AT_ONCE + 2):
        paper.questions.ask(ticks(instrument))
    paper.refuse(ticks(1), FaultCode.UNAVAILABLE, 0)
    unwanted = {0, 1, AT_ONCE + 1}
    dropped = paper.questions.drop(lambda one: isinstance(one, control.GetTicks) and one.instrument in unwanted)
    assert sorted(one.instrument for one in dropped if isinstance(one, control.GetTicks)) == [0, 1, AT_ONCE + 1]
    assert paper.cancelled == [ticks(0)]
    assert not paper.refuse(ticks(0), FaultCode.CANCELLED, 0)
    paper.questions.retry(100 * SECOND_NS)
    assert paper.sent == [ticks(instrument) for instrument in range(AT_ONCE + 1)]


@given(st.lists(st.tuples(st.sampled_from(["ask", "answer", "busy", "no", "drop", "retry"]), st.integers(0, 30))))
def test_never_more_than_so_many_and_nothing_wanted_is_lost(steps: list[tuple[str, int]]) -> None:
    paper = Paper()
    open_, wanted = Counter[int](), set[int]()
    now_ns = seen = 0
    for what, instrument in [*steps, *[("retry", 0), *[("answer", number) for number in range(31)]] * 200]:
        if what == "ask":
            paper.questions.ask(ticks(instrument))
            wanted.add(instrument)
        elif what == "retry":
            now_ns += 100 * SECOND_NS
            paper.questions.retry(now_ns)
        elif what == "drop":
            paper.questions.drop(lambda one, gone=instrument: one == ticks(gone))
            wanted.discard(instrument)
        elif open_[instrument]:
            open_[instrument] -= 1
            if what == "busy" and paper.refuse(ticks(instrument), FaultCode.UNAVAILABLE, now_ns):
                wanted.add(instrument)
            else:
                wanted.discard(instrument)
                if what == "answer":
                    paper.answer(ticks(instrument))
                elif what == "no":
                    assert not paper.refuse(ticks(instrument), FaultCode.NOT_FOUND, now_ns)
        for request in paper.sent[seen:]:
            assert isinstance(request, control.GetTicks)
            open_[request.instrument] += 1
        seen = len(paper.sent)
        assert open_.total() <= AT_ONCE
    assert not wanted


def test_switching_the_instrument_cancels_what_was_asked_for_the_one_before() -> None:
    rig = DeskRig()
    rig.log_on()
    first = rig.desk.instrument
    asked = [one for one in rig.link.asked if isinstance(one, control.GetTicks) and one.instrument == first]
    assert len(asked) == 2
    rig.desk.select(2 if first == 1 else 1)
    assert rig.link.cancelled == asked


def test_who_comes_back_at_once_asks_anew_and_the_late_refusal_takes_nothing_away() -> None:
    rig = DeskRig()
    rig.log_on()
    first = rig.desk.instrument
    other = 2 if first == 1 else 1
    size = BarSize(BarUnit.TIME, 60 * SECOND_NS)
    rig.desk.pages.ask_bars(first, size, before_ns=NOON)
    (older,) = [one for one in rig.link.asked if isinstance(one, control.GetBarSeries) and one.before_ns]
    rig.desk.select(other)
    assert older in rig.link.cancelled
    rig.desk.select(first)
    rig.desk.pages.ask_bars(first, size, before_ns=NOON)
    assert [one for one in rig.link.asked if isinstance(one, control.GetBarSeries) and one.before_ns] == [older, older]
    refused = control.Refused(code=FaultCode.CANCELLED)
    rig.link.inbox.put([ReplyReceived(older, refused)])
    rig.frame()
    assert rig.desk.pages.waits(first, size)
