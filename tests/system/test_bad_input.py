"""Hostile peers and broken surroundings against real processes: one clear error, one session lost, nothing else."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import numpy as np
import pytest
import zmq

from server.client.connection import Connection, ConnectionRefused
from server.client.incoming import Faulted
from server.protocol.enums import EnvelopeKind, EventKind, FaultCode, Side
from server.protocol.records import COMMAND, ENVELOPE
from tests.system.desk_client import DeskClient
from tests.system.running import OTHER, PASSWORDS, TRADER, RunningServer

pytestmark = [pytest.mark.recovery, pytest.mark.timeout(200)]
START_S = 60


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One server for all hostile peers."""
    with RunningServer(tmp_path_factory.mktemp("bad") / "data") as running:
        yield running


@pytest.fixture
def witness(server: RunningServer) -> Iterator[DeskClient]:
    """A well-behaved client that has to be served before and after."""
    client = DeskClient(server.log_on(OTHER))
    client.synced()
    trade_once(client)
    yield client
    trade_once(client)
    assert len(client.logons()) == 0
    client.connection.close()


def trade_once(client: DeskClient) -> None:
    """An order and its cancel, answered."""
    accepted = client.answer(client.order(Side.BUY, 5_000, 1, account=12))
    assert accepted["kind"] == EventKind.ACCEPTED
    assert client.answer(client.cancel(int(accepted["order_id"])))["kind"] == EventKind.CANCELED


def send_frame(client: DeskClient, frame: bytes) -> None:
    """Bytes of our choice on the order socket of a session."""
    orders = client.connection._orders
    assert orders is not None
    orders.send(frame)


def envelope(**fields: int) -> np.ndarray:
    """An envelope with some fields."""
    row = np.zeros(1, ENVELOPE)
    row["version"] = 1
    for name, value in fields.items():
        row[name] = value
    return row


def truncated(client: DeskClient) -> bytes:
    """A command cut in the middle."""
    session = client.connection.session.session
    return (envelope(kind=EnvelopeKind.COMMANDS, count=1, session=session).tobytes() + np.zeros(1, COMMAND).tobytes())[
        :150
    ]


BROKEN: dict[str, Callable[[DeskClient], bytes]] = {
    "no bytes": lambda client: b"",
    "garbage": lambda client: Random(4).randbytes(500),
    "truncated": truncated,
    "unknown kind": lambda client: envelope(kind=99).tobytes(),
    "too many records": lambda client: envelope(kind=EnvelopeKind.COMMANDS, count=1_000_000).tobytes(),
    "foreign session": lambda client: (
        envelope(kind=EnvelopeKind.COMMANDS, count=1, session=client.connection.session.session + 1).tobytes()
        + np.zeros(1, COMMAND).tobytes()
    ),
    "other version": lambda client: envelope(kind=EnvelopeKind.HEARTBEAT, version=9).tobytes(),
}


@pytest.mark.usefixtures("witness")
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_message_costs_the_session_that_sent_it(server: RunningServer, name: str):
    client = DeskClient(server.log_on(TRADER))
    client.synced()
    send_frame(client, BROKEN[name](client))
    fault = client.until(lambda: [item for item in client.incoming if isinstance(item, Faulted)], "fault")[0]
    assert fault.code in (FaultCode.MALFORMED, FaultCode.FOREIGN_SESSION, FaultCode.UNSUPPORTED_VERSION)
    client.connection.close()


@pytest.mark.usefixtures("witness")
def test_bytes_that_are_no_zmtp_cost_a_connection(server: RunningServer):
    rng = Random(5)
    print("seed 5")
    for name in ("control_port", "order_port", "market_data_port"):
        for size in (1, 64, 4096):
            with socket.create_connection((server.ready["host"], server.ready[name]), timeout=5) as raw:
                raw.sendall(rng.randbytes(size))


@pytest.mark.usefixtures("witness")
def test_without_curve_nobody_is_heard(server: RunningServer):
    with zmq.Context() as context, context.socket(zmq.DEALER) as plain:
        plain.linger = 0
        plain.connect(f"tcp://{server.ready['host']}:{server.ready['control_port']}")
        plain.send(b"\x91\xa5Hello")
        assert plain.poll(500) == 0


@pytest.mark.usefixtures("witness")
def test_a_wrong_password_is_refused_in_a_sentence(server: RunningServer):
    with server.connect() as connection, pytest.raises(ConnectionRefused) as refused:
        connection.logon(TRADER, PASSWORDS[TRADER] + "x")
    assert refused.value.code == FaultCode.WRONG_CREDENTIALS


def test_a_server_that_is_not_there_is_a_sentence():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    key = zmq.curve_keypair()[0]
    with Connection("127.0.0.1", port, key, time.time_ns) as connection, pytest.raises(ConnectionRefused) as refused:
        connection.hello(timeout_ms=300)
    assert "no answer" in str(refused.value)


def test_a_wrong_server_key_gets_no_answer(server: RunningServer):
    key = zmq.curve_keypair()[0]
    ready = server.ready
    connection = Connection(ready["host"], ready["control_port"], key, time.time_ns)
    with connection, pytest.raises(ConnectionRefused):
        connection.hello(timeout_ms=500)


def run_server(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A server that is expected to give up."""
    return subprocess.run(
        [sys.executable, "-m", "server.bootstrap", *arguments],
        capture_output=True, text=True, timeout=START_S, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )  # fmt: skip


def assert_one_sentence(result: subprocess.CompletedProcess[str]) -> str:
    """Status 2 and one line on standard error."""
    assert result.returncode == 2, result
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    assert "Traceback" not in result.stderr
    return lines[0]


@pytest.mark.usefixtures("witness")
def test_a_second_server_on_the_same_data_gives_up(server: RunningServer):
    sentence = assert_one_sentence(run_server("--data", str(server.data), "--mode", "demo"))
    assert str(server.data) in sentence


@pytest.mark.usefixtures("witness")
def test_a_port_in_use_is_a_sentence(server: RunningServer, tmp_path: Path):
    port = str(server.ready["order_port"])
    sentence = assert_one_sentence(
        run_server("--data", str(tmp_path / "other"), "--mode", "demo", "--order-port", port)
    )
    assert port in sentence


def test_a_damaged_journal_stops_with_a_report_and_is_left_alone(tmp_path: Path):
    data = tmp_path / "data"
    with RunningServer(data) as running:
        client = DeskClient(running.log_on(TRADER))
        for _ in range(50):
            client.answer(client.order(Side.BUY, 4_000, 1))
        client.connection.close()
    segment = sorted((data / "journal").glob("*.segment"))[0]
    content = bytearray(segment.read_bytes())
    content[2_000] ^= 0xFF
    segment.write_bytes(content)
    sentence = assert_one_sentence(run_server("--data", str(data), "--mode", "demo"))
    assert segment.name in sentence
    assert segment.read_bytes() == bytes(content)


def test_no_server_runs_on_the_bare_engine(tmp_path: Path):
    arguments = ("--data", str(tmp_path / "data"), "--mode", "demo")
    assert "TRADEPIT_ENGINE is bare" in assert_one_sentence(run_server(*arguments, TRADEPIT_ENGINE="bare"))


def test_a_file_in_place_of_the_data_directory(tmp_path: Path):
    data = tmp_path / "data"
    data.write_text("not a directory")
    assert_one_sentence(run_server("--data", str(data), "--mode", "demo"))


def test_a_live_server_refuses_a_simulated_clock(tmp_path: Path):
    sentence = assert_one_sentence(run_server("--data", str(tmp_path), "--mode", "live", "--clock-start", "1000"))
    assert "clock" in sentence
