"""The operator's log: what a person did to a data directory by a command, and what he said of it.

Rules: JSON lines in `operator.log`, appended and flushed, never rewritten. The text that no
command may carry goes here.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

FILE_NAME = "operator.log"


def note(directory: Path, action: str, **said: object) -> None:
    """Append one line. Raises OSError."""
    line = {"time": datetime.now(UTC).isoformat(), "action": action, **said}
    file = os.open(directory / FILE_NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    try:
        os.write(file, f"{json.dumps(line)}\n".encode())
        os.fsync(file)
    finally:
        os.close(file)
