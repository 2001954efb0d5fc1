"""Compares PROTOCOL.md with the code, and keeps its tables in step: `python -m tests.architecture.protocol_document`.

Rule: the code decides what exists, where and of which type; the document's last column says what it means and is
never written by a program. A row that the code does not have is dropped, a new one comes with an empty meaning,
which the test refuses.
"""

import re
import sys
import typing
from collections.abc import Iterable
from enum import Enum
from typing import Any, Final

import msgspec
import numpy as np

from server.protocol import control, enums
from server.protocol.records import ALL_RECORDS
from tests.architecture.source_tree import PROJECT

DOCUMENT: Final = PROJECT / "resources" / "docs" / "PROTOCOL.md"
RECORD_COLUMNS: Final = ("offset", "type", "field")
ENUM_COLUMNS: Final = ("value", "name")
STRUCT_COLUMNS: Final = ("place", "type", "field", "default")

Row = tuple[str, ...]


def record_rows(layout: np.dtype[np.void]) -> list[Row]:
    """Offset, type and name of each field; types as `u4`, `i8`, `16 bytes`, `u8 x 4`."""
    rows = []
    for name in layout.names or ():
        kind, offset = layout.fields[name][:2]  # type: ignore[index]
        if kind.subdtype is not None:
            element, shape = kind.subdtype
            text = " x ".join([f"{element.kind}{element.itemsize}", *map(str, shape)])
        elif kind.kind == "S":
            text = f"{kind.itemsize} bytes"
        else:
            text = f"{kind.kind}{kind.itemsize}"
        rows.append((str(offset), text, name))
    return rows


def enum_rows(vocabulary: type[Enum]) -> list[Row]:
    """Value and name of each member, a flag's zero too."""
    return [(str(int(member.value)), name) for name, member in vocabulary.__members__.items()]


def type_name(kind: Any) -> str:
    """A control field's type in MessagePack's words."""
    if kind is int:
        return "int"
    if typing.get_origin(kind) is list:
        return f"array of {type_name(typing.get_args(kind)[0])}"
    if typing.get_origin(kind) is dict:
        return "map of str to int"
    return {str: "str", bytes: "bin", bool: "bool"}.get(kind, getattr(kind, "__name__", str(kind)))


def default_text(field: Any) -> str:
    """The default as written in the document; `required` where there is none."""
    if field.required:
        return "required"
    if field.default_factory is not msgspec.NODEFAULT:
        return "[]"
    if isinstance(field.default, bool):
        return "true" if field.default else "false"
    return '""' if field.default == "" else "empty" if field.default == b"" else str(field.default)


def struct_rows(kind: type[Any]) -> list[Row]:
    """Place in the array, type, name and default of each field. Tagged structs have their tag at place 0."""
    first = 1 if kind.__struct_config__.tag is not None else 0
    return [
        (str(first + place), type_name(field.type), field.name, default_text(field))
        for place, field in enumerate(msgspec.structs.fields(kind))
    ]


def vocabularies() -> dict[str, type[Enum]]:
    """Every enum of the protocol by name."""
    found = vars(enums).items()
    return {
        name: kind for name, kind in found if isinstance(kind, type) and issubclass(kind, Enum) and kind.__members__
    }


def structs() -> dict[str, type[Any]]:
    """Every struct of the control plane by name."""
    kinds = [
        *typing.get_args(control.AnyRequest),
        *typing.get_args(control.AnyReply),
        control.Instrument,
        control.Account,
    ]
    return {kind.__name__: kind for kind in kinds}


def expected() -> dict[str, tuple[Row, list[Row]]]:
    """Heading to columns and rows of every table that the document must have."""
    tables: dict[str, tuple[Row, list[Row]]] = {}
    for name, layout in ALL_RECORDS.items():
        tables[name] = (RECORD_COLUMNS, record_rows(layout))
    for name, vocabulary in vocabularies().items():
        tables[name] = (ENUM_COLUMNS, enum_rows(vocabulary))
    for name, kind in structs().items():
        tables[name] = (STRUCT_COLUMNS, struct_rows(kind))
    return tables


def cells(line: str) -> Row:
    """The cells of a table line, without code marks."""
    return tuple(cell.strip().replace("`", "") for cell in line.strip().strip("|").split("|"))


def written(text: str) -> dict[str, list[Row]]:
    """Heading (of level 4) to the body rows of the first table under it."""
    tables: dict[str, list[Row]] = {}
    for part in re.split(r"^#### ", text, flags=re.MULTILINE)[1:]:
        heading = part.split("\n", 1)[0].strip()
        body = re.split(r"^#{1,4} ", part.split("\n", 1)[1], flags=re.MULTILINE)[0]
        rows = [cells(line) for line in body.splitlines() if line.startswith("|")]
        tables[heading] = rows[2:]
    return tables


def table_lines(columns: Row, rows: Iterable[Row], meanings: dict[str, str]) -> list[str]:
    """The table as Markdown lines; the meaning is looked up by the row's name."""
    name_place = columns.index("field") if "field" in columns else columns.index("name")
    lines = [f"| {' | '.join((*columns, 'meaning'))} |", "|" + "---|" * (len(columns) + 1)]
    for row in rows:
        marked = [f"`{cell}`" if place == name_place else cell for place, cell in enumerate(row)]
        lines.append(f"| {' | '.join([*marked, meanings.get(row[name_place], '')])} |")
    return lines


def renewed(text: str) -> str:
    """The document with the tables under level 4 headings as the code has them, meanings kept by name."""
    tables = expected()
    out: list[str] = []
    heading = ""
    in_table = False
    meanings: dict[str, str] = {}
    for line in [*text.splitlines(), "#"]:
        if in_table and not line.startswith("|"):
            columns, rows = tables[heading]
            out += table_lines(columns, rows, meanings)
            in_table = False
            heading = ""
        if line.startswith("#"):
            heading = line.removeprefix("#### ").strip() if line.startswith("#### ") else ""
            meanings = {}
        if line.startswith("|") and heading in tables:
            in_table = True
            row = line.strip().strip("|").split("|")
            name_place = 1 if tables[heading][0] == ENUM_COLUMNS else 2
            if len(row) > name_place:
                meanings[row[name_place].strip().strip("`")] = row[-1].strip()
            continue
        out.append(line)
    return "\n".join(out[:-1]) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(renewed(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    missing = expected().keys() - written(DOCUMENT.read_text(encoding="utf-8")).keys()
    sys.stdout.write(f"tables in step; missing headings: {', '.join(sorted(missing)) or 'none'}\n")
