"""The items in which something breaks: lost messages, a busy server, a silent one, one that starts again.

Rules: as in `conformance_items`. After each break the client is waited for, so that the next item finds it at work.
"""

from typing import Any, Final

import msgspec
import numpy as np

from server.protocol import control
from server.protocol.codec import decode_reply, encode_control
from server.protocol.enums import EnvelopeKind, EventKind, FaultCode, RejectReason, Side
from server.tools.certifier import Alter, Lane, OrderMessage, silent
from server.tools.conformance_items import (
    Item,
    answered,
    counters_of,
    new_orders,
    order,
    ordered,
)
from server.tools.conformance_stage import Failed, Mark, NotShown, Stage, Wait

LOWER_EPOCH_S: Final = 3.0
_HEAD_SEQUENCE: Final = slice(24, 32)


def events_withheld(frames: list[bytes], most: int = 1) -> Alter:
    """Withhold so many messages of private events; what was withheld is kept in `frames`."""

    def withhold(lane: Lane, frame: bytes) -> tuple[bytes, ...]:
        if lane is Lane.ORDERS and frame[0] == EnvelopeKind.EVENTS and len(frames) < most:
            frames.append(frame)
            return ()
        return (frame,)

    return withhold


def private_gap(s: Stage) -> Wait:
    """A private event is withheld: the client resumes from the one before it."""
    withheld: list[bytes] = []
    s.certifier.alter = events_withheld(withheld)
    mark = order(s, "Send a limit order; its answer is withheld: see the gap and resume.")
    yield from ordered(s, mark)
    yield from s.until(lambda: withheld, "nothing was withheld")
    first = int.from_bytes(withheld[0][_HEAD_SEQUENCE], "little")
    gap = s.mark()
    yield from s.until(lambda: gap.asked(control.ResumePrivate), "ResumePrivate was not asked", verdict=Failed)
    if gap.asked(control.ResumePrivate).after_sequence >= first:
        raise Failed(f"it resumed behind event {first}, which it has not got")


def repeated(s: Stage) -> Wait:
    """A private message comes twice: nothing follows from it."""

    def twice(lane: Lane, frame: bytes) -> tuple[bytes, ...]:
        return (frame, frame) if lane is Lane.ORDERS and frame[0] == EnvelopeKind.EVENTS else (frame,)

    s.certifier.alter = twice
    mark = order(s, "Send a limit order; its answer comes twice.")
    yield from ordered(s, mark)
    counter = int(new_orders(mark)[0]["counter"])
    yield from s.until(lambda: answered(mark, EventKind.ACCEPTED, counter) is not None, "the order was not accepted")
    yield from s.calm(
        lambda: len(new_orders(mark)) > 1 or mark.asked(control.Logon), "it took the repeated answer for something new"
    )


def counter_gap(s: Stage) -> Wait:
    """A command is lost on the way: the next one is refused, and the client goes back to the counter expected."""
    swallowed: list[int] = []

    def swallow_first(message: OrderMessage) -> bool:
        if message.kind == EnvelopeKind.COMMANDS and not swallowed:
            swallowed.extend(counters_of(list(message.rows)))
            return False
        return True

    s.certifier.take = swallow_first
    order(s, "Send a limit order; it is lost on the way.")
    yield from s.until(lambda: swallowed, "no order came")
    mark = order(s, "Send another one; it is refused with COUNTER_GAP: send from the expected counter on.")
    yield from s.until(lambda: refused_for(mark, RejectReason.COUNTER_GAP), "no order was refused with COUNTER_GAP")
    missing = swallowed[0]
    yield from s.until(
        lambda: answered(mark, EventKind.ACCEPTED, missing), f"counter {missing} was not sent again", verdict=Failed
    )


def refused_for(mark: Mark, reason: RejectReason) -> list[np.void]:
    """Rejects of this reason that the server sent."""
    return [row for row in mark.events if row["kind"] == EventKind.REJECTED and row["reason"] == reason]


def lost_answer(s: Stage) -> Wait:
    """The answer is withheld and the session ends: the order is not sent under another counter."""
    s.certifier.alter = events_withheld([], most=100)
    mark = order(s, "Send a limit order; its answer is lost with the session. It must not come twice.", quantity=11)
    yield from ordered(s, mark)
    first = new_orders(mark)[0]
    yield from s.until(lambda: answered(mark, EventKind.ACCEPTED, int(first["counter"])), "the order was not accepted")
    s.reset()
    broken = s.mark()
    s.end_session(FaultCode.SERVER_STOPPING)
    yield from s.back(broken)
    yield from s.calm(lambda: second_orders(broken, int(first["counter"])), "it sent the order again as a new one", 1.5)


def second_orders(mark: Mark, counter: int) -> list[np.void]:
    """Orders under another counter than this one."""
    return [row for row in new_orders(mark) if row["counter"] != counter]


