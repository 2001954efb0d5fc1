"""Drop copy over real sockets: a risk system that is killed and whose server is killed has what the exchange has."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from server.client.drop_copy import DropCopyCursor
from server.protocol import control
from server.protocol.enums import Right, Side
from tests.system.desk_client import DeskClient
from tests.system.running import ACCOUNT, OPERATOR, OTHER, OTHER_ACCOUNT, PASSWORDS, TRADER, RunningServer

pytestmark = [pytest.mark.recovery, pytest.mark.timeout(180)]
RISK_PASSWORD = "a risky word"


def tool(server: RunningServer, cursor: Path, *more: str, user: str = OPERATOR) -> list[dict[str, object]]:
    """The lines that one run of the tool prints until it has caught up."""
    done = subprocess.run(
        [sys.executable, "-m", "server.tools.drop_copy", "--cursor", str(cursor), "--from-start", "--until-synced",
         *more, "--control-port", str(server.ready["control_port"]), "--data", str(server.data), "--user", user,
         "--password-stdin"],
        input=f"{PASSWORDS.get(user, RISK_PASSWORD)}\n", capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def trade(server: RunningServer, lots: int) -> None:
    """The two traders meet."""
    with server.log_on(OTHER) as other, server.log_on(TRADER) as trader:
        seller, buyer = DeskClient(other), DeskClient(trader)
        seller.answer(seller.order(Side.SELL, 10_000, lots, account=OTHER_ACCOUNT))
        buyer.answer(buyer.order(Side.BUY, 10_000, lots, account=ACCOUNT))


def nets(lines: list[dict[str, object]]) -> dict[object, int]:
    """Lots by account, from the fills."""
    net: dict[object, int] = {}
    for line in lines:
        if line["kind"] == "EXECUTED":
            lots = line["last_quantity"]
            assert isinstance(lots, int)
            net[line["account"]] = net.get(line["account"], 0) + (lots if line["side"] == "BUY" else -lots)
    return net


def test_the_tool_goes_on_from_its_cursor_over_a_kill_of_the_server(tmp_path: Path) -> None:
    data, cursor = tmp_path / "data", tmp_path / "cursor"
    with RunningServer(data, "fsync", extra=("--no-history",)) as server:
        trade(server, 5)
        lines = tool(server, cursor, "--everything")
        trade(server, 7)
        server.child.kill()
    with RunningServer(data, "fsync", extra=("--no-history",)) as server:
        trade(server, 11)
        lines += tool(server, cursor, "--everything")
        sequences = [line["sequence"] for line in lines]
        assert sequences == sorted(set(sequences)), "each event once, in order"
        assert nets(lines) == {ACCOUNT: 23, OTHER_ACCOUNT: -23}
        assert tool(server, cursor, "--everything") == []


def test_a_viewer_follows_live_until_the_right_goes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with RunningServer(data, "fsync", extra=("--no-history",)) as server:
        with server.log_on(OPERATOR) as operator:
            added = operator.ask(control.AddUser(user="risk", password=RISK_PASSWORD, viewed=[ACCOUNT]))
            assert isinstance(added, control.Done)
        connection = server.connect()
        connection.logon("risk", RISK_PASSWORD)
        risk = DeskClient(connection)
        connection.follow_drop_copy(control.OpenDropCopy(), DropCopyCursor())
        risk.until(lambda: connection.session.drop_copy.synced, "caught up")
        trade(server, 3)
        risk.until(lambda: [row for row in risk.copied if row["last_quantity"] == 3], "the fill")
        assert {int(row["account"]) for row in risk.copied} == {ACCOUNT}
        with server.log_on(OPERATOR) as operator:
            operator.ask(control.SetRights(user_id=added.number, account=ACCOUNT, rights=int(Right.NONE)))
        risk.until(lambda: risk.ended, "the end of the stream")
        connection.close()
