"""The packed envelope is the layout of the records, byte for byte."""

import numpy as np
import pytest

from server.gateway.frames import ENVELOPE_STRUCT, HEAD_STRUCT, FrameWriter, ServerIdentity
from server.protocol.codec import decode_envelope, decode_records
from server.protocol.enums import Durability, EnvelopeKind, FaultCode, Mode
from server.protocol.records import ENVELOPE, EVENT


def test_the_structure_is_the_layout() -> None:
    values = tuple(range(1, 16))
    row = np.frombuffer(ENVELOPE_STRUCT.pack(*values), ENVELOPE)[0]
    assert tuple(row.tolist()) == values
    head = HEAD_STRUCT.unpack_from(row.tobytes())
    assert head == values[:13]


@pytest.fixture
def writer() -> FrameWriter:
    return FrameWriter(ServerIdentity(epoch=5, mode=Mode.DEMO, durability=Durability.OS))


def test_records_follow_their_envelope(writer: FrameWriter) -> None:
    events = np.zeros(3, EVENT)
    events["sequence"] = [7, 8, 9]
    frame = writer.records(EnvelopeKind.EVENTS, events, session=4, sequence=70, engine_sequence=6, time_ns=99)
    envelope = decode_envelope(frame)
    for name, value in {
        "kind": EnvelopeKind.EVENTS, "count": 3, "epoch": 5, "mode": Mode.DEMO, "durability": Durability.OS,
        "session": 4,
        "sequence": 70, "engine_sequence": 6, "time_ns": 99, "code": 0, "shard": 1,
    }.items():  # fmt: skip
        assert envelope[name] == value, name
    assert decode_records(frame, 3, EVENT)["sequence"].tolist() == [7, 8, 9]


def test_faults_and_heartbeats_stand_alone(writer: FrameWriter) -> None:
    fault = decode_envelope(writer.fault(FaultCode.MALFORMED, session=4, time_ns=1))
    assert (fault["kind"], fault["code"], fault["count"]) == (EnvelopeKind.FAULT, FaultCode.MALFORMED, 0)
    beat = decode_envelope(writer.heartbeat(session=4, next_sequence=12, engine_sequence=9, time_ns=1, echo_time_ns=77))
    assert (beat["kind"], beat["sequence"], beat["echo_time_ns"]) == (EnvelopeKind.HEARTBEAT, 12, 77)
