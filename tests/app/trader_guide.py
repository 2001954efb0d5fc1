"""The tables of the trader's guide, from the program itself: `python -m tests.app.trader_guide` writes them."""

from pathlib import Path
from typing import Final

from app.actions import ACTIONS
from app.panels.catalogue import KINDS, PanelKind

GUIDE: Final = Path(__file__).resolve().parents[2] / "resources" / "docs" / "TRADER.md"


ABOUT: Final = {
    "watchlist": "instruments under their groups: the day's course, last price, change; a stale one says its age",
    "movers": "what moved most today, and what was traded most",
    "chart": "bars with indicators and drawings, the session's volume by price, your orders, fills and position",
    "depth": "what rests up to each price, your orders as stems, the imbalance of the best ten levels",
    "ladder": "the book by price, your orders with what is ahead of them, volume at price; armed, a click sends",
    "heat_map": "hours of the book by time and price, trades as bubbles, live at the right edge",
    "tape": "every trade: aggressor, size, blocks, sweeps, your own",
    "ticket": "an order before it is sent: cost, distance, share of the day, position and limits afterwards",
    "blotter": "your orders with their state and queue, your fills, and what happened",
    "positions": "what you hold and what it is worth now",
}
"""What a panel shows, in a trader's words; a kind that is not here is described by its code."""


def _first_line(kind: PanelKind) -> str:
    return (kind.make.__doc__ or "").strip().splitlines()[0]


def keys_table() -> str:
    """Every action with its keys."""
    lines = ["| keys | what it does |", "|---|---|"]
    return "\n".join([*lines, *(f"| {one.keys or '–'} | {one.text} |" for one in ACTIONS)])


def panels_table() -> str:
    """Every kind of panel and what it shows."""
    lines = ["| panel | what it shows |", "|---|---|"]
    rows = [f"| {kind.title} | {ABOUT.get(kind.name) or _first_line(kind)} |" for kind in KINDS]
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
