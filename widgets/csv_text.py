"""Tables as text for other programs: CSV for files, tabs for the clipboard.

Rules: a cell that a spreadsheet would take for a formula begins with an apostrophe; figures are plain, with ASCII
signs and without separators of thousands; lines end as RFC 4180 has it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

from widgets.formatting import DASH, MINUS

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_FIGURE: Final = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


def plain_figure(text: str) -> str:
    """`−1,234.50` as `-1234.50`; what is no figure stays as it is, a dash is nothing."""
    if text == DASH:
        return ""
    plain = text.replace(",", "").replace(MINUS, "-").removesuffix(" %").removeprefix("+")
    return plain if _FIGURE.fullmatch(plain) else text


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet computes."""
    return f"'{text}" if text.startswith(_FORMULA) and not _FIGURE.fullmatch(text) else text


def unsafe_cell(text: str) -> str:
    """The cell that `safe_cell` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def csv_text(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A file with one line of titles."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([safe_cell(title) for title in titles])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return written.getvalue()


def clipboard_text(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The same for the clipboard: tabs between cells, one line a row."""
    lines = [titles, *rows]
    return "\n".join("\t".join(safe_cell(_one_line(cell)) for cell in line) for line in lines) + "\n"


def _one_line(cell: str) -> str:
    return " ".join(cell.split()) if any(sign in cell for sign in "\t\r\n") else cell
