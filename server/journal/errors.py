"""What can go wrong with the files. `str(error)` is one sentence that an operator can act on."""


class JournalError(Exception):
    """Parent of everything that the journal and the event log raise."""


class JournalUnreadable(JournalError):
    """The files can't be opened, created or listed (permission, a file in the place of a directory)."""


class DataDirectoryLocked(JournalError):
    """Another process works on this data directory."""


class JournalDamaged(JournalError):
    """Recorded bytes are wrong where they must be right; nothing is skipped, the process does not start."""

    def __init__(self, segment: str, offset: int, first_sequence: int, what: str) -> None:
        super().__init__(
            f"{segment} is damaged at byte {offset}: {what}; sequence {first_sequence} and what follows is in doubt."
            " Restore the file from a copy; nothing was changed."
        )
        self.segment = segment
        self.offset = offset
        self.first_sequence = first_sequence
        self.what = what


class JournalSealed(JournalError):
    """The frames are sealed and the key that opens them is not here; nothing is wrong with the frames."""


class JournalIncomplete(JournalError):
    """Segments at the beginning are in an archive, and no snapshot stands for them."""


class SnapshotUnusable(JournalError):
    """A snapshot cannot stand for the journal before it; the sentence says why. Another one or the journal can."""


class JournalFull(JournalError):
    """No space: the frame was refused as a whole and nothing of it is in the file. It may be offered again later."""


class LogConflict(JournalError):
    """An append for another epoch or another place than the log's; nothing was taken. Its sender must stop."""


class JournalFailed(JournalError):
    """A write or an fsync failed. The process must stop: a later fsync may report success for lost pages."""


class EngineFault(JournalError):
    """The engine failed while it applied commands of the journal; its state was discarded, nothing of it came out."""

    def __init__(self, first_sequence: int, last_sequence: int, cause: BaseException, *, is_found: bool) -> None:
        """`is_found`: it is the command `first_sequence`, a group as a whole; else one of all these."""
        text = f"{type(cause).__name__}: {cause}".rstrip(": ")
        which = f"command {first_sequence}"
        if not is_found:
            which = f"one of the commands {first_sequence} to {last_sequence}"
        super().__init__(f"The engine failed on {which} ({text}); nothing that follows from it was published.")
        self.first_sequence = first_sequence
        self.last_sequence = last_sequence
        self.cause = cause
        self.is_found = is_found


class LogRewound(JournalError):
    """The log no longer holds what a reader has read: it was cut behind the reader's cursor."""
