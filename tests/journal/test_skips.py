"""SKIP in the files: marked, found without opening everything, and honoured by what a replay hands out."""

from typing import Any

import numpy as np
import pytest

from server.journal.errors import JournalDamaged, JournalUnreadable
from server.journal.framing import FrameFlag, headers_of, scan_frames
from server.journal.journal import Journal
from server.journal.key_file import KeyRing, new_ring
from server.journal.recovery import commands_of
from server.journal.segments import Payload, segment_name, segment_names
from server.journal.skip_checks import objection
from server.journal.skips import group_around, groups_of, skip_command
from server.protocol.codec import Records
from server.protocol.enums import FAULTED_KIND, CommandKind, Durability, SkipReason
from tests.journal.flows import START_NS, fill, replayed, stamped
from tests.journal.memory_storage import MemoryStorage
from tests.oracle.exchange import read_records
from tests.oracle.flow import random_commands
from tests.oracle.groups import groups_of as oracle_groups_of

KEYS = new_ring()
SEALED = pytest.mark.parametrize("keys", [KEYS, None], ids=["sealed", "unsealed"])


def opened(storage: MemoryStorage, keys: KeyRing | None = KEYS, durability: Durability = Durability.OS) -> Journal:
    return Journal(storage, durability=durability, threaded=False, segment_bytes=2000, keys=keys)


def grouped(first: int) -> Records:
    """Two commands alone, a group of three, and one alone."""
    rows = stamped(first, 6)
    rows["group_count"] = [1, 1, 3, 0, 0, 1]
    return rows


def with_skip(keys: KeyRing | None = KEYS, sequence: int = 4) -> MemoryStorage:
    storage = MemoryStorage()
    journal = opened(storage, keys)
    journal.append(grouped(1))
    journal.append_skip(sequence, SkipReason.ENGINE_FAULT, START_NS)
    fill(journal, [2])
    journal.close()
    return storage.after_kill()


def all_flags(storage: MemoryStorage) -> list[int]:
    """The flags of all frames of commands."""
    chain, flags = bytes(8), []
    for name in segment_names(storage):
        scan = scan_frames(storage.read(name), chain)
        flags += headers_of(storage.read(name), scan.offsets)["flags"][1:].tolist()
        chain = scan.chain
    return flags


@SEALED
@pytest.mark.parametrize(("sequence", "marked"), [(1, [1]), (2, [2]), (3, [3, 4, 5]), (5, [3, 4, 5]), (6, [6])])
def test_a_replay_marks_the_whole_group(keys: KeyRing | None, sequence: int, marked: list[int]) -> None:
    journal = opened(with_skip(keys, sequence), keys)
    rows = replayed(journal)
    assert rows["sequence"][(rows["kind"] & FAULTED_KIND) != 0].tolist() == marked
    assert journal.skips.by_sequence == {sequence: 7}
    rows["kind"] &= FAULTED_KIND - 1
    assert rows[:6].tobytes() == grouped(1).tobytes()
    skip = rows[6]
    assert (skip["kind"], skip["order_id"], skip["flags"]) == (CommandKind.SKIP, sequence, SkipReason.ENGINE_FAULT)
    assert int(skip["time_ns"]) > int(rows[5]["time_ns"]), "time rises whatever the clock says"


def test_the_commands_in_the_files_stay_what_they_are() -> None:
    journal = opened(with_skip())
    part = journal.recovered.segments[0]
    assert commands_of(journal._storage.read(part.name, 0, part.end), part)[:6].tobytes() == grouped(1).tobytes()


def test_only_the_frame_of_the_skip_is_marked() -> None:
    assert all_flags(with_skip()) == [0, int(FrameFlag.HOLDS_SKIP), 0]


def test_frames_written_together_keep_the_mark() -> None:
    storage = MemoryStorage()
    journal = opened(storage, durability=Durability.FSYNC)
    journal.append(grouped(1))
    journal.append_skip(2, SkipReason.ENGINE_STUCK, START_NS)
    fill(journal, [1])
    journal.commit()
    assert all_flags(storage) == [int(FrameFlag.HOLDS_SKIP)]
    assert opened(storage.after_kill()).skips.by_sequence == {2: 7}


def test_a_skip_goes_into_the_reserve_of_a_full_disk() -> None:
    storage = MemoryStorage()
    journal = Journal(storage, durability=Durability.OS, threaded=False, keys=KEYS, reserve_bytes=4096)
    fill(journal, [2])
    storage.space = 0
    journal.append_skip(1, SkipReason.ENGINE_FAULT, START_NS)
    assert opened(storage.after_kill()).skips.by_sequence == {1: 3}


