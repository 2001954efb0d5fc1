"""The table of open questions: which of them are cancelled, and what becomes of their answers."""

from server.client.requests import RequestTable
from server.protocol import control
from server.protocol.codec import decode_request
from server.protocol.enums import FaultCode

TICKS = control.GetTicks(instrument=1)


def test_cancelling_names_the_open_questions_that_are_equal_and_no_others() -> None:
    table = RequestTable()
    first, _ = table.ask(TICKS, None, 0)
    other, _ = table.ask(control.GetTicks(instrument=2), None, 0)
    second, _ = table.ask(TICKS, None, 0)
    cancels = [decode_request(frame) for frame in table.cancelling(TICKS, 0)]
    assert [one.cancels for one in cancels if isinstance(one, control.CancelRequest)] == [first, second]
    refused = control.Refused(request_id=first, code=FaultCode.CANCELLED)
    taken = table.take(refused)
    assert taken is not None
    assert taken[0].request_id == first
    for one in cancels:
        done = table.take(control.Done(request_id=one.request_id))
        assert done is not None
        assert done[1] is not None, "its owner would be told of an answer to what it never asked"
        done[1](control.Done())
    assert [decode_request(frame) for frame in table.cancelling(TICKS, 0)] == [
        control.CancelRequest(request_id=len(cancels) + 4, cancels=second)
    ]
    assert table.cancelling(control.GetTicks(instrument=3), 0) == []
    assert table.take(control.Done(request_id=other)) is not None
