"""The three commands: `setup` makes this machine and the demo's market ready, `demo` starts it, `test` runs the tests.

Rule: `demo` and `test` do what `setup` does first; what follows `demo` on the line is the demo's own.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from installer import stages
from installer.locks import LockSet
from installer.machine import Machine
from installer.messages import SetupFault
from installer.setup_steps import set_up

PROJECT: Final = Path(__file__).resolve().parents[1]
NO_DISPLAY: Final = (
    "There is no display here to open a window on; for pictures without one type: "
    "python3 -m installer demo --offscreen --seconds 20 --screenshot pictures"
)

DEMO: Final = ("-m", "server.tools.demo")
PREPARE_DEADLINE_S: Final = 3600.0


def main(words: Sequence[str], machine: Machine | None = None, project: Path = PROJECT) -> int:
    """Runs the command. Returns its exit status; 2 after a `SetupFault`, whose sentence goes to standard error."""
    machine = Machine() if machine is None else machine
    options, rest = parser().parse_known_args(words)
    try:
        if options.command == "demo":
            return demo(rest, machine, project)
        if rest:
            parser().error(f"unknown: {' '.join(rest)}")
        if options.command == "test":
            environment = set_up(project, machine, LockSet.TEST)
            return stages.run(environment, machine, options.stage, slow=options.slow)
        environment = set_up(project, machine, LockSet.RUN)
        if machine.call([str(environment.python), *DEMO, "--prepare"], project, PREPARE_DEADLINE_S) != 0:
            raise SetupFault("The demo's market could not be made; the lines above say why.")
    except SetupFault as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return 130
    sys.stdout.write("Ready: python3 -m installer demo\n")
    return 0


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = argparse.ArgumentParser(prog="python3 -m installer", description="Tradepit on this machine.")
    commands = top.add_subparsers(dest="command", required=True)
    commands.add_parser("setup", help="make this machine ready, and no more")
    commands.add_parser("demo", help="start the demo; further options are the demo's own", add_help=False)
    test = commands.add_parser("test", help="run the tests")
    test.add_argument("--slow", action="store_true", help="the slow tests too")
    test.add_argument("--stage", action="append", choices=[stage.name for stage in stages.STAGES], help="only these")
    return top


def demo(rest: Sequence[str], machine: Machine, project: Path) -> int:
    """Sets up and hands over to the demo. Raises `SetupFault` where a window is wanted and no display is there."""
    if "--offscreen" not in rest and not machine.has_display and not {"-h", "--help"} & set(rest):
        raise SetupFault(NO_DISPLAY)
    environment = set_up(project, machine, LockSet.RUN)
    return machine.become([str(environment.python), *DEMO, *rest])
