"""Where the words lie that money needs: balances, fees, lots, rates, the record of trades.

Rules: see `layout`. A balance's row has cash, reserved, credit limit, position limit and committed where an account's
has them, so that one pointer in a position serves both.
"""

from typing import Final

from server.engine.kernel import U
from server.engine.layout import shift_of, word_of
from server.protocol.records import EXCHANGE_RATE as RATE
from server.protocol.records import FEE_SCHEDULE as FEES
from server.protocol.records import OPERATION, POSITION_EVENT

# Commands ------------------------------------------------------------------------------------------------------------
F_NAMES: Final = word_of(FEES, "approver")  # approver, schedule, currency
F_SCHEDULE_SHIFT: Final = shift_of(FEES, "schedule")
F_CURRENCY_SHIFT: Final = shift_of(FEES, "currency")
F_MAKER_TAKER: Final = word_of(FEES, "maker_e8")
F_AUCTION_TERMS: Final = word_of(FEES, "auction_e8")
F_ROUNDING_SHIFT: Final = shift_of(FEES, "rounding")
F_DIGITS_SHIFT: Final = shift_of(FEES, "rounding_digits")
F_TIER_SHIFT: Final = shift_of(FEES, "tier")
F_TIERS_SHIFT: Final = shift_of(FEES, "tiers")
F_PER_LOT: Final = word_of(FEES, "per_lot")
F_PER_ORDER: Final = word_of(FEES, "per_order")
F_MINIMUM: Final = word_of(FEES, "minimum")
F_MAXIMUM: Final = word_of(FEES, "maximum")
F_TIER_VALUE: Final = word_of(FEES, "tier_value")
F_CLEARING_REGULATORY: Final = word_of(FEES, "clearing_e8")

R_NAMES: Final = word_of(RATE, "approver")  # approver, base, quote
R_BASE_SHIFT: Final = shift_of(RATE, "base")
R_QUOTE_SHIFT: Final = shift_of(RATE, "quote")
R_NUMERATOR: Final = word_of(RATE, "numerator")
R_DENOMINATOR: Final = word_of(RATE, "denominator")
R_TIME: Final = word_of(RATE, "rate_time_ns")
R_MAX_AGE: Final = word_of(RATE, "max_age_ns")

X_NAMES: Final = word_of(OPERATION, "approver")  # approver, currency, currency_2
X_CURRENCY_SHIFT: Final = shift_of(OPERATION, "currency")
X_CURRENCY_2_SHIFT: Final = shift_of(OPERATION, "currency_2")
X_AMOUNT: Final = word_of(OPERATION, "amount")
X_TRADE_ID: Final = word_of(OPERATION, "trade_id")
X_NUMERATOR: Final = word_of(OPERATION, "numerator")
X_DENOMINATOR: Final = word_of(OPERATION, "denominator")
X_REASON: Final = word_of(OPERATION, "reason")
X_SYMBOL: Final = word_of(OPERATION, "symbol")

# The last words of a POSITION ----------------------------------------------------------------------------------------
P_CURRENCY_LOTS: Final = word_of(POSITION_EVENT, "currency")
P_FEES: Final = word_of(POSITION_EVENT, "fees")
P_INCOME: Final = word_of(POSITION_EVENT, "income")
P_MARK: Final = word_of(POSITION_EVENT, "mark")
P_SPARE: Final = word_of(POSITION_EVENT, "spare")

# The first words of the memory ---------------------------------------------------------------------------------------
FREE_CHARGES: Final = U(104)
FREE_LOT: Final = U(105)
TRADES_BASE: Final = U(106)  # the record of trades: a table that is enlarged up to TRADES_KEPT, then written round
TRADES_SIZE: Final = U(107)
TRADES_ROOM: Final = U(125)  # how many trades there may be before the table is to be enlarged
TRADES_NEEDED: Final = U(126)  # of a command that there was no room for
WORDS_PER_TRADE: Final = U(108)  # what a trade may take of the memory: 0 until there are fees, or lots are kept
POSITIONS: Final = U(109)  # how many there are
LAST_DAY: Final = U(110)  # that ended
TRADE_CHARGED: Final = U(111)  # whether a side of the trade that is being posted paid fees; what they were is in:
CHARGED: Final = U(112)  # trading, clearing, regulatory, rounding: of the buyer, then of the seller
CORRECTIONS: Final = U(127)  # how many trades were corrected
FREE_PAID: Final = U(124)
ASKING_ORDER: Final = U(120)  # row of the order that asks at the risk entry, or none: a new one
ASKING_LOT: Final = U(121)  # the lot_trade_id of the new order that asks
NEEDED: Final = U(122)  # what a look at a margin account finds: the margin that it needs,
EQUITY: Final = U(123)  # and what it is worth

# Rows that are found by a key ----------------------------------------------------------------------------------------
KIND_BALANCE: Final = U(24 << 56)  # account; currency
KIND_TIER: Final = U(25 << 56)  # schedule; tier
KIND_RATE: Final = U(26 << 56)  # base; quote

