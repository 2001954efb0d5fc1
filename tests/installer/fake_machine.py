"""A machine for the tests of set-up: what it has is said, what is started on it is recorded."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from installer.machine import Machine


class FakeMachine(Machine):
    """Commands are looked up by their program's name and answer with (status, lines)."""

    def __init__(
        self,
        *,
        root: bool = False,
        debian: bool = True,
        display: bool = False,
        system: str = "Linux",
        free: int = 10**12,
        present: Sequence[str] = (),
        answers: Mapping[str, tuple[int, Sequence[str]]] | None = None,
    ) -> None:
        super().__init__({"DISPLAY": ":7"} if display else {})
        self._root = root
        self._debian = debian
        self._system = system
        self._free = free
        self._present = set(present)
        self._answers = dict(answers or {})
        self.started: list[list[str]] = []

    @property
    def system(self) -> str:
        """As said."""
        return self._system

    @property
    def is_root(self) -> bool:
        """As said."""
        return self._root

    @property
    def is_debian(self) -> bool:
        """As said."""
        return self._debian

    def which(self, command: str) -> str | None:
        """Only what was said to be present."""
        return f"/bin/{command}" if command in self._present else None

    def free_bytes(self, folder: Path) -> int:
        """As said."""
        return self._free

    def output(self, command: Sequence[str]) -> str:
        """The lines of the answer."""
        return "\n".join(self._answer(command)[1])

    def stream(
        self, command: Sequence[str], on_line: Callable[[str], None], *, extra: Mapping[str, str] | None = None
    ) -> int:
        """The answer, line by line."""
        status, lines = self._answer(command)
        for line in lines:
            on_line(line)
        return status

    def call(self, command: Sequence[str], folder: Path, deadline_s: float) -> int:
        """The answer's status."""
        return self._answer(command)[0]

    def become(self, command: Sequence[str]) -> int:
        """The answer's status."""
        return self._answer(command)[0]

    def _answer(self, command: Sequence[str]) -> tuple[int, Sequence[str]]:
        self.started.append(list(command))
        return self._answers.get(Path(command[0]).name, (0, ()))
