"""The small market of the scenarios, and how its commands are stamped.

Ann, Bob and Cas are users 1, 2 and 3 with accounts of the same numbers and 100,000 of cash each; ABC is instrument 1,
in CONTINUOUS, prices 1 to 1,000, at most 1,000 lots. Only where a scenario begins with `given dan`, `given eve`,
`given XYZ`, `given FGN` do these exist: accounts 4 and 5 with cash 0 and no user's session; XYZ is instrument 2 with
the terms of ABC, FGN instrument 3 in currency 2. Olga and Otto are users 21 and 22 without accounts.
"""

from typing import Any

import numpy as np

from server.protocol.enums import FAULTED_KIND, CommandKind, Phase, Right
from server.protocol.records import COMMAND, LIST_INSTRUMENT, NO_PRICE, OPEN_ACCOUNT
from tests.scenarios.client_words import Record, client_records
from tests.scenarios.server_words import server_records
from tests.scenarios.values import INSTRUMENTS, NAMES, settings_of, whole

LISTING = {
    "instrument": 1, "symbol": b"ABC", "price_min": 1, "price_max": 1_000, "quantity_max": 1_000, "cash_scale": 1,
    "reference_price": 100, "tick_size": 1, "lot_size": 1, "currency": 1,
}  # fmt: skip
TERMS = {"currency": 1, "short_allowed": 1, "orders_max": 100, "credit_limit": 0, "position_max": 0}
PEOPLE = ("ann", "bob", "cas")
CASH = 100_000
START_NS = 1_000_000_000_000
STEP_NS = 1_000_000
SKIPPED = "skipped: "
"""Before the words of what a replay has marked, because an operator skipped it."""


class World:
    """Turns words into stamped commands. `order_ids` and `due_ns` are filled in by whoever sees the outputs."""

    def __init__(self) -> None:
        self.sequence = 0
        self.time_ns = START_NS
        self.due_ns = 0
        self.counters: dict[tuple[int, int], int] = {}
        self.order_ids: dict[tuple[int, str], int] = {}
        self.terms: dict[str, dict[str, Any]] = {name: dict(TERMS) for name in PEOPLE}
        self.listings: dict[str, dict[str, Any]] = {"ABC": dict(LISTING)}

    def given(self, words: str) -> None:
        """`given ann short_allowed=0` or `given ABC tick_size=5`; `given XYZ` or `given dan` for one more."""
        name, _, settings = words.partition(" ")
        if name in INSTRUMENTS:
            own = {"instrument": INSTRUMENTS[name], "symbol": name.encode(), "currency": 2 if name == "FGN" else 1}
            chosen = self.listings.setdefault(name, LISTING | own)
        else:
            chosen = self.terms.setdefault(name, TERMS | {"cash": 0})
        chosen.update(settings_of(settings, self.time_ns))

    def founding(self) -> list[np.ndarray]:
        """The commands that make the market."""
        rows = [
            self.stamped(CommandKind.LIST_INSTRUMENT, LIST_INSTRUMENT, **fields) for fields in self.listings.values()
        ]
        for name, own in self.terms.items():
            number = NAMES[name]
            terms = {"account": number, "name": name.encode(), "money_decimals": 2} | own
            cash = terms.pop("cash", CASH)
            rows.append(self.stamped(CommandKind.OPEN_ACCOUNT, OPEN_ACCOUNT, **terms))
            if cash:
                rows.append(self.stamped(CommandKind.ADJUST_CASH, account=number, quantity=cash))
            rights = Right.TRADE | Right.VIEW
            rows.append(self.stamped(CommandKind.GRANT, account=number, decision_maker=number, flags=rights))
            rows.append(self.stamped(CommandKind.SESSION_OPENED, user=number, session=number))
        rows.append(self.stamped(CommandKind.SET_PHASE, side=Phase.CONTINUOUS, price=NO_PRICE))
        return rows

    def command(self, words: str) -> np.ndarray:
        """The stamped COMMAND rows of one group, marked if it is `skipped:`. Raises ValueError for senseless words."""
        if words.startswith(SKIPPED):
            rows = self.command(words.removeprefix(SKIPPED))
            rows["kind"] |= FAULTED_KIND
            return rows
        words, _, raw = words.partition(" with ")
        name, _, rest = words.partition(" ")
        if name == "time":
            self.pass_time(rest)
        if name in NAMES:
            records = client_records(name, rest, self.order_ids, self.time_ns)
        else:
            records = server_records(words, self.time_ns)
        return self.group(records, raw)

    def pass_time(self, words: str) -> None:
        """So that the TIME command that follows is that much later, or at the time that is due."""
        if words == "due":
            self.time_ns = self.due_ns - STEP_NS
        else:
            self.time_ns += whole(words)

    def group(self, records: list[Record], raw: str) -> np.ndarray:
        """The records stamped as a group, with what `raw` says: `price=5`, `2.price=5`, `terms.peg=9`, `all.user=9`."""
        own: list[dict[str, Any]] = [{} for _ in records]
        places = {str(number): number for number in range(len(records))}
        places |= {"terms": next((n for n, r in enumerate(records) if r.kind == CommandKind.ORDER_TERMS), 0)}
        for setting in raw.split():
            key, _, text = setting.partition("=")
            place, dot, field = key.partition(".")
            name = field if dot else key
            chosen = own if place == "all" else [own[places[place] if dot else 0]]
            for fields in chosen:
                fields |= settings_of(f"{name}={text}", self.time_ns)
        rows = []
        for number, (record, more) in enumerate(zip(records, own, strict=True)):
            fields = {"group_count": 0 if number else len(records)} | record.fields | more
            rows.append(self.stamped(int(fields.pop("kind", record.kind)), record.layout, **fields))
        return np.concatenate(rows)

    def stamped(self, kind: int, layout: np.dtype[np.void] = COMMAND, **fields: Any) -> np.ndarray:
        """A COMMAND row with sequence and time, and a client's with the next counter unless it says another."""
        self.sequence += 1
        self.time_ns += STEP_NS
        row = np.zeros(1, layout)
        row["kind"], row["group_count"], row["sequence"], row["time_ns"] = kind, 1, self.sequence, self.time_ns
        if "client_instance" in fields and kind < CommandKind.TIME:
            key = fields["user"], fields["client_instance"]
            fields.setdefault("counter", self.counters.get(key, 0) + 1)
            if fields["counter"] == self.counters.get(key, 0) + 1:
                self.counters[key] = fields["counter"]
        for name, value in fields.items():
            row[name] = value
        return row.view(COMMAND)
