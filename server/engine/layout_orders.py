"""Where the words lie that orders with terms need: their extension row, the timers, what a command may need at most.

Rules: see `layout`; the words of ORDER_TERMS come from its dtype. A plain order has no extension row.
"""

from typing import Final

from server.engine.kernel import U
from server.engine.layout import shift_of, word_of
from server.protocol.records import ORDER_TERMS as TERMS

# The record that follows an order of a group -------------------------------------------------------------------------
K_STOP_PRICE: Final = word_of(TERMS, "stop_price")
K_DISPLAY_QUANTITY: Final = word_of(TERMS, "display_quantity")
K_MINIMUM_QUANTITY: Final = word_of(TERMS, "minimum_quantity")
K_EXPIRE_TIME: Final = word_of(TERMS, "expire_time_ns")
K_OFFSET: Final = word_of(TERMS, "offset")
K_PRICE_CAP: Final = word_of(TERMS, "price_cap")
K_LOT_TRADE_ID: Final = word_of(TERMS, "lot_trade_id")
K_TRAIL_PEG_TRIGGER_LINK: Final = word_of(TERMS, "trail_ppm")
K_PEG_SHIFT: Final = shift_of(TERMS, "peg")
K_TRIGGER_SHIFT: Final = shift_of(TERMS, "trigger")
K_LINK_SHIFT: Final = shift_of(TERMS, "link")

# The first words of the memory ---------------------------------------------------------------------------------------
FREE_EXTENSION: Final = U(34)
FREE_TIMER: Final = U(35)
TIMERS_BASE: Final = U(36)  # the heap: a table of rows, the earliest first
TIMERS_SIZE: Final = U(37)
TIMERS: Final = U(38)  # how many are set
INDICATIVE_DUE: Final = U(39)  # the earliest indicative, or none; NEXT_DUE is the earlier of it and of the timers
MORE_ROWS: Final = U(40)  # rows of output that orders which act by themselves may add to a command: 0: a plain bound
MORE_WORDS: Final = U(41)  # words of memory that they may take
ROWS_NEEDED: Final = U(42)  # of a command that there was no room for: rows of each output,
WORDS_NEEDED: Final = U(43)  # words of memory, keys, timers
KEYS_NEEDED: Final = U(44)
TIMERS_NEEDED: Final = U(45)
GROUP_ROWS: Final = U(46)  # a table of 1,024 words for the orders of a basket that is being looked at
FREE_POSITION: Final = U(47)

# An order's extension: words 2 to 15 of orders, 16 to 31 of stops ----------------------------------------------------
EXTENSION_ORDER: Final = U(1)
EXTENSION_TIMER: Final = U(2)  # row of the timer of its expiry
EXTENSION_EXPIRE_TIME: Final = U(3)
EXTENSION_DISPLAY: Final = U(4)  # display_quantity of an iceberg; 0: none
EXTENSION_UNSHOWN: Final = U(5)  # what of the leaves is not shown
EXTENSION_MINIMUM: Final = U(6)
EXTENSION_LOT: Final = U(7)
EXTENSION_FEE: Final = U(8)  # of money: fees of the order so far, where a minimum or a cap needs them
EXTENSION_REFILLS: Final = U(9)  # what it adds to MORE_ROWS
EXTENSION_BINDING: Final = U(10)  # the price at which its reserve is held, where that is not its own
EXTENSION_LIMIT: Final = U(11)  # a market order's protection price, where the next word says that it has one
EXTENSION_LIMITED: Final = U(12)
EXTENSION_WORDS: Final = U(32)

# A timer -------------------------------------------------------------------------------------------------------------
TIMER_DUE: Final = U(1)
TIMER_KIND: Final = U(2)
TIMER_ID: Final = U(3)
TIMER_SUBJECT: Final = U(4)  # row of what it is for
TIMER_PLACE: Final = U(5)  # in the heap
TIMER_WORDS: Final = U(8)

TIMER_EXPIRY: Final = U(1)  # of an order: id: order_id
TIMER_SCHEDULE: Final = U(2)  # of an instrument, so are the next five
TIMER_CALL_END: Final = U(3)
TIMER_EXTENSION: Final = U(4)
TIMER_LIMIT_STATE: Final = U(5)
TIMER_PAUSE: Final = U(6)
TIMER_RULES_EFFECTIVE: Final = U(7)
TIMER_DEAD_MAN: Final = U(8)  # of a user
TIMER_LIMIT_EXPIRY: Final = U(9)
TIMER_ACCOUNT_EFFECTIVE: Final = U(10)
TIMER_DISCONNECT: Final = U(11)  # of a client; id: the sequence of the SESSION_CLOSED that set it


# An account's rules against self-trades ------------------------------------------------------------------------------
ACCOUNT_SELF_TRADE: Final = U(56)  # the mode in the low byte, whether ALLOW may be asked for in the next
ACCOUNT_SELF_TRADE_GROUP: Final = U(57)
SELF_TRADE_ALLOWED_SHIFT: Final = U(8)
