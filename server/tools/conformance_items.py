"""The items that a client is certified in: joining, market data and orders. What breaks is in `conformance_breaks`.

Rules: an item says what to do, waits for what the client sends, and returns when that was right; it raises `Failed` for
what was wrong and `NotShown` for what did not come. It looks at what the client sends and at nothing else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from server.protocol import control
from server.protocol.codec import encode_topic
from server.protocol.enums import (
    PROTOCOL_VERSION,
    CommandKind,
    EnvelopeKind,
    EventKind,
    FaultCode,
    RejectReason,
    Side,
    Topic,
)
from server.tools.certifier import Lane
from server.tools.conformance_stage import ACCOUNT, HEARTBEAT_MS, INSTRUMENT, USER, Failed, Mark, Stage, Wait

NOT_THE_WORD: Final = "not-this-one"
HEARTBEATS: Final = 5
ASK, BID = 10_100, 9_900
BETTER_ASK, FAR_ASK = 10_050, 10_200
QUIET_PRICE: Final = 9_000
"""Where an order of the client rests without meeting the maker's."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a client has to be able to do."""

    key: str
    title: str
    play: Callable[[Stage], Wait]


def order(s: Stage, text: str, **numbers: int) -> Mark:
    """Ask for an order that rests by itself; a mark before it."""
    mark = s.mark()
    terms = {"side": "BUY", "price": QUIET_PRICE, "quantity": 10} | numbers
    s.say("order", text, instrument=INSTRUMENT, account=ACCOUNT, order_type="LIMIT", time_in_force="GTC", **terms)
    return mark


def new_orders(mark: Mark) -> list[np.void]:
    """The NEW_ORDERs since the mark."""
    return [row for row in mark.commands if row["kind"] == CommandKind.NEW_ORDER]


def answered(mark: Mark, kind: EventKind, counter: int) -> np.void | None:
    """The event of this kind that answers a counter, if the server has sent it."""
    return next((row for row in mark.events if row["kind"] == kind and row["counter"] == counter), None)


def ordered(s: Stage, mark: Mark) -> Iterator[None]:
    """Wait for a new order."""
    yield from s.until(lambda: new_orders(mark), "no new order came")


def hello(s: Stage) -> Wait:
    """The first request is a Hello that includes our version."""
    mark = s.mark()
    s.say(
        "connect", "Connect the control socket and say Hello.", host="127.0.0.1", control_port=s.control_port,
        server_key=s.server_key,
    )  # fmt: skip
    yield from s.until(lambda: mark.requests or s.heard.garbage, "no request came")
    if not mark.requests or not isinstance(mark.requests[0], control.Hello):
        raise Failed("the first request is no Hello")
    if not mark.requests[0].version_min <= PROTOCOL_VERSION <= mark.requests[0].version_max:
        raise Failed(f"Hello does not include version {PROTOCOL_VERSION}")


def wrong_password(s: Stage) -> Wait:
    """A refused logon is not tried again and again, and nothing is asked without a session."""
    mark = s.mark()
    s.say("logon", f"Log on as {USER} with the password {NOT_THE_WORD}.", user=USER, password=NOT_THE_WORD)
    yield from s.until(lambda: mark.asked(control.Logon), "no Logon came")
    yield from s.until(lambda: FaultCode.WRONG_CREDENTIALS in s.certifier.refusals, "the logon was not refused")
    refused = s.mark()
    yield from s.calm(lambda: refused.asked(control.Logon), "it tried the refused password again by itself")
    others = [r for r in mark.requests if not isinstance(r, control.Logon | control.Hello)]
    if others or mark.messages:
        raise Failed("it went on without a session")


def logon(s: Stage) -> Wait:
    """A session is open, with a client instance."""
    mark = s.mark()
    s.say("logon", f"Log on as {USER} with the password {s.password}.", user=USER, password=s.password)
    yield from s.until(lambda: s.session is not None, "no session was opened")
    if mark.asked(control.Logon).client_instance == 0:
        raise Failed("the client instance is 0")


def heartbeat(s: Stage) -> Wait:
    """Heartbeats on the order socket, with the session's number and a clock."""
    mark = s.mark()
    s.say(
        "wait", f"Send a heartbeat each {HEARTBEAT_MS} ms on the order socket from now on.", milliseconds=HEARTBEAT_MS
    )
    yield from s.until(
        lambda: len(mark.heartbeats) >= HEARTBEATS, f"fewer than {HEARTBEATS} heartbeats came", verdict=Failed
    )
    session = s.session
    if session is None or any(beat.session != session.number for beat in mark.heartbeats):
        raise Failed("a heartbeat names another session")
    clocks = [beat.time_ns for beat in mark.heartbeats]
    if 0 in clocks or clocks != sorted(clocks):
        raise Failed("a heartbeat carries no clock, or one that goes back")


def instruments(s: Stage) -> Wait:
    """The instruments are asked for."""
    mark = s.mark()
    s.say("instruments", "Ask for the instruments.")
    yield from s.until(lambda: mark.asked(control.GetInstruments), "GetInstruments was not asked")


def subscribe(s: Stage) -> Wait:
    """Depth of the instrument, and the heartbeats of market data."""
    s.make(Side.BUY, BID, 10)
    s.make(Side.SELL, ASK, 10)
    mark = s.mark()
    s.say("subscribe", f"Follow the depth of instrument {INSTRUMENT}.", instrument=INSTRUMENT, topic="DEPTH")
    for topic, instrument in ((Topic.DEPTH, INSTRUMENT), (Topic.HEARTBEAT, 0)):
        wanted = (encode_topic(topic, instrument), bytes((topic,)))
        yield from s.until(
            lambda wanted=wanted: any(one in s.heard.topics for one in wanted),  # type: ignore[misc]
            f"{topic.name} was not subscribed to",
        )
    yield from s.until(lambda: snapshot_asked(mark), "no snapshot of the depth was asked for")


