"""The small market of the scenarios, and the commands that their words mean.

Ann, Bob and Cas are users 1, 2 and 3 with accounts of the same numbers and 100,000 of cash each; ABC is instrument 1,
in CONTINUOUS, prices 1 to 1,000, at most 1,000 lots.
"""

import re
from typing import Any

import numpy as np

from server.protocol.enums import CommandKind, OrderType, Phase, Right, TimeInForce
from server.protocol.records import COMMAND, LIST_INSTRUMENT, NO_PRICE, OPEN_ACCOUNT

NAMES = {"ann": 1, "bob": 2, "cas": 3}
LISTING = {
    "instrument": 1, "symbol": b"ABC", "price_min": 1, "price_max": 1_000, "quantity_max": 1_000, "cash_scale": 1,
    "reference_price": 100, "tick_size": 1, "lot_size": 1, "currency": 1,
}  # fmt: skip
TERMS = {"currency": 1, "short_allowed": 1, "orders_max": 100, "credit_limit": 0, "position_max": 0}
CASH = 100_000
START_NS = 1_000_000_000_000
STEP_NS = 1_000_000
INSTANCE = 77

NEW = re.compile(r"(buys|sells) (-?\d+) @ (market|-?\d+)(?: as (\S+))?((?: (?:day|gtc|ioc|fok|post-only))*)$")
CANCEL = re.compile(r"cancels (?:(\w+)'s )?(\S+)$")
REPLACE = re.compile(r"replaces (?:(\w+)'s )?(\S+) to (-?\d+) @ (-?\d+)( losing priority)?$")
MASS_CANCEL = re.compile(r"cancels all( buys| sells)?(?: of (\w+))?$")
SERVER = re.compile(r"(phase|cash|lots|time|list|grant) ?(.*)$")
BOTH_SIDES = 2


