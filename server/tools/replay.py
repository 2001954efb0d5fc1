"""`tradepit replay FILE`: a recorded day through the engine, checked against what the exchange published.

The exit status is 0 if the replay is exact, 1 if it differs, 2 if it could not be done. The file is the argument, or
the environment's TRADEPIT_DATA: a file, or a folder in which the argument, or the only `sse-*` file, is found.
With `--workstation` the day is shown instead.
"""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Final

from server.engine.exchange import Exchange
from server.tools.replay_desk import FAILURES, DeskOptions, show
from server.tools.replay_messages import DayUnreadable
from server.tools.replay_run import replay_file, report, times, verdict

PLACE_VARIABLE: Final = "TRADEPIT_DATA"
SHANGHAI: Final = timezone(timedelta(hours=8))
SPEED_MAX: Final = 3600
BEGIN: Final = "14:00"
"""Late enough that the chart has a day to show, early enough to see the closing auction."""


def arguments_of(words: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="tradepit replay", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("file", nargs="?", help=f"recorded day, text or zip; else {PLACE_VARIABLE} says where it is")
    parser.add_argument("--workstation", action="store_true", help="show the day on the workstation")
    parser.add_argument("--speed", type=speed_of, default=1, help=f"how many times as fast, 1 to {SPEED_MAX}")
    parser.add_argument("--from", dest="begin", type=clock_of, default=clock_of(BEGIN), metavar="HH:MM",
                        help=f"where to begin, time of the exchange (default {BEGIN})")  # fmt: skip
    parser.add_argument("--date", help="YYYYMMDD; else the one in the file's name")
    parser.add_argument("--theme", choices=["dark", "light"], default="dark")
    parser.add_argument("--offscreen", action="store_true", help="without a display")
    parser.add_argument("--seconds", type=float, default=0.0, help="end by itself after so long")
    parser.add_argument("--screenshot", type=Path, help="a directory for pictures of the windows")
    return parser.parse_args(words)


def speed_of(text: str) -> int:
    """A whole number of times."""
    speed = int(text)
    if not 1 <= speed <= SPEED_MAX:
        raise argparse.ArgumentTypeError(f"{speed} is not from 1 to {SPEED_MAX}")
    return speed


def clock_of(text: str) -> int:
    """HH:MM as nanoseconds since midnight."""
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time of day as 09:30")
    return (int(match[1]) * 60 + int(match[2])) * 60_000_000_000


def midnight_of(path: Path, date: str | None) -> int:
    """Midnight at the exchange, UTC ns: of `date`, of the date in the file's name, or of today."""
    for digits in [date] if date else re.findall(r"(?<!\d)\d{8}(?!\d)", path.name):
        with suppress(ValueError):
            day = datetime.strptime(digits, "%Y%m%d").replace(tzinfo=SHANGHAI)
            return int(day.timestamp()) * 1_000_000_000
    if date:
        raise DayUnreadable(f"{date} is no date as 20230207.")
    today = datetime.now(UTC).astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    return int(today.timestamp()) * 1_000_000_000


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


def check(path: Path) -> int:
    """Replay and report. Returns the exit status. Raises `DayUnreadable`."""
    replay = replay_file(path, Exchange)
    sys.stdout.write("\n".join([*report(replay), times(replay), verdict(replay)]) + "\n")
    return 0 if replay.difference_count == 0 else 1


def main(words: Sequence[str] | None = None) -> int:
    """Check or show the day. Returns the exit status."""
    arguments = arguments_of(words)
    try:
        path = find_file(arguments.file, os.environ.get(PLACE_VARIABLE))
        if not arguments.workstation:
            return check(path)
        options = DeskOptions(
            midnight_of(path, arguments.date), arguments.begin, arguments.speed, arguments.theme, arguments.offscreen,
            arguments.seconds, arguments.screenshot,
        )  # fmt: skip
        return show(path, options)
    except (DayUnreadable, *FAILURES) as error:
        sys.stderr.write(f"tradepit replay: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
