"""Whether an order of a basket fits the one that its link names (12.6, 12.7)."""

from server.protocol.enums import Link, OrderType
from tests.oracle.asking import Asked
from tests.oracle.order_types import STAYING, STOP_TYPES
from tests.oracle.state import HIDDEN, POST_ONLY

CHILDREN = {Link.TARGET: (OrderType.LIMIT,), Link.STOP_LOSS: (OrderType.STOP, OrderType.STOP_LIMIT)}


def pair_of(asked: Asked) -> Asked | None:
    """The first leg of the pair whose second leg this is."""
    return asked.basket[asked.number - 1] if asked.terms.link == Link.ONE_CANCELS_OTHER and asked.number else None


def link_fits(asked: Asked) -> bool:
    """True if the order can have the link that its terms say."""
    link = asked.terms.link
    if link == Link.NONE:
        return True
    if asked.is_alone or asked.number == 0:
        return False
    if link == Link.ONE_CANCELS_OTHER:
        return fits_pair(asked.basket[asked.number - 1], asked)
    return link in CHILDREN and fits_bracket(asked.basket[0], asked)


def is_plain_limit(asked: Asked) -> bool:
    """True for a LIMIT order all of which is shown."""
    c = asked.command
    shown = not c.flags & HIDDEN and not asked.terms.display_quantity
    return c.order_type == OrderType.LIMIT and c.time_in_force in STAYING and shown


def is_staying_stop(asked: Asked) -> bool:
    """True for a stop that waits for days."""
    return asked.command.order_type in STOP_TYPES and asked.command.time_in_force in STAYING


def agree(first: Asked, second: Asked) -> bool:
    """True if both are of one account, instrument, algorithm and quantity."""
    ours, theirs = first.command, second.command
    return all(
        getattr(ours, name) == getattr(theirs, name) for name in ("account", "instrument", "algorithm", "quantity")
    )


def is_linked_before(asked: Asked, second: Asked) -> bool:
    """True if the order is linked by its own terms, or by those of an order before `second`."""
    if asked.terms.link != Link.NONE:
        return True
    between = asked.basket[asked.number + 1 : second.number]
    pairs = any(other.terms.link == Link.ONE_CANCELS_OTHER for other in between[:1])
    return pairs or (asked.number == 0 and any(other.terms.link in CHILDREN for other in between))


def fits_pair(first: Asked, second: Asked) -> bool:
    """True if the two can be legs of which one cancels the other."""
    kinds = (is_plain_limit(first) and is_staying_stop(second)) or (is_staying_stop(first) and is_plain_limit(second))
    same = agree(first, second) and first.command.side == second.command.side
    return kinds and same and not is_linked_before(first, second)


def fits_bracket(entry: Asked, child: Asked) -> bool:
    """True if the order can be a child of the group's first."""
    c = entry.command
    is_entry = c.order_type == OrderType.LIMIT and c.time_in_force in STAYING and not c.flags & POST_ONLY
    earlier = entry.basket[1 : child.number]
    paired = any(other.terms.link == Link.ONE_CANCELS_OTHER for other in earlier[:1])
    taken = any(other.terms.link == child.terms.link for other in earlier)
    kind = child.command.order_type in CHILDREN[Link(child.terms.link)] and child.command.time_in_force in STAYING
    shown = not child.command.flags & HIDDEN and not child.terms.display_quantity
    other_side = child.command.side == 1 - c.side
    return is_entry and not paired and not taken and kind and shown and other_side and agree(entry, child)
