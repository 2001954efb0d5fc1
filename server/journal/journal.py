"""The journal: every command that was decided, in order, in one place; the only source of recovery.

Rules: `append` takes one batch as one frame and returns at once; nothing that follows from a command may be
released before `durable_sequence` has reached it. Opening raises the epoch. Nothing is ever removed but a torn tail.
With keys every new segment is sealed; in `fsync` mode that is done off the loop, one frame for all that waits.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from server.journal import key_file
from server.journal.commit_mark import CommitFile, CommitMark
from server.journal.epochs import epoch_starts
from server.journal.errors import JournalFailed, JournalSealed, JournalUnreadable, LogConflict
from server.journal.framing import FrameFlag, FrameKind
from server.journal.group_commit import OS_SYNC_INTERVAL_S, GroupCommit, WakeSocket
from server.journal.kernel_sync import open_kernel_sync
from server.journal.key_file import KeyRing
from server.journal.lock import DirectoryLock
from server.journal.log import LogEnd
from server.journal.recovery import (
    Recovered,
    cut_tail,
    forgive_reserve,
    incomplete,
    read_journal,
    read_on,
    rewrite_tail,
)
from server.journal.replaying import REPLAY_BATCH, replayed
from server.journal.segment_writer import RESERVE_BYTES, SegmentWriter
from server.journal.segments import (
    SEGMENT_BYTES,
    FrameEncoder,
    Payload,
    has_sealed,
    segment_names,
)
from server.journal.skips import skip_command, skips_of
from server.journal.snapshot import Anchor, Start
from server.journal.storage import FileStorage, Storage
from server.protocol.codec import Records
from server.protocol.enums import Durability

DIRECTORY_NAME: Final = "journal"
_COMMANDS: Final = int(FrameKind.COMMANDS)
_HOLDS_SKIP: Final = int(FrameFlag.HOLDS_SKIP)


class Journal:
    """One open journal. Use `open`; `close` makes all of it durable."""

    def __init__(
        self, storage: Storage, *, shard: int = 1, durability: Durability = Durability.OS, threaded: bool = True,
        segment_bytes: int = SEGMENT_BYTES, lock: DirectoryLock | None = None,
        on_durable: Callable[[], None] | None = None, keys: KeyRing | None = None, reserve_bytes: int = 0,
        starts: Iterable[Start] = (),
    ) -> None:  # fmt: skip
        """Recover what `storage` holds and begin a new epoch. `threaded` False: the owner calls `commit` itself.

        `on_durable` is called by the thread that makes things durable; without it the kernel may do it, with no thread.

        The first of `starts` that lies in this journal spares the reading of what is before it.
        Raises JournalDamaged, JournalSealed, JournalUnreadable, JournalFailed, JournalIncomplete.
        """
        if durability == Durability.REPLICATED:
            raise ValueError("a replicated journal needs a replicated storage, which is not built yet")
        self._storage = storage
        self._lock = lock
        self._on_durable = on_durable
        self._writes_itself = durability == Durability.OS
        is_prompt = threaded and not self._writes_itself and on_durable is None
        kernel = open_kernel_sync() if is_prompt else None
        self._wake = kernel or WakeSocket()
        self._keys = keys
        commit = CommitFile(storage)
        try:
            mark = commit.load(journal_exists=bool(segment_names(storage)))
            self.recovered = read_journal(storage, shard, mark, keys, starts)
            if keys is None and any(part.is_sealed for part in self.recovered.segments):
                raise JournalSealed("The journal is sealed, and there is no key file beside it; restore the key file.")
            if self.recovered.begins_after and self.recovered.start is None:
                raise incomplete(self.recovered)
            self.skips = skips_of(storage, self.recovered.segments)
            cut_tail(storage, self.recovered)
            rewrite_tail(storage, self.recovered, mark.sequence)
            self.epoch = max(mark.epoch, self.recovered.epoch) + 1
            self.epochs = epoch_starts(storage, self.epoch, self.recovered.last_sequence + 1)
            commit.store_durably(self.epoch, self.recovered.last_sequence, self.recovered.command_chain)
        except OSError as error:
            raise JournalUnreadable(
                f"Cannot open the journal: {error.strerror or error} ({error.filename})."
            ) from error
        self._recovered_mark = commit.mark
        self.shard = shard
        self.durability = durability
        self.last_sequence = self.recovered.last_sequence
        self.last_time_ns = self.recovered.last_time_ns
        encoder = FrameEncoder(shard, self.epoch, self.recovered.ordinal, self.recovered.chain, segment_bytes, keys)
        self._writer = SegmentWriter(storage, encoder, reserve_bytes)
        self._writer.lay_reserve()
        interval_s = OS_SYNC_INTERVAL_S if self._writes_itself else 0.0
        end = (self.last_sequence, self.recovered.command_chain, self.recovered.ordinal)
        self._group = GroupCommit(
            storage, commit, self._writer, self.epoch, end, interval_s, self._moved, kernel=kernel
        )
        if threaded:
            self._group.start()

    @classmethod
    def open(
        cls, directory: Path, *, shard: int = 1, durability: Durability = Durability.OS,
        segment_bytes: int = SEGMENT_BYTES, on_durable: Callable[[], None] | None = None,
        wrap: Callable[[Storage], Storage] = lambda storage: storage, starts: Iterable[Start] = (),
    ) -> "Journal":  # fmt: skip
        """Lock the data directory and open its journal; `wrap` may put a failing storage between (tests).

        New segments are sealed under the directory's key file, which the first start makes.
        Raises DataDirectoryLocked, JournalDamaged, JournalSealed, JournalUnreadable.
        """
        lock = DirectoryLock(directory)
        try:
            storage = wrap(FileStorage(directory / DIRECTORY_NAME))
            keys = key_file.load_or_make(directory, has_sealed=has_sealed(storage))
            return cls(
                storage, shard=shard, durability=durability, segment_bytes=segment_bytes, lock=lock,
                on_durable=on_durable, keys=keys, reserve_bytes=RESERVE_BYTES, starts=starts,
            )  # fmt: skip
        except OSError as error:
            lock.release()
            raise JournalUnreadable(f"Cannot open {directory}: {error.strerror or error}.") from error
        except BaseException:
            lock.release()
            raise

    def begin_at(self, starts: Iterable[Start]) -> Recovered:
        """Read what was recovered once more, from another start on: the one that was used could not be.

        Raises JournalDamaged, JournalSealed, JournalIncomplete, OSError.
        """
        self.recovered = read_journal(self._storage, self.shard, self._recovered_mark, self._keys, starts)
        self.skips = skips_of(self._storage, self.recovered.segments)
        return self.recovered

    def replay(self, split_after: int = 0, batch: int = REPLAY_BATCH, after: int = 0) -> Iterator[Records]:
        """What was recovered after sequence `after`, in large batches that end at `split_after` if it lies inside one.

        A group of commands is never split: the batch goes on to its end. What is skipped is marked.
        """
        return replayed(
            self._storage, self.recovered.segments, self.skips, first_sequence=after + 1, split_after=split_after,
            batch=batch,
        )  # fmt: skip

    def read(self, first_sequence: int = 1, split_after: int = 0) -> Iterator[Records]:
        """Batches of the durable commands from there on, those of this start too; as `Log.read` says."""
        yield from replayed(
            self._storage, self.recovered.segments, self.skips, first_sequence=first_sequence, split_after=split_after
        )
        durable = self.durable_sequence()
        if durable <= self.recovered.last_sequence:
            return
        written = read_on(self._storage, self.shard, self.recovered, self._keys)
        for commands in replayed(self._storage, written.segments, self.skips, first_sequence=first_sequence):
            kept = commands[commands["sequence"] <= durable]
            if len(kept):
                yield kept
        if written.last_sequence < durable and written.damage is not None:
            raise written.damage

    def end(self) -> LogEnd:
        """Where the frames end that were written: after a restart too, the same for every copy of this journal."""
        sequence, chain, _ = self._group.written
        return LogEnd(self.epoch, sequence, chain)

    def append(self, commands: Records) -> None:
        """Journal one batch of stamped commands as one frame; as `append_bytes`."""
        first, last_time_ns = int(commands["sequence"][0]), int(commands["time_ns"][-1])
        self.append_bytes(commands.tobytes(), len(commands), first, last_time_ns, self.epoch)

    def append_bytes(
        self, commands: bytes | bytearray, count: int, first_sequence: int, last_time_ns: int, epoch: int
    ) -> None:
        """Journal `count` stamped commands, given as the bytes of COMMAND rows, as one frame; as `Log` says.

        Raises LogConflict, JournalFull (nothing of it was taken; it may come again), JournalFailed (stop the process).
        """
        if epoch != self.epoch or first_sequence != self.last_sequence + 1:
            raise self._conflict(epoch, first_sequence)
        self._append(Payload(_COMMANDS, count, first_sequence, last_time_ns, bytes(commands)), is_urgent=False)

    def append_skip(self, sequence: int, reason: int, time_ns: int) -> int:
        """Journal a SKIP of that command in a marked frame of its own; returns the SKIP's sequence.

        From here on `replay` and `read` mark that command. Whether it may be skipped is asked before:
        `skip_checks.objection`. Raises JournalFull, JournalFailed.
        """
        row = skip_command(self.shard, sequence, reason)
        row["sequence"], row["time_ns"] = self.last_sequence + 1, max(self.last_time_ns + 1, time_ns)
        payload = Payload(_COMMANDS, 1, self.last_sequence + 1, int(row["time_ns"][0]), row.tobytes(), _HOLDS_SKIP)
        self._append(payload, is_urgent=True)
        self.skips.note(row)
        return self.last_sequence

    def append_urgent_bytes(
        self, commands: bytes | bytearray, count: int, first_sequence: int, last_time_ns: int, epoch: int
    ) -> None:
        """The same for commands that must be taken when the disk is full: they may go into the reserve."""
        if epoch != self.epoch or first_sequence != self.last_sequence + 1:
            raise self._conflict(epoch, first_sequence)
        self._append(Payload(_COMMANDS, count, first_sequence, last_time_ns, bytes(commands)), is_urgent=True)

    def _append(self, payload: Payload, *, is_urgent: bool) -> None:
        first_sequence, group = payload.first_sequence, self._group
        if group.failure is not None:
            raise group.failure
        if group.full is not None and not (is_urgent and group.has_reserve_for(len(payload.content))):
            raise group.full
        last = first_sequence + payload.records - 1
        if self._writes_itself:
            writer = self._writer
            writer.put(payload, is_urgent=is_urgent)
            group.written = (last, writer.encoder.chain, writer.encoder.ordinal)
        else:
            group.push(payload, is_urgent=is_urgent)
        self.last_sequence = last
        self.last_time_ns = payload.time_ns

    def _conflict(self, epoch: int, first_sequence: int) -> LogConflict:
        return LogConflict(
            f"An append of sequence {first_sequence} in epoch {epoch} met a journal that ends at {self.last_sequence}"
            f" in epoch {self.epoch}; nothing was taken."
        )

    def durable_sequence(self) -> int:
        """The highest command sequence whose effects may be released. Raises JournalFailed."""
        group = self._group
        group.on_wake()
        if group.failure is not None:
            raise group.failure
        return self.last_sequence if self._writes_itself else group.durable

    def synced_sequence(self) -> int:
        """The highest command sequence that would survive a power cut, in any mode."""
        return self._group.durable

    def secured_anchor(self) -> tuple[int, Anchor]:
        """The epoch, and the newest durable frame, once the commit mark that tells of it is flushed. Raises OSError."""
        sequence, chain, ordinal = self._group.marked
        self._group.sync_mark()
        return self.epoch, Anchor(sequence, chain, ordinal)

    @property
    def is_full(self) -> bool:
        """True while frames wait for space on the disk, or nothing but what is urgent is taken."""
        return self._group.full is not None or self._writer.is_on_reserve

    @property
    def queued(self) -> int:
        """Frames that are not on the disk yet."""
        return self._group.queued()

    @property
    def wake_fd(self) -> int:
        """Readable when `durable_sequence` has moved or raises (`fsync` mode); call `clear_wake` after it was."""
        return self._wake.fileno()

    def clear_wake(self) -> None:
        """Make `wake_fd` unreadable; ask `durable_sequence` after this, not before."""
        self._wake.clear()
        self._group.on_wake()

    def counters(self) -> dict[str, int]:
        """How far it is, what waits, and what fsync took: write, fsync and mark together."""
        group = self._group
        return {
            "journal.sequence": self.last_sequence,
            "journal.durable_sequence": self.durable_sequence(),
            "journal.synced_sequence": group.durable,
            "journal.syncs": group.syncs,
            "journal.sync_last_ns": group.sync_last_ns,
            "journal.sync_max_ns": group.sync_max_ns,
            "journal.queued": group.queued(),
            "journal.full": int(self.is_full),
        }

    def commit(self) -> None:
        """One commit by the caller, for an owner without a thread. Raises JournalFailed."""
        self._group.commit()

    def settle(self) -> None:
        """Make everything durable now; nothing is appended after this. Raises JournalFailed, JournalFull."""
        self._group.stop()

    def close(self) -> None:
        """Make everything durable and give the directory free. Raises JournalFailed, JournalFull."""
        try:
            self._group.stop()
            self._writer.close()
        finally:
            self._storage.close()
            self._wake.close()
            if self._lock is not None:
                self._lock.release()

    def _moved(self) -> None:
        if not self._writes_itself or self._group.failure is not None:
            if self._on_durable is not None:
                self._on_durable()
            self._wake.set()


def read_only(directory: Path, shard: int = 1) -> tuple[FileStorage, Recovered]:
    """Verify a journal without locking or changing it. Raises JournalDamaged, JournalFailed where there is none.

    Without the key file the chain is verified all the same, and the commands of sealed segments cannot be had.
    """
    if not (directory / DIRECTORY_NAME).is_dir():
        raise JournalFailed(f"There is no journal in {directory}.")
    storage = FileStorage(directory / DIRECTORY_NAME, create=False)
    found = read_journal(storage, shard, mark_of(storage), key_file.load(directory))
    forgive_reserve(storage, found)
    return storage, found


def mark_of(storage: Storage) -> CommitMark:
    """The commit mark of a journal. Raises JournalDamaged, OSError."""
    return CommitFile(storage).load(journal_exists=bool(segment_names(storage)))
