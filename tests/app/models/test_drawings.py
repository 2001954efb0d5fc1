"""The book of drawings and its files: undo gives back what was, files give back what was kept, damage stays alone."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.drawing_files import (
    VERSION,
    DamagedDrawingsError,
    DrawingFiles,
    decode,
    encode,
    path_of,
    read_all,
    write,
)
from app.models.drawings import UNDO_MAX, DrawingBook, Drawings
from widgets.drawing.drawing import (
    DASHES,
    INKS,
    KINDS,
    PRICE_MAX,
    TIME_MAX_NS,
    WIDTHS_PX,
    Anchor,
    Drawing,
    DrawingKind,
    DrawingStyle,
)

ANCHORS = st.builds(Anchor, st.integers(-TIME_MAX_NS, TIME_MAX_NS), st.integers(-PRICE_MAX, PRICE_MAX))
STYLES = st.builds(DrawingStyle, st.sampled_from(INKS), st.sampled_from(DASHES), st.sampled_from(WIDTHS_PX))


NUMBERS = st.integers(1, 6)


@st.composite
def drawings(draw: st.DrawFn) -> Drawing:
    """Any drawing that the program can make."""
    kind = draw(st.sampled_from(DrawingKind))
    count = KINDS[kind].anchor_count
    anchors = draw(st.lists(ANCHORS, min_size=count, max_size=count))
    text = draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
    return Drawing(draw(NUMBERS), kind, tuple(anchors), draw(STYLES), text, draw(st.booleans()))


EDITS = st.one_of(
    st.tuples(st.just("put"), drawings()), st.tuples(st.just("remove"), st.integers(1, 6)),
    st.tuples(st.just("clear"), st.just(0)), st.tuples(st.just("undo"), st.just(0)),
    st.tuples(st.just("redo"), st.just(0)),
)  # fmt: skip


def opened(kept: dict[str, Drawings] | None = None) -> DrawingBook:
    """A book whose files have been read."""
    book = DrawingBook()
    book.load(kept or {})
    return book


def edit(book: DrawingBook, name: str, value: Drawing | int) -> bool:
    """One edit of VLTA."""
    if name in ("clear", "undo", "redo"):
        return bool(getattr(book, name)("VLTA"))
    return bool(getattr(book, name)("VLTA", value))


@given(st.lists(drawings(), max_size=3, unique_by=lambda one: one.number), st.lists(EDITS, max_size=40))
def test_undo_of_any_sequence_gives_the_start_and_redo_the_end(begin: list[Drawing], edits: list) -> None:
    book = opened({"VLTA": tuple(begin), "KRNL": ()})
    for name, value in edits:
        edit(book, name, value)
    end = book.of("VLTA")
    undone = 0
    while book.undo("VLTA"):
        undone += 1
    assert book.of("VLTA") == tuple(begin)
    for _ in range(undone):
        assert book.redo("VLTA")
    assert book.of("VLTA") == end
    assert book.of("KRNL") == ()


@given(st.lists(EDITS, max_size=40))
def test_each_edit_is_one_step_and_is_kept_and_told(edits: list) -> None:
    kept: list[Drawings] = []
    told: list[str] = []
    book = DrawingBook()
    book.keep_by(lambda symbol, held: kept.append(held))
    book.load({})
    book.watch(told.append)
    for name, value in edits:
        before, steps, count = book.of("VLTA"), book.steps("VLTA")[0], len(kept)
        done = edit(book, name, value)
        assert (book.of("VLTA") != before) == done or name in ("undo", "redo")
        assert len(kept) == len(told) == count + done
        if done and name in ("put", "remove", "clear"):
            assert book.steps("VLTA") == (steps + 1, 0)
            assert kept[-1] == book.of("VLTA")


def test_nothing_is_edited_before_the_files_are_read() -> None:
    book = DrawingBook()
    line = Drawing(1, DrawingKind.PRICE_LINE, (Anchor(0, 5),))
    assert not book.put("VLTA", line)
    book.load({"VLTA": (line,)})
    assert book.of("VLTA") == (line,)
    book.load({"VLTA": ()})
    assert book.of("VLTA") == (line,)


def test_a_locked_drawing_is_not_deleted() -> None:
    line = Drawing(1, DrawingKind.PRICE_LINE, (Anchor(0, 5),), locked=True)
    book = opened({"VLTA": (line,)})
    assert not book.remove("VLTA", 1) and not book.clear("VLTA")
    assert book.of("VLTA") == (line,)


def test_undo_is_bounded() -> None:
    book = opened()
    for price in range(UNDO_MAX + 50):
        book.put("VLTA", Drawing(1, DrawingKind.PRICE_LINE, (Anchor(0, price),)))
    assert book.steps("VLTA")[0] == UNDO_MAX


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
       st.lists(drawings(), max_size=5, unique_by=lambda one: one.number))  # fmt: skip
def test_a_file_gives_back_what_was_written(symbol: str, held: list[Drawing]) -> None:
    file = decode(encode(symbol, tuple(held)))
    assert (file.symbol, file.drawings) == (symbol, tuple(held))


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_any_bytes_are_drawings_or_damage(data: bytes) -> None:
    with pytest.raises(DamagedDrawingsError):
        decode(data)


@given(st.data())
def test_a_damaged_file_is_never_half_understood(data: st.DataObject) -> None:
    held = (Drawing(1, DrawingKind.RAY, (Anchor(1, 2), Anchor(3, 4))), Drawing(2, DrawingKind.TEXT, (Anchor(1, 2),)))
    whole = encode("VLTA", held)
    place = data.draw(st.integers(0, len(whole) - 1))
    broken = whole[:place] + bytes([data.draw(st.integers(0, 255))]) + whole[place + 1 :]
    for candidate in (whole[:place], broken):
        try:
            file = decode(candidate)
        except DamagedDrawingsError:
            continue
        assert all(KINDS[one.kind].anchor_count == len(one.anchors) for one in file.drawings)


def test_damage_is_put_aside_and_the_other_files_are_read(tmp_path: Path) -> None:
    line = Drawing(1, DrawingKind.PRICE_LINE, (Anchor(0, 5),))
    for symbol in ("VLTA", "KRNL", "A/B..\\C:*?", "ORBX", "MIRA"):
        write(tmp_path, symbol, (line,))
    path_of(tmp_path, "KRNL").write_bytes(b"{half")
    newer = {"version": VERSION + 1, "symbol": "ORBX", "drawings": [], "more": 1}
    path_of(tmp_path, "ORBX").write_bytes(msgspec.json.encode(newer))
    path_of(tmp_path, "MIRA").write_bytes(path_of(tmp_path, "VLTA").read_bytes())
    read = read_all(tmp_path)
    assert read.drawings == {"VLTA": (line,), "A/B..\\C:*?": (line,)}
    assert [problem.split(":")[0] for problem in read.problems] == [
        "Drawings of KRNL",
        "Drawings of MIRA",
        "Drawings of ORBX",
    ]
    assert path_of(tmp_path, "KRNL").with_name("KRNL.drawings.json.damaged-1").read_bytes() == b"{half"
    path_of(tmp_path, "KRNL").write_bytes(b"again")
    assert read_all(tmp_path).problems[0].endswith("KRNL.drawings.json.damaged-2.")
    assert read_all(tmp_path).problems == ()


def test_a_crash_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    line = Drawing(1, DrawingKind.PRICE_LINE, (Anchor(0, 5),))
    write(tmp_path, "VLTA", (line,))
    path = path_of(tmp_path, "VLTA")
    path.with_name(path.name + ".new").write_bytes(encode("VLTA", ())[:20])
    assert read_all(tmp_path).drawings == {"VLTA": (line,)}


def test_the_thread_reads_first_and_writes_the_newest(tmp_path: Path) -> None:
    write(tmp_path, "VLTA", (Drawing(1, DrawingKind.PRICE_LINE, (Anchor(0, 5),)),))
    files = DrawingFiles(tmp_path)
    for price in range(20):
        files.keep("VLTA", (Drawing(1, DrawingKind.PRICE_LINE, (Anchor(0, price),)),))
        files.keep("KRNL", ())
    files.close()
    first = files.take_read()
    assert first is not None and first.drawings["VLTA"][0].anchors[0].price == 5
    assert files.take_read() is None
    assert read_all(tmp_path).drawings["VLTA"][0].anchors[0].price == 19


def test_a_disk_that_refuses_is_told_and_the_program_goes_on(tmp_path: Path) -> None:
    place = tmp_path / "taken"
    place.write_text("a file stands where the directory should be")
    files = DrawingFiles(place)
    files.keep("VLTA", ())
    files.close()
    assert files.take_read() is not None
    told = files.take_read()
    assert told is not None and told.problems[0].startswith("Drawings of VLTA are not kept")
