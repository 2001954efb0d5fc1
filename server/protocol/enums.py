"""The closed vocabularies of the protocol. A code is never reused and never changes its meaning.

Reasons, and the words of risk and accounts, have files of their own; all of them can be had from here.
"""

from enum import IntEnum, IntFlag, unique

from server.protocol.reasons import CancelReason as CancelReason
from server.protocol.reasons import FaultCode as FaultCode
from server.protocol.reasons import RejectReason as RejectReason
from server.protocol.reasons import RestateReason as RestateReason
from server.protocol.reasons import SkipReason as SkipReason
from server.protocol.risk_terms import AccountKind as AccountKind
from server.protocol.risk_terms import BlockAction as BlockAction
from server.protocol.risk_terms import Check as Check
from server.protocol.risk_terms import CostMethod as CostMethod
from server.protocol.risk_terms import Permission as Permission
from server.protocol.risk_terms import PriceSource as PriceSource
from server.protocol.risk_terms import Rounding as Rounding
from server.protocol.risk_terms import Scope as Scope

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
    """How the price of an order is decided. From 64 on: named by the protocol, not offered, refused by that name."""

    LIMIT = 1
    MARKET = 2
    STOP = 3
    """A market order, protected, that waits for the last trade to reach its stop price."""
    STOP_LIMIT = 4
    TRAILING_STOP = 5
    """A stop whose stop price follows the last trade at a distance, an amount or parts per million."""
    MARKET_TO_LIMIT = 6
    PEGGED = 7
    IMBALANCE_ONLY = 64
    IF_TOUCHED = 65


@unique
class TimeInForce(IntEnum):
    """How long an order works. DAY ends with the day; GTC stays. From 64 on: named, not offered, refused by that name.

    RTS 24 field 10: DAY DAVY, GTC GTCV, IOC IOCV, FOK FOKV, GTD GTDV, GTTV and GTSV (its expiry is a time of a day);
    field 11: AT_OPEN, AT_CLOSE, AUCTION are VFAR, CONTINUOUS_ONLY VFCR.
    """

    DAY = 1
    GTC = 2
    IOC = 3
    FOK = 4
    GTD = 5
    """Until `expire_time_ns` of its ORDER_TERMS."""
    AT_OPEN = 6
    """For the opening auction only."""
    AT_CLOSE = 7
    """For the closing auction only."""
    AUCTION = 8
    """For the next auction, whichever it is."""
    GOOD_AFTER_TIME = 64
    GOOD_AFTER_DATE = 65
    CONTINUOUS_ONLY = 66


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
    SLIDE = 4
    """With POST_ONLY: instead of being refused, rest one tick away from the other side's best."""
    HIDDEN = 8
    """Not shown in market data; behind all that is shown at its price."""
    REDUCE_ONLY = 16
    """Must not enlarge the position, nor turn it."""
    SHORT = 32
    """A sale of what the account does not have, covered by a locate."""
    SHORT_EXEMPT = 64
    CONFIRMED = 128
    """The sender has seen and confirmed what a soft limit warns of."""
    STAYS = 2048
    """Not cancelled when its client's session ends. A replace sets it anew: what does not say it again goes."""


class SessionTerm(IntFlag):
    """Bits of `COMMAND.flags` of SESSION_OPENED: which ends of the session cancel its client's orders."""

    NONE = 0
    CANCEL_ON_DISCONNECT = 1
    """Any end but a logoff, after the grace."""
    CANCEL_ON_LOGOFF = 2
    """A logoff, at once."""


@unique
class AtEnd(IntEnum):
    """What a logon asks to happen to its client's orders when the session ends."""

    SERVERS_CHOICE = 0
    KEEP = 1
    CANCEL_ON_DISCONNECT = 2
    CANCEL_ALWAYS = 3
    """On a logoff too, and then at once."""


