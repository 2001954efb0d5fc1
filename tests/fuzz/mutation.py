"""Seeded mutation of byte strings: flips, cuts, repeats, splices, and the numbers that break parsers."""

import random
from collections.abc import Iterator, Sequence
from typing import Final

NASTY: Final = (
    b"\x00", b"\xff", b"\x7f", b"\x80", b"\x00" * 4, b"\xff" * 4, b"\xff" * 8, b"\x00\x00\x00\x80",
    b"\xff\xff\xff\x7f", b"\x00\x00\x00\x00\x00\x00\xf0\x7f", b"\x00\x00\x00\x00\x00\x00\xf8\x7f",
    b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00", b"\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00", b"nan", b"inf", b"-1", b"1e999",
    b"9" * 30, b"-" + b"9" * 30, b"\xc0\x80", b"\xed\xa0\x80", b"[" * 64, b"\x91" * 64,
)  # fmt: skip
"""Extremes of integers, NaN and infinity in little endian and MessagePack, broken UTF-8, deep nesting."""


def mutated(data: bytes, corpus: Sequence[bytes], draw: random.Random) -> bytes:
    """A changed copy: one to eight changes."""
    changed = bytearray(data)
    for _ in range(draw.choice((1, 1, 1, 2, 3, 8))):
        mutate_once(changed, corpus, draw)
    return bytes(changed)


def mutate_once(data: bytearray, corpus: Sequence[bytes], draw: random.Random) -> None:
    """One change in place."""
    place = draw.randrange(len(data) + 1)
    end = min(len(data), place + draw.choice((1, 2, 4, 8, 64)))
    match draw.randrange(7):
        case 0 if data:
            data[place % len(data)] ^= 1 << draw.randrange(8)
        case 1:
            del data[place:end]
        case 2:
            del data[place:]
        case 3:
            data[place:place] = draw.choice(NASTY)
        case 4:
            nasty = draw.choice(NASTY)
            data[place : place + len(nasty)] = nasty
        case 5:
            data[place:place] = data[place:end] * draw.choice((1, 2, 16))
        case _:
            other = draw.choice(corpus)
            cut = draw.randrange(len(other) + 1)
            data[place:] = other[cut:]


def inputs(corpus: Sequence[bytes], seed: int, count: int) -> Iterator[bytes]:
    """The corpus itself, then mutations of it and some noise. The same for the same seed."""
    draw = random.Random(seed)
    yield from corpus
    for _ in range(count):
        if draw.randrange(20) == 0:
            yield draw.randbytes(draw.choice((0, 1, 5, 63, 64, 65, 192, 1000)))
        else:
            yield mutated(draw.choice(corpus), corpus, draw)
