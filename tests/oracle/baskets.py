"""Baskets: several new orders of which all are accepted, or none (10.2)."""

from typing import TYPE_CHECKING

from server.protocol.enums import CommandKind, RejectReason
from tests.oracle.asking import Asked
from tests.oracle.basket_limits import basket_refused
from tests.oracle.checks import DOOR, first_refusal
from tests.oracle.groups import Record
from tests.oracle.links import Link, change_hold
from tests.oracle.order_checks import refused_order
from tests.oracle.order_commands import accept, bind
from tests.oracle.refusals import Refusal

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange


def asked_in(group: list[Record]) -> list[Asked]:
    """The orders of a group, each with its terms."""
    basket: list[Asked] = []
    for record in group:
        if record.command.kind == CommandKind.NEW_ORDER:
            basket.append(Asked(record.command, number=len(basket), basket=basket))
        else:
            basket[-1].terms, basket[-1].has_terms = record.body, True
    return basket


def do_basket(x: "OracleExchange", basket: list[Asked]) -> None:
    """Accept or refuse a basket."""
    late = [asked.number for asked in basket if not passes_door(x, asked)]
    if late:
        refuse_others(x, basket, late)
        return
    positions = set(x.positions)
    failed, reason = first_pass(x, basket)
    if reason:
        undo(x, basket, positions)
        x.set_command(basket[failed].command)
        x.reject(basket[failed].command, reason)
        refuse_others(x, basket, [failed])
        return
    for asked in basket:
        x.set_command(asked.command)
        accept(x, asked)
    x.set_command(x.group[-1].command)
    for number in dict.fromkeys(asked.command.instrument for asked in basket):
        x.finish(x.instruments[number])


def passes_door(x: "OracleExchange", asked: Asked) -> bool:
    """Checks 1 to 4; the order is refused at once if one of them fails."""
    x.set_command(asked.command)
    return x.passes(asked.command, first_refusal(x, asked.command, DOOR))


def refuse_others(x: "OracleExchange", basket: list[Asked], refused: list[int]) -> None:
    """Refuse those that were not refused for a reason of their own."""
    for asked in basket:
        if asked.number not in refused:
            x.set_command(asked.command)
            x.reject(asked.command, (RejectReason.GROUP_REFUSED, refused[0], 0))


def first_pass(x: "OracleExchange", basket: list[Asked]) -> tuple[int, Refusal]:
    """Check every order as if those before it were accepted: (number, reason) of the first that is refused."""
    refused = basket_refused(x, [asked.command for asked in basket])
    if refused:
        return 0, refused
    for asked in basket:
        x.set_command(asked.command)
        refused = refused_order(x, asked)
        if refused:
            return asked.number, refused
        bind(x, asked, x.made_id(x.orders_made + 1 + asked.number))
    return 0, None


def undo(x: "OracleExchange", basket: list[Asked], positions: set[tuple[int, int]]) -> None:
    """Have everything as it was before the first pass."""
    orders = [asked.order for asked in basket if asked.order is not None]
    for order in orders:
        if not order.is_leg:
            x.hold(order, -1)
    for order in orders:
        if order.link is not None:
            unlink(x, order.link)
    for order in orders:
        x.end(order)
    for key in set(x.positions) - positions:
        x.forget_position(*key)


def unlink(x: "OracleExchange", link: Link) -> None:
    """Take away a link whose orders were never accepted."""
    change_hold(x, link, 0, 0)
    link.instrument.links.remove(link)
    for order in link.orders:
        order.link = None
