"""Reads scenario files: titles, steps, and what is expected after each."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Step:
    """A command or a look, its line in the file, and what should be right of it."""

    text: str
    line: int
    expected: list[str] = field(default_factory=list)


@dataclass
class Scenario:
    """One block of a file."""

    file: str
    title: str
    line: int
    steps: list[Step] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.file}: {self.title}"


def read_scenarios(folder: Path) -> list[Scenario]:
    """All scenarios of all `.txt` files, in the order of names and lines."""
    return [scenario for path in sorted(folder.glob("*.txt")) for scenario in parse(path.stem, path.read_text())]


def parse(file: str, text: str) -> list[Scenario]:
    """The scenarios of one text. Raises ValueError with the line that is none of the forms."""
    scenarios: list[Scenario] = []
    for number, line in enumerate(text.splitlines(), 1):
        left, bar, right = (part.strip() for part in line.partition("|"))
        if left.startswith("==="):
            scenarios.append(Scenario(file, left.strip("= "), number))
        elif not left.startswith("#") and (left or bar):
            if not scenarios or (not left and not scenarios[-1].steps):
                raise ValueError(f"{file}:{number}: outside of a scenario: {line!r}")
            if left:
                scenarios[-1].steps.append(Step(left, number))
            if right:
                scenarios[-1].steps[-1].expected.append(" ".join(right.split()))
    return scenarios
