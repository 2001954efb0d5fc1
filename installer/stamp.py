"""What set-up has already done here, so that the second start asks nothing twice.

Rules: one JSON file in the environment; each step writes its own key with a digest of what it depended on; a file
that cannot be read counts as none.
"""

import json
from pathlib import Path


class Stamp:
    """Digests by step."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._digests: dict[str, str] = {}
        try:
            loaded = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            loaded = {}
        if isinstance(loaded, dict):
            self._digests = {str(step): str(digest) for step, digest in loaded.items()}

    def holds(self, step: str, digest: str) -> bool:
        """True if the step was done with this digest."""
        return self._digests.get(step) == digest

    def folder_is_there(self, step: str) -> bool:
        """True if the folder that was written as this step is still there."""
        return step in self._digests and Path(self._digests[step]).is_dir()

    def write(self, step: str, digest: str) -> None:
        """Remembers the step as done."""
        self._digests[step] = digest
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self._digests, indent=1) + "\n", encoding="utf-8")
