"""Trading calendars: on which days a market opens, when its day begins and ends there and in UTC.

Rules: times are the market's wall clock and become UTC by its zone, so that a change to or from summer time moves
them. A calendar is a text: see `read_calendar`; what it does not cover is refused, never guessed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

WEEKEND: Final = (5, 6)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND_NS: Final = 1_000_000_000


class CalendarError(ValueError):
    """A calendar's text that cannot be read, or a day that it does not cover."""


@dataclass(frozen=True)
class Hours:
    """A day's hours on the market's wall clock; `break_begins` and `break_ends` are equal where there is no break."""

    opens: time
    closes: time
    break_begins: time = time(0)
    break_ends: time = time(0)

    @property
    def has_break(self) -> bool:
        """Whether trading rests around noon."""
        return self.break_begins != self.break_ends


@dataclass(frozen=True)
class Session:
    """One trading day of a market, in nanoseconds since the epoch."""

    day: date
    open_ns: int
    close_ns: int
    break_begin_ns: int = 0
    break_end_ns: int = 0
    is_half: bool = False


@dataclass(frozen=True)
class Calendar:
    """The trading days of a market from `first` to `last`."""

    market: str
    zone: str
    first: date
    last: date
    regular: Hours
    closed: frozenset[date] = frozenset()
    special: dict[date, Hours] = field(default_factory=dict)

    def hours_of(self, day: date) -> Hours | None:
        """The hours of a day; None if the market stays closed. Raises `CalendarError` outside of the calendar."""
        if not self.first <= day <= self.last:
            raise CalendarError(f"The calendar {self.market} covers {self.first} to {self.last}, not {day}.")
        if day in self.special:
            return self.special[day]
        return None if day.weekday() in WEEKEND or day in self.closed else self.regular

    def session_of(self, day: date) -> Session | None:
        """A day's session in UTC; None if the market stays closed."""
        hours = self.hours_of(day)
        if hours is None:
            return None
        rests = hours.has_break
        return Session(
            day,
            self._utc_ns(day, hours.opens),
            self._utc_ns(day, hours.closes),
            self._utc_ns(day, hours.break_begins) if rests else 0,
            self._utc_ns(day, hours.break_ends) if rests else 0,
            hours.closes < self.regular.closes,
        )

    def sessions(self, first: date, last: date) -> Iterator[Session]:
        """All sessions of a span of days, both included."""
        day = first
        while day <= last:
            session = self.session_of(day)
            if session is not None:
                yield session
            day += timedelta(days=1)

    def next_session(self, after: date) -> Session:
        """The first session behind a day. Raises `CalendarError` where the calendar ends before it."""
        for session in self.sessions(after + timedelta(days=1), self.last):
            return session
        raise CalendarError(f"The calendar {self.market} has no session after {after}.")

    def _utc_ns(self, day: date, clock: time) -> int:
        wall = datetime.combine(day, clock, ZoneInfo(self.zone))
        return int((wall.astimezone(UTC) - _EPOCH).total_seconds()) * _SECOND_NS


def read_calendar(text: str) -> Calendar:
    """A calendar from its text. Raises `CalendarError` with the line that cannot be read.

    market XNYS                          # comments begin like this
    zone America/New_York
    covers 2024-01-01 2027-12-31
    regular 09:30 16:00                  # or 09:30 15:00 break 11:30 13:00
    closed 2026-11-26
    special 2026-11-27 09:30 13:00
    """
    said: dict[str, list[str]] = {}
    regular: list[Hours] = []
    closed: set[date] = set()
    special: dict[date, Hours] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            if words[0] == "closed":
                closed.update(date.fromisoformat(word) for word in words[1:])
            elif words[0] == "special":
                special[date.fromisoformat(words[1])] = _hours(words[2:])
            elif words[0] == "regular":
                regular.append(_hours(words[1:]))
            elif words[0] in ("market", "zone", "covers"):
                said[words[0]] = words[1:]
            else:
                raise ValueError(words[0])
        except (ValueError, IndexError) as error:
            raise CalendarError(f"Line {number} of a calendar cannot be read: {line!r}.") from error
    try:
        first, last = (date.fromisoformat(word) for word in said["covers"])
        (market,), (zone,), (hours,) = said["market"], said["zone"], regular
        ZoneInfo(zone)
        return Calendar(market, zone, first, last, hours, frozenset(closed), special)
    except (KeyError, ValueError) as error:
        raise CalendarError("A calendar needs market, zone, covers and regular.") from error


def calendar_text(calendar: Calendar) -> str:
    """The text that `read_calendar` reads as this calendar."""
    lines = [
        f"market {calendar.market}",
        f"zone {calendar.zone}",
        f"covers {calendar.first} {calendar.last}",
        f"regular {_hours_text(calendar.regular)}",
        *(f"closed {day}" for day in sorted(calendar.closed)),
        *(f"special {day} {_hours_text(hours)}" for day, hours in sorted(calendar.special.items())),
    ]
    return "\n".join(lines) + "\n"


def _hours(words: list[str]) -> Hours:
    if len(words) not in (2, 5) or (len(words) == 5 and words[2] != "break"):
        raise ValueError("hours")
    hours = Hours(*(time.fromisoformat(word) for word in words if word != "break"))
    in_day = hours.opens < hours.break_begins < hours.break_ends < hours.closes
    if hours.opens >= hours.closes or (hours.has_break and not in_day):
        raise ValueError("hours")
    return hours


def _hours_text(hours: Hours) -> str:
    text = f"{hours.opens:%H:%M} {hours.closes:%H:%M}"
    return f"{text} break {hours.break_begins:%H:%M} {hours.break_ends:%H:%M}" if hours.has_break else text
