"""Who reads the event log from outside, and the last check: the journal alone gives all that was published.

Rules: a follower begins again from nothing when the log was cut behind it, as the history process does. At the end
what it has is what the log has, and that is what a fresh engine makes of the journal.
"""

import numpy as np

from server.engine.exchange import Exchange
from server.journal.errors import LogRewound
from server.journal.event_log_reader import EventLogReader
from server.journal.framing import FrameKind
from server.journal.journal import Journal
from server.journal.key_file import KeyRing
from tests.simulator.disk import SimulatedDisk
from tests.simulator.faults import Counts
from tests.simulator.schedule import MILLISECOND, Schedule
from tests.simulator.verdict import Wrong


class Follower:
    """One reader with a cursor, polling now and then."""

    def __init__(self, schedule: Schedule, counts: Counts, disk: SimulatedDisk, keys: KeyRing) -> None:
        self._schedule = schedule
        self._counts = counts
        self._disk = disk
        self._keys = keys
        self._reader = EventLogReader(disk, keys=lambda: keys)
        self._found: dict[FrameKind, list[bytes]] = {}
        self._plan()

    def _plan(self) -> None:
        self._schedule.between(20 * MILLISECOND, 400 * MILLISECOND, self._poll)

    def _poll(self) -> None:
        self.read()
        self._plan()

    def read(self) -> bool:
        """Take all that is new; True if it has to begin again, because the log was cut behind it."""
        try:
            while groups := self._reader.poll():
                for kind, records in groups:
                    self._found.setdefault(kind, []).append(records.tobytes())
        except LogRewound:
            self._counts["follower.rewound"] += 1
            self._reader = EventLogReader(self._disk, keys=lambda: self._keys)
            self._found.clear()
            return True
        except FileNotFoundError:
            self._counts["follower.no_file"] += 1
        return False

    def content(self) -> tuple[bytes, bytes]:
        """Events and market data, as bytes."""
        return b"".join(self._found.get(FrameKind.EVENTS, [])), b"".join(self._found.get(FrameKind.MARKET_DATA, []))


def check_replay(journal: Journal, exchange: Exchange, followers: list[Follower]) -> None:
    """A fresh engine on the journal comes to the same state, and to what every follower has."""
    again = Exchange(1)
    events: list[bytes] = []
    market_data: list[bytes] = []
    for commands in journal.replay(batch=1000):
        outputs = again.apply(commands)
        events.append(outputs.events.tobytes())
        market_data.append(outputs.market_data.tobytes())
    if again.state_hash() != exchange.state_hash():
        raise Wrong(f"the journal gives another state than the server had at {exchange.sequence}")
    wanted = b"".join(events), b"".join(market_data)
    for number, follower in enumerate(followers):
        found = follower.content()
        for name, ours, theirs in zip(("events", "market data"), found, wanted, strict=True):
            if ours != theirs:
                size = min(len(ours), len(theirs))
                same = np.frombuffer(ours, np.uint8, size) == np.frombuffer(theirs, np.uint8, size)
                first = size if same.all() else int(np.argmin(same))
                raise Wrong(
                    f"follower {number} has {len(ours)} bytes of {name}, the journal gives {len(theirs)}: "
                    f"they differ from byte {first} on"
                )
