"""Reads scenario files: titles, steps, and what is expected after each."""

import re
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
    """One block of a file; `rules` are the sections of the rule book that it shows."""

    file: str
    title: str
    line: int
    rules: tuple[str, ...] = ()
    waits_for: str = ""
    steps: list[Step] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.file}: {self.title}"


def read_scenarios(folder: Path) -> list[Scenario]:
    """All scenarios of all `.txt` files, in the order of names and lines."""
    return [scenario for path in sorted(folder.glob("*.txt")) for scenario in parse(path.stem, path.read_text())]


def parse(file: str, text: str) -> list[Scenario]:
    """The scenarios of one text. Raises ValueError with the line that is none of the forms."""
    scenarios: list[Scenario] = []
    rules: tuple[str, ...] = ()
    waits_for = ""
    for number, line in enumerate(text.splitlines(), 1):
        left, bar, right = (part.strip() for part in line.partition("|"))
        if left.startswith("==="):
            scenarios.append(Scenario(file, left.strip("= "), number, rules, waits_for))
        elif not bar and (match := re.match(r"(rules|waits for) (.+)", left)):
            if match[1] == "rules":
                said = tuple(match[2].split())
                rules = rules if scenarios else said
                if scenarios:
                    scenarios[-1].rules = said
            elif scenarios:
                scenarios[-1].waits_for = match[2]
            else:
                waits_for = match[2]
        elif not left.startswith("#") and (left or bar):
            take(scenarios, file, number, left, right)
    return scenarios


def take(scenarios: list[Scenario], file: str, number: int, left: str, right: str) -> None:
    """One line of a scenario: a step, the rest of a group's, or more of what is expected."""
    if not scenarios or (not left and not scenarios[-1].steps):
        raise ValueError(f"{file}:{number}: outside of a scenario: {left!r}")
    steps = scenarios[-1].steps
    if left.startswith("& ") and steps:
        steps[-1].text += f" {left}"
    elif left:
        steps.append(Step(left, number))
    if right:
        steps[-1].expected.append(" ".join(right.split()))
