"""The benchmark command: prefixes, the table, the JSON, and that a broken measure costs only itself."""

import json
from pathlib import Path

import pytest

from tests.benchmarks import __main__ as runner
from tests.benchmarks.measure import Measure, MeasureGroup, Result

ORDERS = Measure("order.round_trip.p50_us", "us", lambda: (150.0, 100.0))
ENGINE = MeasureGroup(
    ("engine.flow1.ns_per_command", "engine.flow100.ns_per_command"),
    lambda: [
        Result("engine.flow1.ns_per_command", "ns", 300.0, 10_000.0),
        Result("engine.flow100.ns_per_command", "ns", 400.0),
    ],
)
PEER = Measure("engine.peer.ns", "ns", lambda: (1.0, None), peer=True)


def broken() -> tuple[float, float | None]:
    """A measure with a bug."""
    raise RuntimeError("no server")


@pytest.fixture(autouse=True)
def measures(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner with these measures only."""
    monkeypatch.setattr(runner, "all_measures", lambda: [ORDERS, ENGINE, PEER])


def test_a_prefix_selects() -> None:
    assert runner.selected([ORDERS, ENGINE, PEER], ["engine.flow100"], peers=False) == [ENGINE]
    assert runner.selected([ORDERS, ENGINE, PEER], [], peers=False) == [ORDERS, ENGINE]
    assert runner.selected([ORDERS, ENGINE, PEER], ["engine"], peers=True) == [ENGINE, PEER]


def test_a_word_that_begins_names_of_modules_means_their_measures() -> None:
    assert "chart.1m.pan.frame_ms" in runner.with_modules(["views"])
    assert runner.with_modules(["engine.flow1"]) == ["engine.flow1"]


def test_table_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "bench.json"
    assert runner.main(["--json", str(target)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["order.round_trip.p50_us", "150", "us", "100", "1.500"]
    assert lines[3].split() == ["engine.flow100.ns_per_command", "400", "ns", "-", "-"]
    assert json.loads(target.read_text(encoding="utf-8"))["engine.flow1.ns_per_command"] == {
        "value": 300.0,
        "unit": "ns",
        "yardstick": 10_000.0,
        "ratio": 0.03,
    }


def test_a_prefix_shows_its_own_results_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["engine.flow100"]) == 0
    assert "flow1.ns" not in capsys.readouterr().out


def test_an_unknown_prefix_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["nothing"]) == 2
    assert "No measure begins with nothing" in capsys.readouterr().err


def test_a_broken_measure_costs_only_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runner, "all_measures", lambda: [Measure("memory.server_mb", "MB", broken), ORDERS])
    assert runner.main([]) == 1
    captured = capsys.readouterr()
    assert "order.round_trip.p50_us" in captured.out
    assert "Not measured, because of an error: memory.server_mb" in captured.err
