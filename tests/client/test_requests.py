"""The table of open questions: which of them ask the same, so that they can be cancelled."""

from server.client.requests import RequestTable
from server.protocol import control
from server.protocol.enums import FaultCode

TICKS = control.GetTicks(instrument=1)


def test_the_open_questions_that_ask_the_same_are_found_and_no_others() -> None:
    table = RequestTable()
    first, _ = table.ask(TICKS, None, 0)
    other, _ = table.ask(control.GetTicks(instrument=2), None, 0)
    second, _ = table.ask(TICKS, None, 0)
    assert table.open_like(TICKS) == [first, second]
    assert table.open_like(control.GetTicks(request_id=99, instrument=2)) == [other]
    assert table.open_like(control.GetTicks(instrument=3)) == []
    assert table.take(control.Refused(request_id=first, code=FaultCode.CANCELLED)) is not None
    assert table.open_like(TICKS) == [second]
    table.drop()
    assert table.open_like(TICKS) == []
