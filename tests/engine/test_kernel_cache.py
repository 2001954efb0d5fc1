"""A change of a rule takes effect: the kernel cache is named by the sources, of which numba alone sees one file."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ASK = """
import numpy as np
from server.engine.exchange import Exchange
from server.protocol.records import LIST_INSTRUMENT
row = np.zeros(1, LIST_INSTRUMENT)
row["kind"], row["group_count"], row["instrument"], row["sequence"] = 35, 1, 1, 1
row["price_max"], row["tick_size"], row["quantity_max"], row["cash_scale"] = 10, 1, 1, 1
print(int(Exchange().apply(row).events["limit"][0]))
"""


def which_fault(source: Path, cache: Path) -> str:
    """What the engine of a copy of the sources says is wrong with a listing without a lot size."""
    environment = {**os.environ, "TRADEPIT_CACHE": str(cache), "PYTHONPATH": str(source)}
    ended = subprocess.run(
        [sys.executable, "-c", ASK], cwd=source, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_edit_of_a_leaf_rule_is_seen(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for package in ("engine", "protocol"):
        shutil.copytree(ROOT / "server" / package, source / "server" / package)
    shutil.copy(ROOT / "server" / "__init__.py", source / "server")
    cache = tmp_path / "cache"
    assert which_fault(source, cache) == "7"
    rule = source / "server" / "engine" / "operations.py"
    text = rule.read_text(encoding="utf-8")
    changed = text.replace("return np.int64(7) if", "return np.int64(77) if")
    assert changed != text
    rule.write_text(changed, encoding="utf-8")
    assert which_fault(source, cache) == "77"
