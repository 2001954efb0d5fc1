"""Where the words lie that risk needs: scope rows with their limits and counts, the ask, quotes, protections.

Rules: see `layout`. A count of a scope row is kept from the row's making on, whether a limit looks at it or not.
"""

from typing import Final

from server.engine.kernel import U
from server.engine.layout import shift_of, word_of
from server.protocol.records import ACCOUNT_TERMS as TERMS
from server.protocol.records import EVENT, QUOTE_ENTRY, RISK_REJECTION
from server.protocol.records import RISK_SETTING as SETTING

# Commands ------------------------------------------------------------------------------------------------------------
S_APPROVER_SCOPE_ID: Final = word_of(SETTING, "approver")
S_GROUP_TERMS: Final = word_of(SETTING, "product_group")
S_SCOPE_SHIFT: Final = shift_of(SETTING, "scope")
S_CHECK_SHIFT: Final = shift_of(SETTING, "check")
S_ACTION_SHIFT: Final = shift_of(SETTING, "action")
S_HARD: Final = word_of(SETTING, "hard")
S_SOFT: Final = word_of(SETTING, "soft")
S_WINDOW: Final = word_of(SETTING, "window_ns")
S_EFFECTIVE: Final = word_of(SETTING, "effective_ns")
S_EXPIRES: Final = word_of(SETTING, "expires_ns")
S_REASON: Final = word_of(SETTING, "reason")

A_APPROVER_FIRM: Final = word_of(TERMS, "approver")
A_DESK_TERMS: Final = word_of(TERMS, "desk")  # desk, fee_schedule, account_kind, cost_method
A_KIND_SHIFT: Final = shift_of(TERMS, "account_kind")
A_METHOD_SHIFT: Final = shift_of(TERMS, "cost_method")
A_FEES_SHIFT: Final = shift_of(TERMS, "fee_schedule")
A_SELF_TRADE: Final = word_of(TERMS, "self_trade")  # self_trade, self_trade_allowed, currencies
A_ALLOWED_SHIFT: Final = shift_of(TERMS, "self_trade_allowed")
A_CURRENCIES_SHIFT: Final = shift_of(TERMS, "currencies")
A_EFFECTIVE: Final = word_of(TERMS, "effective_ns")
A_GROUP: Final = word_of(TERMS, "self_trade_group")

Q_LABEL: Final = word_of(QUOTE_ENTRY, "label")
Q_BID_PRICE: Final = word_of(QUOTE_ENTRY, "bid_price")  # bid price and quantity, then those of the ask

# Events in the layout RISK_REJECTION ---------------------------------------------------------------------------------
E_USED: Final = word_of(RISK_REJECTION, "used")
E_REQUESTED: Final = word_of(RISK_REJECTION, "requested")
E_SCOPE: Final = word_of(RISK_REJECTION, "scope_id")
E_SCOPE_SHIFT: Final = shift_of(RISK_REJECTION, "scope")
E_CHECK_SHIFT: Final = shift_of(RISK_REJECTION, "check")
E_HARD_REASON_SHIFT: Final = shift_of(RISK_REJECTION, "hard_reason")
E_SETTING_REASON: Final = word_of(RISK_REJECTION, "reserved")
assert word_of(EVENT, "value") == word_of(RISK_REJECTION, "value")

# The first words of the memory ---------------------------------------------------------------------------------------
RISK_IN_USE: Final = U(80)  # which kinds of scope rows there are (bit: number in an ask); 0: none, nothing is required
REQUIRED: Final = U(81)  # bitmaps of required checks, one for each scope
FIRST_SCOPE_ROW: Final = U(87)
FIRST_ACCOUNT: Final = U(88)  # by ascending id
LAST_ACCOUNT: Final = U(89)
QUOTES: Final = U(90)  # live orders of quotes
TOPS_WANTED: Final = U(91)  # a command has changed other books than its own
REFUSED_USED: Final = U(92)
REFUSED_REQUESTED: Final = U(93)
REFUSED_SCOPE: Final = U(94)  # as the word of RISK_REJECTION
REFUSED_BY_RISK: Final = U(95)  # whether the three before it are of this refusal
ASK: Final = U(96)  # row of the ask's facts, once there is a scope row
FREE_RING: Final = U(97)
ASKING_PARTNER: Final = U(98)  # row of the leg with which the new order that asks makes a pair, or none

IN_USE_REQUIRED: Final = U(1 << 63)

# Keyed rows ----------------------------------------------------------------------------------------------------------
KIND_SCOPE: Final = U(16 << 56)  # scope | id; instrument
KIND_PROTECTION: Final = U(17 << 56)  # account; product group

