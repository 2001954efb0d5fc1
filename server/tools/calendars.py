"""Makes calendar files from exchange_calendars: `python -m server.tools.calendars XNYS XLON --to 2027-12-31`.

Rules: that package (and pandas below it) is needed to make a file, never to read one; so it is in no lock. Hours that
most days have are the regular ones; every other day is written by itself.
"""

import argparse
import importlib
import sys
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from server.reference.calendars import WEEKEND, Calendar, Hours, calendar_text

FOLDER: Final = Path(__file__).resolve().parents[2] / "resources" / "calendars"


def calendar_of(market: str, first: date, last: date) -> Calendar:
    """The calendar of a market between two days, as exchange_calendars has it. Raises ImportError without it."""
    source = importlib.import_module("exchange_calendars").get_calendar(market, start=first, end=last)
    zone = str(source.tz)
    hours = {day.date(): _hours(row, zone) for day, row in source.schedule.iterrows()}
    regular = Counter(hours.values()).most_common(1)[0][0]
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    closed = frozenset(day for day in days if day.weekday() not in WEEKEND and day not in hours)
    special = {day: own for day, own in hours.items() if own != regular or day.weekday() in WEEKEND}
    return Calendar(market, zone, first, last, regular, closed, special)


def _hours(row: Any, zone: str) -> Hours:
    """The wall clock of one row of a schedule; a missing break is not equal to itself."""
    opens, closes = _wall(row["open"], zone), _wall(row["close"], zone)
    if row["break_start"] != row["break_start"]:
        return Hours(opens.time(), closes.time())
    return Hours(
        opens.time(), closes.time(), _wall(row["break_start"], zone).time(), _wall(row["break_end"], zone).time()
    )


def _wall(moment: Any, zone: str) -> datetime:
    wall: datetime = moment.tz_convert(zone).to_pydatetime()
    return wall


def main() -> int:
    """Writes one file for each market; exit status 1 without exchange_calendars."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("markets", nargs="+", metavar="MIC")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, default=date(2024, 1, 1))
    parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    for market in options.markets:
        try:
            calendar = calendar_of(market, options.first, options.last)
        except ImportError as error:
            print(f"{error}: install exchange_calendars to make calendar files.", file=sys.stderr)
            return 1
        path = options.folder / f"{market}.txt"
        path.write_text(calendar_text(calendar), encoding="utf-8")
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
