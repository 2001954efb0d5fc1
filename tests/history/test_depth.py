"""Depth history equals the book that a client replays from the same records, however it is paged, after any crash."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from server.client.book import OrderBook
from server.history import depth_store
from server.history.depth import DepthHistory
from server.history.depth_queries import PAGE_ROWS, TooDeep, depth
from server.history.folding import Folder
from server.protocol.control import GetDepthHistory
from server.protocol.enums import DepthFlag, MarketDataKind, Side
from server.protocol.records import BOOK_RECORD, DEPTH_COLUMN
from tests.history.depth_flow import Flow, Shown, slow_columns
from tests.history.pages import whole
from tests.history.trades import DAY_NS, log_with

SECOND_NS = 10**9
SIZES_NS = [SECOND_NS, 2 * SECOND_NS, 7 * SECOND_NS, 60 * SECOND_NS, 3600 * SECOND_NS, DAY_NS]


def taken(rows: NDArray[np.void], shown: Shown) -> dict[int, Shown]:
    """The book at the end of each column of a page; what a client does with its rows."""
    found: dict[int, Shown] = {}
    begin = None
    for row in rows:
        if row["time_ns"] != begin:
            shown = {} if row["flags"] & DepthFlag.FULL else dict(shown)
        begin = int(row["time_ns"])
        for place in range(int(row["count"])):
            level = (int(row["sides"][place]), int(row["prices"][place]))
            assert shown.get(level, 0) != int(row["quantities"][place]) or row["flags"] & DepthFlag.FULL
            shown[level] = int(row["quantities"][place])
            if not row["quantities"][place]:
                del shown[level]
        found[begin] = shown
    return found


def changed(columns: dict[int, Shown]) -> dict[int, Shown]:
    """Those that are others than the one before."""
    found: dict[int, Shown] = {}
    last: Shown = {}
    for begin, shown in columns.items():
        if shown != last:
            found[begin] = last = shown
    return found


def by_pages(history: DepthHistory, instrument: int, column_ns: int, count: int) -> list[dict[int, Shown]]:
    """The columns of each page, newest page first."""
    pages = []
    before_ns, more = 0, True
    while more:
        asked = GetDepthHistory(instrument=instrument, column_ns=column_ns, before_ns=before_ns, count=count)
        rows, more = whole(depth(history.store, asked, history.sampler.ended_ns))
        if len(rows):
            assert rows["flags"][0] & DepthFlag.FULL
            pages.append(taken(rows, {}))
            before_ns = int(rows["time_ns"][0])
    return pages


def check(history: DepthHistory, records: NDArray[np.void], column_ns: int, count: int) -> None:
    """Every column of both instruments is what a client would have seen, over all pages."""
    ended_ns = history.sampler.ended_ns
    for instrument in (1, 2):
        for day in history.store.days(instrument):
            files = history.store.day(instrument, day)
            assert (np.diff(files.columns["time_ns"]) > 0).all()
            assert (files.columns["start"] == np.cumsum(files.columns["count"]) - files.columns["count"]).all()
            assert len(files.levels) == files.columns["count"].sum()
        expected = slow_columns(records, instrument, column_ns, ended_ns)
        pages = by_pages(history, instrument, column_ns, count)
        found = {begin: shown for page in reversed(pages) for begin, shown in page.items()}
        for begin, shown in changed(expected).items():
            assert found[begin] == shown
        for begin, shown in found.items():
            before = [one for one in expected if one <= begin]
            assert shown == (expected[before[-1]] if before else {})
        if any(expected.values()):
            assert max(found) == ended_ns // column_ns * column_ns - column_ns


@settings(max_examples=40)
@given(
    st.integers(0, 10**6), st.sampled_from([0, 10**7, 3 * 10**8, 4 * SECOND_NS]), st.sampled_from([1, 7, 500]),
    st.integers(1, 12), st.sampled_from(SIZES_NS), st.sampled_from([1, 40, 2048]),
)  # fmt: skip
def test_depth_is_the_replayed_book_however_it_is_added_and_paged(
    seed: int, step_ns: int, at_once: int, count: int, column_ns: int, full_again: int
) -> None:
    records = Flow(seed).records(250, step_ns)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(depth_store, "FULL_AGAIN_LEVELS", full_again)
        history = DepthHistory(Path(folder))
        assert history.open(None)
        for start in range(0, len(records), at_once):
            history.sampler.add(records[start : start + at_once])
            if start % 3 == 0:
                history.store.days(1)
                history.store.day(1, int(records["time_ns"][start]) // DAY_NS)
        check(history, records, column_ns, count)


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.lists(st.integers(1, 120), min_size=1, max_size=6), st.integers(0, 60))
def test_it_goes_on_from_the_last_checkpoint_as_if_nothing_had_happened(
    seed: int, parts: list[int], beyond: int
) -> None:
    flow = Flow(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        done: list[NDArray[np.void]] = []
        sequence = 0
        for part in parts:
            history = DepthHistory(folder)
            assert history.open((1, sequence) if sequence else None)
            rest = flow.records(part + beyond, 2 * 10**8)
            history.sampler.add(rest[:part])
            sequence = int(rest["sequence"][part - 1])
            history.keep((1, sequence))
            history.forget_others((1, sequence))
            history.sampler.add(rest[part:])  # a crash comes after this: it is added again
            history.store.sync()
            again = DepthHistory(folder)
            assert again.open((1, sequence))
            again.sampler.add(rest[part:])
            sequence = int(rest["sequence"][-1])
            again.keep((1, sequence))
            done.append(rest)
            check(again, np.concatenate(done), SECOND_NS, 9)


def test_a_state_that_is_damaged_or_missing_is_not_believed(tmp_path: Path) -> None:
    history = DepthHistory(tmp_path)
    history.open(None)
    history.sampler.add(Flow(1).records(100, 10**8))
    history.keep((1, 100))
    assert DepthHistory(tmp_path).open((1, 100))
    assert not DepthHistory(tmp_path).open((1, 99))
    path = tmp_path / "books-1-100.state"
    content = path.read_bytes()
    for damaged in (b"", content[:3], content[:-1], content[:40] + bytes((content[40] ^ 1,)) + content[41:]):
        path.write_bytes(damaged)
        assert not DepthHistory(tmp_path).open((1, 100))


def test_a_range_of_prices_is_the_part_of_the_book_in_it(tmp_path: Path) -> None:
    records = Flow(3).records(400, 10**8)
    history = DepthHistory(tmp_path)
    history.open(None)
    history.sampler.add(records)
    expected = slow_columns(records, 1, SECOND_NS, history.sampler.ended_ns)
    asked = GetDepthHistory(instrument=1, price_min=-2, price_max=3, count=10**6)
    rows, more = whole(depth(history.store, asked, history.sampler.ended_ns))
    assert not more
    for begin, shown in taken(rows, {}).items():
        newest = expected[max(one for one in expected if one <= begin)]
        assert shown == {level: quantity for level, quantity in newest.items() if -2 <= level[1] <= 3}


def deep_book(levels: int, seconds: int) -> NDArray[np.void]:
    """A book of many levels, all of which change each second."""
    rows = np.zeros(levels * seconds, BOOK_RECORD)
    number = np.arange(len(rows))
    rows["kind"], rows["instrument"], rows["side"] = MarketDataKind.ADD, 1, Side.SELL
    rows["sequence"] = rows["public_order_id"] = number + 1
    rows["price"], rows["quantity"] = number % levels, 1
    rows["level_quantity"] = number // levels + 1
    rows["time_ns"] = 19_700 * DAY_NS + number // levels * SECOND_NS
    return rows


def test_a_page_ends_where_it_is_full_and_a_book_too_deep_for_one_is_refused(tmp_path: Path) -> None:
    records = deep_book(10_000, 12)
    history = DepthHistory(tmp_path)
    history.open(None)
    history.sampler.add(records)
    ended_ns = history.sampler.ended_ns
    rows, more = whole(depth(history.store, GetDepthHistory(instrument=1), ended_ns))
    assert more
    assert len(rows) <= PAGE_ROWS
    assert rows.nbytes < 1 << 20
    pages = by_pages(history, 1, SECOND_NS, 600)
    found = {begin: shown for page in reversed(pages) for begin, shown in page.items()}
    assert [set(shown.values()) for shown in found.values()] == [{count} for count in range(1, 12)]
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    history = DepthHistory(tmp_path)
    history.open(None)
    history.sampler.add(deep_book(3 * PAGE_ROWS + 1, 2))
    ended_ns = history.sampler.ended_ns
    with pytest.raises(TooDeep, match="45001 levels"):
        whole(depth(history.store, GetDepthHistory(instrument=1), ended_ns))
    rows, _ = whole(depth(history.store, GetDepthHistory(instrument=1, price_max=99), ended_ns))
    assert rows["count"].sum() == 100


def test_room_is_made_by_the_oldest_days_and_today_is_cut_short_last(tmp_path: Path) -> None:
    flow = Flow(5, (1,))
    history = DepthHistory(tmp_path, bytes_max=30_000)
    history.open(None)
    days: list[list[int]] = []
    for _ in range(8):
        history.sampler.add(flow.records(200, SECOND_NS))
        flow.time_ns += DAY_NS
        days.append(history.store.days(1))
    assert 1 < len(days[-1]) < 8
    assert days[-1][-1] == (flow.time_ns - DAY_NS) // DAY_NS
    stored = sum(path.stat().st_size for path in tmp_path.rglob("*.levels")) + sum(
        path.stat().st_size for path in tmp_path.rglob("*.columns")
    )
    assert stored <= 31_000
    history.sampler.add(flow.records(2000, SECOND_NS))
    rows, _ = whole(depth(history.store, GetDepthHistory(instrument=1), history.sampler.ended_ns))
    assert rows["count"][-1], "it does not say that nothing changed, since it does not know"
    assert history.store.is_blind(1)
    orders = {number: order.copy() for number, order in flow.books[1].orders.items()}
    flow.time_ns += DAY_NS
    first = flow.records(1, 0)
    tomorrow = np.concatenate([first, flow.records(300, 10**8)])
    history.sampler.add(tomorrow)
    rows, _ = whole(depth(history.store, GetDepthHistory(instrument=1), history.sampler.ended_ns))
    found = taken(rows, {})
    client = OrderBook(orders)
    client.apply(tomorrow[tomorrow["time_ns"] < history.sampler.ended_ns])
    levels = {(int(side), price): one[0] for side in Side for price, one in client.levels(side).items()}
    assert found[max(found)] == levels
    assert not history.store.is_blind(1)


def test_the_folder_follows_the_log_and_makes_depth_anew_when_it_is_deleted(tmp_path: Path) -> None:
    records = Flow(9).records(900, 10**8)
    log_with(tmp_path, records[:500])
    for end, how in ((500, "close"), (700, "kill"), (800, "delete"), (900, "lose state")):
        if end > 500:
            log_with(tmp_path, records[end - (200 if end == 700 else 100) : end], epoch=end)
        folder = Folder(tmp_path)
        folder.catch_up()
        check(folder.depth, records[:end], SECOND_NS, 13)
        if how == "kill":
            folder._lock.release()
            continue
        folder.close()
        if how == "delete":
            shutil.rmtree(tmp_path / "history")
        elif how == "lose state":
            for path in (tmp_path / "history").glob("*.state"):
                path.unlink()
            again = Folder(tmp_path)
            again.catch_up()
            check(again.depth, records, SECOND_NS, 13)
            again.close()


def test_an_unknown_instrument_has_no_depth(tmp_path: Path) -> None:
    history = DepthHistory(tmp_path)
    history.open(None)
    history.sampler.add(Flow(1).records(50, 10**8))
    rows, more = whole(depth(history.store, GetDepthHistory(instrument=77), history.sampler.ended_ns))
    assert (len(rows), rows.dtype, more) == (0, DEPTH_COLUMN, False)
