"""The locks pin everything by hash, name no address, and the test set holds the run set."""

import tomllib

import pytest

from installer.locks import PYTHON_MINORS, LockSet, lock_file, pinned
from tests.architecture.source_tree import PROJECT

EVERY = [(minor, lock_set) for minor in PYTHON_MINORS for lock_set in LockSet]


@pytest.mark.parametrize(("minor", "lock_set"), EVERY)
def test_each_library_has_its_hashes(minor: int, lock_set: LockSet) -> None:
    text = lock_file(minor, lock_set).read_text(encoding="utf-8")
    entries = text.replace("\\\n", " ").splitlines()
    assert entries
    for entry in entries:
        assert "==" in entry, entry
        assert "--hash=sha256:" in entry, entry


@pytest.mark.parametrize(("minor", "lock_set"), EVERY)
def test_no_address_is_in_a_lock(minor: int, lock_set: LockSet) -> None:
    text = lock_file(minor, lock_set).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index" not in text.replace("--hash", "")


@pytest.mark.parametrize("minor", PYTHON_MINORS)
def test_tests_run_with_the_libraries_that_programs_run_with(minor: int) -> None:
    run = pinned(lock_file(minor, LockSet.RUN).read_text(encoding="utf-8"))
    test = pinned(lock_file(minor, LockSet.TEST).read_text(encoding="utf-8"))
    assert run.items() <= test.items()
    assert "pytest" in test
    assert "pytest" not in run


@pytest.mark.parametrize("minor", PYTHON_MINORS)
def test_every_named_dependency_is_locked(minor: int) -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = pinned(lock_file(minor, LockSet.TEST).read_text(encoding="utf-8"))
    ranges = [
        *project["dependencies"],
        *(line for group in project["optional-dependencies"].values() for line in group),
    ]
    for line in ranges:
        name = line.split(">")[0].split("=")[0].split("<")[0].strip().lower()
        assert name in locked, name


def test_the_qt_that_loses_references_is_out_of_reach() -> None:
    for minor in PYTHON_MINORS:
        version = pinned(lock_file(minor, LockSet.RUN).read_text(encoding="utf-8"))["pyside6-essentials"]
        assert (6, 10) <= tuple(int(part) for part in version.split(".")[:2]) < (6, 12)
