"""The envelope as one packed structure, for the hot path: reading a head and writing one without numpy.

Rules: byte for byte the layout `ENVELOPE` of `server/protocol/records.py`, which a test compares.
"""

import struct
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from server.protocol.enums import PROTOCOL_VERSION, EnvelopeKind
from server.protocol.records import ENVELOPE

ENVELOPE_STRUCT = struct.Struct("<BBHIIBBHIIQQqqQ")
HEAD_STRUCT = struct.Struct("<BBHIIBBHIIQQq")
"""The envelope up to and with `time_ns`, which is all that a client's message says."""
ENVELOPE_SIZE = ENVELOPE_STRUCT.size
assert ENVELOPE.itemsize == ENVELOPE_SIZE


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """What every envelope of the server says about it."""

    epoch: int
    mode: int
    durability: int
    shard: int = 1


class FrameWriter:
    """Makes the server's frames. One object a server; it has no state but the identity."""

    __slots__ = ("_durability", "_epoch", "_mode", "_pack", "_shard")

    def __init__(self, identity: ServerIdentity) -> None:
        self._epoch = identity.epoch
        self._mode = identity.mode
        self._durability = identity.durability
        self._shard = identity.shard
        self._pack = ENVELOPE_STRUCT.pack

    def records(
        self,
        kind: int,
        records: NDArray[Any],
        *,
        session: int = 0,
        instrument: int = 0,
        sequence: int = 0,
        engine_sequence: int = 0,
        time_ns: int = 0,
    ) -> bytes:
        """An envelope and its records; `sequence` is the stream's number of the first of them."""
        return self.content(
            kind, len(records), records.tobytes(), session, instrument, sequence, engine_sequence, time_ns
        )

    def content(
        self,
        kind: int,
        count: int,
        content: bytes,
        session: int = 0,
        instrument: int = 0,
        sequence: int = 0,
        engine_sequence: int = 0,
        time_ns: int = 0,
    ) -> bytes:
        """The same from the bytes of `count` records."""
        head = self._pack(
            kind, PROTOCOL_VERSION, self._shard, count, self._epoch, self._mode, self._durability, 0, session,
            instrument, sequence, engine_sequence, time_ns, 0, 0,
        )  # fmt: skip
        return head + content

    def fault(self, code: int, *, session: int, time_ns: int) -> bytes:
        """A FAULT: the session is closed, and why."""
        return self._bare(EnvelopeKind.FAULT, code=code, session=session, time_ns=time_ns)

    def drop_copy_mark(self, *, session: int, newest: int, engine_sequence: int, time_ns: int, code: int = 0) -> bytes:
        """A DROP_COPY without events: nothing came after `newest`; with a code the stream ends here."""
        return self._bare(
            EnvelopeKind.DROP_COPY, code=code, session=session, sequence=newest, engine_sequence=engine_sequence,
            time_ns=time_ns,
        )  # fmt: skip

    def heartbeat(
        self,
        *,
        session: int,
        next_sequence: int,
        engine_sequence: int,
        time_ns: int,
        echo_time_ns: int = 0,
        code: int = 0,
    ) -> bytes:
        """A private HEARTBEAT: the number of the user's next event, and the client's clock if it asked.

        `code` says why orders are refused at present (DISK_FULL, OVERLOADED), 0 if they are not.
        """
        return self._bare(
            EnvelopeKind.HEARTBEAT,
            code=code,
            session=session,
            sequence=next_sequence,
            engine_sequence=engine_sequence,
            time_ns=time_ns,
            echo_time_ns=echo_time_ns,
        )

    def _bare(
        self,
        kind: int,
        *,
        code: int = 0,
        session: int = 0,
        sequence: int = 0,
        engine_sequence: int = 0,
        time_ns: int = 0,
        echo_time_ns: int = 0,
    ) -> bytes:
        return self._pack(
            kind, PROTOCOL_VERSION, self._shard, 0, self._epoch, self._mode, self._durability, code, session, 0,
            sequence, engine_sequence, time_ns, echo_time_ns, 0,
        )  # fmt: skip
