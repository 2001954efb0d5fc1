"""Where the words lie that phases, auctions and an instrument's rules need.

Rules: see `layout`. Of an instrument's row these are words 96 to 159, of the memory's first words 64 to 79.
"""

from typing import Final

from server.engine.kernel import U
from server.engine.layout import shift_of, word_of
from server.protocol.records import AUCTION_RULES, INSTRUMENT_RULES, SCHEDULE_ENTRY, TICK_TABLE

# Records -------------------------------------------------------------------------------------------------------------
R_APPROVER_TABLE: Final = word_of(INSTRUMENT_RULES, "approver")
R_TICK_TABLE_SHIFT: Final = shift_of(INSTRUMENT_RULES, "tick_table")
R_FEE_SCHEDULE_SHIFT: Final = shift_of(INSTRUMENT_RULES, "fee_schedule")
R_QUANTITY_MIN: Final = word_of(INSTRUMENT_RULES, "quantity_min")
R_VALUE_MIN: Final = word_of(INSTRUMENT_RULES, "value_min")
R_VALUE_MAX: Final = word_of(INSTRUMENT_RULES, "value_max")
R_EFFECTIVE: Final = word_of(INSTRUMENT_RULES, "effective_ns")
R_COLLAR_STATIC: Final = word_of(INSTRUMENT_RULES, "collar_ppm")
R_DYNAMIC_PROTECTION: Final = word_of(INSTRUMENT_RULES, "dynamic_ppm")
R_MARGINS: Final = word_of(INSTRUMENT_RULES, "initial_margin_ppm")
R_AGE_GROUP: Final = word_of(INSTRUMENT_RULES, "reference_age_ms")
R_GROUP_SHIFT: Final = shift_of(INSTRUMENT_RULES, "product_group")
R_BAND_SHIFT: Final = shift_of(INSTRUMENT_RULES, "band_tier")
R_LOCATE_SHIFT: Final = shift_of(INSTRUMENT_RULES, "locate_required")

A_APPROVER_VOLATILITY: Final = word_of(AUCTION_RULES, "approver")
A_RANDOM_EXTENSION: Final = word_of(AUCTION_RULES, "random_ms")
A_LIMIT_STATE_PAUSE: Final = word_of(AUCTION_RULES, "limit_state_ms")
A_EXTENSIONS: Final = word_of(AUCTION_RULES, "extensions_max")
A_SEED: Final = word_of(AUCTION_RULES, "seed")

S_APPROVER_PHASE: Final = word_of(SCHEDULE_ENTRY, "approver")
S_PHASE_SHIFT: Final = shift_of(SCHEDULE_ENTRY, "phase")
S_DUE: Final = word_of(SCHEDULE_ENTRY, "due_ns")

X_APPROVER_TABLE: Final = word_of(TICK_TABLE, "approver")
X_TABLE_SHIFT: Final = shift_of(TICK_TABLE, "table")
X_COUNT_SHIFT: Final = shift_of(TICK_TABLE, "count")
X_STEPS: Final = word_of(TICK_TABLE, "steps")

# The first words of the memory ---------------------------------------------------------------------------------------
INTERRUPTED: Final = U(64)  # the instrument whose volatility range stopped the order that is being met, or none
FREE_PENDING: Final = U(65)
RANGE_LOWEST: Final = U(66)  # of the order that is being met: as its instrument's range was when it began
RANGE_HIGHEST: Final = U(67)

