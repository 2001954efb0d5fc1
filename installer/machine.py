"""The machine that set-up works on: its commands, disk, user and system, behind one seam that tests replace.

Rule: nothing else of the package starts a process or asks the system anything.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


class Machine:
    """The real one."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self.environment = dict(os.environ if environment is None else environment)

    @property
    def system(self) -> str:
        """`Linux`, `Darwin` or `Windows`."""
        return platform.system()

    @property
    def is_root(self) -> bool:
        """True where system packages may be installed without asking."""
        return hasattr(os, "geteuid") and os.geteuid() == 0

    @property
    def is_debian(self) -> bool:
        """True on Debian, Ubuntu and what is made of them: packages come by apt-get."""
        return self.which("apt-get") is not None and self.which("dpkg") is not None

    @property
    def has_display(self) -> bool:
        """True where a window can be opened."""
        if self.system != "Linux":
            return True
        return bool(self.environment.get("DISPLAY") or self.environment.get("WAYLAND_DISPLAY"))

    def which(self, command: str) -> str | None:
        """The path of a command; system folders are looked through even where the path leaves them out."""
        path = os.pathsep.join([self.environment.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
        return shutil.which(command, path=path)

    def free_bytes(self, folder: Path) -> int:
        """Free space of the disk that holds the folder."""
        return shutil.disk_usage(folder).free

    def output(self, command: Sequence[str]) -> str:
        """What the command prints; empty if it cannot be started."""
        try:
            return subprocess.run(command, capture_output=True, text=True, check=False, env=self.environment).stdout
        except OSError:
            return ""

    def stream(
        self, command: Sequence[str], on_line: Callable[[str], None], *, extra: Mapping[str, str] | None = None
    ) -> int:
        """Runs the command and gives each line of its output and errors. Returns the exit status."""
        environment = {**self.environment, **(extra or {})}
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=environment,
        ) as child:
            assert child.stdout is not None
            for line in child.stdout:
                on_line(line.rstrip("\n"))
        return child.returncode

    def call(self, command: Sequence[str], folder: Path, deadline_s: float) -> int:
        """Runs the command in the folder, its output going through. Returns the exit status; 124 after the deadline."""
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd=folder, env=self.environment)
        try:
            return child.wait(deadline_s)
        except subprocess.TimeoutExpired:
            return 124
        finally:
            child.kill()
            child.wait()

    def become(self, command: Sequence[str]) -> int:
        """Hands over to the command. On POSIX this process turns into it, so that no parent is left to outlive."""
        sys.stdout.flush()
        sys.stderr.flush()
        if os.name == "posix":
            os.execve(command[0], list(command), self.environment)  # noqa: S606 - no shell is wanted
        return subprocess.call(command, env=self.environment)
