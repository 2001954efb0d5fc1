"""The store: ticks neither lost nor doubled by any crash, bars that follow from them, pages over days."""

import errno
from pathlib import Path

import numpy as np
import pytest

from server.history import files
from server.history.folding import Folder, fold
from server.history.store import HistoryStore, StoredCursor
from server.history.ticks import MINUTE_NS
from server.protocol.enums import MarketDataFlag, MarketDataKind
from server.protocol.records import BOOK_RECORD
from tests.history.pages import bars, ticks
from tests.history.trades import DAY_NS, INSTRUMENTS, is_print, log_with, market_data, slow_bars

COUNT = 3000


def check(store: HistoryStore, records: np.ndarray) -> None:
    """Everything in the store is what the records say."""
    for instrument in INSTRUMENTS:
        expected = records[is_print(records) & (records["instrument"] == instrument)]
        found, more = ticks(store, instrument)
        assert not more
        assert found["sequence"].tolist() == expected["sequence"].tolist()
        found_bars, _ = bars(store, instrument, MINUTE_NS)
        assert (found_bars == slow_bars(records, instrument, MINUTE_NS)).all()


@pytest.mark.parametrize("step", [1, 7, 500, COUNT])
def test_records_are_folded_however_they_are_split(tmp_path: Path, step: int) -> None:
    records = market_data(5, 400 if step == 1 else COUNT)
    store = HistoryStore(tmp_path)
    folded = sum(store.add(records[start : start + step]) for start in range(0, len(records), step))
    assert folded == np.count_nonzero(is_print(records))
    assert len(store.days(1)) == (1 if step == 1 else 2)
    check(store, records)


@pytest.mark.parametrize("at_cursor", [0, 100, 600, 2999])
@pytest.mark.parametrize("beyond", [1, 5, 400])
def test_what_lies_above_the_cursor_is_folded_again_not_twice(tmp_path: Path, at_cursor: int, beyond: int) -> None:
    records = market_data(6, COUNT)
    store = HistoryStore(tmp_path)
    if at_cursor:
        store.add(records[:at_cursor])
        last = records[at_cursor - 1]
        store.store_cursor(StoredCursor(sequence=int(last["sequence"]), time_ns=int(last["time_ns"])))
    store.add(records[at_cursor : at_cursor + beyond])
    for path in (tmp_path / "history").rglob("*.ticks"):
        with path.open("ab") as file:
            file.write(b"torn")
    for path in (tmp_path / "history").rglob("*.minutes"):
        if int(path.stem) >= records["time_ns"][at_cursor] // DAY_NS:
            path.write_bytes(b"not written yet")
    again = HistoryStore(tmp_path)
    again.add(records[at_cursor:])
    check(again, records)


def test_pages_that_never_arrived_are_no_ticks(tmp_path: Path) -> None:
    """The power went before they were flushed: zeros lie in front of ticks that are there."""
    records = market_data(6, COUNT)
    store = HistoryStore(tmp_path)
    store.add(records[:600])
    last = records[599]
    store.store_cursor(StoredCursor(sequence=int(last["sequence"]), time_ns=int(last["time_ns"])))
    flushed = {path: path.stat().st_size for path in (tmp_path / "history").rglob("*.ticks")}
    store.add(records[600:1200])
    for path in (tmp_path / "history").rglob("*.ticks"):
        content = path.read_bytes()
        hole = flushed.get(path, 0)
        path.write_bytes(content[:hole] + bytes(min(512, len(content) - hole)) + content[hole + 512 :])
    again = HistoryStore(tmp_path)
    again.add(records[600:])
    check(again, records)


