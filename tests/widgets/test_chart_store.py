"""Bars in their arrays: kept under any sequence of changes, folded as a plain loop would, 64 bytes a bar at most."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from widgets.chart.bar_columns import BarColumns
from widgets.chart.bar_store import BarStore
from widgets.chart.time_span import TimeSpan

MINUTE = 60 * 10**9
SEED = 83


def random_bars(rng: np.random.Generator, count: int, first: int = 0) -> tuple[np.ndarray, list[np.ndarray]]:
    """Times with gaps and columns, some prices zero, negative or far away."""
    time_ns = (first + np.cumsum(rng.integers(1, 4, count))) * MINUTE
    close = rng.integers(-50, 500, count) * np.where(rng.random(count) < 0.01, 1_000_000, 1)
    opened = np.roll(close, 1)
    high, low = np.maximum(opened, close) + rng.integers(0, 9, count), np.minimum(opened, close) - 3
    return time_ns, [opened, high, low, close, rng.integers(0, 100, count)]


def plain_fold(store: BarStore, first: int, last: int) -> list[float]:
    """What one run folds to."""
    of = store.columns(first, last)
    return [float(of[0, 0]), float(of[1].max()), float(of[2].min()), float(of[3, -1]), float(of[4].sum())]


class Model:
    """The store as a list of rows."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, list[float]]] = []
        self.origin = 0

    def check(self, store: BarStore) -> None:
        """Equal in every bar and in places."""
        assert store.count == len(self.rows) and store.origin == self.origin
        assert store.time_ns.tolist() == [time_ns for time_ns, _ in self.rows]
        assert store.columns(0, store.count).T.tolist() == [values for _, values in self.rows]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["append", "change", "prepend", "older", "cut"]), max_size=30), st.integers(0, 10**6))
def test_any_sequence_of_changes_equals_a_list(steps: list[str], seed: int) -> None:
    rng = np.random.default_rng(seed)
    store, model = BarStore(), Model()
    time_ns, columns = random_bars(rng, int(rng.integers(0, 700)), 10_000)
    store.set(time_ns, columns)
    model.rows = [(int(t), [float(c[i]) for c in columns]) for i, t in enumerate(time_ns)]
    model.origin = -len(time_ns)
    for step in steps:
        values = [float(value) for value in rng.integers(1, 99, 5)]
        if step == "append" and model.rows:
            for _ in range(int(rng.integers(1, 900))):
                after = model.rows[-1][0] + MINUTE
                assert store.put(after, values) is True
                model.rows.append((after, values))
        elif step == "change" and model.rows:
            index = int(rng.integers(0, len(model.rows)))
            store.change(index, values)
            model.rows[index] = (model.rows[index][0], values)
        elif step == "prepend" and model.rows:
            count = int(rng.integers(1, 900))
            begin = model.rows[0][0] // MINUTE - 4 * count
            page_ns, page = random_bars(rng, count, begin)
            kept = np.flatnonzero(page_ns < model.rows[0][0])
            assert store.prepend(page_ns, page) == len(kept)
            model.rows[:0] = [(int(page_ns[i]), [float(c[i]) for c in page]) for i in kept]
            model.origin -= len(kept)
        elif step == "older" and model.rows:
            assert store.put(model.rows[-1][0] - 1, values) is None
        elif step == "cut":
            store.cut(len(model.rows) // 2)
            del model.rows[len(model.rows) // 2 :]
    model.check(store)
    if model.rows:
        edges = np.unique(np.r_[rng.integers(0, store.count, 20), 0, store.count])
        folded = store.fold(edges[:-1], edges[1:])
        for i, (first, last) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)):
            assert folded[:, i].tolist() == plain_fold(store, first, last)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40_000), st.integers(1, 60), st.integers(0, 10**6))
