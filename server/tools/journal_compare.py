"""What a replay gives beside what was published: every event and market data record, byte for byte.

Rules: the event log may end before the journal does, never say something else. The first difference ends it.
"""

from pathlib import Path

import numpy as np

from server.engine.exchange import Outputs
from server.journal.event_log_reader import EventLogReader
from server.journal.framing import FrameKind
from server.protocol.codec import Records
from server.protocol.records import BOOK_RECORD, EVENT
from server.tools.journal_text import describe_event, describe_market_data

_COMMAND_OF = {FrameKind.EVENTS: "command_sequence", FrameKind.MARKET_DATA: "sequence"}
_LAYOUTS = {FrameKind.EVENTS: EVENT, FrameKind.MARKET_DATA: BOOK_RECORD}
_DESCRIBE = {FrameKind.EVENTS: describe_event, FrameKind.MARKET_DATA: describe_market_data}
_NAMES = {FrameKind.EVENTS: "event", FrameKind.MARKET_DATA: "market data record"}


class LogComparison:
    """Follows the event log of a data directory beside a replay; `difference` says in lines what is not the same."""

    def __init__(self, directory: Path) -> None:
        """Raises OSError."""
        self._reader = EventLogReader.open(directory)
        self._logged = {kind: bytearray() for kind in _LAYOUTS}
        self._is_read = False
        self._compared = dict.fromkeys(_LAYOUTS, 0)
        self.difference = ""

    def take(self, outputs: Outputs) -> None:
        """Compare what came next. Raises LogRewound, JournalSealed, OSError."""
        for kind, records in ((FrameKind.EVENTS, outputs.events), (FrameKind.MARKET_DATA, outputs.market_data)):
            if not self.difference:
                self._compare(kind, records)

    def _compare(self, kind: FrameKind, records: Records) -> None:
        ours, logged = records.tobytes(), self._logged[kind]
        while len(logged) < len(ours) and not self._is_read:
            self._fill()
        size = min(len(ours), len(logged))
        if ours[:size] != logged[:size]:
            self._point_at(kind, ours[:size], bytes(logged[:size]))
        self._compared[kind] += size // _LAYOUTS[kind].itemsize
        del logged[:size]

    def _fill(self) -> None:
        groups = self._reader.poll()
        self._is_read = not groups
        for kind, records in groups:
            self._logged[kind] += records.tobytes()

    def _point_at(self, kind: FrameKind, ours: bytes, logged: bytes) -> None:
        layout = _LAYOUTS[kind]
        one, other = (np.frombuffer(content, np.uint8).reshape(-1, layout.itemsize) for content in (ours, logged))
        at = int(np.flatnonzero((one != other).any(axis=1))[0])
        number = self._compared[kind] + at + 1
        said = [_DESCRIBE[kind](np.frombuffer(content, layout)[at]) for content in (logged, ours)]
        self.difference = f"{_NAMES[kind]} {number} is another one\n< published {said[0]}\n> replayed  {said[1]}"

    def judgement(self, last_sequence: int, *, is_end: bool) -> str:
        """What was found, when the replay stands behind `last_sequence`; `is_end`: of the journal. Raises as `take`."""
        while is_end and not self._is_read and not self.difference:
            self._fill()
        for kind, logged in self._logged.items():
            rest = np.frombuffer(bytes(logged), _LAYOUTS[kind])
            more = rest[rest[_COMMAND_OF[kind]] <= last_sequence]
            if len(more) and not self.difference:
                self.difference = f"a {_NAMES[kind]} was published that no replay gives\n< {_DESCRIBE[kind](more[0])}"
        if self.difference:
            return f"event log: different: {self.difference}"
        if not any(self._compared.values()):
            return "event log: empty, nothing was compared"
        compared = ", ".join(f"{count:,} {_NAMES[kind]}s" for kind, count in self._compared.items())
        return f"event log: the same, {compared}"
