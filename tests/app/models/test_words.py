"""Codes as words: every code of the protocol has some, and the figures carry the instrument's decimals."""

from app.models.activity_model import LINES_MAX, ActivityLine, ActivityModel
from app.models.keyed_model import ranges
from app.models.notices import notice_line
from app.models.pace import Pace
from app.models.reasons import CANCEL_WORDS, PHASE_WORDS, REJECT_WORDS, cancel_word, reject_detail, reject_word
from app.models.words import LIQUIDITY, SIDE, STATE, TIME_IN_FORCE, TYPE
from app.state.changes import Notice, NoticeKind
from app.state.workstation import Workstation
from server.protocol import control
from server.protocol.enums import (
    CancelReason,
    EventKind,
    Liquidity,
    OrderState,
    OrderType,
    Phase,
    RejectReason,
    Side,
    TimeInForce,
)
from server.protocol.records import NO_PRICE
from tests.app.made import NOON, SECOND, event, instrument


def test_every_code_has_words() -> None:
    assert set(REJECT_WORDS) == set(RejectReason) - {RejectReason.NONE}
    assert set(CANCEL_WORDS) == set(CancelReason)
    assert set(PHASE_WORDS) == set(Phase)
    assert set(STATE) == set(OrderState)
    assert set(TYPE) == set(OrderType) and set(TIME_IN_FORCE) == set(TimeInForce)
    assert set(SIDE) == set(Side) and set(LIQUIDITY) == set(Liquidity)
    assert reject_word(60_000) == "code 60000"
    assert cancel_word(60_000) == "cancelled, code 60000"


def test_the_detail_names_value_and_limit() -> None:
    info = instrument()
    assert reject_detail(RejectReason.PRICE_OFF_TICK, 4837, 5, info) == "48.37, the tick is 0.05"
    cash = reject_detail(RejectReason.INSUFFICIENT_CASH, 100_000, 2_550, info)
    assert cash == "needs 1,000.00, there is 25.50 USD"
    assert reject_detail(RejectReason.PHASE_FORBIDS, Phase.HALTED, 0, info) == "the market is in: halted"
    assert reject_detail(RejectReason.PRICE_OUT_OF_RANGE, 5, NO_PRICE, info) == ""
    assert reject_detail(RejectReason.PRICE_OFF_TICK, 1, 1, None) == ""


def test_a_fill_is_told_in_one_line() -> None:
    state = Workstation()
    state.apply_instruments(control.Instruments(instruments=[instrument()]))
    filled = event(EventKind.EXECUTED, last_price=4833, last_quantity=200)
    line = notice_line(state, Notice(NoticeKind.FILLED, NOON, filled[0]))
    assert (line.title, line.detail, line.tone) == ("FILLED 200 of 500", "BUY VLTA at 48.33", "own")


def test_rows_become_ranges() -> None:
    assert list(ranges({5, 1, 2, 9, 3})) == [(1, 3), (5, 5), (9, 9)]
    assert list(ranges(())) == []


def test_a_pace_is_due_once_a_period_on_its_own_grid() -> None:
    pace = Pace(SECOND, SECOND // 4)
    assert pace.due(NOON)
    assert not pace.due(NOON + SECOND // 5)
    assert pace.due(NOON + SECOND // 4)
    assert not pace.due(NOON + SECOND)
    pace.soon()
    assert pace.due(NOON + SECOND)


def test_the_activity_is_bounded() -> None:
    model = ActivityModel()
    for number in range(LINES_MAX + 10):
        model.add(ActivityLine(number, "", "", f"{number}", ""))
    assert model.count() <= LINES_MAX
    assert model.cell(model.count() - 1, 1)[0] == f"{LINES_MAX + 9}"