def test_runs_of_any_length_fold_as_a_loop_would(count: int, runs: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    store = BarStore()
    store.set(*random_bars(rng, count))
    edges = np.unique(rng.integers(0, count + 1, 2 * runs))
    if len(edges) < 2:
        edges = np.array([0, count])
    starts, ends = edges[:-1], edges[1:]
    if len(starts) > 3:
        starts, ends = np.delete(starts, 1), np.delete(ends, 1)
    folded = store.fold(starts, ends)
    low, high = store.fold_closes(starts, ends)
    for i, (first, last) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        assert folded[:, i].tolist() == plain_fold(store, first, last)
        closes = store.column("close")[first:last]
        assert (low[i], high[i]) == (closes.min(), closes.max())
    assert store.extremes(0, count) == (store.column("low").min(), store.column("high").max())


@pytest.mark.parametrize("count", [100_000, 1_000_000])
def test_a_bar_costs_64_bytes_at_most(count: int) -> None:
    store = BarStore()
    store.set(*random_bars(np.random.default_rng(SEED), count))
    assert store.nbytes / count <= 64
    for i in range(2):
        time_ns, page = random_bars(np.random.default_rng(i), count // 10, -10 * (i + 1) * count)
        store.prepend(time_ns, page)
        assert store.nbytes / store.count <= 64


def test_bars_out_of_order_are_put_in_order_and_the_last_of_one_time_counts() -> None:
    store = BarStore()
    store.set(np.array([5, 3, 5, 4]), [np.array([1, 2, 3, 4])] * 5)
    assert store.time_ns.tolist() == [3, 4, 5] and store.column("open").tolist() == [2, 4, 3]
    assert store.prepend(np.array([2, 1, 2, 9]), [np.array([1, 2, 3, 4])] * 5) == 2
    assert store.time_ns.tolist() == [1, 2, 3, 4, 5] and store.column("close").tolist()[:2] == [2, 3]


def test_bars_of_one_time_stay_where_times_need_not_differ() -> None:
    store = BarStore()
    store.distinct_times = False
    store.set(np.array([5, 5, 6]), [np.array([1, 2, 3])] * 5)
    assert store.prepend(np.array([5, 4]), [np.array([8, 9])] * 5) == 2
    assert store.time_ns.tolist() == [4, 5, 5, 5, 6] and store.column("close").tolist() == [9, 8, 1, 2, 3]


def test_a_bar_on_the_border_of_a_column_by_time_is_in_the_column_that_it_is_drawn_in() -> None:
    store = BarStore()
    store.set(*random_bars(np.random.default_rng(0), 9637))
    span = span_of(store, True, 70, 3.0 * 9637, 0.0)
    check_columns(span, BarColumns(span))


def span_of(store: BarStore, by_time: bool, width: int, bars_shown: float, right: float) -> TimeSpan:
    """A span over a store."""
    span = TimeSpan()
    span.use_bars(store)
    span.by_time, span.width = by_time, width
    span.use_bars(store)
    end = span.end - right * store.count
    span.show(end - bars_shown, end)
    return span


@settings(max_examples=80, deadline=None)
@given(
    st.integers(2, 30_000), st.booleans(), st.integers(1, 700), st.floats(0.0005, 3), st.floats(-0.2, 1.2),
    st.lists(st.tuples(st.sampled_from(["pan", "zoom", "append", "change", "prepend"]), st.floats(-40, 40)),
             max_size=5),
    st.integers(0, 10**6),
)  # fmt: skip
def test_each_column_holds_the_true_extremes_of_its_bars(
    count: int, by_time: bool, width: int, share: float, right: float, moves: list[tuple[str, float]], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    store = BarStore()
    store.set(*random_bars(rng, count))
    span = span_of(store, by_time, width, max(count * share, 3), right)
    columns = BarColumns(span)
    for what, by in [("pan", 0.0), *moves]:
        if what == "pan":
            span.x_first += by / span.bar_px
        elif what == "zoom":
            span.show(span.x_first, span.x_first + (span.x_last - span.x_first) * 1.1 ** (by / 4))
        elif what == "append":
            store.put(int(store.time_ns[-1]) + MINUTE, [1.0, 10.0 * abs(by), -by, 2.0, 1.0])
        elif what == "change":
            store.put(int(store.time_ns[-1]), [1.0, 10.0 * abs(by), -by, 2.0, 1.0])
        else:
            store.prepend(*random_bars(rng, 50, int(store.time_ns[0]) // MINUTE - 300))
        check_columns(span, columns)


def check_columns(span: TimeSpan, columns: BarColumns) -> None:
    """The oracle: every bar asked by itself in which column it stands."""
    store, shown = span.bars, columns.shown()
    x = span.x_px(span.places(0, store.count))
    for i in range(len(shown)):
        mine = slice(int(shown.first[i]), int(shown.last[i]))
        assert (x[mine] == shown.x[i]).all()
        assert shown.bars[:, i].tolist() == plain_fold(store, mine.start, mine.stop)
    inside = (x >= 0) & (x < span.width)
    told: set[Any] = set(shown.x.tolist())
    assert set(x[inside].tolist()) <= told
    held = int((shown.last - shown.first)[(shown.x >= 0) & (shown.x < span.width)].sum())
    assert held == int(inside.sum())
