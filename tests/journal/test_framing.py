"""Frames: the header's documented places, the chain over every byte, damage named."""

import struct
import zlib
from hashlib import sha256

import numpy as np
import pytest

from server.journal.framing import (
    HEADER,
    HEADER_BYTES,
    NO_CHAIN,
    FrameDamaged,
    FrameKind,
    decode_segment_head,
    encode_frame,
    encode_segment_head,
    headers_of,
    scan_frames,
)

PAYLOAD = bytes(range(128))


def frames(count: int) -> bytes:
    content, chain = b"", NO_CHAIN
    for number in range(count):
        frame, chain = encode_frame(FrameKind.COMMANDS, 0, 7, 3, 1, number + 1, 1000 + number, PAYLOAD, chain)
        content += frame
    return content


def test_the_header_is_where_the_document_says() -> None:
    frame, chain = encode_frame(FrameKind.EVENTS, 1, 7, 3, 2, 41, -5, PAYLOAD, b"previous")
    assert frame[:8] == chain == sha256(b"previous" + frame[8:]).digest()[:8]
    assert struct.unpack_from("<IBBHIIQqI", frame, 8) == (192, 2, 1, 7, 3, 2, 41, -5, 0)
    assert int.from_bytes(frame[44:48], "little") == zlib.crc32(frame[8:44])
    assert frame[48:64] == bytes(16)
    assert frame[64:] == PAYLOAD
    assert HEADER.itemsize == HEADER_BYTES == 64


def test_a_scan_gives_every_frame_and_its_header() -> None:
    content = frames(4)
    scan = scan_frames(content, NO_CHAIN)
    assert scan.offsets == [0, 192, 384, 576]
    assert (scan.end, scan.damage) == (768, "")
    assert headers_of(content, scan.offsets)["first_sequence"].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("cut", [1, 63, 64, 65, 191])
def test_a_cut_frame_ends_the_scan_before_it(cut: int) -> None:
    scan = scan_frames(frames(3)[: 384 + cut], NO_CHAIN)
    assert scan.offsets == [0, 192]
    assert scan.end == 384
    assert "cut off" in scan.damage


def test_each_flipped_bit_is_found_in_its_frame() -> None:
    content = frames(3)
    for position in range(len(content)):
        flipped = bytearray(content)
        flipped[position] ^= 1 << position % 8
        scan = scan_frames(bytes(flipped), NO_CHAIN)
        assert scan.end == position // 192 * 192, position
        assert scan.damage


def test_frames_in_another_order_or_of_another_chain_are_refused() -> None:
    content = frames(3)
    swapped = content[:192] + content[384:576] + content[192:384]
    assert scan_frames(swapped, NO_CHAIN).offsets == [0]
    assert scan_frames(content, b"another!").offsets == []


def test_zeros_are_no_frame() -> None:
    assert scan_frames(bytes(256), NO_CHAIN).damage == "the header's checksum is wrong"


def test_a_segment_head_tells_its_ordinal_and_the_chain_before() -> None:
    content, _ = encode_segment_head(1, 2, 5, 900, b"previous")
    head = decode_segment_head(content[HEADER_BYTES:], 5)
    assert (head.ordinal, head.previous_chain, head.format_version) == (5, b"previous", 1)
    assert np.frombuffer(content, HEADER, 1)["first_sequence"][0] == 900
    for bad, ordinal in ((content[HEADER_BYTES:], 6), (bytes(64), 5), (content, 5)):
        with pytest.raises(FrameDamaged):
            decode_segment_head(bad, ordinal)
