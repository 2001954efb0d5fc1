"""Pages of depth history: the book at the end of each column of time, as what is other than in the column before.

Rules: a page is found from its end backwards, by what it would cost to read, and made forwards from the nearest FULL
column; wide columns skip to the last FULL one in them. A generator that yields between slices, as in `queries`.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from server.history.books import Levels
from server.history.depth_store import DayFiles, DepthStore
from server.history.queries import TIME_MAX_NS
from server.history.ticks import DAY_NS, Places, borders
from server.protocol import control
from server.protocol.codec import Records
from server.protocol.enums import DepthFlag
from server.protocol.records import DEPTH_COLUMN

PAGE_ROWS: Final = 15_000
IN_A_ROW: Final = 3
READ_LEVELS_MAX: Final = IN_A_ROW * PAGE_ROWS
"""A page reads about so many levels, as more would not fit, and at least one column."""
SLICE_COLUMNS: Final = 200
_FULL: Final = int(DepthFlag.FULL)
Page = Generator[None, None, tuple[Records, bool]]
Changes = list[tuple[int, int]]


class TooDeep(ValueError):
    """The book alone does not fit into a page."""


class Span(NamedTuple):
    """Wide columns of one day: when each begins, and its rows in the file of levels; whether they make a book anew."""

    files: DayFiles
    begin_ns: Places
    column: Places
    """The column of one second from which each is read."""
    first: Places
    behind: Places
    is_anew: NDArray[np.bool_]

    def last(self, count: int) -> "Span":
        """The last `count` of them."""
        return Span(
            self.files, self.begin_ns[-count:], self.column[-count:], self.first[-count:], self.behind[-count:],
            self.is_anew[-count:],
        )  # fmt: skip


@dataclass(slots=True)
class Replay:
    """The book while it is read forwards, and what has changed since the last column."""

    levels: Levels = field(default_factory=dict)
    before: Levels = field(default_factory=dict)

    def clear(self) -> None:
        """Begin from an empty book."""
        for level, quantity in self.levels.items():
            self.before.setdefault(level, quantity)
        self.levels.clear()

    def apply(self, names: Sequence[int], quantities: Sequence[int]) -> None:
        """Take levels, the later ones over the earlier."""
        levels, before = self.levels, self.before
        for level, quantity in zip(names, quantities, strict=True):
            before.setdefault(level, levels.get(level, 0))
            if quantity:
                levels[level] = quantity
            else:
                levels.pop(level, None)

    def take(self) -> Changes:
        """What is other than at the last call, in order of price."""
        levels = self.levels
        changes = [(one, levels.get(one, 0)) for one, was in self.before.items() if levels.get(one, 0) != was]
        self.before.clear()
        changes.sort()
        return changes


def depth(store: DepthStore, asked: control.GetDepthHistory, ended_ns: int) -> Page:
    """DEPTH_COLUMN rows of a checked question, oldest first; and whether there are older ones.

    `ended_ns`: columns that end after it are not told yet. Raises TooDeep, OSError.
    """
    size = asked.column_ns
    limit_ns = ended_ns // size * size
    before_ns = min(asked.before_ns or TIME_MAX_NS, limit_ns)
    spans: list[Span] = []
    missing, cost, more = min(asked.count, PAGE_ROWS), 0, False
    for day in reversed(store.days(asked.instrument)):
        if day * DAY_NS >= before_ns + size:
            continue
        if missing <= 0 or cost >= READ_LEVELS_MAX:
            more = True
            break
        span = _span(store.day(asked.instrument, day), size, before_ns)
        taken = _taken(span, missing, READ_LEVELS_MAX - cost)
        if taken:
            missing -= taken
            cost += int((span.behind - span.first)[-taken:].sum())
            more = more or taken < len(span.begin_ns)
            spans.insert(0, span.last(taken))
        if more:
            break
        yield
    columns = yield from _columns(spans, asked)
    yield
    rows = _rows(columns)
    marker_ns = limit_ns - size
    if columns and (not asked.before_ns or asked.before_ns > marker_ns) and not store.is_blind(asked.instrument):
        last_ns = int(rows["time_ns"][-1])
        if last_ns < marker_ns:
            marker = np.zeros(1, DEPTH_COLUMN)
            marker["time_ns"] = marker_ns
            rows = np.concatenate([rows, marker])
    first_ns = columns[0][0] if columns else 0
    return rows, more or any(first_ns > int(span.begin_ns[0]) for span in spans[:1])


def _span(files: DayFiles, size: int, before_ns: int) -> Span:
    """The wide columns of a day that begin before a time, and what has to be read for each."""
    time_ns = np.array(files.columns["time_ns"])
    begin = time_ns - time_ns % size
    count = int(np.searchsorted(begin, before_ns))
    begin = begin[:count]
    if not count:
        nothing = np.zeros(0, np.int64)
        return Span(files, nothing, nothing, nothing, nothing, nothing.astype(np.bool_))
    start = files.columns["start"][:count].astype(np.int64)
    behind = start + files.columns["count"][:count]
    starts = borders(begin)
    ends = np.append(starts[1:], count) - 1
    fulls = np.where(files.columns["flags"][:count] & _FULL, np.arange(count), -1)
    newest_full = np.maximum.accumulate(fulls)[ends]
    is_anew = newest_full >= starts
    column = np.where(is_anew, newest_full, starts)
    return Span(files, begin[starts], column, start[column], behind[ends], is_anew)


def _taken(span: Span, count: int, cost_max: int) -> int:
    """How many of the last columns of a span are wanted and may be read; one at least."""
    costs = np.cumsum((span.behind - span.first)[::-1])
    return min(count, max(1, int(np.searchsorted(costs, cost_max, "right"))), len(costs))


def _columns(spans: list[Span], asked: control.GetDepthHistory) -> Generator[None, None, list[tuple[int, Changes]]]:
    """Beginning and changes of each column that has any; of the first one the whole book. They fit into a page."""
    replay = Replay()
    if spans:
        _begin(spans[0], replay, asked)
    columns: list[tuple[int, Changes]] = []
    oldest: Levels = {}
    pending_ns = -1
    for span in spans:
        for place in range(0, len(span.begin_ns), SLICE_COLUMNS):
            for begin_ns, is_anew, names, quantities in _read(span, place, asked):
                if pending_ns not in (-1, begin_ns):
                    _put(columns, pending_ns, replay, oldest)
                pending_ns = begin_ns
                if is_anew:
                    replay.clear()
                replay.apply(names, quantities)
            yield
    if pending_ns >= 0:
        _put(columns, pending_ns, replay, oldest)
    yield
    return _fitting(columns, oldest)


def _put(columns: list[tuple[int, Changes]], begin_ns: int, replay: Replay, oldest: Levels) -> None:
    changes = replay.take()
    if not columns:
        oldest.update(replay.levels)
        columns.append((begin_ns, list(replay.levels.items())))
    elif changes:
        columns.append((begin_ns, changes))


def _begin(span: Span, replay: Replay, asked: control.GetDepthHistory) -> None:
    """Bring the book to before the first column of the page."""
    if span.is_anew[0]:
        return
    columns = span.files.columns
    full = int(np.flatnonzero(columns["flags"][: int(span.column[0])] & _FULL)[-1])
    first = int(columns["start"][full])
    replay.apply(*_levels(span.files.levels[first : int(span.first[0])], asked)[:2])
    replay.before.clear()


def _read(
    span: Span, place: int, asked: control.GetDepthHistory
) -> Generator[tuple[int, bool, list[int], list[int]], None, None]:
    """Beginning, whether it is made anew, levels and quantities of some columns, read at once."""
    part = slice(place, place + SLICE_COLUMNS)
    first, counts = span.first[part], (span.behind - span.first)[part]
    before = np.cumsum(counts) - counts
    rows = np.repeat(first - before, counts) + np.arange(int(counts.sum()))
    names, quantities, is_wanted = _levels(span.files.levels[rows], asked)
    of_column = np.repeat(np.arange(len(counts)), counts)[is_wanted]
    ends = np.cumsum(np.bincount(of_column, minlength=len(counts))).tolist()
    begin = 0
    for begin_ns, is_anew, end in zip(span.begin_ns[part].tolist(), span.is_anew[part].tolist(), ends, strict=True):
        yield begin_ns, is_anew, names[begin:end], quantities[begin:end]
        begin = end


def _levels(rows: Records, asked: control.GetDepthHistory) -> tuple[list[int], list[int], NDArray[np.bool_]]:
    """Names and quantities of those in the range of prices, and which those are."""
    price = rows["price"]
    is_wanted = (price >= asked.price_min) & (price <= asked.price_max)
    rows = rows[is_wanted]
    side = (rows["side_quantity"] & np.uint64(1)).astype(np.int64)
    names = rows["price"] * 2 + side
    return names.tolist(), (rows["side_quantity"] >> np.uint64(1)).tolist(), is_wanted


def _fitting(columns: list[tuple[int, Changes]], oldest: Levels) -> list[tuple[int, Changes]]:
    """Without so many of the first columns that the rest, begun with its whole book, fits into a page."""
    total = sum(_rows_of(len(changes)) for _, changes in columns)
    dropped = 0
    while total > PAGE_ROWS:
        if dropped + 1 >= len(columns):
            raise TooDeep(f"the book has {len(oldest)} levels in this range of prices; ask for a smaller range")
        total -= _rows_of(len(oldest))
        dropped += 1
        changes = columns[dropped][1]
        total -= _rows_of(len(changes))
        for level, quantity in changes:
            if quantity:
                oldest[level] = quantity
            else:
                oldest.pop(level, None)
        total += _rows_of(len(oldest))
    if not columns:
        return columns
    return [(columns[dropped][0], sorted(oldest.items())), *columns[dropped + 1 :]]


def _rows_of(changes: int) -> int:
    return max(1, -(-changes // IN_A_ROW))


def _rows(columns: list[tuple[int, Changes]]) -> Records:
    """DEPTH_COLUMN rows; the first column is FULL."""
    sizes = np.array([len(changes) for _, changes in columns], np.int64)
    records = np.maximum(1, -(-sizes // IN_A_ROW))
    total = int(records.sum())
    rows = np.zeros(total, DEPTH_COLUMN)
    if not total:
        return rows
    first = np.cumsum(records) - records
    rows["time_ns"] = np.repeat([begin_ns for begin_ns, _ in columns], records)
    rows["flags"][: records[0]] = _FULL
    in_column = np.arange(total) - np.repeat(first, records)
    rows["count"] = np.clip(np.repeat(sizes, records) - IN_A_ROW * in_column, 0, IN_A_ROW)
    flat = [one for _, changes in columns for one in changes]
    if flat:
        pairs = np.array(flat, np.int64)
        place = np.repeat(IN_A_ROW * first - (np.cumsum(sizes) - sizes), sizes) + np.arange(len(flat))
        for name, values in (("prices", pairs[:, 0] >> 1), ("sides", pairs[:, 0] & 1), ("quantities", pairs[:, 1])):
            spread = np.zeros(IN_A_ROW * total, np.int64)
            spread[place] = values
            rows[name] = spread.reshape(-1, IN_A_ROW)
    return rows
