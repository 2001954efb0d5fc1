"""Compiles the engine's kernels once, so that no start has to.

Rules: the modules that hold compiled code are named here; each offers `warm_up(progress)` and is run as a child. Which
folder then holds them is asked of the engine and remembered: a cache that was deleted is made again.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from installer.environment import Environment
from installer.machine import Machine
from installer.messages import Reporter, SetupFault

COMPILED_MODULES: Final = ("server.engine.compile", "server.history.kernels", "app.state.kernels")
SOURCES: Final = ("server/engine", "server/protocol", "server/history", "app/state")
_WARM_UP: Final = (
    "import importlib, sys; importlib.import_module(sys.argv[1]).warm_up(lambda text: print(text, flush=True))"
)
_FOLDER: Final = "from server.engine.kernel import cache_directory; print(cache_directory())"


def modules(project: Path) -> Iterator[str]:
    """The compiled modules that the project has."""
    for module in COMPILED_MODULES:
        path = project.joinpath(*module.split("."))
        if path.with_suffix(".py").exists() or (path / "__init__.py").exists():
            yield module


def digest(project: Path, machine: Machine) -> str:
    """Changes whenever a source that kernels are compiled from does, or the place where they are kept."""
    whole = hashlib.sha256(machine.environment.get("TRADEPIT_CACHE", "").encode())
    for folder in SOURCES:
        for path in sorted((project / folder).glob("*.py")):
            whole.update(path.name.encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


def warm_up(environment: Environment, machine: Machine, reporter: Reporter) -> None:
    """Compiles and caches. Raises `SetupFault` if a kernel does not compile."""
    for module in modules(environment.project):
        lines: list[str] = []

        def on_line(line: str, lines: list[str] = lines) -> None:
            lines.append(line)
            reporter.progress(line)

        if machine.stream([str(environment.python), "-c", _WARM_UP, module], on_line) != 0:
            reason = lines[-1] if lines else "it printed nothing"
            raise SetupFault(f"The kernels of {module} could not be compiled: {reason}")


def folder(environment: Environment, machine: Machine) -> Path:
    """Where the engine keeps its compiled kernels."""
    return Path(machine.output([str(environment.python), "-c", _FOLDER]).strip() or environment.folder)
