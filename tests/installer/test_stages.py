"""The test command: every stage runs, the last line counts, and the exit status tells."""

from pathlib import Path

import pytest

from installer import stages
from installer.environment import Environment
from installer.stages import STAGES, Outcome, Stage, Tally, run, run_pytest, summary
from tests.installer.fake_machine import FakeMachine

REPORT = """<testsuites><testsuite>
<testcase classname="tests.a" name="one" time="0.5"/>
<testcase classname="tests.a" name="two" time="7.25"><failure message="no"/></testcase>
<testcase classname="tests.a" name="three" time="0"><skipped/></testcase>
<testcase classname="tests.a" name="four" time="0.1"><error/></testcase>
</testsuite></testsuites>"""


def test_a_report_is_counted(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT, encoding="utf-8")
    tally = Tally()
    tally.add(report)
    assert tally.last_line() == "tests: 1 passed, 2 failed, 1 skipped"
    assert next(tally.slowest()).split() == ["7.25", "s", "tests.a::two"]


def test_the_budgets_are_those_of_the_plan() -> None:
    assert sum(stage.budget_minutes for stage in STAGES) <= 22
    assert len({stage.name for stage in STAGES}) == len(STAGES)


def test_every_marked_test_has_its_stage() -> None:
    expressions = [words[words.index("-m") + 1] for words in (stage.pytest for stage in STAGES) if "-m" in words]
    for mark in ("differential", "window", "recovery"):
        assert f"{mark} and not slow" in expressions


@pytest.mark.parametrize(("status", "failures"), [(0, []), (1, ["pytest ended with 1"]), (5, ["no test was found"])])
def test_how_pytest_ended_is_told(status: int, failures: list[str], tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    machine = FakeMachine(answers={environment.python.name: (status, ())})
    stage = Stage("fast", 1.0, pytest=("tests/engine",))
    assert list(run_pytest(stage, environment, machine, Tally(), 60.0)) == failures


def test_all_stages_run_after_a_failed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = (Stage("one", 1.0, commands=(("fails",),)), Stage("two", 1.0, commands=(("works",),)))
    monkeypatch.setattr(stages, "STAGES", chosen)
    machine = FakeMachine(answers={"fails": (1, ())})
    assert run(Environment(tmp_path), machine) == 1
    assert [Path(command[0]).name for command in machine.started] == ["fails", "works"]
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2:] == ["FAILED: one", "tests: 0 passed, 0 failed, 0 skipped"]
    assert run(Environment(tmp_path), machine, ["two"]) == 0


def test_a_stage_over_its_budget_is_said_and_not_failed() -> None:
    lines = list(summary([Outcome(Stage("fast", 1.0), 61.0, ())], Tally(passed=1)))
    assert any("ok, over its budget" in line for line in lines)
    assert lines[-2] == "all stages passed"
