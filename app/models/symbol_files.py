"""Watchlists as files: CSV with a heading line, or plain symbols one a line, and back.

Rules: whatever the bytes are, reading them raises nothing; what is not understood is told by line; nothing of a cell
is ever a formula for a spreadsheet.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from app.state.instruments import InstrumentTable
from app.state.watchlists import LINES_MAX, Line, Watchlist, clean_name
from widgets.csv_text import csv_text, unsafe_cell

BYTES_MAX: Final = 4_000_000
TITLES: Final = ("Group", "Symbol", "ISIN", "Name")
_SYMBOL_TITLES: Final = ("symbol", "ticker", "instrument", "code")
_ISIN_TITLES: Final = ("isin",)
_GROUP_TITLES: Final = ("group", "section", "heading")
_SEPARATORS: Final = (",", ";", "\t", "|")


@dataclass(slots=True)
class Imported:
    """What a file holds: lines for a list, and the texts that name no instrument here, with their line numbers."""

    lines: list[Line] = field(default_factory=list)
    unknown: list[tuple[int, str]] = field(default_factory=list)
    problem: str = ""
    """Why nothing was read, or not all; empty: all of it was."""


def read_symbols(content: bytes, instruments: InstrumentTable) -> Imported:
    """The instruments of a file by symbol, ISIN or name; each once, in the order of the file."""
    found = Imported()
    if len(content) > BYTES_MAX:
        found.problem = f"The file has {len(content):,} bytes; {BYTES_MAX:,} are the most."
        return found
    rows = _rows(_decoded(content))
    columns = _columns(rows[0][1]) if rows else None
    held: set[str] = set()
    heading = ""
    for number, row in rows[1:] if columns else rows:
        if len(found.lines) >= LINES_MAX:
            found.problem = f"Only the first {LINES_MAX:,} lines were taken."
            break
        group, texts = _parts(row, columns)
        if group and group != heading:
            heading = group
            found.lines.append(Line(heading=group))
        for text in texts:
            known = instruments.by_code(text)
            if known is None:
                found.unknown.append((number, text[:80]))
            elif known.symbol not in held:
                held.add(known.symbol)
                found.lines.append(Line(known.symbol))
    return found


def write_symbols(listed: Watchlist, instruments: InstrumentTable) -> str:
    """A list as CSV under `TITLES`; `read_symbols` gives its lines again."""
    rows: list[Sequence[str]] = []
    group = ""
    for place, line in enumerate(listed.lines):
        if line.heading:
            group = line.heading
            if not listed.members(place):
                rows.append((group, "", "", ""))
            continue
        known = instruments.by_symbol(line.symbol)
        rows.append((group, line.symbol, known.isin if known else "", known.name if known else ""))
    return csv_text(TITLES, rows)


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Cells of each line that has any, with its number. A line that is no CSV is one cell."""
    lines = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    separator = _separator(lines)
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            cells = next(csv.reader(io.StringIO(line), delimiter=separator, strict=False), [])
        except csv.Error:
            cells = [line]
        cleaned = [unsafe_cell(cell.strip()).strip() for cell in cells]
        if any(cleaned) and not line.lstrip().startswith("//"):
            rows.append((number, cleaned))
    return rows


def _separator(lines: list[str]) -> str:
    """That of a line of titles; without one what stands most often."""
    first = next((line for line in lines if line.strip()), "").lower()
    known = {*_SYMBOL_TITLES, *_ISIN_TITLES}
    for separator in _SEPARATORS:
        if separator in first and known & {cell.strip(" \"'") for cell in first.split(separator)}:
            return separator
    return max(_SEPARATORS, key="\n".join(lines[:50]).count)


def _columns(first: list[str]) -> dict[str, int] | None:
    """Where symbol, ISIN and group stand, if the first line says it."""
    lowered = [cell.lower() for cell in first]
    found: dict[str, int] = {}
    for name, titles in (("symbol", _SYMBOL_TITLES), ("isin", _ISIN_TITLES), ("group", _GROUP_TITLES)):
        for place, cell in enumerate(lowered):
            if cell in titles:
                found.setdefault(name, place)
    return found if "symbol" in found or "isin" in found else None


def _parts(row: list[str], columns: dict[str, int] | None) -> tuple[str, list[str]]:
    """The group that a line names, and the texts that may name instruments."""
    if columns is not None:
        group, symbol, isin = (_cell(row, columns.get(name)) for name in ("group", "symbol", "isin"))
        return clean_name(group), [symbol or isin] if symbol or isin else []
    first = row[0]
    if first.startswith("###"):
        return clean_name(first.lstrip("#")), [one for one in row[1:] if one]
    if first.startswith("[") and first.endswith("]"):
        return clean_name(first[1:-1]), []
    if first.startswith("#"):
        return "", []
    return "", [one for one in row if one]


def _cell(row: list[str], place: int | None) -> str:
    return row[place] if place is not None and place < len(row) else ""
