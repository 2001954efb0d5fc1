"""The tables of phases in the engine are those of the rule book, cell by cell, and the engine acts by them."""

import re

import numpy as np
import pytest

from server.engine.exchange import Exchange
from server.engine.phase_table import (
    FOLLOWERS,
    TAKES_AT_CLOSE,
    TAKES_AT_OPEN,
    TAKES_AUCTION,
    TAKES_IMMEDIATE,
    TAKES_LIMITS,
    TAKES_REPLACES,
    TAKES_STOPS,
)
from server.protocol.enums import CommandKind, EventKind, Phase, RejectReason
from server.protocol.records import COMMAND, LIST_INSTRUMENT, NO_PRICE
from tests.architecture.source_tree import PROJECT

CHAPTER = (PROJECT / "resources" / "docs" / "rulebook" / "phases.md").read_text(encoding="utf-8")
BY_RULE = {Phase.EXTENDED_CALL, Phase.LIMIT_STATE, Phase.PAUSED}
"""No operator asks for these."""


def table_under(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    lines = CHAPTER.partition(heading)[2].splitlines()
    end = next(number for number, line in enumerate(lines) if number and line.startswith("## "))
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in lines[:end] if row.startswith("|")][2:]


def names(cell: str) -> set[Phase]:
    """The phases that a cell names."""
    return {Phase[name] for name in re.findall(r"[A-Z_]{5,}", cell)}


TAKES = {phase: row[1:] for row in table_under("## 13.1 ") for phase in names(row[0])}
FOLLOWS = {phase: names(row[1]) for row in table_under("## 13.2 ") for phase in names(row[0])}
ALWAYS = {Phase.CLOSED, Phase.HALTED, Phase.SUSPENDED, Phase.DELISTED}
COLUMNS = (TAKES_LIMITS, TAKES_IMMEDIATE, TAKES_STOPS, TAKES_AT_OPEN, TAKES_AT_CLOSE, TAKES_AUCTION, TAKES_REPLACES)
"""In the order of the table."""


def test_every_phase_is_in_both_tables() -> None:
    assert set(TAKES) == set(Phase)
    assert set(FOLLOWS) | {Phase.DELISTED} == set(Phase)


@pytest.mark.parametrize("phase", list(Phase))
def test_what_a_phase_takes(phase: Phase) -> None:
    taken = [cell in ("yes", "waits") for cell in TAKES[phase][: len(COLUMNS)]]
    assert taken == [bool(int(column) >> phase & 1) for column in COLUMNS]


@pytest.mark.parametrize("phase", list(Phase))
def test_which_phases_may_follow(phase: Phase) -> None:
    followers = {other for other in Phase if int(FOLLOWERS[phase]) >> other & 1}
    assert followers == (set() if phase == Phase.DELISTED else FOLLOWS[phase] | ALWAYS)


def command(exchange: Exchange, kind: int, **fields: int) -> np.ndarray:
    """The events of one command."""
    row = np.zeros(1, COMMAND)
    row["kind"], row["group_count"], row["sequence"] = kind, 1, exchange.sequence + 1
    for name, value in fields.items():
        row[name] = value
    with np.errstate(over="ignore"):
        return exchange.apply(row).events.copy()


def in_phase(phase: Phase) -> Exchange:
    """An exchange with one instrument in a phase that an operator can ask for."""
    with np.errstate(over="ignore"):
        exchange = Exchange(1)
    row = np.zeros(1, LIST_INSTRUMENT)
    row["kind"], row["group_count"], row["sequence"], row["instrument"] = CommandKind.LIST_INSTRUMENT, 1, 1, 1
    row["price_max"], row["quantity_max"] = 100, 10
    row["cash_scale"] = row["tick_size"] = row["lot_size"] = 1
    with np.errstate(over="ignore"):
        exchange.apply(row.view(COMMAND))
    for step in (Phase.CONTINUOUS, phase) if phase != Phase.START_OF_DAY else (phase,):
        command(exchange, CommandKind.SET_PHASE, instrument=1, side=step, price=NO_PRICE)
    return exchange


@pytest.mark.parametrize("phase", sorted(set(Phase) - BY_RULE))
def test_the_engine_changes_phases_by_the_table(phase: Phase) -> None:
    for asked in Phase:
        (event,) = command(in_phase(phase), CommandKind.SET_PHASE, instrument=1, side=asked, price=NO_PRICE)
        if asked in FOLLOWS.get(phase, set()) | (ALWAYS if phase != Phase.DELISTED else set()):
            assert (event["kind"], event["phase"]) == (EventKind.PHASE_CHANGED, asked), (phase, asked)
        else:
            assert (event["kind"], event["reason"]) == (EventKind.REJECTED, RejectReason.INVALID_TRANSITION)
            assert (event["value"], event["limit"]) == (phase, asked)
