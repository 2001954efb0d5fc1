"""The closed vocabularies of the protocol. A code is never reused and never changes its meaning."""

from enum import IntEnum, IntFlag, unique

PROTOCOL_VERSION = 1
"""Version of records and control messages; a peer states the range that it speaks in `hello`."""


@unique
class Mode(IntEnum):
    """What the server's market is. The window believes the server, never its own configuration."""

    LIVE = 1
    DEMO = 2
    REPLAY = 3


@unique
class Durability(IntEnum):
    """What must have happened to a command before anything that follows from it is released."""

    OS = 1
    FSYNC = 2
    REPLICATED = 3


@unique
class Side(IntEnum):
    """The side of an order. In market data: the side of the resting order."""

    BUY = 0
    SELL = 1


@unique
class OrderType(IntEnum):
    """How the price of an order is decided."""

    LIMIT = 1
    MARKET = 2


@unique
class TimeInForce(IntEnum):
    """How long an order works. DAY is cancelled by the operator's end of day; GTC stays."""

    DAY = 1
    GTC = 2
    IOC = 3
    FOK = 4


@unique
class Capacity(IntEnum):
    """Trading capacity (RTS 24 field 7): for a client, on own account, or matched principal."""

    AGENCY = 0
    PRINCIPAL = 1
    MATCHED = 2


class OrderFlag(IntFlag):
    """Bits of `COMMAND.flags` on order commands."""

    NONE = 0
    POST_ONLY = 1
    LOSE_PRIORITY = 2
    """Replace only: take a new place in the queue even where the change would have kept the old one."""


@unique
class OrderState(IntEnum):
    """Where an order stands in its life, with the names of FIX. PENDING and UNKNOWN exist in clients only."""

    NONE = 0
    NEW = 1
    PARTIALLY_FILLED = 2
    FILLED = 3
    CANCELED = 4
    REJECTED = 5
    EXPIRED = 6
    PENDING_NEW = 16
    PENDING_CANCEL = 17
    PENDING_REPLACE = 18
    UNKNOWN = 31


@unique
class Liquidity(IntEnum):
    """Which part an execution played: it added liquidity, removed it, or met in an auction."""

    NONE = 0
    MAKER = 1
    TAKER = 2
    AUCTION = 3


@unique
class Phase(IntEnum):
    """Market phase of one instrument."""

    CLOSED = 0
    PRE_OPEN = 1
    CONTINUOUS = 2
    CLOSING_CALL = 3
    HALTED = 4


@unique
class CommandKind(IntEnum):
    """First byte of a command. Below 32: sent by clients. From 32 on: made by the server alone."""

    NEW_ORDER = 1
    CANCEL_ORDER = 2
    REPLACE_ORDER = 3
    MASS_CANCEL = 4
    ORDER_TERMS = 16
    """Reserved: continuation of a NEW_ORDER in the same group (stop, iceberg, peg, expiry)."""
    TIME = 32
    SESSION_OPENED = 33
    SESSION_CLOSED = 34
    LIST_INSTRUMENT = 35
    SET_PHASE = 36
    OPEN_ACCOUNT = 37
    ADJUST_CASH = 38
    ADJUST_POSITION = 39
    GRANT = 40
    SKIP = 41


@unique
class EventKind(IntEnum):
    """First byte of an event."""

    ACCEPTED = 1
    REJECTED = 2
    EXECUTED = 3
    CANCELED = 4
    REPLACED = 5
    MASS_CANCELED = 6
    POSITION = 7
    """Position and cash of (account, instrument) after what precedes it in the same command."""
    SESSION_OPENED = 8
    SESSION_CLOSED = 9
    INSTRUMENT_LISTED = 10
    PHASE_CHANGED = 11
    ACCOUNT_OPENED = 12
    GRANTED = 13


@unique
class MarketDataKind(IntEnum):
    """First byte of a market data record."""

    ADD = 1
    EXECUTE = 2
    REDUCE = 3
    DELETE = 4
    TOP = 6
    STATUS = 7
    INDICATIVE = 8
    LEVEL = 9
    TRADE = 10


class MarketDataFlag(IntFlag):
    """Bits of `BOOK_RECORD.flags`."""

    NONE = 0
    PRINT = 1
    """EXECUTE only: this record is the trade's public print (the other side of an auction match has none)."""
    AUCTION = 2


@unique
class Topic(IntEnum):
    """First byte of a market data topic; the instrument follows as four bytes, big endian."""

    QUOTE = ord("Q")
    DEPTH = ord("D")
    ORDERS = ord("O")
    TRADES = ord("T")
    STATUS = ord("S")
    STATISTICS = ord("A")
    HEARTBEAT = ord("H")


@unique
class EnvelopeKind(IntEnum):
    """First byte of a message on the order and market data sockets."""

    COMMANDS = 1
    EVENTS = 2
    MARKET_DATA = 3
    HEARTBEAT = 4
    FAULT = 5


@unique
class RejectReason(IntEnum):
    """Why a command was refused. The order of the numbers below 64 is the order in which they are checked."""

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
    BUSY = 64
    """From 64 on: refused by the gateway before a sequence number was given."""
    NOT_ENTITLED = 65


@unique
class CancelReason(IntEnum):
    """Why an order ended without being filled (`EVENT.reason` of CANCELED)."""

    REQUESTED = 0
    IMMEDIATE_REMAINDER = 1
    MASS_CANCEL = 2
    SESSION_CLOSED = 3
    END_OF_DAY = 4
    SELF_TRADE = 5


class Right(IntFlag):
    """What a user may do; granted per account (TRADE, VIEW) or for the whole server (OPERATE, account 0)."""

    NONE = 0
    VIEW = 1
    TRADE = 2
    OPERATE = 4


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
