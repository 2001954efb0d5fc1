"""Ways to spoil a command, each aimed at one check or at one edge of a number's range."""

from collections.abc import Callable
from random import Random

import numpy as np

from server.protocol.enums import FAULTED_KIND, CommandKind
from server.protocol.records import COMMAND, NO_PRICE
from tests.oracle.exchange import OracleExchange
from tests.oracle.flow_world import ACCOUNTS, INSTRUMENTS, SESSIONS, Draft, Group, command, listing, opening

Fault = Callable[[Draft, OracleExchange, Random], None]
EXTREMES = (0, 1, -1, (1 << 63) - 1, -(1 << 63), 1 << 62, -(1 << 62), (1 << 32) - 1, 1 << 31)
CLIENT_KINDS = (1, 2, 3, 4)
SKIPPED = 0.04
"""Of what is spoiled."""
KEPT = ("kind", "version", "shard", "group_count", "sequence", "time_ns", "label", "counter")
"""What `any_field` lets alone: what the sequencer writes, and what has a fault of its own."""


def old_counter(draft: Draft, _: OracleExchange, draw: Random) -> None:
    """A counter that was used before."""
    draft.fields["counter"] = max(0, draft.fields.get("counter", 1) - draw.choice((1, 1, 2, 3, 10, 50, 10**6)))


def gap(draft: Draft, _: OracleExchange, draw: Random) -> None:
    """A counter too far on."""
    draft.fields["counter"] = min(draft.fields.get("counter", 1) + draw.choice((1, 2, 1 << 63)), (1 << 64) - 1)


def foreign_session(draft: Draft, _: OracleExchange, draw: Random) -> None:
    """Another's session, or none at all."""
    draft.fields["session"] = draw.choice([*SESSIONS, 0, 99, (1 << 32) - 1])


def stale(draft: Draft, x: OracleExchange, draw: Random) -> None:
    """Too late, or just in time."""
    draft.fields["valid_until_ns"] = x.time_ns + draw.choice((0, -(10**9), 1, -(1 << 62) - x.time_ns))


def unknown_kind(draft: Draft, _: OracleExchange, draw: Random) -> None:
    """A kind without a meaning."""
    draft.fields["kind"] = draw.choice((0, 8, 15, 18, 31, 41, 62, 63, 255))


def wrong_group(draft: Draft, _: OracleExchange, draw: Random) -> None:
    """A group of not one."""
    draft.fields["group_count"] = draw.choice((0, 2, 65_535))


BYTES = {"order_type": (0, 1, 2, 8, 63, 66, 128, 255), "time_in_force": (0, 1, 2, 3, 4, 9, 63, 67, 128, 255)}
"""Where not all small numbers mean the same to an engine and an oracle that learn the order types in turn."""


def wrong_byte(name: str) -> Fault:
    """Any value in a field of one byte."""

    def fault(draft: Draft, _: OracleExchange, draw: Random) -> None:
        draft.fields[name] = draw.choice(BYTES.get(name, (0, 1, 2, 3, 4, 5, 6, 128, 255)))

    return fault


def wrong_flags(draft: Draft, _: OracleExchange, draw: Random) -> None:
    """Any bits; of those with a meaning of their own, what orders without terms know."""
    draft.fields["flags"] = draw.choice((1, 2, 3, 4, 7, 2048, 2049, 65_535, draw.getrandbits(16) | 2048))


def unknown_instrument(draft: Draft, _: OracleExchange, draw: Random) -> None:
    """An instrument that is not listed, or another one."""
    draft.fields["instrument"] = draw.choice([*INSTRUMENTS, 0, 3, 65_536, (1 << 32) - 1])


def unknown_account(draft: Draft, _: OracleExchange, draw: Random) -> None:
    """An account that is not open, or another one."""
    draft.fields["account"] = draw.choice([*ACCOUNTS, 0, 77, (1 << 32) - 1])


def other_user(draft: Draft, x: OracleExchange, draw: Random) -> None:
    """A user who may not, but has a session and counts well."""
    session, user = draw.choice(list(SESSIONS.items()))
    counter = x.counters.get((user, draft.fields.get("client_instance", 0)), 0) + 1
    draft.fields |= {"user": user, "session": session, "counter": counter}


def wrong_quantity(draft: Draft, _: OracleExchange, draw: Random) -> None:
    """A quantity at an edge."""
    largest = INSTRUMENTS.get(draft.fields.get("instrument", 0), INSTRUMENTS[1])["quantity_max"]
    draft.fields["quantity"] = draw.choice((*EXTREMES, largest, largest + 1))


def wrong_price(draft: Draft, _: OracleExchange, draw: Random) -> None:
    """A price at an edge of the range, off the grid, or absent."""
    terms = INSTRUMENTS.get(draft.fields.get("instrument", 0), INSTRUMENTS[1])
    edges = (terms["price_min"] - 1, terms["price_min"], terms["price_max"], terms["price_max"] + 1)
    beside = min(draft.fields.get("price", 0) + 1, (1 << 63) - 1)  # an earlier fault may have taken the greatest
    draft.fields["price"] = draw.choice((*EXTREMES, NO_PRICE, *edges, beside))


def no_name(draft: Draft, _: OracleExchange, draw: Random) -> None:
    """A label that nobody has, or none."""
    draft.fields |= {"order_id": 0, "label": draw.choice((b"", b"\0", b"nobody", b"L1"))}