@SEALED
def test_a_skip_in_a_frame_without_the_mark_is_damage(keys: KeyRing | None) -> None:
    storage = MemoryStorage()
    journal = opened(storage, keys)
    fill(journal, [2])
    row = skip_command(1, 1, 1)
    row["sequence"], row["time_ns"] = 3, START_NS + 10**9
    journal.append(row)
    with pytest.raises(JournalDamaged, match=r"sequence 3 .*in doubt") as damage:
        list(opened(storage.after_kill(), keys).replay())
    assert damage.value.first_sequence == 3


def test_a_flag_that_is_not_known_is_not_passed_over() -> None:
    storage = MemoryStorage()
    journal = opened(storage)
    fill(journal, [1])
    row = stamped(2, 1)
    journal._append(Payload(1, 1, 2, int(row["time_ns"][0]), row.tobytes(), 4), is_urgent=False)
    files = storage.after_kill().files
    again = MemoryStorage({name: bytes(content) for name, content in files.items()})
    with pytest.raises(JournalUnreadable, match=r"newer version.*flags 4"):
        opened(again)
    assert again.files == files


def test_all_flags_of_a_frame_are_known_or_refused() -> None:
    outcomes: dict[int, str] = {}
    for flags in range(256):
        storage = MemoryStorage()
        journal = opened(storage, None)
        row = stamped(1, 1)
        journal._append(Payload(1, 1, 1, int(row["time_ns"][0]), row.tobytes(), flags), is_urgent=False)
        try:
            outcomes[flags] = str(len(replayed(opened(storage.after_kill(), None))))
        except JournalUnreadable:
            outcomes[flags] = "refused"
    assert {flags for flags, outcome in outcomes.items() if outcome != "refused"} == {0, int(FrameFlag.HOLDS_SKIP)}


def test_a_marked_frame_with_a_broken_seal_stops_the_opening() -> None:
    storage = MemoryStorage()
    journal = opened(storage)
    journal.append(grouped(1))
    seal: Any = journal._writer.encoder._seal
    close = seal.close
    seal.close = lambda number, head, payload: bytes(len(payload)) + close(number, head, payload)[-16:]
    journal.append_skip(2, 1, START_NS)
    files = storage.after_kill().files
    again = MemoryStorage({name: bytes(content) for name, content in files.items()})
    with pytest.raises(JournalDamaged, match="seal is broken") as damage:
        opened(again)
    assert (damage.value.segment, damage.value.first_sequence) == (segment_name(1), 7)
    assert again.files == files


def test_what_speaks_against_a_skip() -> None:
    journal = opened(with_skip(sequence=4))

    def asked(sequence: int, published: int = 0) -> str:
        return objection(journal._storage, journal.recovered, journal.skips, sequence, published)

    assert asked(1) == asked(2) == asked(8) == asked(9, published=8) == ""
    assert asked(0).startswith("There is no command 0")
    assert asked(10).startswith("There is no command 10: the journal ends at 9")
    assert asked(8, published=8).startswith("Command 8 is published (the event log reaches command 8)")
    assert asked(5, published=4).startswith("Command 5 is published"), "its group is, as a whole"
    assert asked(7).startswith("Command 7 is a SKIP itself")
    for sequence in (3, 4, 5):
        assert asked(sequence) == "Command 4 is skipped already, by command 7."


def test_a_state_from_before_a_skip_holds_what_is_skipped() -> None:
    skips = opened(with_skip(sequence=4)).skips
    assert [sequence for sequence in range(1, 10) if skips.contradict(sequence)] == [4, 5, 6]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_groups_are_those_of_the_rule_book(seed: int) -> None:
    rows = random_commands(seed, 3_000)
    sizes = [len(group) for group in oracle_groups_of(read_records(rows))]
    assert [len(group) for group in groups_of(rows)] == sizes
    assert max(sizes) > 2
    start = 0
    for size in sizes:
        around = {group_around(rows, row) for row in range(start, start + size)}
        assert around == {(start, start + size)}
        start += size


def test_a_skip_of_nothing_before_it_changes_nothing() -> None:
    journal = opened(with_skip(sequence=7))
    assert journal.skips.by_sequence == {}
    assert not np.any(replayed(journal)["kind"] & FAULTED_KIND)