# A scope row ---------------------------------------------------------------------------------------------------------
SCOPE_NEXT: Final = U(2)
SCOPE_BLOCK: Final = U(3)
SCOPE_PERMISSION: Final = U(4)  # 0: none said, else 1 + Permission; from, until are the next words
SCOPE_PERMISSION_FROM: Final = U(5)
SCOPE_PERMISSION_UNTIL: Final = U(6)
SCOPE_CHECKS: Final = U(7)  # bitmap of checks that were ever set
SCOPE_NET: Final = U(8)
SCOPE_OPEN: Final = U(9)  # open buy; open sell is the next word
SCOPE_GROSS: Final = U(11)
SCOPE_VALUE: Final = U(12)  # low word; the high word is the next one
SCOPE_ORDERS: Final = U(14)
SCOPE_MESSAGES: Final = U(15)
SCOPE_MESSAGES_BEGIN: Final = U(16)
SCOPE_EXECUTIONS: Final = U(17)
SCOPE_EXECUTIONS_BEGIN: Final = U(18)
SCOPE_DAY: Final = U(19)  # messages of the day; trades, entered lots, traded lots follow
SCOPE_DAY_TRADES: Final = U(20)
SCOPE_DAY_ENTERED: Final = U(21)
SCOPE_DAY_TRADED: Final = U(22)
SCOPE_RING: Final = U(23)  # row of the last orders
SCOPE_LIMITS: Final = U(24)  # rows of limits; that of a check lies at its number
SCOPE_WORDS: Final = U(48)

LIMIT_BASE: Final = U(0)  # set, hard, soft, window
LIMIT_TEMPORARY: Final = U(4)  # set, hard, soft, window, from, until
PART_SET: Final = U(0)
PART_HARD: Final = U(1)
PART_SOFT: Final = U(2)
PART_WINDOW: Final = U(3)
PART_FROM: Final = U(4)
PART_UNTIL: Final = U(5)
LIMIT_WORDS: Final = U(10)

RING_COUNT: Final = U(0)
RING_NEXT: Final = U(1)
RING_ENTRIES: Final = U(2)
RING_SIZE: Final = U(16)
LAST_NAMES: Final = U(0)  # account | instrument
LAST_SIDE: Final = U(1)
LAST_PRICE: Final = U(2)
LAST_QUANTITY: Final = U(3)
LAST_TIME: Final = U(4)
LAST_WORDS: Final = U(5)
RING_WORDS: Final = RING_ENTRIES + RING_SIZE * LAST_WORDS

# The ask that is being judged ----------------------------------------------------------------------------------------
ASK_KIND: Final = U(0)
ASK_USER: Final = U(1)
ASK_POSITION: Final = U(2)
ASK_ACCOUNT: Final = U(3)
ASK_INSTRUMENT: Final = U(4)
ASK_SIDE: Final = U(5)
ASK_FLAGS: Final = U(6)
ASK_ALGORITHM: Final = U(7)
ASK_PRICE: Final = U(8)
ASK_QUANTITY: Final = U(9)
ASK_VALUE: Final = U(10)
ASK_HELD: Final = U(11)
ASK_OWN: Final = U(12)
ASK_REDUCING: Final = U(13)
ASK_CLOSABLE: Final = U(14)
ASK_WEIGHT: Final = U(15)
ASK_WARNED: Final = U(16)  # whether a soft limit was passed: then used, requested, scope word, value, limit of it
ASK_WARNED_USED: Final = U(17)
ASK_WARNED_REQUESTED: Final = U(18)
ASK_WARNED_SCOPE: Final = U(19)
ASK_WARNED_VALUE: Final = U(20)
ASK_WARNED_LIMIT: Final = U(21)
ASK_ROWS: Final = U(24)  # the scope rows that it meets, by their numbers: 2 x scope, one more for instrument 0
ASK_WORDS: Final = U(40)
SCOPE_NUMBERS: Final = U(12)

# Accounts, positions, users, protections -----------------------------------------------------------------------------
ACCOUNT_FIRM_DESK: Final = U(16)
ACCOUNT_SETTINGS: Final = U(17)  # fee_schedule, account_kind, cost_method, then self_trade and the two after it
ACCOUNT_NEXT: Final = U(19)
ACCOUNT_FIRST_POSITION: Final = U(20)

POSITION_NEXT_OF_ACCOUNT: Final = U(20)  # of the same account
POSITION_LOCATED: Final = U(21)
POSITION_LOCATED_UNTIL: Final = U(22)
POSITION_BASELINE: Final = U(23)
POSITION_QUOTE: Final = U(24)  # the bid; the ask is the next word

USER_DEAD_MAN: Final = U(8)  # its timer, if it is set

PROTECTION_NEXT: Final = U(2)
PROTECTION_VOLUME_MAX: Final = U(3)
PROTECTION_TRADES_MAX: Final = U(4)
PROTECTION_WINDOW: Final = U(5)
PROTECTION_BEGIN: Final = U(6)
PROTECTION_VOLUME: Final = U(7)
PROTECTION_TRADES: Final = U(8)
PROTECTION_TRIGGERED: Final = U(9)
PROTECTION_WORDS: Final = U(10)
ACCOUNT_FIRST_PROTECTION: Final = U(21)
