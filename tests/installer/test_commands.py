"""The commands: what is set up before what, what is handed over, and how each refusal reads."""

from pathlib import Path

import pytest

from installer import commands, setup_steps
from installer.commands import main
from installer.environment import Environment
from installer.locks import LockSet
from installer.machine import Machine
from installer.messages import SetupFault
from tests.installer.fake_machine import FakeMachine


@pytest.fixture
def set_up_calls(monkeypatch: pytest.MonkeyPatch) -> list[LockSet]:
    """Set-up that only remembers for what it was called."""
    calls: list[LockSet] = []

    def set_up(project: Path, machine: Machine, lock_set: LockSet) -> Environment:
        calls.append(lock_set)
        return Environment(project)

    monkeypatch.setattr(commands, "set_up", set_up)
    return calls


def test_demo_hands_its_options_over(set_up_calls: list[LockSet], tmp_path: Path) -> None:
    machine = FakeMachine()
    words = ["demo", "--offscreen", "--seconds", "20", "--screenshot", "pictures"]
    assert main(words, machine, tmp_path) == 0
    assert set_up_calls == [LockSet.RUN]
    assert machine.started == [[str(Environment(tmp_path).python), "-m", "server.tools.demo", *words[1:]]]


def test_demo_without_a_display_is_told_before_set_up(
    set_up_calls: list[LockSet], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo"], FakeMachine(), tmp_path) == 2
    assert set_up_calls == []
    assert "no display here" in capsys.readouterr().err
    assert main(["demo"], FakeMachine(display=True), tmp_path) == 0


def test_demo_gives_the_demos_exit_status(set_up_calls: list[LockSet], tmp_path: Path) -> None:
    python = Environment(tmp_path).python.name
    assert main(["demo"], FakeMachine(display=True, answers={python: (3, ())}), tmp_path) == 3


def test_setup_makes_the_market_and_does_no_more(set_up_calls: list[LockSet], tmp_path: Path) -> None:
    machine = FakeMachine()
    assert main(["setup"], machine, tmp_path) == 0
    assert set_up_calls == [LockSet.RUN]
    assert machine.started == [[str(Environment(tmp_path).python), "-m", "server.tools.demo", "--prepare"]]


def test_a_market_that_could_not_be_made_is_a_fault(
    set_up_calls: list[LockSet], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    python = Environment(tmp_path).python.name
    assert main(["setup"], FakeMachine(answers={python: (2, ())}), tmp_path) == 2
    assert "market could not be made" in capsys.readouterr().err


def test_a_fault_is_one_line_and_status_2(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def set_up(project: Path, machine: Machine, lock_set: LockSet) -> Environment:
        raise SetupFault("The disk is full: make room.")

    monkeypatch.setattr(commands, "set_up", set_up)
    assert main(["setup"], FakeMachine(), tmp_path) == 2
    assert capsys.readouterr().err == "The disk is full: make room.\n"


def test_unknown_words_are_refused(tmp_path: Path) -> None:
    for words in ([], ["fly"], ["setup", "--fast"], ["test", "--stage", "nothing"]):
        with pytest.raises(SystemExit) as ending:
            main(words, FakeMachine(), tmp_path)
        assert ending.value.code == 2


def test_the_second_set_up_does_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = Environment(tmp_path)
    steps: list[str] = []

    def create(made: Environment) -> None:
        steps.append("create")
        (made.site_packages / "pip").mkdir(parents=True)
        made.scripts.mkdir(parents=True, exist_ok=True)
        made.python.write_text("", encoding="utf-8")

    monkeypatch.setattr(setup_steps.environments, "create", create)
    monkeypatch.setattr(setup_steps.environments, "install_libraries", lambda *_: steps.append("libraries"))
    monkeypatch.setattr(setup_steps.kernels, "warm_up", lambda *_: steps.append("kernels"))
    cache = tmp_path / "cache"
    cache.mkdir()
    machine = FakeMachine(system="Darwin", answers={environment.python.name: (0, [str(cache)])})
    assert setup_steps.set_up(tmp_path, machine, LockSet.TEST).folder == environment.folder
    assert steps == ["create", "libraries", "kernels"]
    setup_steps.set_up(tmp_path, machine, LockSet.TEST)
    setup_steps.set_up(tmp_path, machine, LockSet.RUN)
    assert steps == ["create", "libraries", "kernels"]
    (tmp_path / "server" / "engine").mkdir(parents=True)
    (tmp_path / "server" / "engine" / "matching.py").write_text("", encoding="utf-8")
    setup_steps.set_up(tmp_path, machine, LockSet.RUN)
    assert steps == ["create", "libraries", "kernels", "kernels"]
    cache.rmdir()
    setup_steps.set_up(tmp_path, machine, LockSet.RUN)
    assert steps == ["create", "libraries", "kernels", "kernels", "kernels"]


def test_a_stamp_that_cannot_be_read_counts_as_none(tmp_path: Path) -> None:
    path = tmp_path / "stamp.json"
    for content in ("", "[1]", "{", '{"run": 1}'):
        path.write_text(content, encoding="utf-8")
        assert not setup_steps.Stamp(path).holds("run", "digest")