def snapshot_asked(mark: Mark) -> bool:
    """Whether the instrument's depth (or orders) was asked for."""
    return any(
        isinstance(request, control.GetSnapshot | control.Retransmit) and request.instrument == INSTRUMENT
        for request in mark.requests
    )


def market_data_gap(s: Stage) -> Wait:
    """A frame is withheld: the client asks again, and then trades on the book as it is."""
    withheld: list[bytes] = []

    def withhold(lane: Lane, frame: bytes) -> tuple[bytes, ...]:
        is_depth = lane is Lane.MARKET_DATA and frame[0] == EnvelopeKind.MARKET_DATA
        if is_depth and not withheld:
            withheld.append(frame)
            return ()
        return (frame,)

    s.certifier.alter = withhold
    s.say("wait", "A market data message is withheld now: see the gap and ask for a snapshot.")
    mark = s.mark()
    s.make(Side.SELL, BETTER_ASK, 7)
    yield from s.until(lambda: withheld, "nothing is followed, so that nothing could be withheld")
    s.make(Side.SELL, FAR_ASK, 5)
    yield from s.until(lambda: snapshot_asked(mark), "the gap was not followed by a snapshot request", verdict=Failed)
    s.reset()
    yield from s.calm(lambda: False, "", seconds=0.5)
    mark = s.mark()
    s.say(
        "take-best", "Buy the whole best offer as you see it: limit, IOC, at its price and quantity.",
        instrument=INSTRUMENT, account=ACCOUNT,
    )  # fmt: skip
    best = s.best_offer()
    yield from ordered(s, mark)
    row = new_orders(mark)[0]
    if (int(row["price"]), int(row["quantity"])) != best or row["side"] != Side.BUY:
        raise Failed(f"it bought {row['quantity']} at {row['price']}, the best offer is {best[1]} at {best[0]}")


def order_accepted(s: Stage) -> Wait:
    """An order with the next counter of the client's instance."""
    session = s.session
    mark = order(s, "Send a limit order.")
    yield from ordered(s, mark)
    row = new_orders(mark)[0]
    if session is None or int(row["client_instance"]) != session.client_instance:
        raise Failed("the command's client instance is not that of the logon")
    yield from s.until(
        lambda: [event for event in mark.events if event["counter"] == row["counter"]], "the server did not answer"
    )
    if answered(mark, EventKind.ACCEPTED, int(row["counter"])) is None:
        event = next(event for event in mark.events if event["counter"] == row["counter"])
        raise Failed(f"the order was refused: {RejectReason(int(event['reason'])).name}")


def order_rejected(s: Stage) -> Wait:
    """A reject is the end of a command: it is not sent again."""
    mark = order(s, "Send an order of 0 lots; it is refused.", quantity=0)
    yield from ordered(s, mark)
    counter = int(new_orders(mark)[0]["counter"])
    yield from s.until(lambda: answered(mark, EventKind.REJECTED, counter) is not None, "it was not refused")
    rejected = s.mark()
    yield from s.calm(lambda: new_orders(rejected), "it was sent again after a reject that is final")


def cancel(s: Stage) -> Wait:
    """An order of its own is withdrawn."""
    mark = order(s, "Send a limit order.")
    yield from ordered(s, mark)
    s.say("cancel", "Cancel that order.")
    yield from s.until(
        lambda: any(event["kind"] == EventKind.CANCELED for event in mark.events), "the order was not cancelled"
    )


def replace(s: Stage) -> Wait:
    """An order of its own gets another quantity."""
    mark = order(s, "Send a limit order.")
    yield from ordered(s, mark)
    s.say("replace", "Replace that order: 6 lots in all.", quantity=6)
    yield from s.until(
        lambda: any(event["kind"] == EventKind.REPLACED and event["quantity"] == 6 for event in mark.events),
        "the order was not replaced",
    )


def logoff(s: Stage) -> Wait:
    """An orderly end."""
    mark = s.mark()
    s.say("logoff", "Log off.")
    yield from s.until(lambda: mark.asked(control.Logoff), "no Logoff came")
    after = s.mark()
    yield from s.calm(lambda: after.commands, "it sent commands after its Logoff", seconds=0.5)


ITEMS: Final[tuple[Item, ...]] = (
    Item("hello", "Hello with the version", hello),
    Item("wrong-password", "A wrong password is no reason to try again", wrong_password),
    Item("logon", "Logon", logon),
    Item("heartbeat", "Heartbeats of the client", heartbeat),
    Item("instruments", "Instruments", instruments),
    Item("subscribe", "Subscribe and join by a snapshot", subscribe),
    Item("market-data-gap", "A lost market data message", market_data_gap),
    Item("order-accepted", "An order", order_accepted),
    Item("order-rejected", "An order that is refused", order_rejected),
    Item("cancel", "Cancel", cancel),
    Item("replace", "Replace", replace),
)
LOGOFF: Final = Item("logoff", "Logoff", logoff)


def counters_of(rows: list[np.void]) -> list[int]:
    """The counters of commands, in their order."""
    return [int(row["counter"]) for row in rows]
