"""A sample of each record and control struct whose every field holds a value of its own, made from the field's name.

Rule: the values depend on names alone, so that a moved, renamed or resized field changes the bytes.
"""

import typing
import zlib
from typing import Any

import msgspec
import numpy as np

from server.protocol import control
from server.protocol.codec import Records
from server.protocol.records import ALL_RECORDS


def number_of(name: str, low: int, high: int) -> int:
    """A number between the bounds that belongs to the name."""
    spread = zlib.crc32(name.encode()) * 2_654_435_761 * 0x9E3779B97F4A7C15 & 0xFFFF_FFFF_FFFF_FFFF
    return low + spread % (high - low + 1)


def sample_record(layout: np.dtype[np.void]) -> Records:
    """One record, shape (1,)."""
    record = np.zeros(1, layout)
    for name in layout.names or ():
        field = layout[name]
        if field.kind == "S":
            record[name] = name.encode()[: field.itemsize]
        elif field.subdtype is not None:
            element, shape = field.subdtype
            limits = np.iinfo(element)
            count = int(np.prod(shape))
            values = [number_of(f"{name}{index}", int(limits.min), int(limits.max)) for index in range(count)]
            record[name] = np.reshape(values, shape)
        else:
            limits = np.iinfo(field)
            record[name] = number_of(name, int(limits.min), int(limits.max))
    return record


def sample_value(name: str, kind: Any) -> Any:
    """A value of a control field's type."""
    if kind is int:
        return number_of(name, -(1 << 62), 1 << 62)
    if kind is str:
        return name
    if kind is bytes:
        return name.encode()
    if kind is bool:
        return True
    if typing.get_origin(kind) is list:
        (element,) = typing.get_args(kind)
        return [sample_value(f"{name}{index}", element) for index in range(2)]
    if typing.get_origin(kind) is dict:
        return {f"{name}.{index}": number_of(f"{name}{index}", 0, 1 << 40) for index in range(2)}
    return sample_struct(kind)


def sample_struct(kind: type[Any]) -> Any:
    """One control struct."""
    return kind(**{field.name: sample_value(field.name, field.type) for field in msgspec.structs.fields(kind)})


def request_types() -> tuple[type[control.Request], ...]:
    """Every request of the control plane."""
    return typing.get_args(control.AnyRequest)


def reply_types() -> tuple[type[control.Reply], ...]:
    """Every reply of the control plane."""
    return typing.get_args(control.AnyReply)


def all_samples() -> dict[str, bytes]:
    """Name to bytes of every record and control struct."""
    samples = {name: sample_record(layout).tobytes() for name, layout in ALL_RECORDS.items()}
    for kind in (*request_types(), *reply_types()):
        samples[kind.__name__] = msgspec.msgpack.encode(sample_struct(kind))
    return samples
