"""The `tradepit` command runs the module of its subcommand, and imports nothing before."""

import subprocess
import sys

import pytest

from installer import command_line


def test_a_subcommand_is_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(
        command_line.runpy, "run_module", lambda module, run_name, alter_sys: ran.append((module, sys.argv))
    )
    monkeypatch.setattr(sys, "argv", ["tradepit"])
    assert command_line.main(["server", "--data", "folder"]) == 0
    assert ran == [("server.bootstrap", ["tradepit server", "--data", "folder"])]


@pytest.mark.parametrize("words", [[], ["fly"]])
def test_anything_else_shows_the_commands(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(words) == 2
    assert "workstation" in capsys.readouterr().err


def test_help_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["--help"]) == 0
    assert "usage: tradepit COMMAND" in capsys.readouterr().out


def test_a_headless_server_needs_no_qt() -> None:
    program = (
        "import sys; sys.modules['PySide6'] = None; sys.modules['pyqtgraph'] = None\n"
        "import server.bootstrap, server.tools.admin, server.tools.journal, server.tools.replay"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
