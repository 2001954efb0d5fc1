"""What is left of a client's private events after the end of an epoch was lost."""

from bisect import bisect_right

import numpy as np
import pytest

from server.gateway.newest_kept import newest_kept
from server.journal.epochs import SEQUENCE_MAX, EpochStarts, epoch_starts
from server.journal.journal import Journal
from server.protocol.codec import Records
from server.protocol.records import EVENT
from tests.journal.flows import fill
from tests.journal.memory_storage import MemoryStorage

USER = 7


class Stream:
    """A user's events, each of the command given, as the event log would tell them."""

    def __init__(self, commands: list[int]) -> None:
        self.rows = np.zeros(len(commands), EVENT)
        self.rows["stream_sequence"] = np.arange(1, len(commands) + 1)
        self.rows["command_sequence"] = commands
        self.reads = 0

    def events_of(self, user: int, after: int, count: int) -> Records:
        assert user == USER
        self.reads += 1
        return self.rows[after : after + count]


@pytest.mark.parametrize(
    ("known", "epoch", "common"),
    [
        (6, 3, 6),  # seen in the present epoch
        (9, 3, 6),  # it cannot know more than there is: the rest never was, or is not durable yet
        (5, 2, 4),  # the fifth is of the third epoch: what was seen in the second was another one
        (4, 2, 4),
        (6, 1, 2),  # two epochs later
        (2, 1, 2),
        (0, 1, 0),
        (5, 0, 5),  # the client does not say when: numbers alone
        (5, 4, 5),  # a higher epoch than ours is refused elsewhere
    ],
)
def test_events_of_later_epochs_are_not_those_that_were_seen(known: int, epoch: int, common: int) -> None:
    epochs = EpochStarts((1, 2, 3), (1, 11, 21))
    stream = Stream([5, 10, 11, 20, 21, 22])
    assert newest_kept(stream.events_of, epochs, USER, known, epoch, 6) == common


def test_what_is_not_in_the_log_yet_is_of_the_present_epoch() -> None:
    assert newest_kept(Stream([5, 6]).events_of, EpochStarts((1, 2), (1, 7)), USER, 3, 1, 4) == 2


def test_nothing_of_the_present_epoch_is_lost_while_the_log_lags() -> None:
    assert newest_kept(Stream([5, 6]).events_of, EpochStarts((1, 2), (1, 4)), USER, 9, 2, 9) == 9


def test_an_epoch_whose_segments_are_gone_is_believed() -> None:
    epochs = EpochStarts((5, 6), (100, 200))
    assert epochs.end_of(4) is None
    assert newest_kept(Stream([150, 250]).events_of, epochs, USER, 2, 4, 2) == 2


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_last_one_of_the_epoch_in_few_reads(seed: int) -> None:
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    commands = np.sort(rng.integers(1, 1000, 500)).tolist()
    firsts = [1, *np.sort(rng.choice(np.arange(2, 1000), 5, replace=False)).tolist()]
    epochs = EpochStarts(tuple(range(1, 7)), tuple(firsts))
    for epoch in range(1, 7):
        stream = Stream(commands)
        known = int(rng.integers(1, 501))
        end = firsts[epoch] - 1 if epoch < 6 else SEQUENCE_MAX
        assert newest_kept(stream.events_of, epochs, USER, known, epoch, 500) == min(known, bisect_right(commands, end))
        assert stream.reads <= 11


def test_each_start_of_a_journal_is_an_epoch() -> None:
    storage = MemoryStorage()
    for count in (3, 0, 2):
        journal = Journal(storage, threaded=False, segment_bytes=400)
        fill(journal, [1] * count)
        journal.close()
    journal = Journal(storage, threaded=False)
    assert journal.epochs == EpochStarts((1, 3, 4), (1, 4, 6))
    assert [journal.epochs.end_of(epoch) for epoch in (0, 1, 2, 3, 4)] == [None, 3, 3, 5, SEQUENCE_MAX]
    assert epoch_starts(MemoryStorage(), 1, 1).end_of(1) == SEQUENCE_MAX
