"""`tradepit replay FILE`: a recorded day through the engine, checked against what the exchange published.

The exit status is 0 if the replay is exact, 1 if it differs, 2 if it could not be done. The file is the argument, or
the environment's TRADEPIT_DATA: a file, or a folder in which the argument, or the only `sse-*` file, is found.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from server.engine.exchange import Exchange
from server.tools.replay_messages import DayUnreadable
from server.tools.replay_run import replay_file, report, times, verdict

PLACE_VARIABLE: Final = "TRADEPIT_DATA"


def arguments_of(words: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="tradepit replay", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("file", nargs="?", help=f"recorded day, text or zip; else {PLACE_VARIABLE} says where it is")
    return parser.parse_args(words)


def find_file(argument: str | None, place: str | None) -> Path:
    """The file that is meant. Raises `DayUnreadable` if none or several could be."""
    if argument and (Path(argument).is_file() or not place):
        return Path(argument)
    if place is None:
        raise DayUnreadable(f"No file: name one, or set {PLACE_VARIABLE}.")
    folder = Path(place)
    if argument:
        return folder / argument
    if folder.is_file():
        return folder
    found = sorted(folder.glob("sse-*"))
    if len(found) != 1:
        raise DayUnreadable(f"{folder} has {len(found)} files named sse-*, not one: name the file.")
    return found[0]


def main(words: Sequence[str] | None = None) -> int:
    """Replay and report. Returns the exit status."""
    arguments = arguments_of(words)
    try:
        path = find_file(arguments.file, os.environ.get(PLACE_VARIABLE))
        replay = replay_file(path, Exchange)
    except DayUnreadable as error:
        sys.stderr.write(f"tradepit replay: {error}\n")
        return 2
    sys.stdout.write("\n".join([*report(replay), times(replay), verdict(replay)]) + "\n")
    return 0 if replay.difference_count == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
