"""The operator's commands and the load generator against a real server."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from server.client.incoming import Faulted
from server.protocol.enums import FaultCode
from tests.system.desk_client import DeskClient
from tests.system.running import ACCOUNT, OPERATOR, PASSWORDS, TRADER, RunningServer

pytestmark = [pytest.mark.recovery, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One server for all."""
    with RunningServer(tmp_path_factory.mktemp("tools") / "data", extra=("--no-history",)) as running:
        yield running


def run_tool(
    server: RunningServer, module: str, *arguments: str, user: str, stdin: str
) -> subprocess.CompletedProcess[str]:
    """A tool with the server's address and a password on standard input."""
    address = ["--control-port", str(server.ready["control_port"]), "--data", str(server.data)]
    return subprocess.run(
        [sys.executable, "-m", module, *arguments, *address, "--user", user, "--password-stdin"],
        input=stdin, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def admin(server: RunningServer, *arguments: str, user: str = OPERATOR, more: str = "") -> tuple[int, str, str]:
    """Status, output and error of `tradepit admin`."""
    done = run_tool(server, "server.tools.admin", *arguments, user=user, stdin=f"{PASSWORDS[user]}\n{more}")
    return done.returncode, done.stdout, done.stderr


def test_status_shows_counters_and_the_state_hash(server: RunningServer):
    status, output, error = admin(server, "status")
    assert (status, error) == (0, "")
    assert "engine.sequence" in output
    assert "state hash" in output
    assert int(json.loads(admin(server, "status", "--json")[1])["state_hash"], 16) > 0


def test_a_user_that_was_added_can_log_on(server: RunningServer):
    status, output, error = admin(server, "add-user", "newcomer", "--account", str(ACCOUNT), more="a password\n")
    assert (status, error) == (0, ""), output
    with server.connect() as connection:
        accepted = connection.logon("newcomer", "a password")
    assert accepted.accounts == [ACCOUNT]
    status, _, error = admin(server, "add-user", "newcomer", more="a password\n")
    assert status == 2
    assert len(error.strip().splitlines()) == 1


def test_who_is_no_operator_is_refused_in_a_sentence(server: RunningServer):
    status, _, error = admin(server, "status", user=TRADER)
    assert status == 2
    assert len(error.strip().splitlines()) == 1


def test_a_phase_stops_trading_and_brings_it_back(server: RunningServer):
    assert admin(server, "phase", "halted", "--instrument", "2")[0] == 0
    client = DeskClient(server.log_on(TRADER))
    assert client.answer(client.order(0, 9_000, 1, instrument=2))["state"] == 5
    assert admin(server, "phase", "continuous", "--instrument", "2")[0] == 0
    assert client.answer(client.order(0, 9_000, 1, instrument=2))["state"] == 1
    client.connection.close()


def test_a_kicked_user_is_told_and_does_not_come_back(server: RunningServer):
    client = DeskClient(server.log_on(TRADER))
    client.answer(client.order(0, 9_000, 1))
    status, output, error = admin(server, "kick", TRADER)
    assert (status, output, error) == (0, f"1 session of {TRADER} closed.\n", "")
    faults = client.until(lambda: [item for item in client.incoming if isinstance(item, Faulted)], "the fault")
    assert [(fault.code, fault.final) for fault in faults] == [(FaultCode.CLOSED_BY_OPERATOR, True)]
    assert admin(server, "kick", TRADER)[0] == 2
    client.connection.close()


def test_the_load_generator_tells_what_it_did(server: RunningServer):
    arguments = ("--account", str(ACCOUNT), "--price", "10000", "--rate", "300", "--seconds", "1")
    done = run_tool(server, "server.tools.load", *arguments, user=TRADER, stdin=PASSWORDS[TRADER] + "\n")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["orders"] > 50
    assert figures["p99_us"] >= figures["p50_us"] > 0
