"""The data directory of a server that is not running, audited: journal, event log and nonces, by replay.

Rules: a copy is opened, never the directory itself, so that the next life finds what the last one left.
"""

import shutil
from pathlib import Path
from typing import NamedTuple

from server.engine.exchange import Exchange
from server.journal.event_log import EventLog
from server.journal.event_log_reader import EventLogReader
from server.journal.framing import FrameKind
from server.journal.journal import Journal
from server.protocol.enums import Durability


class Story(NamedTuple):
    """What a journal comes to: commands, the state's hash, and all that was published, as bytes."""

    sequence: int
    state_hash: int
    events: bytes
    market_data: bytes


def replayed(data: Path, copy: Path) -> Story:
    """The journal of `data`, applied by a fresh engine; in `copy` the event log is recovered too, not completed."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(data, copy, ignore=shutil.ignore_patterns("lock", "*.lock", "history"))
    journal = Journal.open(copy, shard=1, durability=Durability.OS)
    try:
        EventLog.open(copy, epoch=journal.epoch, journal_sequence=journal.last_sequence).close()
        exchange = Exchange(1)
        events, market_data = bytearray(), bytearray()
        for commands in journal.replay():
            outputs = exchange.apply(commands)
            events += outputs.events.tobytes()
            market_data += outputs.market_data.tobytes()
        return Story(journal.last_sequence, exchange.state_hash(), bytes(events), bytes(market_data))
    finally:
        journal.close()


def logged(data: Path) -> tuple[bytes, bytes]:
    """(events, market data) of the event log, as bytes."""
    reader = EventLogReader.open(data)
    found: dict[FrameKind, list[bytes]] = {FrameKind.EVENTS: [], FrameKind.MARKET_DATA: []}
    while groups := reader.poll():
        for kind, records in groups:
            found[kind].append(records.tobytes())
    return b"".join(found[FrameKind.EVENTS]), b"".join(found[FrameKind.MARKET_DATA])


def check_stopped(data: Path, copy: Path) -> Story:
    """After an orderly stop: the event log holds what the replay gives, byte for byte."""
    story = replayed(data, copy)
    events, market_data = logged(data)
    assert events == story.events, "the event log's events are not those of the replay"
    assert market_data == story.market_data, "the event log's market data is not that of the replay"
    return story


def check_killed(data: Path, copy: Path) -> Story:
    """After a kill or a cut: what recovery leaves of the event log is a beginning of what the replay gives."""
    story = replayed(data, copy)
    events, market_data = logged(copy)
    assert story.events.startswith(events), "the event log holds events that the replay does not give"
    assert story.market_data.startswith(market_data), "the event log holds market data that the replay does not give"
    return story
