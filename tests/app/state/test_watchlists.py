"""Lists of instruments: edits against plain lists of Python, undo against what was there before."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.state.watchlists import Line, Watchlist, WatchlistBook, clean_name

SYMBOLS = ("VLTA", "KRNL", "HLDN", "MIRA", "ORBX")


def listed(*texts: str) -> Watchlist:
    """A list from symbols and [headings]."""
    return Watchlist("L", tuple(Line(heading=one[1:-1]) if one.startswith("[") else Line(one) for one in texts))


def texts(of: Watchlist) -> list[str]:
    """The same the other way round."""
    return [f"[{line.heading}]" if line.heading else line.symbol for line in of.lines]


BEFORE = listed("A", "[G]", "B", "C", "[H]", "D")


@pytest.mark.parametrize(
    ("places", "before", "after"),
    [
        ([0], 6, ["[G]", "B", "C", "[H]", "D", "A"]),
        ([5], 0, ["D", "A", "[G]", "B", "C", "[H]"]),
        ([1], 0, ["[G]", "B", "C", "A", "[H]", "D"]),
        ([1], 6, ["A", "[H]", "D", "[G]", "B", "C"]),
        ([2, 5], 1, ["A", "B", "D", "[G]", "C", "[H]"]),
        ([2], 3, ["A", "[G]", "B", "C", "[H]", "D"]),
        ([], 3, ["A", "[G]", "B", "C", "[H]", "D"]),
        ([99, -1], 3, ["A", "[G]", "B", "C", "[H]", "D"]),
    ],
)
def test_lines_move_and_headings_take_theirs(places: list[int], before: int, after: list[str]) -> None:
    assert texts(BEFORE.moved(places, before)) == after


@pytest.mark.parametrize(
    ("places", "down", "after"),
    [
        ([2], True, ["A", "[G]", "C", "B", "[H]", "D"]),
        ([3], False, ["A", "[G]", "C", "B", "[H]", "D"]),
        ([0], False, ["A", "[G]", "B", "C", "[H]", "D"]),
        ([5], True, ["A", "[G]", "B", "C", "[H]", "D"]),
        ([0], True, ["[G]", "A", "B", "C", "[H]", "D"]),
    ],
)
def test_a_step_passes_one_line(places: list[int], down: bool, after: list[str]) -> None:
    assert texts(BEFORE.stepped(places, down)) == after


def test_a_symbol_stands_in_a_list_once() -> None:
    assert texts(BEFORE.with_symbols(["B", "E", "E", "", "F"], 1)) == ["A", "E", "F", "[G]", "B", "C", "[H]", "D"]
    assert texts(BEFORE.with_symbols(["E"])) == [*texts(BEFORE), "E"]


def test_headings_are_made_named_and_folded() -> None:
    made = BEFORE.with_heading("  New \n group ", 0)
    assert texts(made)[0] == "[New group]"
    assert texts(made.renamed(0, "Other"))[0] == "[Other]"
    assert texts(made.renamed(1, "Other"))[1] == "A"
    assert made.folded(0).lines[0].folded and not made.folded(0).folded(0).lines[0].folded
    assert list(BEFORE.members(1)) == [2, 3]


EDIT = st.one_of(
    st.tuples(st.just("add"), st.lists(st.sampled_from(SYMBOLS), max_size=3), st.integers(-1, 6)),
    st.tuples(st.just("move"), st.lists(st.integers(0, 6), max_size=3), st.integers(0, 8)),
    st.tuples(st.just("remove"), st.lists(st.integers(0, 6), max_size=3), st.just(0)),
    st.tuples(st.just("head"), st.sampled_from(["G", "H", "\x00 "]), st.integers(-1, 6)),
    st.tuples(st.just("fold"), st.integers(0, 6), st.just(0)),
    st.tuples(st.just("new"), st.sampled_from(["One", "Two", ""]), st.just(0)),
    st.tuples(st.just("drop"), st.integers(0, 3), st.just(0)),
    st.tuples(st.just("rename"), st.integers(0, 3), st.sampled_from(["One", "Three"])),
)


def apply(book: WatchlistBook, edit: Any) -> None:
    """One edit of a random list."""
    kind, what, where = edit
    names = book.names
    if kind == "new" or not names:
        book.put(Watchlist(book.free_name(what if isinstance(what, str) else "X")))
        return
    chosen = book.get(names[what % len(names)] if isinstance(what, int) else names[0])
    assert chosen is not None
    if kind == "add":
        book.put(chosen.with_symbols(what, where))
    elif kind == "move":
        book.put(chosen.moved(what, where))
    elif kind == "remove":
        book.put(chosen.without(what))
    elif kind == "head":
        book.put(chosen.with_heading(what, where))
    elif kind == "fold" and what < len(chosen.lines):
        book.put(chosen.folded(what))
    elif kind == "drop":
        book.remove(chosen.name)
    elif kind == "rename":
        book.rename(chosen.name, where)


@given(st.lists(EDIT, max_size=30))
@settings(max_examples=200, deadline=None)
def test_undo_goes_back_step_by_step_and_redo_forth(edits: list[Any]) -> None:
    book = WatchlistBook()
    states = [book.lists]
    for edit in edits:
        apply(book, edit)
        if book.lists != states[-1]:
            states.append(book.lists)
        assert len(set(book.names)) == len(book.names)
        assert all(len(set(one.symbols)) == len(one.symbols) for one in book.lists)
        assert all(bool(line.symbol) != bool(line.heading) for one in book.lists for line in one.lines)
    for state in reversed(states[:-1]):
        assert book.undo()
        assert book.lists == state
    assert not book.undo()
    for state in states[1:]:
        assert book.redo()
        assert book.lists == state
    assert not book.redo()


@given(st.text(max_size=200))
def test_a_name_is_one_line_that_can_be_seen(text: str) -> None:
    name = clean_name(text)
    assert len(name) <= 60
    assert name == "" or name.isprintable()
