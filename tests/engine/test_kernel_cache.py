"""A change of a rule takes effect, and compiles the steps that it changed.

The kernel cache is named by the sources, of which numba alone sees one file.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROBE = '''"""An entry in a file of its own, as the engine's are, that contains a rule of another file."""

import numpy as np

from server.engine.kernel import entry
from server.engine.money import reserve_of
from server.engine.vocabulary import SELL


@entry
def reserve_of_a_sale(price: np.int64) -> np.int64:
    """What a sale of two lots holds back."""
    return reserve_of(SELL, price, np.int64(2), np.int64(1))
'''
ASK = "import numpy as np; from server.engine.probe import reserve_of_a_sale as f; print(int(f(np.int64(10))))"


def reserve(source: Path, cache: Path) -> str:
    """What the kernels of a copy of the sources say, in a process of its own that keeps them in `cache`."""
    environment = {**os.environ, "TRADEPIT_CACHE": str(cache), "PYTHONPATH": str(source)}
    command = [sys.executable, "-c", ASK]
    ended = subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def test_an_edit_of_a_leaf_rule_is_seen_by_the_entry_that_contains_it(tmp_path: Path) -> None:
    source, cache = tmp_path / "source", tmp_path / "cache"
    for package in ("engine", "protocol"):
        shutil.copytree(ROOT / "server" / package, source / "server" / package)
    shutil.copy(ROOT / "server" / "__init__.py", source / "server")
    (source / "server" / "engine" / "probe.py").write_text(PROBE, encoding="utf-8")
    assert reserve(source, cache) == "0"
    assert len(list((cache / "kernels").iterdir())) == 1
    steps = {path.name for path in cache.glob("steps/*/*.bc")}
    rule = source / "server" / "engine" / "money.py"
    text = rule.read_text(encoding="utf-8")
    changed = text.replace("return max(cost_of(side, price, quantity, cash_scale), np.int64(0))",
                           "return max(cost_of(side, price, quantity, cash_scale), np.int64(5))")  # fmt: skip
    assert changed != text
    rule.write_text(changed, encoding="utf-8")
    assert reserve(source, cache) == "5"
    assert len(list((cache / "kernels").iterdir())) == 2
    assert len({path.name for path in cache.glob("steps/*/*.bc")} - steps) == 1, "one step was edited"