# An instrument -------------------------------------------------------------------------------------------------------
INSTRUMENT_MARKET_QUEUES: Final = U(96)  # a level for buys, one for sells
INSTRUMENT_WAITING: Final = U(104)  # a level for the orders that wait for their call
INSTRUMENT_RULED: Final = U(47)  # 0: nothing of what follows was ever set, nothing of it is read; beside the book
INSTRUMENT_CHANGE: Final = U(109)  # sequence of the command with which the rules last took effect
INSTRUMENT_TICK_TABLE: Final = U(110)  # fifteen numbers in the order of the record
INSTRUMENT_FEE_SCHEDULE: Final = U(111)
INSTRUMENT_QUANTITY_MIN: Final = U(112)
INSTRUMENT_VALUE_MIN: Final = U(113)
INSTRUMENT_VALUE_MAX: Final = U(114)
INSTRUMENT_COLLAR: Final = U(115)
INSTRUMENT_STATIC: Final = U(116)
INSTRUMENT_DYNAMIC: Final = U(117)
INSTRUMENT_PROTECTION: Final = U(118)
INSTRUMENT_INITIAL_MARGIN: Final = U(119)
INSTRUMENT_MAINTENANCE_MARGIN: Final = U(120)
INSTRUMENT_REFERENCE_AGE: Final = U(121)
INSTRUMENT_PRODUCT_GROUP: Final = U(122)
INSTRUMENT_BAND_TIER: Final = U(123)
INSTRUMENT_LOCATE_REQUIRED: Final = U(124)
INSTRUMENT_VOLATILITY_MS: Final = U(125)  # seven numbers of SET_AUCTION
INSTRUMENT_RANDOM_MS: Final = U(126)
INSTRUMENT_EXTENSION_MS: Final = U(127)
INSTRUMENT_LIMIT_STATE_MS: Final = U(128)
INSTRUMENT_PAUSE_MS: Final = U(129)
INSTRUMENT_EXTENSIONS_MAX: Final = U(130)
INSTRUMENT_SEED: Final = U(131)
INSTRUMENT_DRAWS: Final = U(132)
INSTRUMENT_AUCTION_PRICE: Final = U(133)  # of the last one that traded
INSTRUMENT_AUCTION_TIME: Final = U(134)
INSTRUMENT_LAST_TIME: Final = U(135)  # of the last trade
INSTRUMENT_TARGET: Final = U(136)  # the phase that follows the call
INSTRUMENT_EXTENSIONS: Final = U(137)  # of this call, because of the price
INSTRUMENT_EXTENDED: Final = U(138)  # 1: because of market orders too
INSTRUMENT_PHASE_TIMER: Final = U(139)  # that ends the call, the limit state or the pause
INSTRUMENT_SCHEDULED: Final = U(140)  # waiting entries, chained by due time
INSTRUMENT_PENDING_RULES: Final = U(141)  # the same of SET_RULES
INSTRUMENT_TICKS: Final = U(142)  # row of the tick table, or none
INSTRUMENT_AUCTION_ORDERS: Final = U(143)  # auction orders in the book or in a market queue
INSTRUMENT_FLAGS: Final = U(144)  # what a trade or an order has to heed: the bits below
INSTRUMENT_BAND_REFERENCE: Final = U(145)
INSTRUMENT_BAND_LOWEST: Final = U(146)
INSTRUMENT_BAND_HIGHEST: Final = U(147)
INSTRUMENT_BUCKET: Final = U(148)  # the number of the present one
INSTRUMENT_BUCKETS: Final = U(149)  # row of ten sums, then ten counts
BUCKETS: Final = U(10)
BUCKET_WORDS: Final = U(24)

FLAG_RANGE: Final = U(1)  # static_ppm or dynamic_ppm
FLAG_BAND: Final = U(2)  # a band holds
FLAG_BAND_MOVED: Final = U(4)  # and is to be published
FLAG_BAND_CARE: Final = U(8)  # the ends of commands are looked at because of it

# A tick table: key: its number ---------------------------------------------------------------------------------------
KIND_TICKS: Final = U(32 << 56)
TICKS_COUNT: Final = U(2)
TICKS_STEPS: Final = U(8)  # price and tick of each
TICKS_STEPS_MAX: Final = U(32)
TICKS_WORDS: Final = U(8 + 64)

# What waits for its time: an entry of a schedule, or rules -----------------------------------------------------------
PENDING_NEXT: Final = U(1)  # of the same instrument, by due time
PENDING_DUE: Final = U(2)
PENDING_INSTRUMENT: Final = U(3)
PENDING_PHASE: Final = U(4)
PENDING_TIMER: Final = U(5)
PENDING_RULES: Final = U(8)  # fifteen numbers as from INSTRUMENT_TICK_TABLE on
PENDING_WORDS: Final = U(24)
PENDING_MAX: Final = U(64)
RULE_NUMBERS: Final = U(15)
