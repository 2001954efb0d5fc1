"""Who reads the event log from outside, and the last check: the journal alone gives all that was published.

Rules: a follower begins again from nothing when the log was cut behind it, as the history process does. At the end
what it has is what the log has, and that is what a fresh engine makes of the journal.
"""

from dataclasses import dataclass

import numpy as np

from server.engine.exchange import Exchange
from server.journal.errors import LogRewound
from server.journal.event_log_reader import EventLogReader
from server.journal.framing import FrameKind
from server.journal.journal import Journal
from server.journal.key_file import KeyRing
from server.protocol.codec import Records
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


@dataclass(frozen=True)
class Replay:
    """What a fresh engine makes of the journal alone."""

    exchange: Exchange
    commands: Records
    events: Records
    market_data: Records


def replay_of(journal: Journal) -> Replay:
    """All of it."""
    exchange = Exchange(1)
    commands, events, market_data = [], [], []
    for batch in journal.replay(batch=1000):
        outputs = exchange.apply(batch)
        commands.append(batch)
        events.append(outputs.events.copy())
        market_data.append(outputs.market_data.copy())
    return Replay(exchange, np.concatenate(commands), np.concatenate(events), np.concatenate(market_data))


def check_followers(replay: Replay, exchange: Exchange, followers: list[Follower]) -> None:
    """The journal alone gives the server's state, and what every follower has. Raises Wrong."""
    if replay.exchange.state_hash() != exchange.state_hash():
        raise Wrong(f"the journal gives another state than the server had at {exchange.sequence}")
    wanted = replay.events.tobytes(), replay.market_data.tobytes()
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
