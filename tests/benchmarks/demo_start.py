"""Start of the demo: seconds from the command to the window, and the memory that its processes then hold.

Rules: the second start is measured, as the first makes the market's past; the yardstick of the time is a bare window
in a process of its own, that of memory the same libraries imported and nothing done with them.
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.measure import MeasureGroup, Result

DEMO = [sys.executable, "-m", "server.tools.demo", "--offscreen"]
SETTLED_S = 8.0
NAMES = ("start.demo_window_s", "memory.server_mb", "memory.workstation_mb", "memory.demo_mb")
BARE_WINDOW = """
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
import numpy, zmq, pyqtgraph
from PySide6.QtWidgets import QApplication, QMainWindow
def main():
    application = QApplication(sys.argv)
    window = QMainWindow()
    window.resize(1920, 1080)
    window.show()
    window.grab()
    sys.stdout.write("shown\\n")
    sys.stdout.flush()
    sys.stdin.readline()
main()
"""
BARE_SERVER = """
import sys
import numpy, numba, zmq, msgspec, sqlite3
sys.stdout.write("shown\\n")
sys.stdout.flush()
sys.stdin.readline()
"""


def resident_mb(pid: int) -> float:
    """Memory of a process that is its own or shared, in MB."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", text)
    return int(found[1]) / 1024 if found else 0.0


def children_of(pid: int) -> dict[int, str]:
    """Pid to command line of all descendants."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
            parents[int(folder.name)] = int(fields[1])
        except OSError:
            continue
    found, wave = {pid}, {pid}
    while wave:
        wave = {child for child, parent in parents.items() if parent in wave} - found
        found |= wave
    lines = {}
    for one in found - {pid}:
        try:
            lines[one] = Path(f"/proc/{one}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
    return lines


def bare(program: str) -> tuple[float, float]:
    """Seconds until the program says that it is there, and its memory in MB then."""
    began_s = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        seconds, memory = time.monotonic() - began_s, resident_mb(child.pid)
        child.communicate("\n")
    return seconds, memory


def demo_start() -> tuple[float, dict[str, float]]:
    """Seconds to the window, and MB by what a process is, some seconds later."""
    began_s = time.monotonic()
    with subprocess.Popen(
        [*DEMO, "--seconds", str(SETTLED_S + 4)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as demo:
        assert demo.stderr is not None
        window_s = 0.0
        for line in demo.stderr:
            if "window after" in line:
                window_s = time.monotonic() - began_s
                break
        else:
            raise RuntimeError("the demo did not open its window")
        time.sleep(SETTLED_S)
        memory = {"demo": resident_mb(demo.pid), "server": 0.0, "workstation": 0.0}
        for pid, line in children_of(demo.pid).items():
            size = resident_mb(pid)
            memory["demo"] += size
            for name, module in (("server", "server.bootstrap"), ("workstation", "app.bootstrap")):
                if module in line:
                    memory[name] += size
        demo.stderr.read()
    return window_s, memory


def run() -> Iterator[Result]:
    """The demo twice, the bare processes once."""
    subprocess.run([*DEMO, "--seconds", "1"], check=True, stdin=subprocess.DEVNULL)
    bare(BARE_WINDOW)
    bare_window_s, bare_window_mb = bare(BARE_WINDOW)
    _, bare_server_mb = bare(BARE_SERVER)
    window_s, memory = demo_start()
    yield Result("start.demo_window_s", "s", window_s, bare_window_s, "a bare window")
    yield Result("memory.server_mb", "MB", memory["server"], bare_server_mb, "its libraries alone")
    yield Result("memory.workstation_mb", "MB", memory["workstation"], bare_window_mb, "its libraries alone")
    yield Result("memory.demo_mb", "MB", memory["demo"], bare_server_mb + bare_window_mb, "all processes")


MEASURES = [MeasureGroup(NAMES, run)]