class World:
    """Turns words into stamped commands. `order_ids` are filled in by whoever sees the events."""

    def __init__(self) -> None:
        self.sequence = 0
        self.time_ns = START_NS
        self.counters: dict[tuple[int, int], int] = {}
        self.order_ids: dict[tuple[int, str], int] = {}
        self.terms = {name: dict(TERMS) for name in NAMES}
        self.listing = dict(LISTING)

    def given(self, words: str) -> None:
        """`given ann short_allowed=0` or `given ABC tick_size=5`."""
        name, *settings = words.split()
        chosen = self.listing if name == "ABC" else self.terms[name]
        chosen.update({key: int(value) for key, value in (setting.split("=") for setting in settings)})

    def founding(self) -> list[np.ndarray]:
        """The commands that make the market."""
        commands = [self.stamped(CommandKind.LIST_INSTRUMENT, LIST_INSTRUMENT, **self.listing)]
        for name, number in NAMES.items():
            terms = {"account": number, "name": name.encode(), "money_decimals": 2} | self.terms[name]
            cash = terms.pop("cash", CASH)
            commands.append(self.stamped(CommandKind.OPEN_ACCOUNT, OPEN_ACCOUNT, **terms))
            commands.append(self.stamped(CommandKind.ADJUST_CASH, account=number, quantity=cash))
            rights = Right.TRADE | Right.VIEW
            commands.append(self.stamped(CommandKind.GRANT, account=number, decision_maker=number, flags=rights))
            commands.append(self.stamped(CommandKind.SESSION_OPENED, user=number, session=number))
        commands.append(self.stamped(CommandKind.SET_PHASE, side=Phase.CONTINUOUS, price=NO_PRICE))
        return commands

    def command(self, words: str) -> np.ndarray:
        """One stamped COMMAND row. Raises ValueError for words that mean nothing."""
        words, _, raw = words.partition(" with ")
        override = {key: number_of(value) for key, value in (setting.split("=") for setting in raw.split())}
        name, _, rest = words.partition(" ")
        if name in NAMES:
            kind, fields = self.client(name, rest)
        else:
            kind, fields = self.server(words)
        return self.stamped(override.pop("kind", kind), COMMAND, **(fields | override))

    def client(self, name: str, words: str) -> tuple[int, dict[str, Any]]:
        """Kind and fields of what a person sends."""
        user = NAMES[name]
        fields: dict[str, Any] = {"user": user, "session": user, "client_instance": INSTANCE}
        if match := MASS_CANCEL.match(words):
            side = {" buys": 0, " sells": 1}.get(match[1], BOTH_SIDES)
            return CommandKind.MASS_CANCEL, fields | {"account": NAMES[match[2] or name], "side": side}
        if match := NEW.match(words):
            return CommandKind.NEW_ORDER, fields | {"account": user, "instrument": 1} | new_order(match)
        if match := CANCEL.match(words):
            return CommandKind.CANCEL_ORDER, fields | self.order_named(match[1], match[2])
        if match := REPLACE.match(words):
            change = {"quantity": int(match[3]), "price": int(match[4]), "flags": 2 if match[5] else 0}
            return CommandKind.REPLACE_ORDER, fields | self.order_named(match[1], match[2]) | change
        raise ValueError(f"no command: {words!r}")

    def order_named(self, owner: str | None, label: str) -> dict[str, Any]:
        """By label for one's own order, by id for another's."""
        return {"order_id": self.order_ids[NAMES[owner], label]} if owner else {"label": label.encode()}

    def server(self, words: str) -> tuple[int, dict[str, Any]]:
        """Kind and fields of what the server itself says."""
        match = SERVER.match(words)
        if match is None:
            raise ValueError(f"no command: {words!r}")
        arguments = match[2].split()
        if match[1] == "phase":
            reference = int(arguments[2]) if len(arguments) == 3 else NO_PRICE
            return CommandKind.SET_PHASE, {"instrument": 1, "side": Phase[arguments[0]], "price": reference}
        if match[1] == "cash":
            return CommandKind.ADJUST_CASH, {"account": NAMES[arguments[0]], "quantity": int(arguments[1])}
        if match[1] == "lots":
            lots, price = int(arguments[1]), int(arguments[3])
            account = NAMES[arguments[0]]
            return CommandKind.ADJUST_POSITION, {
                "account": account, "instrument": 1, "quantity": lots, "price": price,
            }  # fmt: skip
        if match[1] == "grant":
            granted, account = NAMES[arguments[0]], NAMES[arguments[2]]
            return CommandKind.GRANT, {"decision_maker": granted, "account": account, "flags": 3}
        self.time_ns += int(arguments[0].removesuffix("ms")) * 1_000_000
        return CommandKind.TIME, {}

    def stamped(self, kind: int, layout: np.dtype[np.void] = COMMAND, **fields: Any) -> np.ndarray:
        """A COMMAND row with sequence and time, and a client's with the next counter unless it says another."""
        self.sequence += 1
        self.time_ns += STEP_NS
        row = np.zeros(1, layout)
        row["kind"], row["group_count"], row["sequence"], row["time_ns"] = kind, 1, self.sequence, self.time_ns
        if "client_instance" in fields:
            key = fields["user"], fields["client_instance"]
            fields.setdefault("counter", self.counters.get(key, 0) + 1)
            if fields["counter"] == self.counters.get(key, 0) + 1:
                self.counters[key] = fields["counter"]
        for name, value in fields.items():
            row[name] = value
        return row.view(COMMAND)


def new_order(match: re.Match[str]) -> dict[str, Any]:
    """The order that `buys 10 @ 100 as a1 ioc` describes."""
    market = match[3] == "market"
    words = match[5].split()
    lives = [TimeInForce[word.upper()] for word in words if word != "post-only"]
    return {
        "side": 0 if match[1] == "buys" else 1, "quantity": int(match[2]),
        "price": NO_PRICE if market else int(match[3]), "label": (match[4] or "").encode(),
        "order_type": OrderType.MARKET if market else OrderType.LIMIT,
        "time_in_force": lives[0] if lives else TimeInForce.IOC if market else TimeInForce.DAY,
        "flags": 1 if "post-only" in words else 0,
    }  # fmt: skip


def number_of(text: str) -> int | bytes:
    """A number, or the bytes of a label."""
    return int(text) if re.fullmatch(r"-?\d+", text) else text.encode()
