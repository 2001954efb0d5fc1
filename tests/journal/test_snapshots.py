"""A restart from a snapshot and from the journal alone are the same exchange; what is not right is not believed."""

from pathlib import Path

from server.engine.exchange import Exchange
from server.journal.journal import Journal
from server.settings import SnapshotSettings
from tests.gateway.desk import ANN, Desk
from tests.pipeline.test_recovery import trade

EVERY_100 = SnapshotSettings(commands=100)
EVENTS = 10_000


def settle(desk: Desk) -> None:
    """Make all durable and logged, and write the snapshot that was due."""
    desk.core.journal.commit()
    for _ in range(3):
        desk.clock.advance_ms(10)
        desk.turn()
        desk.core.snapshotter._wait()


def opened(directory: Path, snapshots: SnapshotSettings, **options: bool) -> Desk:
    """A desk whose commits are the test's own."""
    desk = Desk(directory, snapshots=snapshots, **options)
    group = desk.core.journal._group
    group._stopping.set()
    group._thread.join()
    return desk


def traded(directory: Path, steps: int = 300) -> Desk:
    """A desk on which two traders traded, with a snapshot every so often, all of them written."""
    desk = opened(directory, EVERY_100)
    trade(desk, 1, steps, 7, after_batch=lambda: settle(desk))
    settle(desk)
    return desk


def replayed(directory: Path) -> Exchange:
    """The exchange from the journal alone."""
    journal = Journal.open(directory)
    exchange = Exchange(1)
    for commands in journal.replay():
        exchange.apply(commands)
    journal.close()
    return exchange


def test_a_restart_reads_what_follows_the_newest_snapshot(tmp_path: Path) -> None:
    desk = traded(tmp_path)
    snapshotter = desk.core.snapshotter
    assert snapshotter.written >= 2
    assert snapshotter.failed == 0
    expected, sequence, taken = (
        desk.core.exchange.state_hash(),
        desk.core.exchange.sequence,
        snapshotter.newest_sequence,
    )
    private = desk.core.event_writer.events_of(ANN, 0, EVENTS).tobytes()
    desk.core.close()
    assert replayed(tmp_path).state_hash() == expected

    again = Desk(tmp_path, first=False, snapshots=SnapshotSettings(commands=0))
    assert again.core.notes == []
    assert again.restored_to == taken > sequence - 110
    assert again.core.event_writer.events_of(ANN, 0, EVENTS).tobytes().startswith(private)
    again_hash, again_sequence = again.core.exchange.state_hash(), again.core.exchange.sequence
    again.close()
    alone = replayed(tmp_path)
    assert (alone.state_hash(), alone.sequence) == (again_hash, again_sequence)