def test_the_bars_of_a_past_day_are_flushed_before_the_cursor_leaves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are not made anew: what of them was not flushed would be gone with the power."""
    flushed: dict[Path, bytes] = {}
    monkeypatch.setattr(files, "sync", lambda path: flushed.update({path: path.read_bytes()}))
    records = market_data(6, COUNT)
    days = records["time_ns"] // DAY_NS
    store = HistoryStore(tmp_path)
    for part in (records[days == days[0]], records[days > days[0]]):
        store.add(part)
        store.store_cursor(StoredCursor(sequence=int(part["sequence"][-1]), time_ns=int(part["time_ns"][-1])))
    for path in (tmp_path / "history").rglob("*.minutes"):
        path.write_bytes(flushed.get(path, b""))
    check(HistoryStore(tmp_path), records)


def correction(print_: np.void, kind: MarketDataKind, price: int, sequence: int) -> np.ndarray:
    """The record that the engine writes when a trade is taken back or gets another price."""
    record = np.zeros(1, BOOK_RECORD)
    record["kind"], record["instrument"] = kind, print_["instrument"]
    record["trade_number"], record["price"], record["quantity"] = print_["trade_number"], price, print_["quantity"]
    record["sequence"], record["time_ns"] = sequence, print_["time_ns"] + 2 * DAY_NS
    return record


@pytest.mark.parametrize("kind", [MarketDataKind.TRADE_BUST, MarketDataKind.TRADE_CORRECTION])
@pytest.mark.parametrize("crash", [False, True])
def test_a_corrected_trade_changes_its_bar_and_stays_visible(tmp_path: Path, kind: MarketDataKind, crash: bool) -> None:
    records = market_data(9, COUNT)
    numbers = np.arange(1, 1 + np.count_nonzero(is_print(records)))
    records["trade_number"][is_print(records)] = numbers
    prints = records[is_print(records)]
    chosen = prints[len(prints) // 3]
    store = HistoryStore(tmp_path)
    store.add(records)
    last = records[-1]
    store.store_cursor(StoredCursor(sequence=int(last["sequence"]), time_ns=int(last["time_ns"])))
    change = correction(chosen, kind, 77, COUNT + 1)
    store.add(change)
    if crash:
        store = HistoryStore(tmp_path)
        store.add(change)
    instrument = int(chosen["instrument"])
    right = records.copy()
    row = np.flatnonzero(right["trade_number"] == chosen["trade_number"])
    if kind == MarketDataKind.TRADE_BUST:
        right = np.delete(right, row)
    else:
        right["price"][row] = 77
    found_bars, _ = bars(store, instrument, MINUTE_NS)
    assert (found_bars == slow_bars(right, instrument, MINUTE_NS)).all()
    found, _ = ticks(store, instrument)
    marked = found[found["flags"] & int(MarketDataFlag.BUSTED | MarketDataFlag.CORRECTED) != 0]
    assert marked["trade_number"].tolist() == [chosen["trade_number"]]
    assert len(found) == np.count_nonzero(prints["instrument"] == instrument)


def test_folding_goes_on_from_the_stored_cursor(tmp_path: Path) -> None:
    records = market_data(7, COUNT)
    log_with(tmp_path, records[:1000])
    assert fold(tmp_path) == 1000
    log_with(tmp_path, records[1000:], epoch=2)
    folder = Folder(tmp_path)
    assert folder.sequence == 1000
    folder.catch_up()
    check(folder.store, records)
    folder.close()


def test_a_rewound_log_is_folded_anew(tmp_path: Path) -> None:
    records = market_data(8, COUNT)
    log_with(tmp_path, records[:2000])
    fold(tmp_path)
    for path in (tmp_path / "events").iterdir():
        path.unlink()
    others = market_data(9, COUNT)
    log_with(tmp_path, others)
    folder = Folder(tmp_path)
    folder.catch_up()
    assert folder.rebuilds == 1
    check(folder.store, others)
    folder.close()


def test_a_damaged_log_rests_the_folding_and_does_not_begin_it_again_and_again(tmp_path: Path) -> None:
    records = market_data(10, COUNT)
    log_with(tmp_path, records[:1000])
    log_with(tmp_path, records[1000:], epoch=2)
    first = tmp_path / "events" / "00000001.segment"
    content = bytearray(first.read_bytes())
    content[len(content) - 1] ^= 1
    first.write_bytes(content)
    folder = Folder(tmp_path)
    folder.catch_up()
    assert folder.rebuilds == 1
    assert "00000001.segment" in folder.trouble
    folder.close()


def test_a_full_disk_rests_the_folding_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = market_data(14, COUNT)
    now_s = [0.0]
    folder = Folder(tmp_path, lambda: now_s[0])
    add = HistoryStore.add
    is_full = [False]

    def add_half(store: HistoryStore, rows: np.ndarray) -> int:
        if is_full[0]:
            add(store, rows[: len(rows) // 2])
            raise OSError(errno.ENOSPC, "No space left on device", "ticks")
        return add(store, rows)

    monkeypatch.setattr(HistoryStore, "add", add_half)
    for start in range(0, COUNT, 500):
        log_with(tmp_path, records[start : start + 500], epoch=start)
        is_full[0] = start in (500, 1000, 2000)
        folder.catch_up()
        assert ("No space left" in folder.trouble) == is_full[0]
        now_s[0] += 1.5
    check(folder.store, records)
    folder.close()


@pytest.mark.parametrize("size_ns", [10**9, MINUTE_NS, 5 * MINUTE_NS, DAY_NS])
@pytest.mark.parametrize("count", [1, 3, 50])
def test_pages_of_bars_join_without_gap_or_overlap(tmp_path: Path, size_ns: int, count: int) -> None:
    records = market_data(10, COUNT)
    store = HistoryStore(tmp_path)
    store.add(records)
    for instrument in INSTRUMENTS:
        expected = slow_bars(records, instrument, size_ns)[-6 * count :]
        pages: list[np.ndarray] = []
        before_ns, more = 0, True
        while more and len(pages) < 6:
            page, more = bars(store, instrument, size_ns, before_ns, count)
            pages.insert(0, page)
            before_ns = int(page["time_ns"][0])
        assert (np.concatenate(pages) == expected).all()
        assert more == (len(slow_bars(records, instrument, size_ns)) > 6 * count)


@pytest.mark.parametrize("count", [1, 10, 1000])
def test_pages_of_ticks_keep_trades_of_one_time_together(tmp_path: Path, count: int) -> None:
    records = market_data(11, COUNT)
    records["time_ns"] -= records["time_ns"] % (60 * 10**9)
    store = HistoryStore(tmp_path)
    store.add(records)
    expected = records[is_print(records) & (records["instrument"] == 2)]["sequence"].tolist()
    found: list[int] = []
    before_ns, more = 0, True
    while more:
        page, more = ticks(store, 2, before_ns, count)
        found = page["sequence"].tolist() + found
        before_ns = int(page["time_ns"][0])
    assert found == expected


def test_an_unknown_instrument_has_nothing(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path)
    for rows, more in (bars(store, 9, MINUTE_NS, 0, 10), ticks(store, 9, 0, 10)):
        assert (len(rows), more) == (0, False)
