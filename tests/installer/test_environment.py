"""The environment: every cause that a person can remove ends set-up with one sentence that says so."""

import io
import sys
from pathlib import Path

import pytest

from installer import environment as environments
from installer.environment import Environment, add_project, check_space, create, explanation, install_libraries
from installer.locks import LockSet
from installer.messages import Reporter, SetupFault
from tests.installer.fake_machine import FakeMachine


def test_a_full_disk_is_said_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(SetupFault, match=r"has 0\.2 GB free, and set-up needs 1\.5 GB"):
        check_space(FakeMachine(free=200_000_000), tmp_path, LockSet.RUN)
    check_space(FakeMachine(free=3_000_000_000), tmp_path, LockSet.TEST)


def test_python_without_venv_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "find_spec", lambda name: None)
    with pytest.raises(SetupFault, match="apt-get install -y python3-venv"):
        create(Environment(tmp_path))


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(SetupFault, match="could not be made: Not a directory"):
        create(Environment(blocked))


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk became full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "differs from the locked one"),
        (
            "WARNING: Retrying: NewConnectionError: [Errno -3] Temporary failure in name resolution",
            "connect this machine to the network",
        ),
        ("ERROR: something else", "pip could not install the libraries: something else"),
    ],
)
def test_why_pip_failed_is_one_sentence(printed: str, said: str) -> None:
    sentence = explanation(["Collecting numpy==2.4.6", printed])
    assert said in sentence
    assert "\n" not in sentence


def test_pip_is_told_to_check_every_hash_and_to_build_nothing(tmp_path: Path) -> None:
    machine = FakeMachine(answers={Environment(tmp_path).python.name: (0, ["Collecting numpy==2.4.6"])})
    stream = io.StringIO()
    install_libraries(Environment(tmp_path), machine, Reporter(stream), LockSet.RUN)
    (command,) = machine.started
    assert {"--require-hashes", "--no-deps", "--only-binary", "--no-input"} <= set(command)
    assert "numpy 2.4.6" in stream.getvalue()


def test_a_failing_pip_ends_set_up(tmp_path: Path) -> None:
    machine = FakeMachine(answers={Environment(tmp_path).python.name: (1, ["ERROR: ReadTimeoutError"])})
    with pytest.raises(SetupFault, match="cannot be reached"):
        install_libraries(Environment(tmp_path), machine, Reporter(io.StringIO()), LockSet.RUN)


def test_the_project_is_a_path_and_a_command(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    environment.site_packages.mkdir(parents=True)
    environment.scripts.mkdir(parents=True, exist_ok=True)
    add_project(environment)
    assert (environment.site_packages / "tradepit.pth").read_text(encoding="utf-8").strip() == str(tmp_path)
    assert str(environment.python) in (environment.scripts / "tradepit").read_text(encoding="utf-8")


def test_an_environment_of_another_python_is_made_anew(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    other = environment.folder / "lib" / f"python3.{sys.version_info.minor + 1}" / "site-packages" / "pip"
    other.mkdir(parents=True)
    environment.scripts.mkdir(parents=True)
    environment.python.write_text("", encoding="utf-8")
    assert not environment.is_usable()
