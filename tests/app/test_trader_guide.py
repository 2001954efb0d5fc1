"""The trader's guide is true: its tables are the program's, its pictures are there and small."""

import re

from tests.app.trader_guide import GUIDE, filled

PICTURES_MAX = 6_000_000


def test_the_tables_are_those_of_the_program() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert text == filled(text), "python -m tests.app.trader_guide writes them"


def test_every_picture_is_there_and_all_together_are_small() -> None:
    names = re.findall(r"\]\((images/[^)]+)\)", GUIDE.read_text(encoding="utf-8"))
    assert len(names) >= 5
    assert sum((GUIDE.parent / name).stat().st_size for name in names) < PICTURES_MAX
