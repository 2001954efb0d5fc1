"""A Python that will not do gets a sentence, and even an old one can read the files that say it."""

import ast
import re

import pytest

from installer.python_version import complaint
from tests.architecture.source_tree import PROJECT

READ_BY_OLD_PYTHONS = ("__init__.py", "__main__.py", "python_version.py")


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_supported_versions_pass(version: tuple[int, int]) -> None:
    assert complaint(version) == ""


@pytest.mark.parametrize("version", [(2, 7), (3, 6), (3, 10), (3, 14), (4, 11)])
def test_others_are_told_which_are_needed(version: tuple[int, int]) -> None:
    sentence = complaint(version)
    assert f"this is Python {version[0]}.{version[1]}" in sentence
    assert "3.11 to 3.13" in sentence


def test_another_implementation_is_refused() -> None:
    assert "this is pypy" in complaint((3, 11), "pypy")


@pytest.mark.parametrize("name", READ_BY_OLD_PYTHONS)
def test_the_first_files_have_old_syntax(name: str) -> None:
    ast.parse((PROJECT / "installer" / name).read_text(encoding="utf-8"), feature_version=(3, 6))


def test_the_project_file_says_the_same() -> None:
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    assert re.search(r'requires-python = ">=3\.11,<3\.14"', text)
