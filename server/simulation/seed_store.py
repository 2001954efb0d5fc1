"""Finished seeds in the cache: where they are, whether they still fit, and copies of them to run on.

Rules: light imports (no engine, no numpy): the demo reads this before anything else. A seed is named by a hash over
the sources that shape it, so that a changed market or engine makes a new one. `seeded.json` is written last.
"""

import hashlib
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import platformdirs

SEEDED_FILE: Final = "seeded.json"
REFERENCE_FILE: Final = "reference.json"
HOURS: Final = 6.5
COPIED: Final = ("journal", "journal.key", "events", "history", REFERENCE_FILE)
SEGMENT: Final = ".segment"
OPEN_SEGMENTS: Final = 2
"""So many segments at the end of a log may still be cut or written; the ones before are never touched again."""
RUN_PREFIX: Final = "run-"
_ROOT: Final = Path(__file__).resolve().parents[2]
_SHAPING: Final = ("server/engine", "server/journal", "server/history", "server/protocol", "server/simulation")


class Seeded(msgspec.Struct, frozen=True, kw_only=True):
    """What a finished seed is."""

    seed: int
    hours: float
    end_ns: int
    commands: int
    state_hash: str
    cpu_s: float


def cache_directory() -> Path:
    """Where seeds and throw-away runs are: `TRADEPIT_CACHE`, or the user's cache directory."""
    given = os.environ.get("TRADEPIT_CACHE")
    root = Path(given) if given else Path(platformdirs.user_cache_dir("tradepit"))
    return root / "demo"


def sources_hash() -> str:
    """Names everything that decides what a seed contains."""
    digest = hashlib.sha256()
    files = [path for folder in _SHAPING for path in sorted((_ROOT / folder).glob("*.py"))]
    for path in [*files, _ROOT / "resources" / "instruments" / "demo.toml"]:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def seed_directory_name(seed: int, hours: float) -> Path:
    """Where the seed of this number and length is kept."""
    return cache_directory() / f"seed-{sources_hash()}-{seed}-{hours:g}h"


def read_seeded(directory: Path) -> Seeded | None:
    """What a directory holds, or None if it is no finished seed."""
    try:
        return msgspec.json.decode((directory / SEEDED_FILE).read_bytes(), type=Seeded)
    except (OSError, msgspec.DecodeError):
        return None


def copy_seed(source: Path, directory: Path) -> None:
    """The journal, event log, history and reference of a seed into a data directory. Raises OSError.

    Closed segments are linked, not copied, where the file system can.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        part = source / name
        if part.is_dir():
            keep = sorted(part.glob(f"*{SEGMENT}"))[:-OPEN_SEGMENTS]
            names = {path.name for path in keep}
            shutil.copytree(part, directory / name, ignore=lambda _, found, names=names: names & set(found))
            for path in keep:
                _link_or_copy(path, directory / name / path.name)
        elif part.exists():
            shutil.copy2(part, directory / name)


def new_run_directory() -> Path:
    """A throw-away data directory; those of runs that were killed are removed first."""
    root = cache_directory()
    root.mkdir(parents=True, exist_ok=True)
    for left in root.glob(f"{RUN_PREFIX}*"):
        if not _is_running(left.name):
            shutil.rmtree(left, ignore_errors=True)
    directory = root / f"{RUN_PREFIX}{os.getpid()}-{time.time_ns()}"
    directory.mkdir(mode=0o700)
    return directory


def remove_old_seeds(keep: Path) -> None:
    """Seeds of other sources; the ones that are kept are named by the same hash."""
    stem = "-".join(keep.name.split("-")[:2])
    for other in keep.parent.glob("seed-*"):
        if not other.name.startswith(stem):
            shutil.rmtree(other, ignore_errors=True)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copy2(source, target)


def _is_running(name: str) -> bool:
    with suppress(ValueError, IndexError):
        pid = int(name.removeprefix(RUN_PREFIX).split("-")[0])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
    return False
