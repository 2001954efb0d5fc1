"""Record layouts: sizes, places and bytes are what peers and old journals rely on.

`samples.hex` holds the bytes of each sample. It changes only when the protocol does: fields appended, with a line
in PROTOCOL.md's history. `python -m tests.protocol.test_layouts` writes it anew.
"""

import sys
from pathlib import Path

import numpy as np
import pytest

from server.protocol.records import ALL_RECORDS
from tests.protocol.samples import all_samples

GOLDEN = Path(__file__).with_name("samples.hex")


def golden() -> dict[str, bytes]:
    """Name to bytes, from the file."""
    lines = GOLDEN.read_text(encoding="ascii").splitlines()
    return {name: bytes.fromhex(digits) for name, _, digits in (line.partition(" ") for line in lines)}


@pytest.mark.parametrize("name", ALL_RECORDS)
def test_a_record_is_a_multiple_of_64_bytes_without_gaps(name: str) -> None:
    layout = ALL_RECORDS[name]
    assert layout.itemsize % 64 == 0
    place = 0
    for field in layout.names or ():
        kind, offset = layout.fields[field][:2]  # type: ignore[index]
        assert offset == place, field
        element = kind.subdtype[0] if kind.subdtype else kind
        assert element.kind == "S" or offset % element.itemsize == 0, f"{field} is not aligned"
        assert element.kind in "uiS", f"{field} is no integer and no text"
        assert element.str[0] in "<|", f"{field} is not little endian"
        place += kind.itemsize
    assert place == layout.itemsize


def test_commands_and_events_begin_alike() -> None:
    for name in ("COMMAND", "LIST_INSTRUMENT", "OPEN_ACCOUNT", "EVENT", "POSITION_EVENT"):
        assert (ALL_RECORDS[name].names or ())[:4] == ("kind", "version", "shard", "group_count"), name
    for name in ("LIST_INSTRUMENT", "OPEN_ACCOUNT"):
        assert ALL_RECORDS[name].itemsize == ALL_RECORDS["COMMAND"].itemsize
    assert ALL_RECORDS["POSITION_EVENT"].itemsize == ALL_RECORDS["EVENT"].itemsize
    assert ALL_RECORDS["TOP_RECORD"].itemsize == ALL_RECORDS["BOOK_RECORD"].itemsize


def test_bytes_are_those_of_the_golden_file() -> None:
    expected, now = golden(), all_samples()
    assert sorted(now) == sorted(expected)
    changed = [name for name in now if now[name] != expected[name]]
    assert not changed, f"the bytes of these changed: {changed}"


@pytest.mark.parametrize("name", ALL_RECORDS)
def test_a_record_survives_the_wire(name: str) -> None:
    record = np.frombuffer(golden()[name], ALL_RECORDS[name])
    assert record.tobytes() == golden()[name]
    assert np.array([tuple(record[0])], ALL_RECORDS[name]).tobytes() == golden()[name]


if __name__ == "__main__":
    GOLDEN.write_text("".join(f"{name} {data.hex()}\n" for name, data in all_samples().items()), encoding="ascii")
    sys.stdout.write(f"{GOLDEN.name}: {len(all_samples())} samples\n")
