"""Why something was refused, cancelled, changed or closed. A code is never reused and never changes its meaning."""

from enum import IntEnum, unique


@unique
class RejectReason(IntEnum):
    """Why a command was refused. The rule book has the order in which they are checked.

    Below 64 and from 100 on: refused by the engine; 64 to 99: by the gateway, before a sequence number was given.
    """

    NONE = 0
    DUPLICATE = 1
    COUNTER_GAP = 2
    SESSION_NOT_OPEN = 3
    TOO_LATE = 4
    UNKNOWN_COMMAND = 5
    INVALID_GROUP = 6
    INVALID_SIDE = 7
    INVALID_ORDER_TYPE = 8
    INVALID_TIME_IN_FORCE = 9
    INVALID_FLAGS = 10
    UNKNOWN_INSTRUMENT = 11
    UNKNOWN_ACCOUNT = 12
    NOT_PERMITTED = 13
    UNKNOWN_ORDER = 14
    PHASE_FORBIDS = 15
    QUANTITY_NOT_POSITIVE = 16
    QUANTITY_TOO_LARGE = 17
    PRICE_OUT_OF_RANGE = 18
    PRICE_OFF_TICK = 19
    DUPLICATE_LABEL = 20
    QUANTITY_BELOW_FILLED = 21
    TOO_MANY_ORDERS = 22
    NO_LIQUIDITY = 23
    POST_ONLY_WOULD_TRADE = 24
    FOK_NOT_FILLED = 25
    INSUFFICIENT_CASH = 26
    INSUFFICIENT_POSITION = 27
    POSITION_LIMIT = 28
    INVALID_DEFINITION = 29
    """An operator's command (instrument, account, cash) whose numbers do not fit together."""
    ENGINE_FAULT = 63
    """The engine failed on the command, and an operator skipped it."""
    BUSY = 64
    NOT_ENTITLED = 65
    UNSUPPORTED_ORDER_TYPE = 100
    UNSUPPORTED_TIME_IN_FORCE = 101
    UNSUPPORTED_TRIGGER = 102
    INVALID_TERMS = 103
    """A field of ORDER_TERMS does not fit the order: `value` is the field's number, in the layout's order from 1."""
    INVALID_DISPLAY_QUANTITY = 104
    INVALID_STOP_PRICE = 105
    STOP_ALREADY_REACHED = 106
    EXPIRY_PASSED = 107
    MINIMUM_QUANTITY_NOT_MET = 108
    SELF_TRADE_MODE_FORBIDDEN = 109
    NOT_REPLACEABLE = 110
    GROUP_REFUSED = 111
    """Another order of the same group was refused: `value` is its number, from 0."""
    GROUP_TOO_LARGE = 112
    QUANTITY_TOO_SMALL = 113
    VALUE_TOO_SMALL = 114
    VALUE_TOO_LARGE = 115
    STALE_REFERENCE_DATA = 116
    SELF_TRADE = 117
    """A FOK, or a MINIMUM_QUANTITY, that self-trade prevention would leave short."""
    PRICE_COLLAR = 120
    NO_REFERENCE_PRICE = 121
    REFERENCE_TOO_OLD = 122
    PRICE_BAND = 123
    INVALID_TRANSITION = 124
    NOT_AT_LAST_PRICE = 125
    BLOCKED = 130
    """`value`: what is blocked, as scope << 32 | id."""
    REDUCE_ONLY = 131
    RESTRICTED = 132
    INSTRUMENT_NOT_PERMITTED = 133
    MESSAGE_RATE = 134
    ORDER_QUANTITY_LIMIT = 135
    ORDER_VALUE_LIMIT = 136
    FAT_FINGER = 137
    DUPLICATE_ORDER = 138
    OPEN_ORDERS_LIMIT = 139
    OPEN_VALUE_LIMIT = 140
    LONG_LIMIT = 141
    SHORT_LIMIT = 142
    GROSS_LIMIT = 143
    NET_LIMIT = 144
    DAILY_LOSS_LIMIT = 145
    EXECUTION_THROTTLE = 146
    ORDER_TO_TRADE = 147
    BASKET_COUNT_LIMIT = 148
    BASKET_VALUE_LIMIT = 149
    SOFT_LIMIT = 150
    """A soft limit was passed without CONFIRMED; `trade_id` is the reason of the hard limit of the same check."""
    SHORT_NOT_MARKED = 151
    NO_LOCATE = 152
    INSUFFICIENT_MARGIN = 153
    PROTECTION_ACTIVE = 154
    LIMIT_MISSING = 155
    APPROVAL_REQUIRED = 170
    SAME_PERSON = 171
    UNKNOWN_TRADE = 172
    TRADE_TOO_OLD = 173
    ALREADY_BUSTED = 174
    NO_RATE = 175
    RATE_TOO_OLD = 176
    UNKNOWN_LOT = 177
    AMOUNT_TOO_LARGE = 178
    ALREADY_DONE = 179


