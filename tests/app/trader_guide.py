"""The tables of the trader's guide, from the program itself: `python -m tests.app.trader_guide` writes them."""

from pathlib import Path
from typing import Final

from app.actions import ACTIONS
from app.panels.catalogue import KINDS

GUIDE: Final = Path(__file__).resolve().parents[2] / "resources" / "docs" / "TRADER.md"


def keys_table() -> str:
    """Every action with its keys."""
    lines = ["| keys | what it does |", "|---|---|"]
    return "\n".join([*lines, *(f"| {one.keys or '–'} | {one.text} |" for one in ACTIONS)])


def panels_table() -> str:
    """Every kind of panel and what it shows."""
    lines = ["| panel | what it shows |", "|---|---|"]
    rows = [f"| {kind.title} | {kind.about or (kind.make.__doc__ or '').strip().splitlines()[0]} |" for kind in KINDS]
    return "\n".join([*lines, *rows])


def filled(text: str) -> str:
    """The guide with its tables as they should be."""
    for name, table in (("panels", panels_table()), ("keys", keys_table())):
        begin, end = text.index(f"<!-- {name}:"), text.index(f"<!-- end of {name} -->")
        mark = text[begin : text.index("\n", begin)]
        text = f"{text[:begin]}{mark}\n{table}\n{text[end:]}"
    return text


if __name__ == "__main__":
    GUIDE.write_text(filled(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
