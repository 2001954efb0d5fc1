"""The same work as `views_chart` on vnpy and finplot, where they install: in virtual environments of their own.

`--peers` makes them once (in `TRADEPIT_PEERS`, else in a folder of the user's cache) and runs the scripts of `peers/`.
Where a package cannot be had, the reason is printed and there are no lines.
"""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterable
from pathlib import Path

from platformdirs import user_cache_path

from tests.benchmarks.measure import MeasureGroup, Result

PACKAGES = {"vnpy": ("vnpy==4.5.0",), "finplot": ("finplot==1.9.7",)}
COUNTS = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
KINDS = ("pan", "zoom", "tick", "append", "first")
SCRIPTS = Path(__file__).parent / "peers"
INSTALL_S, RUN_S = 900, 900
NAMES = tuple(f"peer.{peer}.{size}.{kind}.frame_ms" for peer in PACKAGES for size in COUNTS for kind in KINDS)


def environment(peer: str) -> Path | None:
    """The interpreter of an environment that has the peer; None, with the reason printed, if it cannot be had."""
    root = Path(os.environ.get("TRADEPIT_PEERS", str(user_cache_path("tradepit") / "peers"))) / peer
    python = root / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = root / "ready"
    if ready.exists():
        return python
    sys.stderr.write(f"installing {peer} into {root}\n")
    venv.create(root, with_pip=True, clear=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES[peer]]
    try:
        done = subprocess.run(install, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"{peer} is not measured: not installed within {INSTALL_S} s\n")
        return None
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        sys.stderr.write(f"{peer} is not measured: it does not install here ({reason})\n")
        return None
    ready.touch()
    return python


def measure_peers() -> Iterable[Result]:
    """Each peer in a process of its own, with the yardstick of that process."""
    for peer in PACKAGES:
        python = environment(peer)
        if python is None:
            continue
        for size, count in COUNTS.items():
            command = [str(python), str(SCRIPTS / f"{peer}_chart.py"), str(count)]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_S, check=False)
            except subprocess.TimeoutExpired:
                sys.stderr.write(f"{peer} with {count:,} bars is not measured: more than {RUN_S} s\n")
                continue
            if done.returncode:
                reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
                sys.stderr.write(f"{peer} with {count:,} bars is not measured: {reason}\n")
                continue
            told = json.loads(done.stdout.strip().splitlines()[-1])
            for kind in KINDS:
                yield Result(f"peer.{peer}.{size}.{kind}.frame_ms", "ms", told[kind], told["bare"])


MEASURES = [MeasureGroup(NAMES, measure_peers, peer=True)]
