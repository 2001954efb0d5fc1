"""All studies, found by name and by search. Reading it does not need TA-Lib."""

from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from app.studies.kinds import Kind

FILE: Final = Path(__file__).with_name("catalogue.json")


@cache
def kinds() -> dict[str, Kind]:
    """Every study by its name, in the order of the catalogue."""
    listed = msgspec.json.decode(FILE.read_bytes(), type=list[Kind])
    return {kind.name: kind for kind in listed}
