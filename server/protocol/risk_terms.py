"""The words of limits, accounts and fees. A code is never reused and never changes its meaning."""

from enum import IntEnum, unique


@unique
class Scope(IntEnum):
    """At whom a limit, a block or a permission is aimed."""

    VENUE = 0
    FIRM = 1
    DESK = 2
    USER = 3
    ACCOUNT = 4
    ALGORITHM = 5


@unique
class Check(IntEnum):
    """The pre-trade checks whose limits can be set per scope, and per instrument or for all."""

    ORDER_QUANTITY = 1
    ORDER_VALUE = 2
    PRICE_DISTANCE = 3
    """From the reference price, in parts per million."""
    MESSAGE_RATE = 4
    DUPLICATE_ORDER = 5
    EXECUTION_THROTTLE = 6
    OPEN_ORDERS = 7
    OPEN_VALUE = 8
    LONG_POSITION = 9
    SHORT_POSITION = 10
    GROSS_POSITION = 11
    NET_POSITION = 12
    DAILY_LOSS = 13
    ORDER_TO_TRADE = 14
    BASKET_COUNT = 15
    BASKET_VALUE = 16


@unique
class BlockAction(IntEnum):
    """What SET_BLOCK does to its scope."""

    RELEASE = 0
    REDUCE_ONLY = 1
    BLOCK = 2
    BLOCK_AND_CANCEL = 3


@unique
class Permission(IntEnum):
    """What SET_PERMISSION says of an instrument for its scope."""

    ALLOWED = 0
    RESTRICTED = 1
    """Refused with RESTRICTED."""
    WATCHED = 2
    """Allowed; compliance is told, the trader is not."""
    LISTED_ONLY = 3
    """With instrument 0: the scope may trade only what is ALLOWED to it by name."""


@unique
class AccountKind(IntEnum):
    """How an account pays for what it buys."""

    CASH = 0
    """Every currency's cash, less what is reserved, stays at or above the credit limit's negative."""
    MARGIN = 1
    """Equity must cover the initial margin of positions and working orders."""


@unique
class CostMethod(IntEnum):
    """Which cost a sale takes out of a position."""

    AVERAGE = 0
    FIFO = 1
    LIFO = 2
    SPECIFIC_LOT = 3


@unique
class Rounding(IntEnum):
    """How a fee's fraction is rounded; what is lost or gained goes to the rounding account."""

    HALF_UP = 0
    HALF_EVEN = 1


@unique
class PriceSource(IntEnum):
    """Where a closing or reference price came from, best first."""

    NONE = 0
    AUCTION = 1
    LAST_TRADE = 2
    MIDDLE = 3
    PREVIOUS_CLOSE = 4
    OPERATOR = 5
