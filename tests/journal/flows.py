"""Commands and outputs without meaning, for tests of the files alone."""

import numpy as np
from numpy.typing import NDArray

from server.journal.journal import Journal
from server.protocol.records import BOOK_RECORD, COMMAND, EVENT

START_NS = 1_700_000_000_000_000_000


def stamped(first: int, count: int) -> NDArray[np.void]:
    """`count` commands from sequence `first` on; the other bytes follow from the sequence."""
    commands = np.zeros(count, COMMAND)
    commands["sequence"] = np.arange(first, first + count)
    commands["time_ns"] = START_NS + commands["sequence"].astype(np.int64) * 1000
    commands["kind"] = 1
    commands["group_count"] = 1
    commands["price"] = commands["sequence"].astype(np.int64) * -7_919
    commands["label"] = [f"label {sequence}".encode() for sequence in commands["sequence"]]
    return commands


def fill(journal: Journal, batches: list[int]) -> None:
    """Append one frame of each size."""
    for count in batches:
        journal.append(stamped(journal.last_sequence + 1, count))


def replayed(journal: Journal) -> NDArray[np.void]:
    """All that the journal recovered."""
    return np.concatenate([np.zeros(0, COMMAND), *journal.replay()])


def outputs(command: int, first_event: int, users: list[int], streams: dict[int, int]) -> tuple[NDArray[np.void], ...]:
    """The events of one command, one for each of `users` (whose streams are counted on), and a print."""
    events = np.zeros(len(users), EVENT)
    events["kind"] = 3
    events["sequence"] = np.arange(first_event, first_event + len(users))
    events["command_sequence"] = command
    events["time_ns"] = START_NS + command
    events["user"] = users
    for index, user in enumerate(users):
        streams[user] = streams.get(user, 0) + 1
        events["stream_sequence"][index] = streams[user]
    market_data = np.zeros(2, BOOK_RECORD)
    market_data["kind"] = [2, 4]
    market_data["flags"] = [1, 0]
    market_data["sequence"] = command
    market_data["time_ns"] = START_NS + command
    return events, market_data
