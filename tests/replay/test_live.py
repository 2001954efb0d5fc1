"""The made day over real sockets: a server in replay mode, the feed as its client, every trade as published."""

import time
from pathlib import Path

import numpy as np
import pytest

from server.client.connection import Connection
from server.client.incoming import EventsReceived, Incoming, ReplyReceived
from server.client.order_entry import OrderEntry
from server.protocol import control
from server.protocol.enums import EventKind, Mode
from server.settings import encode_reference
from server.tools.children import Child
from server.tools.replay import clock_of, midnight_of
from server.tools.replay_check import compare_deletes, compare_trades
from server.tools.replay_desk import start_server
from server.tools.replay_live import LiveFeed
from server.tools.replay_messages import DayUnreadable, read_day
from server.tools.replay_past import CLIENT_INSTANCE, FEED_USER, cut, replay_reference, write_past
from tests.golden import make_day

MIDNIGHT_NS = midnight_of(Path("sse-600519-20230207.zip"), None)
SPEED = 3600
DEADLINE_S = 60.0


class RecordingConnection(Connection):
    """Keeps the private events and what the server said about itself."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)
        self.events: list[np.ndarray] = []

    def poll(self, timeout_ms: int) -> list[Incoming]:
        incoming = super().poll(timeout_ms)
        self.events += [item.events.copy() for item in incoming if isinstance(item, EventsReceived)]
        return incoming


@pytest.mark.recovery
def test_the_feed_gives_every_trade_and_delete_of_the_rest_of_the_day(tmp_path: Path) -> None:
    day = read_day(make_day.PATH)
    script = cut(day, MIDNIGHT_NS, clock_of("13:00"))
    reference = replay_reference(day, ("street's", "viewer's"))
    write_past(tmp_path / "data", reference, script, lambda _: None)
    bootstrap = tmp_path / "bootstrap.json"
    bootstrap.write_bytes(encode_reference(reference))
    server = start_server(tmp_path / "data", bootstrap, script.start_ns, SPEED)
    try:
        ready = server.wait_ready(DEADLINE_S)
        connection = RecordingConnection(
            ready["host"], ready["control_port"], ready["server_key"].encode(), time.time_ns,
            entry=OrderEntry(CLIENT_INSTANCE), resume_from=0, valid_for_ns=0,
        )  # fmt: skip
        with connection:
            connection.start(FEED_USER, "street's")
            feed = LiveFeed(connection, script.coming, MIDNIGHT_NS, SPEED, time.time_ns)
            run_to_the_end(feed, server, connection)
            assert connection.hello().mode == Mode.REPLAY
    finally:
        server.stop()
    events = np.concatenate(connection.events)
    assert not (events["kind"] == EventKind.REJECTED).any()
    for comparison in (*compare_trades(day, events), compare_deletes(day, events)):
        assert comparison.equal == comparison.published > 0, comparison


def run_to_the_end(feed: LiveFeed, server: Child, connection: Connection) -> None:
    """Turns until the day is over and everything is answered."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not feed.done or connection.session.entry.pending_count:
        assert time.monotonic() < deadline_s, "the day did not end in time"
        assert server.status is None, "the server ended"
        feed.turn()
    take_the_rest(connection)


def take_the_rest(connection: Connection) -> None:
    """What the last phase brought may still be on its way, since answers and private events come by two sockets."""
    asked = connection.request(control.GetAccounts())
    deadline_s, last = time.monotonic() + DEADLINE_S, -1
    while last < 0 or connection.session.private.sequence < last:
        assert time.monotonic() < deadline_s, "the newest private events did not come"
        for item in connection.poll(100):
            if isinstance(item, ReplyReceived) and item.request.request_id == asked:
                assert isinstance(item.reply, control.Accounts)
                last = item.reply.stream_sequence


@pytest.mark.parametrize(("text", "minutes"), [("09:30", 570), ("9:05", 545), ("23:59", 1439)])
def test_a_time_of_day(text: str, minutes: int) -> None:
    assert clock_of(text) == minutes * 60 * 10**9


def test_midnight_is_the_exchanges(tmp_path: Path) -> None:
    assert midnight_of(Path("sse-600519-20230207.zip"), None) == 1_675_699_200 * 10**9
    assert midnight_of(Path("day.log"), "20230207") == 1_675_699_200 * 10**9
    assert midnight_of(Path("day-99999999.log"), None) % (3600 * 10**9) == 0
    with pytest.raises(DayUnreadable):
        midnight_of(Path("day.log"), "2023-02-07x")
