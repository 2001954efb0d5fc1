"""The project's own files, parsed once, for the tests of this folder."""

import ast
import functools
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("app", "server", "widgets", "installer", "tests")
PURE: Final = (
    "server/engine/", "server/protocol/", "server/client/session.py", "server/client/book.py",
    "server/client/market_channel.py", "server/client/market_feed.py", "server/client/market_stream.py",
    "server/client/private_stream.py", "server/client/lag.py", "server/client/lines.py",
    "app/state/",
)  # fmt: skip
"""Paths that never touch a clock, randomness, files, sockets, threads, or floats that decide."""


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file."""

    path: str
    text: str
    tree: ast.Module

    @property
    def is_test(self) -> bool:
        """True under tests/."""
        return self.path.startswith("tests/")

    @property
    def is_pure(self) -> bool:
        """True where `PURE` holds."""
        return self.path.startswith(PURE)


@functools.cache
def sources() -> tuple[Source, ...]:
    """Every Python file of the project, by path."""
    found = []
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            found.append(Source(path.relative_to(PROJECT).as_posix(), text, ast.parse(text, filename=str(path))))
    return tuple(found)


@functools.cache
def committed_files() -> tuple[Path, ...]:
    """Every file that git knows; all files of the tree where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    paths = [PROJECT / name for name in listed if name]
    return tuple(path for path in paths if path.is_file())


def functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, nested ones too."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the function from `def` on, without its docstring."""
    assert function.end_lineno is not None
    lines = function.end_lineno - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        assert first.end_lineno is not None
        lines -= first.end_lineno - first.lineno + 1
    return lines
