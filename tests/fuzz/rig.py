"""Feeds a target and judges what it does."""

from dataclasses import dataclass

from tests.fuzz.mutation import inputs
from tests.fuzz.target import Target


@dataclass(frozen=True, slots=True)
class Finding:
    """An input on which the invariant does not hold."""

    target: str
    seed: int
    number: int
    data: bytes
    error: BaseException

    def __str__(self) -> str:
        return f"{self.target}, seed {self.seed}, input {self.number}: {self.error!r} on {self.data[:200].hex()}"


def judge(target: Target, data: bytes) -> BaseException | None:
    """None if the target decoded or refused the bytes as it may, else what it did instead."""
    try:
        result = target.decode(data)
    except target.errors:
        return None
    except Exception as error:  # noqa: BLE001 - any other error is the finding
        return error
    try:
        target.check(data, result)
    except Exception as error:  # noqa: BLE001 - so is any failed check
        return error
    return None


def fuzz(target: Target, seed: int, count: int) -> Finding | None:
    """The first finding among the corpus and `count` mutations of it, or None."""
    for number, data in enumerate(inputs(target.corpus, seed, count)):
        error = judge(target, data)
        if error is not None:
            return Finding(target.name, seed, number, data, error)
    return None
