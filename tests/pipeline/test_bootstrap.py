"""The server as a process sees it: its ready line, and one sentence for everything that keeps it from starting."""

import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.arguments import parse_arguments
from server.bootstrap import Server, Stopping, main
from server.identity.server_key import KEY_FILE, PUBLIC_FILE
from server.journal.journal import Journal
from server.protocol.enums import Durability, Mode
from server.settings import (
    Reference,
    SettingsError,
    UserSetting,
    decode_reference,
    encode_reference,
    read_reference,
)
from tests.gateway.desk import PASSWORD, reference


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """Give the signals back that a server takes."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def bootstrap_file(tmp_path: Path) -> Path:
    """Reference data with one user, to hash but one password."""
    path = tmp_path / "first.json"
    whole = reference()
    path.write_bytes(
        encode_reference(
            Reference(
                currencies=whole.currencies,
                instruments=whole.instruments,
                accounts=whole.accounts,
                users=whole.users[:1],
            )
        )
    )
    return path  # fmt: skip


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one sentence that a start ended with."""
    assert main(list(arguments)) == 2
    error = capsys.readouterr().err
    assert error.startswith("tradepit server: ")
    assert error.count("\n") == 1
    assert "Traceback" not in error
    return error


def run_once(*arguments: str) -> dict[str, Any]:
    """Start a server, stop it as soon as it is ready, and return its ready line."""
    said: list[dict[str, Any]] = []
    stopping = Stopping()

    def ready(description: dict[str, Any]) -> None:
        said.append(json.loads(json.dumps(description)))
        stopping.ask()

    server = Server(parse_arguments(list(arguments)))
    server.run(stopping, ready)
    server.close()
    return said[0]


def test_it_says_where_it_is_and_its_epoch_rises(tmp_path: Path, bootstrap_file: Path) -> None:
    data = tmp_path / "data"
    arguments = ["--data", str(data), "--mode", "demo", "--durability", "os", "--no-history"]
    first = run_once(*arguments, "--bootstrap", str(bootstrap_file))
    assert first["ready"] is True
    assert len({first["control_port"], first["order_port"], first["market_data_port"]}) == 3
    assert first["server_key"] == (data / PUBLIC_FILE).read_text().strip()
    assert first["epoch"] == 1
    assert PASSWORD.encode() not in b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    kept = read_reference(data / "reference.json")
    assert kept == reference().without_users()
    second = run_once(*arguments)
    assert (second["epoch"], second["server_key"]) == (2, first["server_key"])
    journal = Journal.open(data)
    assert journal.last_sequence > 0
    journal.close()


def test_a_second_server_on_the_same_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    journal = Journal.open(data)
    error = refusal(capsys, "--data", str(data), "--no-history")
    assert str(data) in error
    journal.close()


def test_a_port_in_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        error = refusal(capsys, "--data", str(tmp_path / "data"), "--order-port", str(port), "--no-history")
    assert f"127.0.0.1:{port}" in error
    assert "in use" in error
    Journal.open(tmp_path / "data").close()


def test_a_damaged_journal(tmp_path: Path, bootstrap_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    run_once("--data", str(data), "--bootstrap", str(bootstrap_file), "--no-history")
    (segment,) = (data / "journal").glob("*.segment")
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 1
    segment.write_bytes(content)
    error = refusal(capsys, "--data", str(data), "--no-history")
    assert "damaged" in error
    assert segment.name in error
    assert segment.read_bytes() == content, "nothing was changed"


def test_an_unreadable_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / KEY_FILE).write_bytes(b"garbage")
    assert KEY_FILE in refusal(capsys, "--data", str(tmp_path), "--no-history")


def test_data_that_is_no_directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_bytes(b"")
    refusal(capsys, "--data", str(tmp_path / "file"), "--no-history")


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"surprise": 1}', b'{"users": [{"user_id": 1.5}]}', b"\xff"])
def test_reference_data_that_cannot_be_read(tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "first.json").write_bytes(content)
    refusal(capsys, "--data", str(tmp_path / "data"), "--bootstrap", str(tmp_path / "first.json"), "--no-history")


def test_reference_data_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    error = refusal(capsys, "--data", str(tmp_path / "data"), "--bootstrap", str(tmp_path / "none.toml"))
    assert "none.toml" in error


def test_a_live_server_has_the_real_clock(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "real clock" in refusal(capsys, "--data", str(tmp_path), "--mode", "live", "--clock-start", "5")
    assert "speed" in refusal(capsys, "--data", str(tmp_path), "--mode", "demo", "--clock-speed", "5")


def test_toml_and_json_say_the_same() -> None:
    users = [UserSetting(user_id=1, user="ann", password=PASSWORD, accounts=[100])]
    toml = f'[[users]]\nuser_id = 1\nuser = "ann"\npassword = "{PASSWORD}"\naccounts = [100]\n'
    assert decode_reference(toml.encode(), toml=True) == Reference(users=users)
    assert decode_reference(encode_reference(Reference(users=users)), toml=False) == Reference(users=users)
    with pytest.raises(SettingsError):
        decode_reference(b"= not toml", toml=True)


def test_the_defaults_are_the_safe_ones(tmp_path: Path) -> None:
    settings = parse_arguments(["--data", str(tmp_path)])
    assert (settings.mode, settings.durability, settings.host) == (Mode.LIVE, Durability.FSYNC, "127.0.0.1")
