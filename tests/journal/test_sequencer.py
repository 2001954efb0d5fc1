"""The sequencer: gap-free numbers, times that strictly rise whatever the clock does."""

from collections.abc import Iterator

import numpy as np
import pytest

from server.journal.sequencer import Sequencer
from server.protocol.records import COMMAND


def clock_of(times: list[int]) -> Iterator[int]:
    return iter(times)


def test_numbers_follow_and_times_rise_when_the_clock_steps_back() -> None:
    clock = clock_of([100, 50, 50, 1000])
    sequencer = Sequencer(lambda: next(clock), last_sequence=7, last_time_ns=90)
    stamps: list[tuple[int, int]] = []
    for count in (1, 3, 1, 2):
        commands = np.zeros(count, COMMAND)
        sequencer.stamp(commands)
        stamps += zip(commands["sequence"].tolist(), commands["time_ns"].tolist(), strict=True)
    assert stamps == [(8, 100), (9, 101), (10, 102), (11, 103), (12, 104), (13, 1000), (14, 1001)]
    assert (sequencer.last_sequence, sequencer.last_time_ns) == (14, 1001)


@pytest.mark.parametrize("count", [0, 1, 2, 16, 17, 100])
def test_bytes_are_stamped_like_rows(count: int) -> None:
    rows = np.zeros(count, COMMAND)
    content = bytearray(rows.tobytes())
    by_rows, by_bytes = Sequencer(lambda: 10**18, 41, 5), Sequencer(lambda: 10**18, 41, 5)
    by_rows.stamp(rows)
    first, last_time_ns = by_bytes.stamp_bytes(content)
    assert bytes(content) == rows.tobytes()
    assert (first, last_time_ns) == (42, 10**18 + count - 1 if count else 5)
    assert (by_rows.last_sequence, by_rows.last_time_ns) == (by_bytes.last_sequence, by_bytes.last_time_ns)
    assert COMMAND.fields is not None
    assert COMMAND.fields["sequence"][1] + 8 == COMMAND.fields["time_ns"][1] == 16


def test_nothing_is_stamped_for_an_empty_batch() -> None:
    sequencer = Sequencer(lambda: 5)
    sequencer.stamp(np.zeros(0, COMMAND))
    assert (sequencer.last_sequence, sequencer.last_time_ns) == (0, 0)


def test_a_refused_batch_can_be_withdrawn_but_not_invented() -> None:
    sequencer = Sequencer(lambda: 5)
    sequencer.stamp(np.zeros(4, COMMAND))
    sequencer.withdraw(1, 5)
    again = np.zeros(1, COMMAND)
    sequencer.stamp(again)
    assert again["sequence"][0] == 2
    with pytest.raises(ValueError, match="forward"):
        sequencer.withdraw(9, 5)