@unique
class OrderOutcome(IntEnum):
    """What the server knows of a command that was sent: the answer to `GetOrderStatus`."""

    NOT_SEEN = 0
    """Its counter was not sequenced: it has no effect, and may be sent again."""
    LIVE = 1
    """It entered an order that is live."""
    ANSWERED = 2
    """It was answered, and has left nothing that is live."""


SELF_TRADE_SHIFT = 8
"""Bits 8 to 10 of an order's flags are its `SelfTrade` mode; the event's flags have the low eight bits only."""


@unique
class SelfTrade(IntEnum):
    """What happens where an order would trade with one of the same owner; the incoming order's mode decides."""

    DEFAULT = 0
    """The account's mode."""
    CANCEL_NEWEST = 1
    CANCEL_OLDEST = 2
    CANCEL_BOTH = 3
    DECREMENT = 4
    """The smaller one is cancelled, the larger one reduced by as much."""
    ALLOW = 5


class MassCancelFlag(IntFlag):
    """Bits of `COMMAND.flags` of a MASS_CANCEL: which more filters hold."""

    NONE = 0
    PRICE_RANGE = 1
    """From `price` to `quantity`, which is a price here, both included."""
    BY_LABEL = 2
    BY_ALGORITHM = 4


@unique
class Peg(IntEnum):
    """What a PEGGED order's price follows: the best shown price of its own side, the middle, that of the other side."""

    NONE = 0
    PRIMARY = 1
    MID = 2
    MARKET = 3


@unique
class Trigger(IntEnum):
    """Which price triggers a stop. Only the last trade is offered."""

    LAST = 0
    BID_ASK = 1
    MARK = 2


@unique
class Link(IntEnum):
    """How an order of a group depends on one before it."""

    NONE = 0
    ONE_CANCELS_OTHER = 1
    """With the order before it in the group."""
    TARGET = 2
    """Of the group's first order, the entry: works as far as the entry is filled."""
    STOP_LOSS = 3


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
    """The call of the opening auction."""
    CONTINUOUS = 2
    CLOSING_CALL = 3
    HALTED = 4
    """By an operator or by a rule; goes on by one step."""
    START_OF_DAY = 5
    """Orders can be cancelled; the day's statistics have begun."""
    INTRADAY_CALL = 6
    VOLATILITY_CALL = 7
    """A call that a volatility interruption, or the end of a trading pause, began."""
    EXTENDED_CALL = 8
    """A volatility call that ended outside the range again: an operator releases it."""
    TRADING_AT_LAST = 9
    """Orders trade at the closing price alone."""
    LIMIT_STATE = 10
    """Trading within a band whose edge the best price has reached."""
    PAUSED = 11
    """A trading pause after a limit state."""
    SUSPENDED = 12
    """By an operator, for longer: no entry, cancels only."""
    DELISTED = 13


@unique
class CommandKind(IntEnum):
    """First byte of a command. Below 32: sent by clients. From 32 on: made by the server alone."""

    NEW_ORDER = 1
    CANCEL_ORDER = 2
    REPLACE_ORDER = 3
    MASS_CANCEL = 4
    MASS_QUOTE = 5
    """Head of a group of QUOTE_ENTRY records."""
    SET_DEAD_MAN = 6
    """Cancels the user's orders unless it comes again in time."""
    REARM = 7
    """Lets an account quote again after its market-maker protection has acted."""
    ORDER_TERMS = 16
    """Follows the NEW_ORDER or REPLACE_ORDER that it belongs to, in the same group."""
    QUOTE_ENTRY = 17
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
    """An operator takes an earlier command out: each replay refuses it with ENGINE_FAULT."""
    SET_TICKS = 42
    SET_RULES = 43
    SET_AUCTION = 44
    SET_SCHEDULE = 45
    SET_ACCOUNT = 46
    SET_LIMIT = 47
    SET_BLOCK = 48
    SET_PERMISSION = 49
    SET_LOCATE = 50
    SET_PROTECTION = 51
    SET_FEES = 52
    SET_RATE = 53
    CONVERT = 54
    ADJUST_BALANCE = 55
    BUST_TRADE = 56
    ADJUST_TRADE = 57
    SPLIT = 58
    DIVIDEND = 59
    RENAME = 60
    END_DAY = 61


