"""Bytes to records and structs, and back. Any garbage either decodes or raises `RemoteProtocolError`.

The limits are part of the protocol: a message is one frame of at most `MESSAGE_BYTES_MAX`, its envelope says how many
records follow and they fill the frame exactly.
"""

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from server.protocol import control
from server.protocol.enums import PROTOCOL_VERSION, EnvelopeKind, Topic
from server.protocol.errors import LocalProtocolError, RemoteProtocolError
from server.protocol.records import ALL_RECORDS, ENVELOPE

MESSAGE_BYTES_MAX: Final = 1 << 20
REQUEST_BYTES_MAX: Final = 1 << 16
ENVELOPE_BYTES: Final = ENVELOPE.itemsize
TOPIC_BYTES: Final = 5

Records = NDArray[np.void]

_ENVELOPE_KINDS = frozenset(int(kind) for kind in EnvelopeKind)
_TOPICS = frozenset(int(topic) for topic in Topic)
_request_decoder = msgspec.msgpack.Decoder(control.AnyRequest)
_reply_decoder = msgspec.msgpack.Decoder(control.AnyReply)
_encoder = msgspec.msgpack.Encoder()


def encode_message(envelope: Records, records: Records | None = None) -> bytes:
    """One frame: the envelope (shape (1,)), its `count` set here, and the records after it."""
    envelope["version"] = PROTOCOL_VERSION
    envelope["count"] = 0 if records is None else len(records)
    message: bytes = envelope.tobytes() if records is None else envelope.tobytes() + records.tobytes()
    if len(message) > MESSAGE_BYTES_MAX:
        raise LocalProtocolError(f"message of {len(message)} bytes, the limit is {MESSAGE_BYTES_MAX}")
    return message


def decode_envelope(message: bytes | memoryview) -> np.void:
    """The envelope at the head of a frame. Raises `RemoteProtocolError` on a wrong size, kind or version."""
    size = len(message)
    if size < ENVELOPE_BYTES or size > MESSAGE_BYTES_MAX:
        raise RemoteProtocolError(f"message of {size} bytes")
    envelope: np.void = np.frombuffer(message, ENVELOPE, 1)[0]
    if envelope["version"] != PROTOCOL_VERSION:
        raise RemoteProtocolError(f"protocol version {envelope['version']}")
    if int(envelope["kind"]) not in _ENVELOPE_KINDS:
        raise RemoteProtocolError(f"envelope kind {envelope['kind']}")
    return envelope


def decode_records(message: bytes | memoryview, count: int, layout: np.dtype[np.void]) -> Records:
    """The records behind the envelope, as a read-only view. Raises `RemoteProtocolError` unless they fill the frame."""
    if len(message) != ENVELOPE_BYTES + count * layout.itemsize:
        raise RemoteProtocolError(f"{count} records of {layout.itemsize} bytes in {len(message)} bytes")
    return np.frombuffer(message, layout, count, ENVELOPE_BYTES)


def encode_topic(topic: int, instrument: int) -> bytes:
    """The five bytes of a market data topic."""
    return bytes((topic,)) + instrument.to_bytes(4, "big")


def decode_topic(frame: bytes) -> tuple[Topic, int]:
    """Topic and instrument of a market data message. Raises `RemoteProtocolError` on anything else."""
    if len(frame) != TOPIC_BYTES or frame[0] not in _TOPICS:
        raise RemoteProtocolError(f"topic of {len(frame)} bytes")
    return Topic(frame[0]), int.from_bytes(frame[1:], "big")


def encode_control(message: control.Request | control.Reply) -> bytes:
    """A request or reply as MessagePack."""
    return _encoder.encode(message)


def decode_request(frame: bytes | memoryview) -> control.AnyRequest:
    """A client's request. Raises `RemoteProtocolError` on an unknown tag, a wrong type or a frame too large."""
    if len(frame) > REQUEST_BYTES_MAX:
        raise RemoteProtocolError(f"request of {len(frame)} bytes, the limit is {REQUEST_BYTES_MAX}")
    try:
        request: control.AnyRequest = _request_decoder.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RemoteProtocolError(f"request: {error}") from error
    return request


def decode_reply(frame: bytes | memoryview) -> control.AnyReply:
    """A server's reply. Raises `RemoteProtocolError` as `decode_request` does."""
    if len(frame) > MESSAGE_BYTES_MAX:
        raise RemoteProtocolError(f"reply of {len(frame)} bytes, the limit is {MESSAGE_BYTES_MAX}")
    try:
        reply: control.AnyReply = _reply_decoder.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RemoteProtocolError(f"reply: {error}") from error
    return reply


def decode_bulk(reply: control.Records, name: str) -> Records:
    """The records that a reply carries, as a read-only view. Raises `RemoteProtocolError` on another layout or size."""
    if reply.layout != name:
        raise RemoteProtocolError(f"records of {reply.layout[:40]!r} where {name} was asked for")
    return decode_rows(reply.records, name)


def decode_rows(content: bytes, name: str) -> Records:
    """Bytes that are records of the layout `name` and nothing else. Raises `RemoteProtocolError` on another size."""
    layout = ALL_RECORDS[name]
    if len(content) % layout.itemsize:
        raise RemoteProtocolError(f"{len(content)} bytes, and a {name} has {layout.itemsize}")
    return np.frombuffer(content, layout)
