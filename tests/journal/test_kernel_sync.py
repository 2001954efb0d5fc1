"""Syncs by the kernel: the loop and the thread take turns, nothing is durable too early, and errors are final."""

import errno
import os
import random
import select
import threading
from pathlib import Path
from typing import Any

import pytest

from server.journal import kernel_sync
from server.journal.errors import JournalFailed
from server.journal.group_commit import FRAME_PAYLOAD_BYTES
from server.journal.journal import Journal
from server.journal.kernel_sync import KernelSync, open_kernel_sync
from server.protocol.enums import Durability
from server.protocol.records import COMMAND
from tests.journal.flows import fill, replayed, stamped

DEADLINE_S = 20.0
COMMIT_THREAD = "journal-commit"

pytestmark = pytest.mark.skipif(open_kernel_sync() is None, reason="this system has no asynchronous fdatasync")


class Turns:
    """Who wrote and who synced: names of threads, by watching the files and the kernel's calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.by_kernel: list[int] = []
        self.ended = 0
        begin, taken = KernelSync.begin, KernelSync._taken

        def beginning(sync: KernelSync, file: int) -> None:
            assert threading.current_thread().name != COMMIT_THREAD
            self.by_kernel.append(os.fstat(file).st_size)
            begin(sync, file)

        def taking(sync: KernelSync, count: int) -> bool:
            ended = taken(sync, count)
            self.ended += ended
            return ended

        monkeypatch.setattr(KernelSync, "begin", beginning)
        monkeypatch.setattr(KernelSync, "_taken", taking)


def opened(directory: Path, segment_bytes: int = 1 << 20) -> Journal:
    return Journal.open(directory, durability=Durability.FSYNC, segment_bytes=segment_bytes)


def until_durable(journal: Journal, sequence: int) -> None:
    """Wait as the loop does: for the descriptor, then look."""
    while journal.durable_sequence() < sequence:
        assert select.select([journal.wake_fd], [], [], DEADLINE_S)[0], "nobody woke the loop"
        journal.clear_wake()


def until_with_loop(journal: Journal) -> None:
    """The first frame begins a segment, which is the thread's; wait until it has given the files back."""
    fill(journal, [1])
    until_durable(journal, journal.last_sequence)
    joined = threading.Event()
    while journal._group._is_with_thread:
        joined.wait(0.001)


def test_ordinary_turns_need_no_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(monkeypatch)
    journal = opened(tmp_path)
    until_with_loop(journal)
    for _ in range(5):
        fill(journal, [2])
        until_durable(journal, journal.last_sequence)
    assert len(turns.by_kernel) == turns.ended == 5
    assert turns.by_kernel == sorted(set(turns.by_kernel)), "each sync began after its frame was written"
    journal.close()


def test_what_comes_during_a_sync_is_one_frame_of_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(monkeypatch)
    journal = opened(tmp_path)
    until_with_loop(journal)
    fill(journal, [1, 1, 1, 1])
    assert len(turns.by_kernel) == 1
    until_durable(journal, 5)
    assert len(turns.by_kernel) == 2
    journal.close()


def test_a_new_segment_and_a_great_deal_are_the_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(monkeypatch)
    journal = opened(tmp_path, segment_bytes=3_000)
    until_with_loop(journal)
    fill(journal, [20])
    until_durable(journal, 21)
    assert len(turns.by_kernel) == 1, "it had room"
    fill(journal, [1])
    until_durable(journal, 22)
    assert len(turns.by_kernel) == 1, "it began a segment"
    until_with_loop(journal)
    fill(journal, [FRAME_PAYLOAD_BYTES // COMMAND.itemsize + 1])
    until_durable(journal, journal.last_sequence)
    assert len(turns.by_kernel) <= 2
    journal.close()
    again = opened(tmp_path)
    assert (replayed(again) == stamped(1, again.last_sequence)).all()
    again.close()


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_appends_and_wakes_keeps_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    print(f"seed {seed}")
    turns, random_ = Turns(monkeypatch), random.Random(seed)
    journal = opened(tmp_path, segment_bytes=random_.choice([50_000, 200_000, 1 << 20]))
    durable = 0
    for _ in range(300):
        fill(journal, [random_.choice([1, 1, 2, 30])])
        if random_.random() < 0.5:
            journal.clear_wake()
        if random_.random() < 0.3:
            assert durable <= journal.durable_sequence() <= journal.last_sequence
            durable = journal.durable_sequence()
        if random_.random() < 0.1:
            until_durable(journal, journal.last_sequence)
    last = journal.last_sequence
    journal.close()
    assert turns.by_kernel
    again = opened(tmp_path)
    assert again.recovered.last_sequence == last
    assert (replayed(again) == stamped(1, last)).all()
    again.close()


def test_closing_waits_for_the_sync_under_way(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    until_with_loop(journal)
    fill(journal, [1, 1])
    journal.settle()
    assert journal.durable_sequence() == 3
    journal.close()


@pytest.mark.parametrize("where", ["begin", "_taken"])
def test_an_error_of_the_disk_is_final(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    journal = opened(tmp_path)
    until_with_loop(journal)

    def failing(*_: Any) -> bool:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(KernelSync, where, failing)
    with pytest.raises(JournalFailed, match=r"fsync of the journal failed: Input/output error; the server stops"):
        fill(journal, [1])
        until_durable(journal, 2)
    monkeypatch.undo()
    with pytest.raises(JournalFailed):
        fill(journal, [1])
        journal.durable_sequence()
    with pytest.raises(JournalFailed):
        journal.close()


def test_a_file_that_cannot_be_synced_is_an_error_of_the_system() -> None:
    sync = KernelSync()
    reader, writer = os.pipe()
    with pytest.raises(OSError):
        sync.begin(writer)
        sync.wait()
    for file in (reader, writer):
        os.close(file)
    sync.close()
    sync.close()


def test_without_the_kernels_help_the_thread_does_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_sync, "_CALLS", {})
    assert open_kernel_sync() is None
    journal = opened(tmp_path)
    for _ in range(3):
        fill(journal, [2])
        until_durable(journal, journal.last_sequence)
    journal.close()
