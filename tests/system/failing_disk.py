"""In a server process under test: the real files of journal and event log, which fail while a control file says so.

Rules: the control file's line is an error's name and the operations that fail with it, as `ENOSPC append allocate`; no
file, no failure. An append that fails leaves a part of its content behind, as a real one may.
"""

import errno
import os
from pathlib import Path
from typing import Any, Final

from server.journal import event_log, journal
from server.journal.storage import FileStorage

_OPERATIONS: Final = ("append", "write_at", "replace", "allocate", "rename", "truncate", "sync", "sync_names")


def install(control: Path) -> None:
    """From now on journal and event log are opened on such files."""

    class FailingStorage(FileStorage):
        """`FileStorage` that looks at the control file before each operation that changes something."""

        def descriptor(self, name: str) -> int:
            """None while a sync would fail, so that it is one of `sync`."""
            return -1 if "sync" in _failing_now(control) else super().descriptor(name)

    for operation in _OPERATIONS:
        setattr(FailingStorage, operation, _failing(operation, getattr(FileStorage, operation), control))
    for module in (journal, event_log):
        assert module.FileStorage is FileStorage, "the storage is made elsewhere now"
        module.FileStorage = FailingStorage


def _failing_now(control: Path) -> list[str]:
    """The error's name and the operations that fail with it now; nothing if the disk is well."""
    return control.read_text().split() if os.path.exists(control) else []


def _failing(operation: str, real: Any, control: Path) -> Any:
    def perform(storage: FileStorage, *arguments: Any) -> None:
        name, *operations = _failing_now(control) or [""]
        if operation in operations:
            if operation == "append":
                real(storage, arguments[0], arguments[1][: len(arguments[1]) // 3])
            number = getattr(errno, name)
            raise OSError(number, os.strerror(number), arguments[0] if arguments else "")
        real(storage, *arguments)

    return perform
