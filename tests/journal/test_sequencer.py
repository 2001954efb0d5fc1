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
