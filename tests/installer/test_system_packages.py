"""What Qt lacks is installed as root on Debian, named in one line elsewhere, and fonts never stop anybody."""

import io
from pathlib import Path

import pytest

from installer import system_packages
from installer.messages import Reporter, SetupFault
from installer.system_packages import QT_LIBRARIES, WINDOW_LIBRARIES, ensure, missing_fonts, missing_libraries
from tests.installer.fake_machine import FakeMachine

ALL = {**QT_LIBRARIES, **WINDOW_LIBRARIES}


def loader_cache(without: str = "") -> list[str]:
    """What `ldconfig -p` prints on a machine that has everything but one library."""
    lines = [f"\t{name} (libc6,x86-64) => /lib/x86_64-linux-gnu/{name}" for name in ALL if name != without]
    return [f"{len(lines)} libs found in cache `/etc/ld.so.cache'", *lines]


@pytest.fixture
def no_fonts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without any fonts."""
    monkeypatch.setattr(system_packages, "FONT_FOLDERS", (tmp_path,))


def reporter() -> tuple[Reporter, io.StringIO]:
    """A reporter and what it wrote."""
    stream = io.StringIO()
    return Reporter(stream), stream


def test_missing_libraries_are_named_by_their_packages() -> None:
    assert missing_libraries("\n".join(loader_cache("libEGL.so.1")), ALL) == ["libegl1"]
    assert missing_libraries("\n".join(loader_cache()), ALL) == []
    assert len(missing_libraries("", ALL)) == len(ALL)


def test_fonts_are_found_by_their_folders(tmp_path: Path) -> None:
    (tmp_path / "truetype" / "jetbrains-mono").mkdir(parents=True)
    assert missing_fonts([tmp_path]) == ["fonts-inter"]
    (tmp_path / "opentype" / "inter").mkdir(parents=True)
    assert missing_fonts([tmp_path]) == []


@pytest.mark.usefixtures("no_fonts")
def test_root_on_debian_installs() -> None:
    machine = FakeMachine(root=True, answers={"ldconfig": (0, loader_cache("libEGL.so.1"))})
    ensure(machine, reporter()[0], with_screen=True)
    install = machine.started[-1]
    assert install[1:5] == ["install", "-y", "-q", "--no-install-recommends"]
    assert install[5:] == ["libegl1", "fonts-inter", "fonts-jetbrains-mono", "xvfb"]


@pytest.mark.usefixtures("no_fonts")
def test_somebody_else_on_debian_gets_the_line_to_type() -> None:
    machine = FakeMachine(answers={"ldconfig": (0, loader_cache("libEGL.so.1"))})
    with pytest.raises(SetupFault, match="sudo apt-get install -y libegl1 fonts-inter fonts-jetbrains-mono"):
        ensure(machine, reporter()[0], with_screen=False)
    assert all(Path(command[0]).name != "apt-get" for command in machine.started)


@pytest.mark.usefixtures("no_fonts")
def test_missing_fonts_alone_are_only_told() -> None:
    machine = FakeMachine(answers={"ldconfig": (0, loader_cache())})
    told, stream = reporter()
    ensure(machine, told, with_screen=False)
    assert "sudo apt-get install -y fonts-inter fonts-jetbrains-mono" in stream.getvalue()


@pytest.mark.usefixtures("no_fonts")
def test_another_system_gets_the_names() -> None:
    machine = FakeMachine(debian=False, root=True, answers={"ldconfig": (0, loader_cache("libGL.so.1"))})
    with pytest.raises(SetupFault, match=r"what your system calls these Debian packages.*libgl1"):
        ensure(machine, reporter()[0], with_screen=False)


@pytest.mark.usefixtures("no_fonts")
def test_a_needed_package_that_cannot_be_had_is_one_sentence() -> None:
    answers = {
        "ldconfig": (0, loader_cache("libEGL.so.1")),
        "apt-get": (100, ["E: Unable to locate package libegl1"]),
    }
    with pytest.raises(SetupFault, match="could not install libegl1: Unable to locate package libegl1"):
        ensure(FakeMachine(root=True, answers=answers), reporter()[0], with_screen=False)


@pytest.mark.usefixtures("no_fonts")
def test_fonts_that_cannot_be_had_stop_nobody() -> None:
    answers = {"ldconfig": (0, loader_cache()), "apt-get": (100, ["E: no such package"])}
    told, stream = reporter()
    ensure(FakeMachine(root=True, answers=answers), told, with_screen=False)
    assert "plainer" in stream.getvalue()


def test_nothing_is_asked_where_wheels_bring_everything() -> None:
    machine = FakeMachine(system="Darwin")
    ensure(machine, reporter()[0], with_screen=True)
    assert machine.started == []
