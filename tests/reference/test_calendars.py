"""Calendars: half days, holidays, both changes of summer time; the day's phases as commands that the engine takes."""

from datetime import UTC, date, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from server.engine.exchange import Exchange
from server.protocol.enums import CommandKind, EventKind, Phase
from server.protocol.records import LIST_INSTRUMENT, SCHEDULE_ENTRY
from server.reference.calendars import Calendar, CalendarError, calendar_text, read_calendar
from server.reference.schedules import phases_of, set_schedule

FOLDER = Path(__file__).parents[2] / "resources" / "calendars"
MARKETS = sorted(path.stem for path in FOLDER.glob("*.txt"))
NS = 1_000_000_000


def calendar(market: str) -> Calendar:
    """The calendar in resources."""
    return read_calendar((FOLDER / f"{market}.txt").read_text(encoding="utf-8"))


def utc(ns: int) -> str:
    """A time as hours and minutes UTC."""
    return f"{datetime.fromtimestamp(ns / NS, UTC):%H:%M}"


@pytest.mark.parametrize(
    ("market", "day", "opens", "closes"),
    [
        ("XNYS", "2026-03-06", "14:30", "21:00"), ("XNYS", "2026-03-09", "13:30", "20:00"),
        ("XNYS", "2026-10-30", "13:30", "20:00"), ("XNYS", "2026-11-02", "14:30", "21:00"),
        ("XNYS", "2026-11-27", "14:30", "18:00"), ("XLON", "2026-03-27", "08:00", "16:30"),
        ("XLON", "2026-03-30", "07:00", "15:30"), ("XLON", "2026-10-23", "07:00", "15:30"),
        ("XLON", "2026-10-26", "08:00", "16:30"), ("XLON", "2026-12-24", "08:00", "12:30"),
        ("XETR", "2026-03-30", "07:00", "15:30"), ("XSHG", "2026-03-30", "01:30", "07:00"),
    ],
)  # fmt: skip
def test_hours_in_utc_around_changes_of_the_clock(market: str, day: str, opens: str, closes: str) -> None:
    session = calendar(market).session_of(date.fromisoformat(day))
    assert session is not None
    assert (utc(session.open_ns), utc(session.close_ns)) == (opens, closes)


@pytest.mark.parametrize(
    ("market", "day"),
    [
        ("XNYS", "2026-11-26"),
        ("XNYS", "2026-11-28"),
        ("XLON", "2026-12-25"),
        ("XLON", "2026-12-28"),
        ("XSHG", "2026-10-01"),
    ],
)
def test_closed_days(market: str, day: str) -> None:
    assert calendar(market).session_of(date.fromisoformat(day)) is None


def test_half_days_are_marked_and_the_next_session_is_found() -> None:
    new_york = calendar("XNYS")
    assert [
        session.day for session in new_york.sessions(date(2026, 11, 20), date(2026, 12, 31)) if session.is_half
    ] == [
        date(2026, 11, 27),
        date(2026, 12, 24),
    ]
    assert new_york.next_session(date(2026, 11, 25)).day == date(2026, 11, 27)
    with pytest.raises(CalendarError, match="no session after"):
        new_york.next_session(new_york.last)


def test_a_day_that_is_not_covered_is_refused() -> None:
    with pytest.raises(CalendarError, match="covers"):
        calendar("XNYS").session_of(date(2050, 1, 3))


@pytest.mark.parametrize("market", MARKETS)
def test_a_calendar_is_written_as_it_is_read(market: str) -> None:
    assert calendar_text(calendar(market)) == (FOLDER / f"{market}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "line",
    [
        "regular 16:00 09:30",
        "regular 09:30",
        "regular 09:30 15:00 pause 11:30 13:00",
        "closed 2026-02-30",
        "holiday 2026-01-01",
        "special 2026-01-02",
    ],
)
def test_a_line_that_is_none(line: str) -> None:
    with pytest.raises(CalendarError, match="Line 4"):
        read_calendar(f"market XXXX\nzone UTC\ncovers 2026-01-01 2026-12-31\n{line}\n")


@pytest.mark.parametrize("missing", ["market", "zone", "covers", "regular"])
def test_a_calendar_that_lacks_something(missing: str) -> None:
    text = "market XXXX\nzone UTC\ncovers 2026-01-01 2026-12-31\nregular 09:00 17:00\n"
    with pytest.raises(CalendarError, match="needs"):
        read_calendar("\n".join(line for line in text.splitlines() if not line.startswith(missing)))


@pytest.mark.parametrize("market", MARKETS)
def test_the_files_are_those_of_exchange_calendars(market: str) -> None:
    if find_spec("exchange_calendars") is None:
        pytest.skip("exchange_calendars is not installed")
    own = calendar(market)
    theirs = import_module("exchange_calendars").get_calendar(market, start=own.first, end=own.last).schedule
    sessions = list(own.sessions(own.first, own.last))
    assert [session.open_ns for session in sessions] == [moment.value for moment in theirs["open"]]
    assert [session.close_ns for session in sessions] == [moment.value for moment in theirs["close"]]


def test_the_phases_of_a_half_day() -> None:
    session = calendar("XNYS").session_of(date(2026, 11, 27))
    assert session is not None
    assert [(phase.name, utc(due)) for phase, due in phases_of(session)] == [
        ("START_OF_DAY", "13:30"), ("PRE_OPEN", "14:00"), ("CONTINUOUS", "14:30"),
        ("CLOSING_CALL", "17:55"), ("TRADING_AT_LAST", "18:00"), ("CLOSED", "18:10"),
    ]  # fmt: skip


def test_a_lunch_break_is_a_call() -> None:
    session = calendar("XSHG").session_of(date(2026, 6, 1))
    assert session is not None
    assert [phase.name for phase, _ in phases_of(session)][2:6] == [
        "CONTINUOUS", "INTRADAY_CALL", "CONTINUOUS", "CLOSING_CALL",
    ]  # fmt: skip


def test_the_engine_goes_through_the_day_by_the_clock() -> None:
    session = calendar("XSHG").session_of(date(2026, 6, 1))
    assert session is not None
    begins = session.open_ns - 7_200 * NS
    listing = np.zeros(1, LIST_INSTRUMENT)
    listing["kind"], listing["instrument"], listing["price_max"], listing["quantity_max"] = 35, 1, 100, 10
    for name in ("cash_scale", "tick_size", "lot_size", "group_count"):
        listing[name] = 1
    entries = list(phases_of(session))
    commands = np.concatenate(
        [listing.view(SCHEDULE_ENTRY), set_schedule(1, entries, after_ns=begins).view(SCHEDULE_ENTRY)]
    )
    commands["sequence"], commands["time_ns"] = np.arange(1, len(commands) + 1), begins
    exchange = Exchange(1)
    exchange.apply(commands)
    seen = []
    while exchange.next_due_ns:
        time = np.zeros(1, SCHEDULE_ENTRY)
        time["kind"], time["group_count"] = CommandKind.TIME, 1
        time["sequence"], time["time_ns"] = exchange.sequence + 1, exchange.next_due_ns
        events = exchange.apply(time).events
        seen += [(Phase(int(e["phase"])), int(e["time_ns"])) for e in events if e["kind"] == EventKind.PHASE_CHANGED]
    assert seen == entries
