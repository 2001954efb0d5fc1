"""What is fuzzed: each decoder of bytes from outside, a corpus of good inputs, and the errors that it may raise.

Rule: a new decoder of bytes from a socket or a file gets its target here.
"""

import tempfile
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from server.journal import manifest
from server.journal.commit_mark import CommitMark, decode_slot, encode_slot
from server.journal.errors import JournalDamaged
from server.journal.framing import (
    NO_CHAIN,
    FrameDamaged,
    FrameKind,
    decode_segment_head,
    encode_frame,
    encode_segment_head,
)
from server.journal.key_file import KeyRing
from server.journal.manifest import BackupUnusable
from server.journal.recovery import Recovered, commands_of, read_journal
from server.journal.seal import new_seal
from server.journal.segments import segment_name
from server.protocol import codec
from server.protocol.enums import EnvelopeKind, MarketDataKind, Topic
from server.protocol.errors import RemoteProtocolError
from server.protocol.records import ALL_RECORDS, COMMAND, ENVELOPE
from server.settings import Reference, SettingsError, decode_reference, encode_reference
from server.tools.replay_messages import DayUnreadable, read_day
from tests.architecture.source_tree import PROJECT
from tests.fuzz.client_targets import CLIENT_TARGETS
from tests.fuzz.history_targets import HISTORY_TARGETS
from tests.fuzz.snapshot_targets import SNAPSHOT_TARGETS
from tests.fuzz.target import Target
from tests.protocol.samples import reply_types, request_types, sample_record, sample_struct


def frame(kind: EnvelopeKind, record: str, count: int) -> bytes:
    """A well-formed message."""
    envelope = np.zeros(1, ENVELOPE)
    envelope["kind"] = kind
    envelope["session"] = 7
    return codec.encode_message(envelope, np.repeat(sample_record(ALL_RECORDS[record]), count))


def decode_message(data: bytes) -> Any:
    """What each receiver of an enveloped message does: the envelope, then records of the layout it expects."""
    envelope = codec.decode_envelope(data)
    kind = EnvelopeKind(int(envelope["kind"]))
    layout = {EnvelopeKind.COMMANDS: "COMMAND", EnvelopeKind.EVENTS: "EVENT"}.get(kind, "BOOK_RECORD")
    return codec.decode_records(data, int(envelope["count"]), ALL_RECORDS[layout])


def check_message(data: bytes, records: Any) -> None:
    """Decoded records are the bytes behind the envelope, all of them."""
    assert records.tobytes() == data[codec.ENVELOPE_BYTES :]


def check_control(data: bytes, message: Any) -> None:
    """What was understood can be written and read again."""
    again = codec.encode_control(message)
    decode = codec.decode_request if isinstance(message, request_types()) else codec.decode_reply
    assert decode(again) == message


class OneSegment:
    """A storage that holds one segment in memory, for reading alone."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def names(self) -> list[str]:
        """The one name."""
        return [segment_name(1)]

    def size(self, name: str) -> int:
        """Of the segment."""
        return len(self._data)

    def read(self, name: str, offset: int = 0, count: int = -1) -> bytes:
        """Of the segment."""
        return self._data[offset:] if count < 0 else self._data[offset : offset + count]


def journal_segment(keys: KeyRing | None = None) -> tuple[bytes, bytes]:
    """A segment of twelve frames with 1 to 12 commands each, sealed if there are keys, and all commands of it."""
    seal, slots = (None, b"") if keys is None else new_seal(1, keys)
    data, chain = encode_segment_head(1, 3, 1, 1, NO_CHAIN, slots)
    sequence, commands = 1, b""
    for count in range(1, 13):
        rows = np.repeat(sample_record(COMMAND), count)
        rows["sequence"] = np.arange(sequence, sequence + count)
        frame_bytes, chain = encode_frame(
            FrameKind.COMMANDS, 0, 1, 3, count, sequence, 1000 + sequence, rows.tobytes(), chain, seal
        )
        data += frame_bytes
        commands += rows.tobytes()
        sequence += count
    return data, commands


SEGMENT, COMMANDS = journal_segment()
KEYS = KeyRing({1: bytes(range(32))})
SEALED_SEGMENT, _ = journal_segment(KEYS)


def recover(data: bytes) -> Recovered:
    """Recovery without a commit mark: everything may be cut, nothing may be invented."""
    return read_journal(OneSegment(data), 1, CommitMark(0, 0, NO_CHAIN), KEYS)  # type: ignore[arg-type]


def check_recovered(data: bytes, found: Recovered) -> None:
    """What is recovered is a beginning of what was written."""
    recovered = b"".join(commands_of(data, part).tobytes() for part in found.segments if part.end)
    assert COMMANDS.startswith(recovered)
    assert len(recovered) == found.last_sequence * COMMAND.itemsize


def day_text() -> bytes:
    """The first lines of the golden day of each kind of message."""
    lines = (PROJECT / "tests" / "golden" / "made-day.log").read_bytes().splitlines()
    kinds = {line.split(b"MsgType=", 1)[1][:3]: line for line in lines if b"MsgType=" in line}
    return b"\n".join([*kinds.values(), *lines[:6]])


def decode_day(data: bytes) -> Any:
    """A recorded day, by way of a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "day.txt"
        path.write_bytes(data)
        return read_day(path)


