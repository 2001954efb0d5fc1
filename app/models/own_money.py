"""The user's own money as text: equity, results, cash. In privacy mode it is hidden, so that a screen can be shared.

Rules: what an order would cost is not hidden: nobody sends what he cannot read. One switch for the whole program, as
there is one person before it.
"""

from typing import Final

from widgets.formatting import format_money

HIDDEN: Final = "•••"


class _Switch:
    hidden = False


def hide_money(hidden: bool) -> None:
    """Hide the user's own money from now on, or show it; what is on the screen has to be read anew."""
    _Switch.hidden = hidden


def is_money_hidden() -> bool:
    """Whether it is hidden now."""
    return _Switch.hidden


def own_money(value: int, money_decimals: int, *, shown_decimals: int = 2, signed: bool = False) -> str:
    """As `format_money`, or dots that tell neither amount nor sign."""
    if _Switch.hidden:
        return HIDDEN
    return format_money(value, money_decimals, shown_decimals=shown_decimals, signed=signed)


def own_tone(amount: int) -> str:
    """The colour of a result: "up", "down" or "label"; hidden money has none."""
    if _Switch.hidden or not amount:
        return "label"
    return "up" if amount > 0 else "down"
