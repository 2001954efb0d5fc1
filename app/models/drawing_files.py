"""Drawings on disk: one file for each instrument, written beside the window, read at the start.

Rules: a file is replaced whole (written beside, synced, renamed), so that a crash leaves the old or the new one. One
that cannot be understood, or of a newer version, is put aside under another name with a message, and no other file is
touched. Nothing here is called on the window's thread but `keep`, `take_read` and `close`, which do not wait for a disk
(but for `close`, which waits for what was given before).
"""

import os
import queue
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

import msgspec

from app.models.drawings import Drawings
from widgets.drawing.drawing import Drawing, problem_of

VERSION: Final = 1
SUFFIX: Final = ".drawings.json"
ASIDE: Final = ".damaged"
BYTES_MAX: Final = 8 << 20
CLOSE_S: Final = 3.0


class DrawingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file holds."""

    version: int
    symbol: str
    drawings: tuple[Drawing, ...]


class _Head(msgspec.Struct, frozen=True):
    version: int


@dataclass(frozen=True, slots=True)
class FileRead:
    """What reading the directory gave."""

    drawings: dict[str, Drawings]
    problems: tuple[str, ...]
    """One sentence for each file that was put aside or could not be read."""


class DamagedDrawingsError(ValueError):
    """A file that is no set of drawings; the text says why."""


def encode(symbol: str, drawings: Drawings) -> bytes:
    """The bytes of a file."""
    return msgspec.json.format(msgspec.json.encode(DrawingFile(VERSION, symbol, drawings)), indent=1)


def decode(data: bytes) -> DrawingFile:
    """What the bytes of a file say. Raises `DamagedDrawingsError`."""
    try:
        version = msgspec.json.decode(data, type=_Head).version
        if version != VERSION:
            raise DamagedDrawingsError(f"version {version}, this program knows {VERSION}")
        file = msgspec.json.decode(data, type=DrawingFile)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DamagedDrawingsError(str(error)) from error
    numbers = [one.number for one in file.drawings]
    problem = next((text for one in file.drawings if (text := problem_of(one))), "")
    if problem or len(set(numbers)) != len(numbers):
        raise DamagedDrawingsError(problem or "two drawings with one number")
    return file


def path_of(directory: Path, symbol: str) -> Path:
    """Where the drawings of an instrument are; any symbol gives a plain file name."""
    return directory / (quote(symbol, safe=" -_").replace(".", "%2E") + SUFFIX)


def write(directory: Path, symbol: str, drawings: Drawings) -> None:
    """Replace the file of an instrument. Raises `OSError`."""
    directory.mkdir(parents=True, exist_ok=True)
    path = path_of(directory, symbol)
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as file:
        file.write(encode(symbol, drawings))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def read_all(directory: Path) -> FileRead:
    """Every file of a directory, which need not exist; those that cannot be understood are put aside."""
    drawings: dict[str, Drawings] = {}
    problems: list[str] = []
    for path in sorted(directory.glob(f"*{SUFFIX}")):
        symbol = unquote(path.name[: -len(SUFFIX)])
        try:
            if path.stat().st_size > BYTES_MAX:
                raise DamagedDrawingsError("too large")
            file = decode(path.read_bytes())
            if file.symbol != symbol:
                raise DamagedDrawingsError(f"it says that it is of {file.symbol}")
            drawings[symbol] = file.drawings
        except DamagedDrawingsError as error:
            problems.append(f"Drawings of {symbol}: {error}. {_put_aside(path)}")
        except OSError as error:
            problems.append(f"Drawings of {symbol}: {error.strerror or error}. They are left as they are.")
    return FileRead(drawings, tuple(problems))


def _put_aside(path: Path) -> str:
    """Rename a file to the first free name; a sentence that says where it is."""
    number = 1
    while (aside := path.with_name(f"{path.name}{ASIDE}-{number}")).exists():
        number += 1
    try:
        path.rename(aside)
    except OSError as error:
        return f"It could not be put aside: {error.strerror or error}."
    return f"The file is kept as {aside.name}."


class DrawingFiles:
    """The directory and the thread that reads and writes it; without a directory nothing is kept."""

    def __init__(self, directory: Path | None) -> None:
        """Begins to read at once."""
        self._directory = directory
        self._wanted: queue.SimpleQueue[tuple[str, Drawings] | None] = queue.SimpleQueue()
        self._told: queue.SimpleQueue[FileRead] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        if directory is None:
            self._told.put(FileRead({}, ()))
        else:
            self._thread = threading.Thread(target=self._run, args=(directory,), name="drawings", daemon=True)
            self._thread.start()

    def take_read(self) -> FileRead | None:
        """What was read, once, and later each problem of writing; None if there is nothing new."""
        return None if self._told.empty() else self._told.get()

    def keep(self, symbol: str, drawings: Drawings) -> None:
        """Write the drawings of an instrument soon."""
        if self._thread is not None:
            self._wanted.put((symbol, drawings))

    def close(self) -> None:
        """Write what was given before, then end."""
        if self._thread is not None:
            self._wanted.put(None)
            self._thread.join(CLOSE_S)

    def _run(self, directory: Path) -> None:
        self._told.put(read_all(directory))
        ends = False
        while not ends:
            newest: dict[str, Drawings] = {}
            wanted = self._wanted.get()
            while wanted is not None:
                newest[wanted[0]] = wanted[1]
                if self._wanted.empty():
                    break
                wanted = self._wanted.get()
            ends = wanted is None
            for symbol, drawings in newest.items():
                try:
                    write(directory, symbol, drawings)
                except OSError as error:
                    problem = f"Drawings of {symbol} are not kept: {error.strerror or error}"
                    self._told.put(FileRead({}, (problem,)))