FAULTED_KIND = 128
"""Bit of a record's kind by which a replay marks what a SKIP names; it is neither on the wire nor in the journal."""


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
    TRIGGERED = 14
    RESTATED = 15
    """The exchange itself changed an order: why is its `RestateReason`."""
    SELF_TRADE_PREVENTED = 16
    MASS_QUOTED = 17
    DEAD_MAN_SET = 18
    PROTECTION_TRIGGERED = 19
    PROTECTION_REARMED = 20
    LIMIT_CHANGED = 21
    BLOCK_CHANGED = 22
    LIMIT_WARNING = 23
    """A soft limit was passed with confirmation, or a watched order came: for the risk officer."""
    SETTING_CHANGED = 24
    """Another setting of the server took effect; `value` is the command kind that made it."""
    BALANCE = 25
    """Cash of an account in one currency after what precedes it in the same command."""
    TRADE_BUSTED = 26
    TRADE_ADJUSTED = 27
    CORPORATE_ACTION = 28
    DAY_ENDED = 29
    DAILY_RESULT = 30
    CLIENT_GONE = 31
    """A client stayed away for longer than its grace: `leaves` of its orders were cancelled."""


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
    TRADE_BUST = 11
    TRADE_CORRECTION = 12
    BAND = 13
    """The lowest and the highest price at which trading goes on without interruption."""
    CHECKSUM = 14
    """In DEPTH and ORDERS: what the book must be after the records before this one (`book_checksum`)."""


class MarketDataFlag(IntFlag):
    """Bits of `BOOK_RECORD.flags`."""

    NONE = 0
    PRINT = 1
    """EXECUTE only: this record is the trade's public print (the other side of an auction match has none)."""
    AUCTION = 2
    HIDDEN = 4
    """EXECUTE only: what traded was not shown; no order of the public book changes."""
    SELF_TRADE = 8
    BUSTED = 16
    """In ticks of history: the trade was taken back, and is in no bar."""
    CORRECTED = 32
    """In ticks of history: the trade got another price, which is the one that stands here."""


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
class BarUnit(IntEnum):
    """What the size of a bar counts."""

    TIME = 1
    """Nanoseconds; bars begin at multiples of the size since 1970, UTC."""
    DAY = 2
    WEEK = 3
    """From Monday on, UTC."""
    MONTH = 4
    TRADES = 5
    VOLUME = 6
    """Lots: the trade that fills them is the bar's last, and whole in it."""
    RANGE = 7
    """Price units from low to high: the trade that would pass them begins the next bar."""


class DepthFlag(IntFlag):
    """Bits of `DEPTH_COLUMN.flags`."""

    NONE = 0
    FULL = 1
    """The column begins from an empty book."""


@unique
class Ranking(IntEnum):
    """What a hot list is sorted by."""

    GAINERS = 1
    LOSERS = 2
    VOLUME = 3
    RELATIVE_VOLUME = 4
    """The day's volume against what is usual at this time of day."""
    RANGE = 5
    """The day's high less its low, against the base price."""
    TURNOVER = 6
    TRADES = 7


@unique
class EnvelopeKind(IntEnum):
    """First byte of a message on the order and market data sockets."""

    COMMANDS = 1
    EVENTS = 2
    MARKET_DATA = 3
    HEARTBEAT = 4
    FAULT = 5
    DROP_COPY = 32


class Right(IntFlag):
    """What a user may do; granted per account (TRADE, VIEW) or for the whole server (OPERATE, account 0)."""

    NONE = 0
    VIEW = 1
    TRADE = 2
    OPERATE = 4