CLIENT_FAULTS: tuple[Fault, ...] = (
    old_counter, old_counter, gap, foreign_session, stale, unknown_kind, wrong_group, wrong_byte("side"),
    wrong_byte("order_type"), wrong_byte("time_in_force"), wrong_byte("capacity"), wrong_flags, wrong_flags,
    unknown_instrument, unknown_account, other_user, other_user, wrong_quantity, wrong_quantity, wrong_price,
    wrong_price, no_name,
)  # fmt: skip
SERVER_FAULTS: tuple[Fault, ...] = (
    unknown_kind, wrong_group, wrong_byte("side"), wrong_flags, unknown_instrument, unknown_account, wrong_quantity,
    wrong_price,
)  # fmt: skip


def any_field(draft: Draft, _: OracleExchange, draw: Random) -> None:
    """An extreme in any field of the record's own layout."""
    names = [name for name in draft.layout.names or () if name not in KEPT]
    name = draw.choice(names)
    kind = draft.layout[name]
    if kind.kind in "iu" and not kind.shape:
        least, most = int(np.iinfo(kind).min), int(np.iinfo(kind).max)
        near = draw.choice((0, 1, 2, 3, 255, 1_000_000))
        draft.fields[name] = draw.choice((least, most, most - 1, most // 2, min(near, most), draw.randint(least, most)))


def own_fault(draft: Draft, x: OracleExchange, draw: Random) -> None:
    """A fault for a record of any layout."""
    fault = draw.choice((any_field, any_field, any_field, any_field, wrong_group, unknown_instrument, unknown_account))
    fault(draft, x, draw)


def spoil(group: Group, x: OracleExchange, draw: Random) -> Group:
    """The group with one or two faults in one of its records, skipped, or a definition that does not fit together."""
    if draw.random() < SKIPPED:
        return skipped(group) if draw.random() < 0.8 else [skip(x, draw)]
    if draw.random() < 0.1:
        return [wrong_definition(draw)]
    if len(group) > 1 and draw.random() < 0.15:
        return torn(group, draw)
    draft = draw.choice(group)
    faults = CLIENT_FAULTS if draft.fields["kind"] in CLIENT_KINDS else SERVER_FAULTS
    for _ in range(draw.choice((1, 1, 1, 2))):
        fault = draw.choice((*faults, any_field)) if draft.layout is COMMAND else own_fault
        fault(draft, x, draw)
    return group


def skipped(group: Group) -> Group:
    """The group as a replay has it when an operator has skipped it."""
    for draft in group:
        draft.fields["kind"] |= FAULTED_KIND
    return group


def skip(x: OracleExchange, draw: Random) -> Draft:
    """A SKIP of some command, or of none that can be."""
    named = draw.choice((1, x.sequence, x.sequence, 0, x.sequence + 1, (1 << 64) - 1))
    return command(CommandKind.SKIP, order_id=named, flags=draw.choice((0, 1, 65_535)))


def torn(group: Group, draw: Random) -> Group:
    """A group without one of its records, with one twice, or in another order; its head says the old count."""
    count = len(group)
    place = draw.randrange(count)
    changed = draw.choice((group[:place] + group[place + 1 :], [*group, group[place]], group[::-1]))
    copies = [Draft(draft.layout, dict(draft.fields)) for draft in changed]
    if draw.random() < 0.5:
        copies[0].fields["group_count"] = count
    return copies


def wrong_definition(draw: Random) -> Draft:
    """An operator's command whose numbers are at or over an edge."""
    kind = draw.randrange(5)
    if kind == 0:
        changes = draw.choice(
            (
                {"instrument": 1}, {"instrument": 0}, {"instrument": 65_536}, {"price_min": 30_000}, {"tick_size": 0},
                {"tick_size": 7}, {"price_max": (1 << 32) - 1, "tick_size": 1, "price_min": 0},
                {"price_min": -(1 << 63), "price_max": (1 << 63) - 1, "tick_size": (1 << 32) - 1}, {"quantity_max": 0},
                {"cash_scale": 0}, {"cash_scale": 1 << 60}, {"quantity_max": (1 << 63) - 1}, {"lot_size": 0},
                {"cash_scale": (1 << 63) - 1, "quantity_max": (1 << 63) - 1, "price_min": -(1 << 63), "tick_size": 1},
            )
        )  # fmt: skip
        return listing(changes.pop("instrument", 2_000), **changes)
    if kind == 1:
        changes = draw.choice(
            (
                {"account": 0}, {"account": 1}, {"account": 16_777_216}, {"credit_limit": -1}, {"position_max": -1},
                {"credit_limit": (1 << 61) + 1}, {"orders_max": 0},
            )
        )  # fmt: skip
        return opening(changes.pop("account", 5_000), **changes)
    if kind == 2:
        rights, user = draw.choice(((8, 1), (65_535, 1), (3, 0), (8, 0)))
        return command(CommandKind.GRANT, decision_maker=user, flags=rights, account=draw.choice((0, 1, 77)))
    if kind == 3:
        amount = draw.choice(((1 << 61) + 1, -(1 << 61) - 1, (1 << 63) - 1, -(1 << 63)))
        return command(CommandKind.ADJUST_CASH, account=draw.choice((1, 3)), quantity=amount)
    quantity, price = draw.choice(((0, 1), (10_001, 1), (-10_001, 1), (1, 0), (1, 20_002), (-(1 << 63), 1)))
    return command(CommandKind.ADJUST_POSITION, account=1, instrument=1, quantity=quantity, price=price)