def manifest_text() -> bytes:
    """The manifest of a small backup."""
    files = [manifest.FileEntry(f"journal/{segment_name(1)}", 64, "00" * 32), manifest.FileEntry("server.pub", 41, "")]
    return msgspec.json.encode(
        manifest.Manifest(
            format=1, made_at="2026-11-20T10:00:00+00:00", shard=1, epoch=3, sequence=78, has_journal_key=False,
            files=files,
        )
    )  # fmt: skip


def check_manifest(_: bytes, found: manifest.Manifest) -> None:
    """No file lies outside of the backup."""
    place = Path("/backup")
    for entry in found.files:
        assert (place / entry.path).resolve().is_relative_to(place)
        assert (place / entry.path).resolve() != place


def reference_corpus() -> tuple[bytes, ...]:
    """Reference data as the demo and an operator would write it."""
    return (encode_reference(Reference()), b'{"currencies": [{"number": 1, "code": "CRD", "money_decimals": 4}]}')


TARGETS: Final = (
    Target(
        "message",
        (
            frame(EnvelopeKind.COMMANDS, "COMMAND", 3),
            frame(EnvelopeKind.EVENTS, "EVENT", 2),
            frame(EnvelopeKind.MARKET_DATA, "BOOK_RECORD", 4),
        ),
        decode_message,
        (RemoteProtocolError,),
        check_message,
    ),
    Target(
        "topic",
        (*(codec.encode_topic(topic, 7) for topic in Topic), bytes((MarketDataKind.ADD,)) * 5),
        codec.decode_topic,
        (RemoteProtocolError,),
        lambda data, found: None if codec.encode_topic(*found) == data else fail(found),
    ),
    Target(
        "request",
        tuple(codec.encode_control(sample_struct(kind)) for kind in request_types()),
        codec.decode_request,
        (RemoteProtocolError,),
        check_control,
    ),
    Target(
        "reply",
        tuple(codec.encode_control(sample_struct(kind)) for kind in reply_types()),
        codec.decode_reply,
        (RemoteProtocolError,),
        check_control,
    ),
    Target("journal", (SEGMENT, SEALED_SEGMENT), recover, (JournalDamaged,), check_recovered),
    Target(
        "segment head",
        (SEGMENT[64:128], SEALED_SEGMENT[64:256]),
        lambda data: decode_segment_head(data, 1),
        (FrameDamaged,),
    ),
    Target("backup manifest", (manifest_text(),), manifest.decode, (BackupUnusable,), check_manifest),
    Target("commit slot", (encode_slot(CommitMark(3, 78, b"12345678")),), decode_slot, ()),
    Target("reference json", reference_corpus(), lambda data: decode_reference(data, toml=False), (SettingsError,)),
    Target(
        "reference toml",
        (b'[[currencies]]\nnumber = 1\ncode = "CRD"\nmoney_decimals = 4\n',),
        lambda data: decode_reference(data, toml=True),
        (SettingsError,),
    ),
    Target("recorded day", (day_text(),), decode_day, (DayUnreadable,)),
    *SNAPSHOT_TARGETS,
    *HISTORY_TARGETS,
    *CLIENT_TARGETS,
)


def fail(found: Any) -> None:
    """A check that did not hold."""
    raise AssertionError(f"not what was written: {found}")
