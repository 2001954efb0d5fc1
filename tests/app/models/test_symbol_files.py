"""Lists as files: there and back, forms that other programs write, and bytes that are no list."""

import csv
import io
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.models.symbol_files import BYTES_MAX, read_symbols, write_symbols
from app.state.instruments import InstrumentTable
from app.state.watchlists import Line, Watchlist, clean_name
from tests.app.made import instrument

LISTED = [
    msgspec.structs.replace(instrument(number, symbol), isin=f"XX{number:010d}")
    for number, symbol in enumerate(("VLTA", "KRNL", "BRNT F7", "ALD/BRN", "=SUM"), 1)
]
TABLE = InstrumentTable(LISTED)


def symbols(content: str | bytes) -> list[str]:
    """The symbols and [headings] that are read."""
    found = read_symbols(content.encode() if isinstance(content, str) else content, TABLE)
    return [f"[{line.heading}]" if line.heading else line.symbol for line in found.lines]


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ("VLTA\nKRNL\n", ["VLTA", "KRNL"]),
        ("vlta;krnl", ["VLTA", "KRNL"]),
        ("VLTA,KRNL,VLTA", ["VLTA", "KRNL"]),
        ("\ufeffSymbol;Name\r\nKRNL;Kernel\r\n", ["KRNL"]),
        ("ISIN\nXX0000000003", ["BRNT F7"]),
        ("Name,Ticker\nx,ALD/BRN", ["ALD/BRN"]),
        ("# a remark\n[Energy]\nVLTA\n\n###Rates,KRNL", ["[Energy]", "VLTA"]),
        ("Group,Symbol\nA,VLTA\nA,KRNL\nB,BRNT F7\n", ["[A]", "VLTA", "KRNL", "[B]", "BRNT F7"]),
        ("krnl power", ["KRNL"]),
        ("Symbol\n'=SUM", ["=SUM"]),
        (b"\xff\xfeV\x00L\x00T\x00A\x00", ["VLTA"]),
        ("", []),
    ],
)
def test_what_programs_write_is_read(content: str | bytes, read: list[str]) -> None:
    assert symbols(content)[: len(read)] == read


def test_what_is_unknown_is_told_by_line() -> None:
    found = read_symbols(b"VLTA\nNOPE\n\n\xe9\xe8\n", TABLE)
    assert [line.symbol for line in found.lines] == ["VLTA"]
    assert [number for number, _ in found.unknown] == [2, 4]


def test_a_file_that_is_too_large_is_not_read() -> None:
    assert "bytes" in read_symbols(b"V" * (BYTES_MAX + 1), TABLE).problem


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_without_an_error(content: bytes) -> None:
    found = read_symbols(content, TABLE)
    assert all(line.heading or TABLE.by_symbol(line.symbol) for line in found.lines)


@given(st.text(alphabet=st.sampled_from("VLTAKRN,;\t|\"\n\r[]#= '+-@symbolgroup"), max_size=120))
@settings(max_examples=300, deadline=None)
def test_texts_that_are_nearly_lists_are_read_without_an_error(text: str) -> None:
    read_symbols(text.encode(), TABLE)


HEADING = st.text(min_size=1, max_size=12).map(clean_name).filter(bool)
PART = st.tuples(HEADING, st.lists(st.sampled_from([one.symbol for one in LISTED]), max_size=4))


@given(st.lists(PART, max_size=4, unique_by=lambda part: part[0]))
@settings(max_examples=200, deadline=None)
def test_a_list_comes_back_from_its_file_and_no_cell_is_a_formula(parts: list[tuple[str, list[str]]]) -> None:
    lines: list[Line] = []
    held: set[str] = set()
    for heading, names in parts:
        lines.append(Line(heading=heading))
        fresh = [name for name in dict.fromkeys(names) if name not in held]
        held.update(fresh)
        lines += [Line(name) for name in fresh]
    text = write_symbols(Watchlist("L", tuple(lines)), TABLE)
    for row in csv.reader(io.StringIO(text)):
        texts = [cell for cell in row if not re.fullmatch(r"[+-]?[0-9]+([.][0-9]+)?", cell)]
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in texts)
    expected = [f"[{line.heading}]" if line.heading else line.symbol for line in lines]
    plain = [heading for heading, _ in parts if heading.lstrip("'") == heading and not heading.startswith("//")]
    if len(plain) == len(parts):
        assert symbols(text) == expected