# Accounts and balances -----------------------------------------------------------------------------------------------
ACCOUNT_COMMITTED: Final = U(14)  # what open orders could move at most
ACCOUNT_MONEY_TERMS: Final = U(15)  # fee schedule, kind, cost method, currencies: 0: plain
TERMS_KIND_SHIFT: Final = U(16)
TERMS_METHOD_SHIFT: Final = U(24)
TERMS_CURRENCIES_SHIFT: Final = U(32)
ACCOUNT_TRADED: Final = U(32)  # value of the month
ACCOUNT_FIRST_BALANCE: Final = U(33)  # in other currencies, by ascending currency
ACCOUNT_FIRST_POSITION: Final = U(34)  # by ascending instrument
BALANCE_ACCOUNT: Final = U(2)  # row; none: of a system account
BALANCE_NEXT: Final = U(3)
BALANCE_WORDS: Final = U(40)

POSITION_MONEY: Final = U(8)  # row of its account or balance
POSITION_FEES: Final = U(9)
POSITION_INCOME: Final = U(10)
POSITION_MARK: Final = U(11)
POSITION_LOTS: Final = U(12)  # how many
POSITION_FIRST_LAST_LOT: Final = U(13)
POSITION_NEXT: Final = U(14)  # of the account | of the instrument
POSITION_RESULT: Final = U(15)  # at the last end of day

INSTRUMENT_LOT_VALUE: Final = U(46)  # the greatest that a lot can have in a trade; beside the book
INSTRUMENT_FIRST_POSITION: Final = U(195)
INSTRUMENT_DAY_TRADES: Final = U(196)  # trades of the shard when its day began
INSTRUMENT_SPLIT_TRADES: Final = U(197)  # trades of the shard when it was split last
INSTRUMENT_AUCTION_NUMBER: Final = U(198)  # trade number of its last trade in an auction | whether there was one

# A lot ---------------------------------------------------------------------------------------------------------------
LOT_NEXT_PREVIOUS: Final = U(1)  # the newer | the older
LOT_TRADE_ID: Final = U(2)
LOT_NET: Final = U(3)
LOT_COST: Final = U(4)
LOT_WORDS: Final = U(8)

# A tier of a fee schedule; the first one's row also has what the worst case needs -----------------------------------
TIER_NEXT: Final = U(2)
TIER_TERMS: Final = U(3)  # as in the command: auction rate, rounding, digits, tier, tiers
TIER_CURRENCY: Final = U(4)
TIER_MAKER_TAKER: Final = U(5)
TIER_CLEARING_REGULATORY: Final = U(6)
TIER_PER_LOT: Final = U(7)
TIER_PER_ORDER: Final = U(8)
TIER_MINIMUM: Final = U(9)
TIER_MAXIMUM: Final = U(10)
TIER_VALUE: Final = U(11)
WORST_RATE: Final = U(12)
WORST_PER_LOT: Final = U(13)
WORST_PER_ORDER: Final = U(14)
WORST_MINIMUM: Final = U(15)
WORST_MAXIMUM: Final = U(16)  # 0: some tier has none
WORST_LOT_SIZE: Final = U(17)  # the greatest size of a fee per lot
TIERS_SET: Final = U(18)
TIERS_MAXED: Final = U(19)  # how many of them have a maximum
TIER_ACCOUNTS: Final = U(20)  # balances of fees, clearing, regulatory, rounding in the schedule's currency
TIER_WORDS: Final = U(24)

# What an order was charged: exact sums of trading, clearing and regulatory fees ------------------------------------
CHARGES_TIER: Final = U(1)  # row of the schedule's first tier
CHARGES_FLOOR: Final = U(2)  # three
CHARGES_FRACTION: Final = U(5)  # three, in units of 10^-8
CHARGES_PAID: Final = U(8)  # of the trading fee
CHARGES_HELD: Final = U(9)  # the reserve that the order holds
CHARGES_STARTED: Final = U(10)  # whether something was filled
CHARGES_OPEN: Final = U(11)  # lots that count as open
CHARGES_WORDS: Final = U(16)

# A rate --------------------------------------------------------------------------------------------------------------
RATE_NUMERATOR: Final = U(2)
RATE_DENOMINATOR: Final = U(3)
RATE_TIME: Final = U(4)
RATE_MAX_AGE: Final = U(5)
RATE_WORDS: Final = U(8)

# A trade; its number gives its place in the table -------------------------------------------------------------------
TRADE_PRICE: Final = U(0)
TRADE_QUANTITY: Final = U(1)
TRADE_POSITIONS: Final = U(2)  # buyer | seller, so the next
TRADE_USERS: Final = U(3)
TRADE_BUY_ORDER: Final = U(4)  # order_id
TRADE_SELL_ORDER: Final = U(5)
TRADE_NUMBER_FLAGS: Final = U(6)
TRADE_PAID: Final = U(7)  # row of what both sides were charged, or none
TRADE_WORDS: Final = U(8)
TRADE_BUSTED_FLAG: Final = U(1 << 32)
TRADE_ADJUSTED_FLAG: Final = U(2 << 32)
WORDS_OF_A_TRADE: Final = U(24)  # at most: a lot of each side, and what both were charged
TRADES_KEPT: Final = U(1 << 17)
TRADES_GROWTH: Final = U(8)  # three steps from the first table; what the smaller ones took of the memory is little
PAID_WORDS: Final = U(8)  # as CHARGED
