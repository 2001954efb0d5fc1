"""The `tradepit` command: each subcommand runs the module that answers it, in this process.

Rule: nothing is imported before it is asked for, so that a headless server needs no Qt.
"""

import runpy
import sys
from collections.abc import Sequence
from typing import Final

COMMANDS: Final = {
    "demo": ("server.tools.demo", "a simulated market with server and workstation on this machine"),
    "workstation": ("app.bootstrap", "the workstation, connected to a server"),
    "server": ("server.bootstrap", "the exchange"),
    "replay": ("server.tools.replay", "feed a recorded day through the engine and check it"),
    "journal": ("server.tools.journal", "print and check a journal"),
    "drop-copy": ("server.tools.drop_copy", "print what happens to accounts, for a risk system"),
    "conformance": ("server.tools.conformance", "certify a client of the protocol"),
    "admin": ("server.tools.admin", "ask or change a running server"),
}


def usage() -> str:
    """The commands, one a line."""
    lines = ["usage: tradepit COMMAND [...]", ""]
    lines += [f"  {name:<12}{purpose}" for name, (_, purpose) in COMMANDS.items()]
    lines += ["", "tradepit COMMAND --help tells more."]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the subcommand named by the first argument with the rest. Returns the exit status; 2 for an unknown one."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] in ("-h", "--help"):
        sys.stdout.write(usage() + "\n")
        return 0
    if not words or words[0] not in COMMANDS:
        sys.stderr.write(usage() + "\n")
        return 2
    module, _ = COMMANDS[words[0]]
    sys.argv = [f"tradepit {words[0]}", *words[1:]]
    runpy.run_module(module, run_name="__main__", alter_sys=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
