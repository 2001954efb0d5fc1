"""The codec: what it writes it reads, and what it refuses it refuses as the right kind of error."""

import math
import typing

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol import codec, control
from server.protocol.enums import EnvelopeKind, Topic
from server.protocol.errors import LocalProtocolError, RemoteProtocolError
from server.protocol.records import ALL_RECORDS, COMMAND, ENVELOPE
from tests.protocol.samples import reply_types, request_types, sample_record, sample_struct


def message(count: int = 2) -> bytes:
    """A well-formed message of commands."""
    envelope = np.zeros(1, ENVELOPE)
    envelope["kind"] = EnvelopeKind.COMMANDS
    return codec.encode_message(envelope, np.repeat(sample_record(COMMAND), count))


def test_a_message_is_read_as_it_was_written() -> None:
    frame = message(3)
    envelope = codec.decode_envelope(frame)
    assert envelope["count"] == 3
    records = codec.decode_records(frame, int(envelope["count"]), COMMAND)
    assert records.tobytes() == np.repeat(sample_record(COMMAND), 3).tobytes()
    with pytest.raises(ValueError, match="read-only"):
        records["price"] = 1


def test_an_empty_message_is_an_envelope() -> None:
    envelope = np.zeros(1, ENVELOPE)
    envelope["kind"] = EnvelopeKind.HEARTBEAT
    frame = codec.encode_message(envelope)
    assert len(frame) == codec.ENVELOPE_BYTES
    assert codec.decode_envelope(frame)["count"] == 0


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x01",
        message()[: codec.ENVELOPE_BYTES - 1],
        b"\x00" * 64,
        b"\xff" * 64,
        b"\x01\x02" + b"\x00" * 62,
        b"\x63\x01" + b"\x00" * 62,
        message() + b"\x00" * codec.MESSAGE_BYTES_MAX,
    ],
    ids=["empty", "byte", "short", "zeros", "ones", "version", "kind", "oversized"],
)
def test_a_broken_envelope_is_the_peers_fault(frame: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        codec.decode_envelope(frame)


@pytest.mark.parametrize("change", [-1, 1, -COMMAND.itemsize, COMMAND.itemsize])
def test_records_fill_the_frame_exactly(change: int) -> None:
    frame = message(2)
    wrong = frame[:change] if change < 0 else frame + b"\x00" * change
    with pytest.raises(RemoteProtocolError):
        codec.decode_records(wrong, 2, COMMAND)


def test_a_count_that_overflows_is_refused() -> None:
    with pytest.raises(RemoteProtocolError):
        codec.decode_records(message(2), 0xFFFF_FFFF, COMMAND)


def test_our_own_oversized_message_is_our_fault() -> None:
    envelope = np.zeros(1, ENVELOPE)
    envelope["kind"] = EnvelopeKind.COMMANDS
    with pytest.raises(LocalProtocolError):
        codec.encode_message(envelope, np.zeros(codec.MESSAGE_BYTES_MAX // COMMAND.itemsize, COMMAND))


@given(st.sampled_from(list(Topic)), st.integers(0, 0xFFFF_FFFF))
def test_topics_come_back(topic: Topic, instrument: int) -> None:
    assert codec.decode_topic(codec.encode_topic(topic, instrument)) == (topic, instrument)


@pytest.mark.parametrize("frame", [b"", b"\x01", b"\x00" * 5, b"\xff" * 5, b"\x01" * 6])
def test_a_broken_topic_is_refused(frame: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        codec.decode_topic(frame)


@pytest.mark.parametrize("kind", request_types(), ids=lambda kind: kind.__name__)
def test_requests_come_back(kind: type[control.Request]) -> None:
    request = sample_struct(kind)
    assert codec.decode_request(codec.encode_control(request)) == request


@pytest.mark.parametrize("kind", reply_types(), ids=lambda kind: kind.__name__)
def test_replies_come_back(kind: type[control.Reply]) -> None:
    reply = sample_struct(kind)
    assert codec.decode_reply(codec.encode_control(reply)) == reply


@pytest.mark.parametrize("kind", request_types(), ids=lambda kind: kind.__name__)
def test_a_shorter_request_of_an_older_client_is_understood(kind: type[control.Request]) -> None:
    fields = msgspec.structs.fields(kind)
    optional = sum(not field.required for field in fields if field.name != "request_id")
    whole = msgspec.msgpack.decode(codec.encode_control(sample_struct(kind)))
    for left_out in range(1, optional + 1):
        decoded = codec.decode_request(msgspec.msgpack.encode(whole[:-left_out]))
        assert isinstance(decoded, kind)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1.5])
def test_no_number_of_a_request_may_be_nan_infinite_or_broken(number: float) -> None:
    refused = 0
    for kind in request_types():
        whole = msgspec.msgpack.decode(codec.encode_control(sample_struct(kind)))
        for place, value in enumerate(whole):
            if isinstance(value, int):
                frame = msgspec.msgpack.encode([*whole[:place], number, *whole[place + 1 :]])
                with pytest.raises(RemoteProtocolError):
                    codec.decode_request(frame)
                refused += 1
    assert refused >= len(request_types())


def test_no_field_of_the_protocol_is_a_float() -> None:
    for kind in (*request_types(), *reply_types(), control.Instrument, control.Account):
        for field in msgspec.structs.fields(kind):
            assert float not in (field.type, *typing.get_args(field.type)), f"{kind.__name__}.{field.name}"
    for name, layout in ALL_RECORDS.items():
        for field_name in layout.names or ():
            assert layout[field_name].base.kind != "f", f"{name}.{field_name}"


def test_oversized_control_frames_are_refused() -> None:
    with pytest.raises(RemoteProtocolError):
        codec.decode_request(b"\x90" * (codec.REQUEST_BYTES_MAX + 1))
    with pytest.raises(RemoteProtocolError):
        codec.decode_reply(b"\x90" * (codec.MESSAGE_BYTES_MAX + 1))
