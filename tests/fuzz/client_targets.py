"""The client against a hostile server: every frame that a session takes, while it is logged on and follows streams."""

from typing import Final

import numpy as np

from server.protocol import control
from server.protocol.codec import TOPIC_BYTES, encode_control, encode_topic
from server.protocol.enums import EnvelopeKind, Topic
from server.protocol.errors import RemoteProtocolError
from server.protocol.records import STREAM_POSITION, TOP_RECORD
from tests.client.wire import PaperServer, answers, book, message, new_orders
from tests.fuzz.target import Target

EPOCH: Final = 3
FOLLOWED: Final = (Topic.DEPTH, Topic.ORDERS, Topic.TRADES, Topic.QUOTE)


def online() -> PaperServer:
    """A session that is logged on, follows streams of instrument 1, and has an order on its way."""
    server = PaperServer()
    server.log_on(last_stream_sequence=4)
    for topic in FOLLOWED:
        server.session.subscribe(topic, 1)
    server.session.send(new_orders(1), server.now_ns)
    server.collect()
    return server


def settle(server: PaperServer) -> None:
    """Lets the session go on: what it took must not break it a second later."""
    server.collect()
    server.tick(0.3)


def orders_frame(data: bytes) -> None:
    """A frame of the order socket."""
    server = online()
    server.session.on_orders(data, server.now_ns)
    settle(server)


def market_data_frames(data: bytes) -> None:
    """Topic and message, one after the other in the input."""
    server = online()
    server.session.on_market_data(data[:TOPIC_BYTES], data[TOPIC_BYTES:], server.now_ns)
    settle(server)


def control_frames(data: bytes) -> None:
    """A reply to whatever was asked: the input is decoded for each request that is open."""
    server = online()
    for request in list(server.requests):
        server.session.on_control(data.replace(b"\x7b", bytes((request.request_id & 0x7F,)), 1), server.now_ns)
        settle(server)


def order_corpus() -> tuple[bytes, ...]:
    """Events in and out of order, outside the stream, a heartbeat ahead, a fault."""
    return (
        message(EnvelopeKind.EVENTS, answers(5, [1]), EPOCH, 5),
        message(EnvelopeKind.EVENTS, answers(9, [1, 2, 3]), EPOCH, 9),
        message(EnvelopeKind.EVENTS, answers(0, [1]), EPOCH, 0),
        message(EnvelopeKind.HEARTBEAT, None, EPOCH, 12),
        message(EnvelopeKind.FAULT, None, EPOCH, 0),
    )


def market_data_corpus() -> tuple[bytes, ...]:
    """A message of each followed topic, one beyond a gap, a heartbeat with positions."""
    positions = np.zeros(2, STREAM_POSITION)
    positions["topic"] = [Topic.DEPTH, Topic.ORDERS]
    positions["instrument"] = 1
    positions["next_sequence"] = [50, 60]
    depth, quote = encode_topic(Topic.DEPTH, 1), encode_topic(Topic.QUOTE, 1)
    return (
        depth + message(EnvelopeKind.MARKET_DATA, book(3), EPOCH, 1),
        depth + message(EnvelopeKind.MARKET_DATA, book(3), EPOCH, 40),
        encode_topic(Topic.ORDERS, 1) + message(EnvelopeKind.MARKET_DATA, book(2), EPOCH, 1),
        quote + message(EnvelopeKind.MARKET_DATA, np.zeros(2, TOP_RECORD), EPOCH, 1),
        encode_topic(Topic.HEARTBEAT, 0) + message(EnvelopeKind.HEARTBEAT, positions, EPOCH, 0),
    )


def control_corpus() -> tuple[bytes, ...]:
    """Replies to request 0x7b, which the target replaces by an open one."""
    return tuple(
        encode_control(reply)
        for reply in (
            control.Refused(request_id=0x7B, code=14, text="no"),
            control.Done(request_id=0x7B),
            control.Records(request_id=0x7B, layout="BOOK_RECORD", records=book(2).tobytes(), sequence=2),
            control.Records(request_id=0x7B, layout="EVENT", records=answers(5, [1, 2]).tobytes(), sequence=6),
            control.Records(request_id=0x7B, layout="EVENT", records=b"short", more=True),
            control.Records(request_id=0x7B, layout="unknown", records=bytes(64)),
            control.Refused(request_id=0x7B, code=999, text="no"),
        )
    )


CLIENT_TARGETS: Final = (
    Target("client orders", order_corpus(), orders_frame, (RemoteProtocolError,)),
    Target("client market data", market_data_corpus(), market_data_frames, (RemoteProtocolError,)),
    Target("client control", control_corpus(), control_frames, (RemoteProtocolError,)),
)
