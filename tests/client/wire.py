"""A server on paper: the frames that a test's session receives, and the requests that it sent."""

from typing import Any

import numpy as np

from server.client.actions import SendControl, SendOrders
from server.client.incoming import Incoming
from server.client.order_entry import OrderEntry
from server.client.session import ClientSession, Credentials
from server.protocol import control
from server.protocol.codec import (
    ENVELOPE_BYTES,
    Records,
    decode_envelope,
    decode_request,
    encode_control,
    encode_message,
    encode_topic,
)
from server.protocol.enums import Durability, EnvelopeKind, EventKind, Mode, Topic
from server.protocol.records import BOOK_RECORD, COMMAND, ENVELOPE, EVENT, STREAM_POSITION

USER = 7
SESSION = 42
INSTANCE = 1234567
SECOND = 1_000_000_000


class PaperServer:
    """Drives one `ClientSession` by hand; `now_ns` is its clock."""

    def __init__(self, resume_from: int | None = None) -> None:
        self.session = ClientSession(OrderEntry(INSTANCE), resume_from)
        self.now_ns = 100 * SECOND
        self.epoch = 3
        self.requests: list[control.AnyRequest] = []
        self.orders: list[bytes] = []
        self.other: list[Any] = []
        self.incoming: list[Incoming] = []

    def collect(self) -> None:
        """Takes what the session wants and says."""
        actions, incoming = self.session.take()
        self.incoming += incoming
        for action in actions:
            if isinstance(action, SendControl):
                self.requests.append(decode_request(action.frame))
            elif isinstance(action, SendOrders):
                self.orders.append(action.frame)
            else:
                self.other.append(action)

    def log_on(self, *, last_counter: int = 0, last_stream_sequence: int = 0) -> None:
        """Hello, welcome, logon, accepted."""
        self.session.start(self.now_ns, Credentials("u", "p"))
        self.collect()
        self.welcome()
        self.accept(last_counter, last_stream_sequence)

    def welcome(self) -> None:
        """Answers the last hello."""
        self.reply(
            control.Hello,
            control.Welcome(
                version_min=1, version_max=1, build="", epoch=self.epoch, mode=Mode.DEMO, durability=Durability.OS,
                order_port=1, market_data_port=2, server_time_ns=0, heartbeat_ms=1000,
            ),
        )  # fmt: skip

    def accept(self, last_counter: int = 0, last_stream_sequence: int = 0, kept_stream_sequence: int = -1) -> None:
        """Answers the last logon."""
        self.reply(
            control.Logon,
            control.LogonAccepted(
                user_id=USER, session=SESSION, rights=3, last_counter=last_counter,
                last_stream_sequence=last_stream_sequence,
                kept_stream_sequence=kept_stream_sequence,
            ),
        )  # fmt: skip

    def asked(self, kind: type) -> Any:
        """The last request of a kind."""
        return next(request for request in reversed(self.requests) if isinstance(request, kind))

    def count(self, kind: type) -> int:
        """How many requests of a kind came."""
        return sum(isinstance(request, kind) for request in self.requests)

    def reply(self, to: type, reply: control.AnyReply) -> None:
        """Answers the last request of the kind `to`."""
        fields = {name: getattr(reply, name) for name in reply.__struct_fields__} | {
            "request_id": self.asked(to).request_id
        }
        self.session.on_control(encode_control(type(reply)(**fields)), self.now_ns)
        self.collect()

    def events(self, first: int, events: Records) -> None:
        """Private events on the order channel."""
        self.session.on_orders(message(EnvelopeKind.EVENTS, events, self.epoch, first), self.now_ns)
        self.collect()

    def order_heartbeat(self, next_sequence: int) -> None:
        """A heartbeat on the order channel."""
        self.session.on_orders(message(EnvelopeKind.HEARTBEAT, None, self.epoch, next_sequence), self.now_ns)
        self.collect()

    def market_data(self, topic: Topic, instrument: int, first: int, records: Records) -> None:
        """A market data message."""
        frame = message(EnvelopeKind.MARKET_DATA, records, self.epoch, first)
        self.session.on_market_data(encode_topic(topic, instrument), frame, self.now_ns)
        self.collect()

    def positions(self, *rows: tuple[int, int, int]) -> None:
        """A market data heartbeat of (topic, instrument, next sequence)."""
        positions = np.zeros(len(rows), STREAM_POSITION)
        for index, (topic, instrument, next_sequence) in enumerate(rows):
            positions[index]["topic"] = topic
            positions[index]["instrument"] = instrument
            positions[index]["next_sequence"] = next_sequence
        frame = message(EnvelopeKind.HEARTBEAT, positions, self.epoch, 0)
        self.session.on_market_data(encode_topic(Topic.HEARTBEAT, 0), frame, self.now_ns)
        self.collect()

    def tick(self, seconds: float) -> None:
        """Time passes."""
        self.now_ns += int(seconds * SECOND)
        self.session.on_time(self.now_ns)
        self.collect()

    def received(self, kind: type) -> list[Any]:
        """What the owner was told, of one kind."""
        return [item for item in self.incoming if isinstance(item, kind)]


def message(kind: EnvelopeKind, records: Records | None, epoch: int, sequence: int) -> bytes:
    """A server's frame."""
    envelope = np.zeros(1, ENVELOPE)
    envelope["kind"] = kind
    envelope["epoch"] = epoch
    envelope["sequence"] = sequence
    return encode_message(envelope, records)


def answers(first: int, counters: list[int], kind: EventKind = EventKind.ACCEPTED, reason: int = 0) -> Records:
    """Events of the user from stream sequence `first` on that name the commands `counters`."""
    events = np.zeros(len(counters), EVENT)
    events["kind"] = kind
    events["reason"] = reason
    events["client_instance"] = INSTANCE
    events["counter"] = counters
    events["stream_sequence"] = np.arange(first, first + len(counters))
    return events


def book(count: int, price: int = 100) -> Records:
    """LEVEL rows."""
    records = np.zeros(count, BOOK_RECORD)
    records["price"] = price + np.arange(count)
    records["level_quantity"] = 5
    return records


def commands_in(frame: bytes) -> Records:
    """The commands of a message of the client."""
    envelope = decode_envelope(frame)
    return np.frombuffer(frame, COMMAND, int(envelope["count"]), ENVELOPE_BYTES)


def new_orders(count: int) -> Records:
    """Commands before they are stamped."""
    commands = np.zeros(count, COMMAND)
    commands["kind"] = 1
    return commands
