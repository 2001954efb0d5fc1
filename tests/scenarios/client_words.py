"""What a person does, as records: orders and groups of them, cancels, replaces, quotes, protections.

ann buys 10 @ 100 as a1                       see `order_words`; several with `&` between them are one group
ann cancels a1;  bob cancels ann's a1         by label; another's by its id
ann replaces a1 to 8 @ 101 losing priority    the new total and price; terms as of an order: `showing 3`, `stop 95`
ann cancels all buys of bob in ABC between 95 and 105 labelled a1 algorithm 7
ann quotes ABC 5@99 4@101 as q1, XYZ 3@50 -   bid, then ask; `-`: no such side
ann dead-man 5s;  ann dead-man off            cancel everything unless it comes again in time
ann rearms in ABC                             after market-maker protection
"""

import re
from typing import Any, NamedTuple

import numpy as np

from server.protocol.enums import CommandKind, MassCancelFlag
from server.protocol.records import COMMAND, NO_PRICE, ORDER_TERMS, QUOTE_ENTRY
from tests.scenarios.order_words import LINKS, SIDES, Fields, order_fields, say
from tests.scenarios.values import INSTRUMENTS, NAMES, whole

CANCEL = re.compile(r"cancels (?:(\w+)'s )?(\S+)$")
REPLACE = re.compile(r"replaces (?:(\w+)'s )?(\S+) to (\S+)((?: \S+)*)$")
MASS_CANCEL = re.compile(
    r"cancels all(?: (buys|sells))?(?: of (\w+))?(?: in (\w+))?(?: between (\S+) and (\S+))?"
    r"(?: labelled (\S+))?(?: algorithm (\d+))?$"
)
QUOTE = re.compile(r"(\w+) (-|\S+@\S+) (-|\S+@\S+)(?: as (\S+))?$")
BOTH_SIDES = 2
INSTANCE = 77
OrderIds = dict[tuple[int, str], int]


class Record(NamedTuple):
    """A command record that is not stamped yet."""

    kind: int
    layout: np.dtype[np.void]
    fields: dict[str, Any]


def client_records(name: str, words: str, order_ids: OrderIds, now_ns: int) -> list[Record]:
    """The records, one group, of what a person does. Raises ValueError for words that mean nothing."""
    user = NAMES[name]
    sender: Fields = {"user": user, "session": user}
    counted = sender | {"client_instance": INSTANCE}
    records: list[Record] = []
    for part in words.split(" & "):
        records += one_action(part, user, sender, counted, order_ids, now_ns)
    return records


def one_action(
    words: str, user: int, sender: Fields, counted: Fields, order_ids: OrderIds, now_ns: int
) -> list[Record]:
    """The records of one action of a group."""
    first = words.split(maxsplit=1)[0]
    if first in SIDES or first in LINKS:
        order, terms = order_fields(words, now_ns)
        head = counted | {"account": user, "instrument": 1} | order
        return [Record(CommandKind.NEW_ORDER, COMMAND, head), *terms_record(terms, sender)]
    if match := MASS_CANCEL.match(words):
        return [Record(CommandKind.MASS_CANCEL, COMMAND, counted | mass_cancel(match, user))]
    if match := CANCEL.match(words):
        return [Record(CommandKind.CANCEL_ORDER, COMMAND, counted | order_named(match[1], match[2], order_ids))]
    if match := REPLACE.match(words):
        change, terms = replacement(match[3], match[4], now_ns)
        named = order_named(match[1], match[2], order_ids)
        return [
            Record(CommandKind.REPLACE_ORDER, COMMAND, counted | named | change),
            *terms_record(terms, sender),
        ]
    return other_action(words, user, sender, counted)


def other_action(words: str, user: int, sender: Fields, counted: Fields) -> list[Record]:
    """Quotes, the dead-man timer, rearming."""
    first, _, rest = words.partition(" ")
    if first == "quotes":
        head = Record(CommandKind.MASS_QUOTE, COMMAND, counted | {"account": user})
        return [head, *(quote_entry(quote.strip(), user, sender) for quote in rest.split(","))]
    if first == "dead-man":
        timeout_ns = 0 if rest == "off" else whole(rest)
        return [Record(CommandKind.SET_DEAD_MAN, COMMAND, counted | {"account": user, "quantity": timeout_ns})]
    if match := re.fullmatch(r"rearms(?: for (\w+))?(?: in (\w+))?", words):
        fields = {"account": NAMES[match[1]] if match[1] else user, "instrument": INSTRUMENTS.get(match[2], 0)}
        return [Record(CommandKind.REARM, COMMAND, counted | fields)]
    raise ValueError(f"no command: {words!r}")


def terms_record(terms: Fields, sender: Fields) -> list[Record]:
    """The ORDER_TERMS, if the order has any."""
    return [Record(CommandKind.ORDER_TERMS, ORDER_TERMS, sender | terms)] if terms else []


def order_named(owner: str | None, label: str, order_ids: OrderIds) -> Fields:
    """By label for one's own order, by id for another's; `ann's -` is her last order without a label."""
    known = "" if label == "-" else label
    return {"order_id": order_ids[NAMES[owner], known]} if owner else {"label": label.encode()}


def replacement(total: str, words: str, now_ns: int) -> tuple[Fields, Fields]:
    """(fields of the REPLACE_ORDER, its terms)."""
    order: Fields = {"order_type": 1, "price": NO_PRICE, "flags": 2 if " losing priority" in words else 0}
    terms: Fields = {}
    said = iter(words.replace(" losing priority", "").split())
    for word in said:
        say(word, said, order, terms, now_ns)
    return {"quantity": whole(total)} | {name: order[name] for name in ("price", "flags")}, terms


def mass_cancel(match: re.Match[str], user: int) -> Fields:
    """Whose orders, and which of them."""
    side, owner, instrument, lowest, highest, label, algorithm = match.groups()
    fields: Fields = {
        "account": NAMES[owner] if owner else user,
        "side": SIDES[side] if side else BOTH_SIDES,
        "instrument": INSTRUMENTS[instrument] if instrument else 0,
        "flags": 0,
    }
    if lowest:
        fields |= {"price": whole(lowest), "quantity": whole(highest)}
        fields["flags"] |= MassCancelFlag.PRICE_RANGE
    if label:
        fields["label"] = label.encode()
        fields["flags"] |= MassCancelFlag.BY_LABEL
    if algorithm:
        fields["algorithm"] = int(algorithm)
        fields["flags"] |= MassCancelFlag.BY_ALGORITHM
    return fields


def quote_entry(words: str, user: int, sender: Fields) -> Record:
    """One two-sided quote: `ABC 5@99 4@101`."""
    match = QUOTE.match(words)
    if match is None:
        raise ValueError(f"no quote: {words!r}")
    fields: Fields = {"account": user, "instrument": INSTRUMENTS[match[1]], "label": (match[4] or "").encode()}
    for side, text in (("bid", match[2]), ("ask", match[3])):
        quantity, price = (0, NO_PRICE) if text == "-" else (whole(part) for part in text.split("@"))
        fields |= {f"{side}_price": price, f"{side}_quantity": quantity}
    return Record(CommandKind.QUOTE_ENTRY, QUOTE_ENTRY, sender | fields)
