"""The I/O thread against a feeder over real sockets with CURVE: what comes, and what a silent server looks like."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from app.link.inbox import NotSent, Taken
from app.link.link import Endpoint, Link
from app.state.commands import mass_cancel
from server.client.incoming import Channel, ChannelState, LoggedOn, ReplyReceived, StreamState
from server.protocol import control
from server.protocol.enums import Topic

pytestmark = pytest.mark.recovery
DEADLINE_S = 30.0


class Collected:
    """Everything taken from an inbox so far."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.items: list[object] = []
        self.records = 0
        self.instruments: set[int] = set()

    def until(self, enough: Callable[["Collected"], bool]) -> None:
        """Take until `enough` says so; fails after the deadline."""
        end = time.monotonic() + DEADLINE_S
        while not enough(self):
            assert time.monotonic() < end, [type(item).__name__ for item in self.items][-20:]
            taken: Taken = self.link.inbox.take()
            self.items += taken.items
            self.records += taken.records
            self.instruments |= set(taken.instruments.tolist())
            time.sleep(0.01)

    def has(self, kind: type) -> bool:
        """Whether an item of a kind came."""
        return any(isinstance(item, kind) for item in self.items)


@pytest.fixture
def feeder() -> Iterator[tuple[subprocess.Popen[str], Endpoint]]:
    """A feeder process and where it is."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.storm_feeder", "--rate", "2000"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdin is not None
    line = json.loads(process.stdout.readline())
    yield process, Endpoint("127.0.0.1", line["control_port"], line["server_key"].encode(), "trader", "-")
    process.stdin.close()
    process.wait(10)


def down(channel: Channel) -> Callable[[Collected], bool]:
    """Whether a channel has come down or fallen silent."""
    states = (ChannelState.DOWN, ChannelState.STALE)
    return lambda seen: any(
        isinstance(item, StreamState) and item.channel is channel and item.state in states for item in seen.items[-40:]
    )


def test_logon_answers_quotes_and_a_silent_server(feeder: tuple[subprocess.Popen[str], Endpoint]) -> None:
    process, endpoint = feeder
    link = Link(endpoint, time.time_ns)
    link.send(mass_cancel(1))
    link.start()
    seen = Collected(link)
    try:
        seen.until(lambda one: one.has(LoggedOn))
        assert seen.has(NotSent)
        link.request(control.GetInstruments())
        seen.until(lambda one: one.has(ReplyReceived))
        for number in (1, 2):
            link.subscribe(Topic.QUOTE, number)
        seen.until(lambda one: one.instruments >= {1, 2} and one.records > 50)
        seen.items.clear()
        process.kill()
        seen.until(down(Channel.MARKET_DATA))
    finally:
        link.stop()


def test_the_password_is_in_no_text() -> None:
    assert "secret" not in repr(Endpoint("127.0.0.1", 1, b"k", "trader", "secret"))
