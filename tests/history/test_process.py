"""The process: ready line, CURVE with one admitted key, pages, refusals, `kill -9`, the end of its parent."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import zmq

from server.history.ticks import MINUTE_NS
from server.protocol import codec
from server.protocol.control import (
    AnyReply,
    CancelRequest,
    GetBars,
    GetBarSeries,
    GetDepthHistory,
    GetHotList,
    GetTicks,
    GetVolumes,
    Hello,
    Records,
    Refused,
    Request,
)
from server.protocol.enums import BarUnit, FaultCode, Ranking
from server.protocol.records import ALL_RECORDS
from tests.history.depth_flow import Flow, slow_columns
from tests.history.trades import DAY_NS, is_print, log_with, market_data, slow_bars

pytestmark = pytest.mark.recovery
DEADLINE_MS = 30_000
PUBLIC_KEY, SECRET_KEY = zmq.curve_keypair()


class History:
    """A running history process, and a socket to ask it by."""

    def __init__(self, directory: Path) -> None:
        command = [sys.executable, "-m", "server.history", "--data", str(directory), "--parent-pipe"]
        self.process = subprocess.Popen(
            [*command, "--client-key", PUBLIC_KEY.decode()], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.process.stdout is not None
        self.ready = json.loads(self.process.stdout.readline())
        self.context = zmq.Context()
        self.socket = self.connect(PUBLIC_KEY, SECRET_KEY)

    def connect(self, public_key: bytes, secret_key: bytes) -> "zmq.Socket[bytes]":
        socket: zmq.Socket[bytes] = self.context.socket(zmq.DEALER)
        socket.curve_serverkey = self.ready["public_key"].encode()
        socket.curve_publickey = public_key
        socket.curve_secretkey = secret_key
        socket.linger = 0
        socket.connect(f"tcp://127.0.0.1:{self.ready['port']}")
        return socket

    def ask_bytes(self, frame: bytes) -> AnyReply:
        self.socket.send(frame)
        assert self.socket.poll(DEADLINE_MS), "no reply"
        return codec.decode_reply(self.socket.recv())

    def ask(self, request: Request) -> AnyReply:
        return self.ask_bytes(codec.encode_control(request))

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.context.destroy(0)


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    log_with(tmp_path, market_data(12, 3000)[:2000])
    running = History(tmp_path)
    yield running
    running.close()


def rows(reply: AnyReply) -> np.ndarray:
    assert isinstance(reply, Records), reply
    return np.frombuffer(reply.records, ALL_RECORDS[reply.layout])


def test_bars_and_ticks_are_answered_up_to_the_newest_print(history: History, tmp_path: Path) -> None:
    records = market_data(12, 3000)
    reply = history.ask(GetBars(request_id=5, instrument=1, size_ns=MINUTE_NS, count=1000))
    assert reply.request_id == 5
    assert (rows(reply) == slow_bars(records[:2000], 1, MINUTE_NS)).all()
    log_with(tmp_path, records[2000:], epoch=2)
    assert (
        rows(history.ask(GetBars(instrument=1, size_ns=MINUTE_NS, count=1000))) == slow_bars(records, 1, MINUTE_NS)
    ).all()
    ticks = rows(history.ask(GetTicks(instrument=40, count=8000)))
    assert ticks["sequence"].tolist() == records[is_print(records) & (records["instrument"] == 40)]["sequence"].tolist()


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (GetBars(instrument=1, size_ns=0), FaultCode.INVALID_REQUEST),
        (GetBars(instrument=1, size_ns=-(10**9)), FaultCode.INVALID_REQUEST),
        (GetBars(instrument=1, size_ns=1 << 62), FaultCode.INVALID_REQUEST),
        (GetBars(instrument=-1, size_ns=MINUTE_NS), FaultCode.INVALID_REQUEST),
        (GetBars(instrument=1 << 70, size_ns=MINUTE_NS), FaultCode.MALFORMED),
        (GetBars(instrument=1, size_ns=MINUTE_NS, count=0), FaultCode.INVALID_REQUEST),
        (GetTicks(instrument=1, before_ns=-5), FaultCode.INVALID_REQUEST),
        (GetTicks(instrument=1, before_ns=1 << 63), FaultCode.INVALID_REQUEST),
        (Hello(), FaultCode.UNKNOWN_REQUEST),
    ],
)
def test_a_bad_request_is_refused_with_a_sentence(history: History, request_: Request, code: FaultCode) -> None:
    try:
        frame = codec.encode_control(request_)
    except OverflowError:
        return
    reply = history.ask_bytes(frame)
    assert isinstance(reply, Refused)
    assert reply.code == code
    assert reply.text


def test_garbage_is_answered_and_costs_nothing(history: History) -> None:
    for frame in (b"", b"\xff" * 100, b"\x93", bytes(1 << 16), bytes((1 << 16) + 1)):
        reply = history.ask_bytes(frame)
        assert isinstance(reply, Refused)
        assert reply.code == FaultCode.MALFORMED
    assert len(rows(history.ask(GetTicks(instrument=1, count=5)))) == 5


def test_a_huge_count_is_one_page(history: History) -> None:
    reply = history.ask(GetBars(instrument=1, size_ns=10**6, count=1 << 40))
    assert len(rows(reply)) <= 8192


def test_another_key_is_not_let_in(history: History) -> None:
    stranger = history.connect(*zmq.curve_keypair())
    stranger.send(codec.encode_control(GetTicks(instrument=1)))
    assert isinstance(history.ask(GetTicks(instrument=1)), Records)
    assert stranger.poll(200) == 0


def test_it_ends_with_its_parent_and_goes_on_after_being_killed(tmp_path: Path) -> None:
    records = market_data(13, 6000)
    for end in range(1000, 6001, 1000):
        log_with(tmp_path, records[end - 1000 : end], epoch=end)
        running = History(tmp_path)
        ticks = rows(running.ask(GetTicks(instrument=1, count=8000)))
        seen = records[:end]
        assert ticks["sequence"].tolist() == seen[is_print(seen) & (seen["instrument"] == 1)]["sequence"].tolist()
        bars = rows(running.ask(GetBars(instrument=2, size_ns=MINUTE_NS, count=8000)))
        assert (bars == slow_bars(seen, 2, MINUTE_NS)).all()
        if end % 2000:
            running.process.kill()
        else:
            assert running.process.stdin is not None
            running.process.stdin.close()
            assert running.process.wait(DEADLINE_MS / 1000) == 0
        running.close()


def test_what_cannot_work_is_one_sentence(history: History, tmp_path: Path) -> None:
    key = PUBLIC_KEY.decode()
    other = str(tmp_path / "other")
    for options, words in (
        (["--data", str(tmp_path), "--client-key", key], "already works on"),
        (["--data", other, "--client-key", "short"], "a public key has 40"),
        (["--data", other, "--client-key", key, "--port", str(history.ready["port"])], "Address already in use"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "server.history", *options], check=False, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 2
        assert words in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_every_question_is_answered_by_the_process(tmp_path: Path) -> None:
    flow = Flow(4)
    records = flow.records(600, 10**8)
    log_with(tmp_path, records)
    running = History(tmp_path)
    prints = records[is_print(records)]
    try:
        for unit, size in ((BarUnit.DAY, 1), (BarUnit.TRADES, 3), (BarUnit.RANGE, 2)):
            bars = rows(running.ask(GetBarSeries(instrument=1, unit=unit, size=size)))
            assert bars["volume"].sum() == prints["quantity"][prints["instrument"] == 1].sum()
        (day,) = rows(running.ask(GetVolumes(instruments=[2])))
        today = prints["time_ns"] // DAY_NS == records["time_ns"][-1] // DAY_NS
        assert day["volume"] == prints["quantity"][today & (prints["instrument"] == 2)].sum()
        hot = rows(running.ask(GetHotList(ranking=Ranking.VOLUME)))
        assert sorted(hot["instrument"].tolist()) == [1, 2]
        columns = rows(running.ask(GetDepthHistory(instrument=1)))
        expected = slow_columns(records, 1, 10**9, int(records["time_ns"][-1]) // 10**9 * 10**9)
        assert set(columns["time_ns"].tolist()) <= {*expected, int(columns["time_ns"][-1])}
        assert isinstance(running.ask(GetDepthHistory(instrument=1, column_ns=5)), Refused)
        running.socket.send(codec.encode_control(CancelRequest(cancels=3)))
        assert isinstance(running.ask(GetTicks(request_id=3, instrument=1)), Records)
    finally:
        running.close()