@unique
class CancelReason(IntEnum):
    """Why an order ended without being filled (`EVENT.reason` of CANCELED)."""

    REQUESTED = 0
    IMMEDIATE_REMAINDER = 1
    MASS_CANCEL = 2
    SESSION_CLOSED = 3
    END_OF_DAY = 4
    SELF_TRADE = 5
    EXPIRED = 6
    LINKED = 7
    """Another order of its group was filled or cancelled."""
    KILL_SWITCH = 8
    DEAD_MAN = 9
    PROTECTION = 10
    QUOTE_REPLACED = 11
    CORPORATE_ACTION = 12
    TICK_CHANGE = 13
    DELISTED = 14
    AUCTION_ENDED = 15
    REFUSED_BY_RISK = 16
    """When it was triggered, released or changed: `value` is the `RejectReason`."""
    DISCONNECTED = 17
    """Its client went without a logoff and did not come back within its grace."""


@unique
class RestateReason(IntEnum):
    """Why the exchange changed an order (`EVENT.reason` of RESTATED)."""

    NONE = 0
    REFRESHED = 1
    """A new part of an iceberg is shown."""
    SLID = 2
    PEGGED = 3
    TRAILED = 4
    LINKED = 5
    RELEASED = 6
    SELF_TRADE = 7
    TICK_CHANGE = 8
    MARKET_TO_LIMIT = 9


@unique
class SkipReason(IntEnum):
    """Why an operator skipped a command (`COMMAND.flags` of SKIP)."""

    NONE = 0
    ENGINE_FAULT = 1
    """The engine stopped with an error."""
    ENGINE_STUCK = 2
    """It did not come to an end."""
    ENGINE_CRASHED = 3
    """The process died."""
    WRONG_RESULT = 4
    """What it did is wrong, and was not published."""


@unique
class FaultCode(IntEnum):
    """Why the server closed a session (`FAULT` envelope, logon refusals)."""

    NONE = 0
    MALFORMED = 1
    TOO_LARGE = 2
    FOREIGN_SESSION = 3
    UNSUPPORTED_VERSION = 4
    NOT_LOGGED_ON = 5
    WRONG_CREDENTIALS = 6
    TOO_MANY_ATTEMPTS = 7
    LOGGED_OFF = 8
    HEARTBEAT_LOST = 9
    SERVER_STOPPING = 10
    BUSY = 11
    NOT_PERMITTED = 12
    UNKNOWN_REQUEST = 13
    NOT_FOUND = 14
    INVALID_REQUEST = 15
    UNAVAILABLE = 16
    CANCELLED = 17
    """Of a question about history: its asker has cancelled it."""
    REPLACED = 20
    """Another logon, of the same key or of the same client instance, took its place."""
    SERVER_RESTARTED = 21
    """Of a session of a former run, which the next start closes."""
    CLOSED_BY_OPERATOR = 22
    RIGHTS_WITHDRAWN = 23
    TOO_SLOW = 24
    TOO_MANY_SESSIONS = 25
    DROP_COPY_CHANGED = 30
    """Which accounts a drop copy stream has to show has changed; it ends, and can be opened again."""
    FLOODING = 50
    """More messages or bytes than any session may send, for longer than a burst."""
    DISK_FULL = 51
    """In a HEARTBEAT, and no end of the session: the exchange's disk is full, orders are refused, cancels work."""
    OVERLOADED = 52
    """In a HEARTBEAT, and no end of the session: the exchange's disk does not keep up, orders are refused."""
