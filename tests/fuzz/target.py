"""What the fuzzer needs to know of a decoder."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Target:
    """`decode` returns or raises one of `errors`; `check` looks at what it returned, given the input too."""

    name: str
    corpus: tuple[bytes, ...]
    decode: Callable[[bytes], Any]
    errors: tuple[type[Exception], ...]
    check: Callable[[bytes, Any], None] = lambda data, result: None
