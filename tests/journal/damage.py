"""Everything that can happen to bytes at rest, one thing at a time, over the files of a log.

Rules: seeded; each case gives a name and all files as they are then. A case touches one file, but for frames that move.
"""

from collections.abc import Iterator
from random import Random
from typing import Final, NamedTuple

from server.journal.framing import HEADER_BYTES, scan_frames

SECTOR: Final = 512
Files = dict[str, bytes]


class Damage(NamedTuple):
    """What was done, to which file, from which byte on; and all files after it."""

    what: str
    name: str
    position: int
    files: Files


def flips(files: Files, seed: int, step: int = 1) -> Iterator[Damage]:
    """Each byte, `step` bytes apart: one to three of its bits turned."""
    chance = Random(seed)
    for name, content in files.items():
        for position in range(chance.randrange(step), len(content), step):
            mask = 0
            for _ in range(chance.randint(1, 3)):
                mask |= 1 << chance.randrange(8)
            yield Damage("flip", name, position, with_byte(files, name, position, content[position] ^ mask))


def zeroed_bytes(files: Files, seed: int, step: int = 1) -> Iterator[Damage]:
    """Each byte that is not zero, zeroed."""
    chance = Random(seed)
    for name, content in files.items():
        for position in range(chance.randrange(step), len(content), step):
            if content[position]:
                yield Damage("zeroed byte", name, position, with_byte(files, name, position, 0))


def sectors(files: Files, seed: int) -> Iterator[Damage]:
    """Each sector zeroed, and each overwritten by another one of the same file or of another one."""
    chance = Random(seed)
    whole = [(name, start) for name, content in files.items() for start in range(0, len(content), SECTOR)]
    for name, start in whole:
        size = len(files[name][start : start + SECTOR])
        yield Damage("zeroed sector", name, start, spliced(files, name, start, bytes(size)))
        other, place = chance.choice(whole)
        strange = files[other][place : place + size].ljust(size, b"\0")
        yield Damage("misdirected sector", name, start, spliced(files, name, start, strange))


def lengths(files: Files, seed: int, step: int = 1) -> Iterator[Damage]:
    """Each length that a file can be cut to, and files with something behind their end."""
    chance = Random(seed)
    for name, content in files.items():
        for size in range(chance.randrange(step), len(content), step):
            yield Damage("truncated", name, size, {**files, name: content[:size]})
        for size in (1, 63, 64, SECTOR):
            for tail in (bytes(size), chance.randbytes(size), content[:size]):
                yield Damage("grown", name, len(content), {**files, name: content + tail})


def moved_frames(files: Files) -> Iterator[Damage]:
    """Frames of segments taken out, doubled, exchanged with the next one, or overwritten by any other one."""
    frames = frames_of(files)
    for index, (name, start, end) in enumerate(frames):
        content = files[name]
        frame = content[start:end]
        yield Damage("lost frame", name, start, {**files, name: content[:start] + content[end:]})
        yield Damage("doubled frame", name, end, {**files, name: content[:end] + frame + content[end:]})
        for other, first, last in frames[index + 1 :]:
            if other != name:
                strange = files[other][first:last]
                yield Damage("strange frame", name, start, {**files, name: content[:start] + strange + content[end:]})
            elif first == end:
                exchanged = content[:start] + content[first:last] + frame + content[last:]
                yield Damage("exchanged frames", name, start, {**files, name: exchanged})


def strange_segments(files: Files, strangers: list[Files]) -> Iterator[Damage]:
    """A segment of another log in the place of ours, and the same file lost, doubled or exchanged with another one."""
    names = [name for name in files if name.endswith(".segment")]
    for name in names:
        yield Damage("lost file", name, 0, {other: content for other, content in files.items() if other != name})
        for other in names:
            if other != name:
                yield Damage("doubled segment", name, 0, {**files, name: files[other]})
                yield Damage("exchanged segments", min(name, other), 0, {
                    **files, name: files[other], other: files[name],
                })  # fmt: skip
        for stranger in strangers:
            if name in stranger:
                yield Damage("strange segment", name, 0, {**files, name: stranger[name]})


def frames_of(files: Files) -> list[tuple[str, int, int]]:
    """(file, start, end) of each frame of a sound log, in order, segment heads included."""
    found: list[tuple[str, int, int]] = []
    chain = bytes(8)
    for name in sorted(files):
        if not name.endswith(".segment"):
            continue
        scan = scan_frames(files[name], chain)
        found += [(name, start, end) for start, end in zip(scan.offsets, [*scan.offsets[1:], scan.end], strict=True)]
        chain = scan.chain
    assert all(end - start >= HEADER_BYTES for _, start, end in found)
    return found


def spliced(files: Files, name: str, position: int, part: bytes) -> Files:
    """The files with `part` written over what was there."""
    content = files[name]
    return {**files, name: content[:position] + part + content[position + len(part) :]}


def with_byte(files: Files, name: str, position: int, value: int) -> Files:
    """The files with one byte changed."""
    return spliced(files, name, position, bytes([value]))