def lost_order(s: Stage) -> Wait:
    """The order is lost and the session ends: its counter was never used, and is the next one."""
    swallowed: list[int] = []

    def swallow(message: OrderMessage) -> bool:
        swallowed.extend(counters_of(list(message.rows)))
        return message.kind != EnvelopeKind.COMMANDS

    s.certifier.take = swallow
    order(s, "Send a limit order; it is lost with the session. Its counter is free.", quantity=12)
    yield from s.until(lambda: swallowed, "no order came")
    s.reset()
    broken = s.mark()
    s.end_session(FaultCode.SERVER_STOPPING)
    yield from s.back(broken)
    yield from s.calm(lambda: False, "")
    if not new_orders(broken):
        order(s, "If it was not sent again: send it now.", quantity=12)
    yield from ordered(s, broken)
    if int(new_orders(broken)[0]["counter"]) != swallowed[0]:
        raise Failed(f"counter {swallowed[0]} is expected, {int(new_orders(broken)[0]['counter'])} came")


def busy(s: Stage) -> Wait:
    """BUSY uses no counter up: the same one comes again."""
    refused: list[OrderMessage] = []

    def refuse(message: OrderMessage) -> bool:
        if message.kind == EnvelopeKind.COMMANDS and not refused:
            refused.append(message)
            return False
        return True

    s.certifier.take = refuse
    mark = order(s, "Send a limit order; it is refused with BUSY: send it again under the same counter.")
    yield from s.until(lambda: refused, "no order came")
    counter = int(refused[0].rows[0]["counter"])
    s.refuse_busy(refused[0])
    yield from s.until(lambda: len(new_orders(mark)) > 1, "nothing came after BUSY", verdict=Failed)
    if int(new_orders(mark)[1]["counter"]) != counter:
        raise Failed(f"after BUSY counter {counter} is expected, {int(new_orders(mark)[1]['counter'])} came")


def fault(s: Stage) -> Wait:
    """A FAULT ends the session: nothing more under it, and a new logon."""
    session = s.session
    mark = s.mark()
    s.say("wait", "The server ends the session with a FAULT: log on again.")
    s.end_session(FaultCode.SERVER_STOPPING)
    yield from s.back(mark)
    if session is not None and any(
        message.session == session.number and message.kind == EnvelopeKind.COMMANDS for message in mark.messages
    ):
        raise Failed("commands came under the session that was over")


def silent_server(s: Stage) -> Wait:
    """The server says nothing more: the client sees it by the heartbeats that are missing."""
    mark = s.mark()
    s.say("wait", "The server is silent now: see it by the missing heartbeats, and begin again.")
    s.certifier.alter = silent
    yield from s.until(
        lambda: mark.asked(control.Hello) or mark.asked(control.Logon), "the silence was not noticed", verdict=Failed
    )
    s.reset()
    yield from s.back(mark)


def restart(s: Stage) -> Wait:
    """The server starts again with a higher epoch, and something happened meanwhile."""
    mark = order(
        s, "Send a limit order; then the server starts again. Log on, and resume what you missed.", price=9_500
    )
    yield from ordered(s, mark)
    row = new_orders(mark)[0]
    yield from s.until(lambda: answered(mark, EventKind.ACCEPTED, int(row["counter"])), "the order was not accepted")
    yield from s.calm(lambda: False, "", seconds=0.5)
    began = s.mark()
    s.restart()
    s.make(Side.SELL, 9_500, 10)
    yield from s.back(began)
    if began.asked(control.Logon).client_instance != int(row["client_instance"]):
        raise Failed("it logged on with another client instance")
    yield from s.until(lambda: began.asked(control.ResumePrivate), "ResumePrivate was not asked", verdict=Failed)
    after = order(s, "Send a limit order, with the next counter.")
    yield from ordered(s, after)
    if int(new_orders(after)[0]["counter"]) != int(row["counter"]) + 1:
        raise Failed("the counter did not go on")


def lower_epoch(s: Stage) -> Wait:
    """A server of a lower epoch is an old copy: the client must not log on."""
    offered: list[int] = []
    lower = s.epoch - 1

    def pretend(lane: Lane, frame: bytes) -> tuple[bytes, ...]:
        if lane is Lane.CONTROL:
            reply: Any = decode_reply(frame)
            if isinstance(reply, control.Welcome):
                offered.append(reply.request_id)
                return (encode_control(msgspec.structs.replace(reply, epoch=lower)),)
        return (frame,)

    mark = s.mark()
    s.say("wait", "The session ends, and a server of a lower epoch answers: do not log on to it.")
    s.certifier.alter = pretend
    s.end_session(FaultCode.SERVER_STOPPING)
    yield from s.until(lambda: offered or mark.asked(control.Logon), "no Hello came after the session ended")
    if not offered:
        raise NotShown("it logged on without asking who the server is, so that its epoch could not be shown")
    yield from s.calm(
        lambda: mark.asked(control.Logon), f"it logged on to epoch {lower} after {s.epoch}", LOWER_EPOCH_S
    )
    s.reset()
    s.say("reconnect", "The right server is there again: connect and log on.")
    yield from s.back(mark, NotShown)


BREAKS: Final[tuple[Item, ...]] = (
    Item("private-gap", "A lost private event", private_gap),
    Item("repeated", "A private event that comes twice", repeated),
    Item("counter-gap", "A lost order, and COUNTER_GAP", counter_gap),
    Item("busy", "BUSY", busy),
    Item("lost-answer", "A lost answer: no second order", lost_answer),
    Item("lost-order", "A lost order and session: the counter is free", lost_order),
    Item("fault", "FAULT, and logon again", fault),
    Item("silent-server", "A silent server", silent_server),
    Item("restart", "A restart with a higher epoch", restart),
    Item("lower-epoch", "A server of a lower epoch", lower_epoch),
)
