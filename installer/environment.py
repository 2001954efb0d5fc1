"""The project's own environment: `.venv`, the locked libraries in it, the project on its path, the command.

Rules: every file that pip takes has to match the lock's hash; nothing is built from source; the project itself is
added as a path, so that what is edited is what runs.
"""

import shutil
import sys
import venv
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from installer.locks import LockSet, lock_file, pinned
from installer.machine import Machine
from installer.messages import Reporter, SetupFault

BYTES_NEEDED: Final = {LockSet.RUN: 1_500_000_000, LockSet.TEST: 2_200_000_000}
NETWORK_SIGNS: Final = (
    "NewConnectionError",
    "ConnectTimeoutError",
    "Temporary failure in name resolution",
    "Name or service not known",
    "Network is unreachable",
    "Connection refused",
    "Connection aborted",
    "ReadTimeoutError",
    "ProxyError",
    "Could not fetch URL",
)


class Environment:
    """The virtual environment of one project folder."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.folder = project / ".venv"

    @property
    def scripts(self) -> Path:
        """Where the environment keeps its commands."""
        return self.folder / ("Scripts" if sys.platform == "win32" else "bin")

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.scripts / ("python.exe" if sys.platform == "win32" else "python")

    @property
    def site_packages(self) -> Path:
        """Where the environment keeps its libraries."""
        if sys.platform == "win32":
            return self.folder / "Lib" / "site-packages"
        return self.folder / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"

    def is_usable(self) -> bool:
        """True if it is there and was made by this minor of Python."""
        return self.python.exists() and (self.site_packages / "pip").is_dir()


def check_space(machine: Machine, project: Path, lock_set: LockSet) -> None:
    """Raises `SetupFault` if the disk cannot hold the libraries."""
    needed, free = BYTES_NEEDED[lock_set], machine.free_bytes(project)
    if free < needed:
        raise SetupFault(
            f"The disk of {project} has {free / 1e9:.1f} GB free, and set-up needs {needed / 1e9:.1f} GB: "
            "make room, then start again."
        )


def create(environment: Environment) -> None:
    """Makes `.venv` anew. Raises `SetupFault` where Python came without `venv`, or the folder cannot be written."""
    if find_spec("ensurepip") is None or find_spec("venv") is None:
        raise SetupFault(
            "This Python came without venv; type this line, then start again: sudo apt-get install -y python3-venv"
        )
    try:
        if environment.folder.exists():
            shutil.rmtree(environment.folder)
        venv.create(environment.folder, with_pip=True, symlinks=sys.platform != "win32")
    except OSError as error:
        raise SetupFault(f"{environment.folder} could not be made: {error.strerror or error}.") from error


def install_libraries(environment: Environment, machine: Machine, reporter: Reporter, lock_set: LockSet) -> None:
    """Installs the lock's libraries with pip. Raises `SetupFault` in one sentence where that fails."""
    lock = lock_file(sys.version_info.minor, lock_set)
    total = len(pinned(lock.read_text(encoding="utf-8")))
    lines: list[str] = []
    seen = 0

    def on_line(line: str) -> None:
        nonlocal seen
        lines.append(line)
        if line.startswith(("Collecting ", "Requirement already satisfied: ")):
            seen += 1
            name = line.rsplit(": ", maxsplit=1)[-1].removeprefix("Collecting ").split(" ")[0].replace("==", " ")
            reporter.progress(f"{seen} of {total}: {name}")
        elif line.startswith("Installing collected packages"):
            reporter.progress(f"unpacking {total} libraries")

    command = [
        str(environment.python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check",
        "--progress-bar", "off", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--no-compile",
        "--root-user-action", "ignore", "--requirement", str(lock),
    ]  # fmt: skip
    if machine.stream(command, on_line) != 0:
        raise SetupFault(explanation(lines))


def explanation(lines: Sequence[str]) -> str:
    """One sentence on why pip failed, from what it printed."""
    text = "\n".join(lines)
    if "No space left on device" in text:
        return "The disk became full while the libraries were installed: make room, then start again."
    if "DO NOT MATCH THE HASHES" in text:
        return "A downloaded library differs from the locked one and was refused: find out where it came from."
    if any(sign in text for sign in NETWORK_SIGNS):
        return "The Python package index cannot be reached: connect this machine to the network, then start again."
    errors = [line for line in lines if line.startswith("ERROR: ")]
    reason = errors[-1].removeprefix("ERROR: ") if errors else (lines[-1] if lines else "pip said nothing")
    return f"pip could not install the libraries: {reason}"


def add_project(environment: Environment) -> None:
    """Puts the project on the environment's path and writes the `tradepit` command."""
    (environment.site_packages / "tradepit.pth").write_text(f"{environment.project}\n", encoding="utf-8")
    call = "import sys; from installer.command_line import main; sys.exit(main())"
    if sys.platform == "win32":
        script = environment.scripts / "tradepit.cmd"
        script.write_text(f'@"{environment.python}" -c "{call}" %*\n', encoding="utf-8")
        return
    script = environment.scripts / "tradepit"
    script.write_text(f"#!/bin/sh\nexec '{environment.python}' -c '{call}' \"$@\"\n", encoding="utf-8")
    script.chmod(0o755)
