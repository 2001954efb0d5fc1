"""What Qt needs from the system and Python wheels do not bring: libraries, fonts, and a screen for the tests.

Rules: what is missing is found by asking the loader's cache, not the package database, so that it works on any Linux;
packages are installed only as root on Debian or Ubuntu, else the line to type is printed; fonts are never a reason
to stop.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from installer.machine import Machine
from installer.messages import Reporter, SetupFault

QT_LIBRARIES: Final = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
}
WINDOW_LIBRARIES: Final = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
}
FONTS: Final = {"inter": "fonts-inter", "jetbrains-mono": "fonts-jetbrains-mono"}
FONT_FOLDERS: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))


def missing_libraries(loader_cache: str, libraries: dict[str, str]) -> list[str]:
    """The packages of the libraries that `ldconfig -p` did not list."""
    present = {line.split(" ", 1)[0].strip() for line in loader_cache.splitlines()}
    return [package for library, package in libraries.items() if library not in present]


def missing_fonts(folders: Iterable[Path]) -> list[str]:
    """The packages of the fonts of which no folder is there."""
    found = {entry.name.lower() for folder in folders for entry in folder.glob("*/*")}
    return [package for name, package in FONTS.items() if name not in found]


def command_line(packages: Iterable[str]) -> str:
    """What a person types to install the packages."""
    return f"sudo apt-get install -y {' '.join(packages)}"


def ensure(machine: Machine, reporter: Reporter, *, with_screen: bool) -> None:
    """Installs what is missing, or raises `SetupFault` with the line to type. `with_screen`: a virtual screen too."""
    if machine.system != "Linux":
        return
    loader_cache = machine.output([machine.which("ldconfig") or "ldconfig", "-p"])
    needed = missing_libraries(loader_cache, {**QT_LIBRARIES, **WINDOW_LIBRARIES}) if loader_cache else []
    wished = missing_fonts(FONT_FOLDERS)
    if with_screen and machine.which("Xvfb") is None:
        wished.append("xvfb")
    if not needed and not wished:
        return
    if machine.is_debian and machine.is_root:
        install(machine, reporter, needed, wished)
    elif needed:
        raise SetupFault(explanation(machine, needed + wished))
    elif machine.is_debian:
        reporter.note(f"For the intended fonts: {command_line(wished)}")


def explanation(machine: Machine, packages: list[str]) -> str:
    """One sentence for a person who has to install the packages."""
    if machine.is_debian:
        return f"Qt needs libraries that this system lacks; type this line, then start again: {command_line(packages)}"
    return (
        "Qt needs libraries that this system lacks; install what your system calls these Debian packages, "
        f"then start again: {' '.join(packages)}"
    )


def install(machine: Machine, reporter: Reporter, needed: list[str], wished: list[str]) -> None:
    """Installs by apt-get. Raises `SetupFault` if a needed package cannot be had; a wished one is only reported."""
    apt_get = machine.which("apt-get") or "apt-get"
    extra = {"DEBIAN_FRONTEND": "noninteractive"}
    lines: list[str] = []

    def on_line(line: str) -> None:
        lines.append(line)
        if line.startswith(("Get:", "Unpacking", "Setting up")):
            reporter.progress(line)

    machine.stream([apt_get, "update", "-q"], on_line, extra=extra)
    command = [apt_get, "install", "-y", "-q", "--no-install-recommends"]
    if machine.stream([*command, *needed, *wished], on_line, extra=extra) == 0:
        return
    if needed and machine.stream([*command, *needed], on_line, extra=extra) != 0:
        reason = next((line for line in reversed(lines) if line.startswith("E: ")), "E: apt-get failed")
        raise SetupFault(f"apt-get could not install {' '.join(needed)}: {reason[3:]}")
    reporter.note(f"Not installed, the desk will look plainer without: {' '.join(wished)}")
