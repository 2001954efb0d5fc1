"""The engine's state at a start: from the newest snapshot that can be believed, else from the journal alone.

Rules: a snapshot stands for the journal before it if its words are of this build, its frame is in this journal,
and the event log reaches so far that nothing published is missing behind it. What is wrong with one is noted, and the
one before takes its place. Where the journal begins later, because its first segments were archived, one of them has
to.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from server.engine.exchange import Exchange
from server.engine.kernel import Words
from server.journal.errors import JournalIncomplete, SnapshotUnusable
from server.journal.event_log import EventLog
from server.journal.journal import Journal
from server.journal.recovery import incomplete
from server.journal.snapshot import SnapshotHead, Start
from server.journal.snapshot_store import SnapshotStore


@dataclass(slots=True)
class Candidates:
    """The snapshots whose heads may be believed, newest first, and what was wrong with the others."""

    heads: list[SnapshotHead] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    store: SnapshotStore | None = None
    _loaded: tuple[SnapshotHead, Exchange] | None = None

    @property
    def starts(self) -> Iterator[Start]:
        """Where the journal may begin: each snapshot is read whole before it is named.

        So a journal that is opened with these is not changed for the sake of a snapshot that turns out to be damaged.
        """
        for head in list(self.heads):
            try:
                self._loaded = None
                self._loaded = head, self.load(head)
            except (SnapshotUnusable, OSError) as error:
                self.heads.remove(head)
                self.notes.append(note(head.name, error))
            else:
                yield head.start

    def load(self, head: SnapshotHead) -> Exchange:
        """The exchange in the snapshot's state, read once if it was read just now. Raises SnapshotUnusable, OSError."""
        assert self.store is not None, "there are heads only of a store"
        loaded, self._loaded = self._loaded, None
        return loaded[1] if loaded is not None and loaded[0] == head else self.store.load(head)


@dataclass(slots=True)
class Snapshots:
    """The snapshots of an exchange. `threaded` False: new ones are written by the loop itself."""

    store: SnapshotStore
    found: Candidates
    threaded: bool = True


def candidates(store: SnapshotStore) -> Candidates:
    """Look at the heads of all snapshots. Damage is noted, and so is a disk that does not give them."""
    found = Candidates(store=store)
    try:
        for name in store.names():
            try:
                found.heads.append(store.head(name))
            except (SnapshotUnusable, OSError) as error:
                found.notes.append(note(name, error))
    except OSError as error:
        found.notes.append(f"The snapshots cannot be listed: {error}")
    return found


@contextmanager
def explained(found: Candidates) -> Iterator[None]:
    """Where a journal is opened: if it begins later than any snapshot, say also what was wrong with the snapshots."""
    try:
        yield
    except JournalIncomplete as error:
        raise JournalIncomplete(" ".join([str(error), *found.notes])) from error


def note(name: str, error: object) -> str:
    """One sentence."""
    return f"The snapshot {name} is not used: {error}"


@dataclass(slots=True)
class Restored:
    """The engine up to `head.sequence`, the journal ready to replay what follows; notes are for the log."""

    exchange: Exchange
    head: SnapshotHead | None = None
    notes: list[str] = field(default_factory=list)
    store: SnapshotStore | None = None

    def first_state(self) -> Words | None:
        """The memory that the exchange began with, read again; None: it began with nothing.

        Raises SnapshotUnusable, OSError.
        """
        return None if self.store is None or self.head is None else self.store.load(self.head).memory


def restore(journal: Journal, event_log: EventLog, snapshots: Snapshots) -> Restored:
    """Choose, and have the journal read what it lacks. Raises JournalError where neither way is open.

    The journal was opened with the starts of what was found; normally it stands at the first of them.
    """
    store, found = snapshots.store, snapshots.found
    notes = list(found.notes)
    start = journal.recovered.start
    for head in found.heads:
        try:
            if start is None or head.sequence > start.sequence:
                raise SnapshotUnusable("its frame is not in this journal")
            if journal.skips.contradict(head.sequence):
                raise SnapshotUnusable("a command that it stands for has been skipped since")
            if head.output_sequence > event_log.last_command_sequence:
                raise SnapshotUnusable(f"the event log ends before it, at {event_log.last_command_sequence}")
            if head.start != start:
                older = [other.start for other in found.heads if other.sequence <= head.sequence]
                start = journal.begin_at(older).start
                if start != head.start:
                    raise SnapshotUnusable("its frame is not in this journal")
            return Restored(found.load(head), head, notes, store)
        except (SnapshotUnusable, OSError) as error:
            notes.append(note(head.name, error))
    if start is not None:
        journal.begin_at([])
    if journal.recovered.begins_after:
        raise incomplete(journal.recovered, notes)
    return Restored(Exchange(journal.shard), None, notes)
