"""Questions under way, worked on in slices: a large one does not delay a small one.

Rules: the question that has had the least slices goes next, so that a new one is looked at at once; of equals the
older. A question may be dropped between any two slices. Pure: what a slice is, the owner's generators say.
"""

from collections.abc import Callable, Generator, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


@dataclass(slots=True)
class Job(Generic[Key, Answer]):
    """One question: how it is worked on, and how many slices it has had."""

    key: Key
    work: Generator[None, None, Answer]
    slices: int = field(default=0)


class Jobs(Generic[Key, Answer]):
    """All questions under way, by key."""

    def __init__(self, clock_s: Callable[[], float]) -> None:
        self._clock_s = clock_s
        self._jobs: dict[Key, Job[Key, Answer]] = {}

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, key: Key, work: Generator[None, None, Answer]) -> None:
        """Begin to work on a question; one under way of the same key is dropped."""
        self.drop(key)
        self._jobs[key] = Job(key, work)

    def drop(self, key: Key) -> bool:
        """Work on it no longer; whether it was under way."""
        job = self._jobs.pop(key, None)
        if job is not None:
            job.work.close()
        return job is not None

    def run(self, budget_s: float) -> list[tuple[Key, Answer]]:
        """Work until the time is over or nothing is left, at least one slice; what was finished."""
        finished: list[tuple[Key, Answer]] = []
        until_s = self._clock_s() + budget_s
        while self._jobs:
            job = min(self._jobs.values(), key=lambda one: one.slices)
            job.slices += 1
            try:
                next(job.work)
            except StopIteration as stop:
                del self._jobs[job.key]
                finished.append((job.key, stop.value))
            if self._clock_s() >= until_s:
                break
        return finished
