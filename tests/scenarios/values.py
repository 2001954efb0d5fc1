"""How numbers, names and times are written in the scenarios.

10, 1_000, -5      a number                      #3            the third trade of the shard
5s, 20ms, 7us      nanoseconds                   +5s           that long after the last command
2%, 50ppm          parts per million             0.1%          as well
MARGIN, CONTINUOUS a name of the field's vocabulary; ann, ABC: the number of a person, an account, an instrument
"""

import re
from enum import IntEnum

from server.protocol.enums import (
    AccountKind,
    BlockAction,
    Capacity,
    Check,
    CommandKind,
    CostMethod,
    Link,
    OrderType,
    Peg,
    Permission,
    Phase,
    Rounding,
    Scope,
    SelfTrade,
    Side,
    TimeInForce,
    Trigger,
)
from server.protocol.records import NO_PRICE

NAMES = {"ann": 1, "bob": 2, "cas": 3, "dan": 4, "eve": 5, "olga": 21, "otto": 22}
"""Users and accounts of the same numbers; Olga and Otto are operators and have no accounts."""
INSTRUMENTS = {"ABC": 1, "XYZ": 2, "FGN": 3}
SHARD_BITS = 48
UNITS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
VOCABULARIES: dict[str, tuple[type[IntEnum], ...]] = {
    "account_kind": (AccountKind,), "cost_method": (CostMethod,), "rounding": (Rounding,), "phase": (Phase,),
    "self_trade": (SelfTrade,), "scope": (Scope,), "check": (Check,), "action": (BlockAction, Permission),
    "trigger": (Trigger,), "peg": (Peg,), "link": (Link,), "side": (Side, Phase), "order_type": (OrderType,),
    "time_in_force": (TimeInForce,), "capacity": (Capacity,), "kind": (CommandKind,),
}  # fmt: skip


def settings_of(words: str, now_ns: int) -> dict[str, int | bytes]:
    """`field=value field=value` as fields."""
    return {key: value_of(key, text, now_ns) for key, text in (setting.split("=", 1) for setting in words.split())}


def value_of(field: str, text: str, now_ns: int) -> int | bytes:
    """What a value means in a field: a number in one of the forms above, a name, else the bytes of a text."""
    for vocabulary in VOCABULARIES.get(field, ()):
        if text.upper().replace("-", "_") in vocabulary.__members__:
            return int(vocabulary[text.upper().replace("-", "_")])
    if text == "NO_PRICE":
        return NO_PRICE
    if text in NAMES or text in INSTRUMENTS:
        return (NAMES | INSTRUMENTS)[text] if field not in ("label", "symbol", "name") else text.encode()
    if re.fullmatch(r"\+\d[\d_]*(s|ms|us|ns)", text):
        return now_ns + nanoseconds(text[1:])
    number = number_of(text)
    return text.encode() if number is None else number


def number_of(text: str) -> int | None:
    """A number in any of the forms above; None if the text is none."""
    if match := re.fullmatch(r"#(\d+)", text):
        return 1 << SHARD_BITS | int(match[1])
    if match := re.fullmatch(r"(\d+)(?:\.(\d{1,4}))?%", text):
        return int(match[1]) * 10_000 + int((match[2] or "").ljust(4, "0"))
    if re.fullmatch(r"\d[\d_]*(s|ms|us|ns)", text):
        return nanoseconds(text)
    plain = text.removesuffix("ppm").replace(",", "_")
    return int(plain) if re.fullmatch(r"[+-]?\d[\d_]*", plain) else None


def whole(text: str) -> int:
    """A number that must be one. Raises ValueError."""
    number = number_of(text)
    if number is None:
        raise ValueError(f"no number: {text!r}")
    return number


def nanoseconds(text: str) -> int:
    """`5s` in nanoseconds."""
    match = re.fullmatch(r"(\d[\d_]*)(s|ms|us|ns)", text)
    if match is None:
        raise ValueError(f"no time: {text!r}")
    return int(match[1]) * UNITS[match[2]]


def trade_named(trade_id: int) -> str:
    """A trade as it is written: `#3`."""
    return f"#{trade_id & ((1 << SHARD_BITS) - 1)}"
