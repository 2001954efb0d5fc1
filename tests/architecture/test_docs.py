"""The papers say what the code does: protocol tables, rule book, README commands, decision records, links."""

import re
import shlex
from importlib.util import find_spec

import pytest

from installer import command_line
from installer.commands import parser
from server.protocol.enums import RejectReason
from tests.architecture.protocol_document import DOCUMENT, expected, renewed, written
from tests.architecture.source_tree import PROJECT, committed_files

DOCS = PROJECT / "resources" / "docs"
README = (PROJECT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", expected())
def test_protocol_table_is_the_codes(name: str) -> None:
    columns, rows = expected()[name]
    table = written(DOCUMENT.read_text(encoding="utf-8")).get(name)
    assert table is not None, f"PROTOCOL.md has no table {name}"
    assert [row[: len(columns)] for row in table] == rows
    empty = [row for row in table if len(row) <= len(columns) or not row[len(columns)]]
    assert not empty, "these rows do not say what they mean"


def test_protocol_document_is_as_its_program_writes_it() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert renewed(text) == text, "run python -m tests.architecture.protocol_document"


def test_a_changed_table_is_noticed() -> None:
    text = DOCUMENT.read_text(encoding="utf-8").replace("| 8 | u8 | `sequence` |", "| 8 | u8 | `number` |", 1)
    assert renewed(text) != text


def test_rule_book_checks_in_the_order_of_the_codes() -> None:
    rules = (DOCS / "RULEBOOK.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| ([A-Z_]+) \|", rules, flags=re.MULTILINE)
    engine = [(str(int(reason)), reason.name) for reason in RejectReason if 0 < reason < RejectReason.ENGINE_FAULT]
    assert rows == engine


def test_the_rule_book_says_when_each_reason_of_the_engine_applies() -> None:
    pages = [DOCS / "RULEBOOK.md", *(DOCS / "rulebook").glob("*.md")]
    words = set(re.findall(r"[A-Z][A-Z_]+", " ".join(page.read_text(encoding="utf-8") for page in pages)))
    of_gateway = range(RejectReason.ENGINE_FAULT, 100)
    engine = {reason.name for reason in RejectReason if reason and reason not in of_gateway}
    assert engine <= words, f"never mentioned: {sorted(engine - words)}"


def shell_lines(text: str) -> list[str]:
    """The command lines of the document's code blocks: those indented by four, and those fenced as sh."""
    indented = re.findall(r"^    (\S.*)$", text, flags=re.MULTILINE)
    fenced = [
        line
        for block in re.findall(r"```(?:sh|console)\n(.*?)```", text, flags=re.DOTALL)
        for line in block.splitlines()
    ]
    return [line.strip() for line in indented + fenced if line.strip()]


def test_readme_names_the_two_commands() -> None:
    lines = shell_lines(README)
    assert "python3 -m installer demo" in lines
    assert "python3 -m installer test" in lines


@pytest.mark.parametrize("line", shell_lines(README))
def test_readme_command_exists(line: str) -> None:
    words = shlex.split(line, comments=True)
    while words and re.match(r"^[A-Z_]+=", words[0]):
        words = words[1:]
    program = words[0].rsplit("/", 1)[-1]
    if program in {"python", "python3"} and words[1] == "-m":
        assert find_spec(words[2]) is not None, words[2]
        if words[2] == "installer":
            parser().parse_known_args(words[3:])
    elif program == "tradepit":
        module, _ = command_line.COMMANDS[words[1]]
        assert find_spec(module) is not None, module
    else:
        assert program in {"git", "cd", "pytest", "ruff", "mypy", "lint-imports", "vulture", "python", "python3"}, (
            program
        )


@pytest.mark.parametrize("name", command_line.COMMANDS)
def test_each_subcommand_has_its_module(name: str) -> None:
    module, purpose = command_line.COMMANDS[name]
    assert find_spec(module) is not None
    assert purpose


def test_every_decision_is_in_the_index() -> None:
    index = (DOCS / "adr" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", index)
    records = sorted(path.name for path in (DOCS / "adr").glob("[0-9]*.md"))
    assert sorted(listed) == records
    numbers = [name[:4] for name in records]
    assert numbers == [f"{number:04}" for number in range(1, len(records) + 1)]
    for name in records:
        text = (DOCS / "adr" / name).read_text(encoding="utf-8")
        for part in ("Status:", "## Why", "## Decision", "## What follows"):
            assert part in text, f"{name} has no {part}"


def test_links_and_named_files_of_the_papers_exist() -> None:
    missing = []
    for path in committed_files():
        if path.suffix != ".md":
            continue
        text = path.read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text):
            if not (path.parent / target).exists():
                missing.append(f"{path.relative_to(PROJECT)}: {target}")
    assert not missing


def test_architecture_names_files_that_exist() -> None:
    text = (DOCS / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:app|server|widgets|installer|tests|resources)/[\w/.-]+)`", text))
    assert len(named) > 20
    assert not sorted(name for name in named if not (PROJECT / name).exists())
