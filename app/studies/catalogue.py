"""All studies, found by name and by search. Reading it does not need TA-Lib."""

from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from app.studies.kinds import Kind
from app.studies.own_kinds import OWN
from app.studies.trade_words import WORDS

FILE: Final = Path(__file__).with_name("catalogue.json")
GROUPS: Final = (
    "Overlap Studies", "Momentum Indicators", "Volatility Indicators", "Volume Indicators", "Pattern Recognition",
    "Price Transform", "Statistic Functions", "Cycle Indicators", "Math Operators", "Math Transform",
)  # fmt: skip
_ABSENT: Final = 9


@cache
def kinds() -> dict[str, Kind]:
    """Every study by its name, in the order of the catalogue: our own, then TA-Lib's, the usual groups first."""
    listed = msgspec.json.decode(FILE.read_bytes(), type=list[Kind])
    listed.sort(key=lambda kind: GROUPS.index(kind.group) if kind.group in GROUPS else len(GROUPS))
    return {kind.name: kind for kind in (*OWN, *listed)}


def found(text: str) -> list[Kind]:
    """Studies that have every word of a text in name, title, group or a trader's words for them; the best first."""
    words = text.casefold().replace("_", " ").split()
    if not words:
        return list(kinds().values())
    ranked = [(sum(_rank(kind, word) for word in words), kind) for kind in kinds().values()]
    hits = [(rank, kind) for rank, kind in ranked if rank < _ABSENT]
    return [kind for _, kind in sorted(hits, key=lambda hit: hit[0])]


def _rank(kind: Kind, word: str) -> int:
    """0 the name, 1 its beginning, 2 the beginning of a word, 3 anywhere; `_ABSENT` if it is nowhere."""
    name = kind.name.casefold()
    if word == name:
        return 0
    if name.startswith(word) or name.removeprefix("cdl").startswith(word):
        return 1
    text = f"{name.replace('_', ' ')} {kind.title} {kind.group} {WORDS.get(kind.name, '')}".casefold()
    if f" {word}" in text:
        return 2
    return 3 if word in text else _ABSENT
