"""Where everything lies: the words of records on the wire, and of each kind of row in the engine's memory.

The memory is one array of 64-bit words. An address is the number of a row's first word; 0 is "none". Addresses fit
32 bits, so that two share a word: the first named is the low half. The words of wire records come from their dtypes,
so that a layout has one definition.
"""

from typing import Final

import numpy as np

from server.engine.kernel import U
from server.protocol.records import BOOK_RECORD, COMMAND, EVENT, POSITION_EVENT, TOP_RECORD
from server.protocol.records import LIST_INSTRUMENT as LISTING
from server.protocol.records import NO_PRICE as NO_PRICE_NUMBER
from server.protocol.records import OPEN_ACCOUNT as OPENING


def word_of(record: np.dtype[np.void], field: str) -> np.uint64:
    """The number of the word of `record` that holds `field`."""
    assert record.fields is not None
    return U(record.fields[field][1] // 8)


def shift_of(record: np.dtype[np.void], field: str) -> np.uint64:
    """How far to the left `field` lies within its word, in bits."""
    assert record.fields is not None
    return U(record.fields[field][1] % 8 * 8)


NONE: Final = U(0)
ZERO: Final = U(0)
ONE: Final = U(1)
NO_PRICE: Final = np.int64(NO_PRICE_NUMBER)
HALF: Final = U(32)
LOW: Final = U(0xFFFFFFFF)
BYTE: Final = U(0xFF)
PAIR: Final = U(0xFFFF)

# Commands: words of a record of 16 words -----------------------------------------------------------------------------
COMMAND_WORDS: Final = U(COMMAND.itemsize // 8)
C_HEAD: Final = word_of(COMMAND, "kind")
C_GROUP_COUNT_SHIFT: Final = shift_of(COMMAND, "group_count")
C_FLAGS_SHIFT: Final = shift_of(COMMAND, "flags")
C_SEQUENCE: Final = word_of(COMMAND, "sequence")
C_TIME: Final = word_of(COMMAND, "time_ns")
C_SESSION_USER: Final = word_of(COMMAND, "session")
C_CLIENT_INSTANCE: Final = word_of(COMMAND, "client_instance")
C_COUNTER: Final = word_of(COMMAND, "counter")
C_ACCOUNT_INSTRUMENT: Final = word_of(COMMAND, "account")
C_LABEL: Final = word_of(COMMAND, "label")
C_PRICE: Final = word_of(COMMAND, "price")
C_QUANTITY: Final = word_of(COMMAND, "quantity")
C_ORDER_ID: Final = word_of(COMMAND, "order_id")
C_VALID_UNTIL: Final = word_of(COMMAND, "valid_until_ns")
C_DISPLAYED: Final = word_of(COMMAND, "displayed_sequence")
C_GROUP_DECISION_MAKER: Final = word_of(COMMAND, "self_trade_group")
C_ALGORITHM_TERMS: Final = word_of(COMMAND, "algorithm")
C_SIDE_SHIFT: Final = shift_of(COMMAND, "side")
C_TYPE_SHIFT: Final = shift_of(COMMAND, "order_type")
C_TIME_IN_FORCE_SHIFT: Final = shift_of(COMMAND, "time_in_force")
C_CAPACITY_SHIFT: Final = shift_of(COMMAND, "capacity")

L_SYMBOL: Final = word_of(LISTING, "symbol")
L_PRICE_MIN: Final = word_of(LISTING, "price_min")
L_PRICE_MAX: Final = word_of(LISTING, "price_max")
L_QUANTITY_MAX: Final = word_of(LISTING, "quantity_max")
L_CASH_SCALE: Final = word_of(LISTING, "cash_scale")
L_REFERENCE: Final = word_of(LISTING, "reference_price")
L_TICK_LOT: Final = word_of(LISTING, "tick_size")
L_CURRENCY_DECIMALS: Final = word_of(LISTING, "currency")
L_PRICE_DECIMALS_SHIFT: Final = shift_of(LISTING, "price_decimals")
L_QUANTITY_DECIMALS_SHIFT: Final = shift_of(LISTING, "quantity_decimals")

O_NAME: Final = word_of(OPENING, "name")
O_CREDIT_LIMIT: Final = word_of(OPENING, "credit_limit")
O_POSITION_MAX: Final = word_of(OPENING, "position_max")
O_TERMS: Final = word_of(OPENING, "currency")
O_MONEY_DECIMALS_SHIFT: Final = shift_of(OPENING, "money_decimals")
O_SHORT_ALLOWED_SHIFT: Final = shift_of(OPENING, "short_allowed")
O_ORDERS_MAX_SHIFT: Final = shift_of(OPENING, "orders_max")

# Events: words of a record of 24 words -------------------------------------------------------------------------------
EVENT_WORDS: Final = U(EVENT.itemsize // 8)
E_HEAD: Final = word_of(EVENT, "kind")
E_VERSION_SHIFT: Final = shift_of(EVENT, "version")
E_SHARD_SHIFT: Final = shift_of(EVENT, "shard")
E_GROUP_COUNT_SHIFT: Final = shift_of(EVENT, "group_count")
E_REASON_SHIFT: Final = shift_of(EVENT, "reason")
E_SEQUENCE: Final = word_of(EVENT, "sequence")
E_COMMAND_SEQUENCE: Final = word_of(EVENT, "command_sequence")
E_TIME: Final = word_of(EVENT, "time_ns")
E_STREAM_SEQUENCE: Final = word_of(EVENT, "stream_sequence")
E_USER_ACCOUNT: Final = word_of(EVENT, "user")
E_INSTRUMENT_SESSION: Final = word_of(EVENT, "instrument")
E_ORDER_ID: Final = word_of(EVENT, "order_id")
E_PUBLIC_ID: Final = word_of(EVENT, "public_order_id")
E_CLIENT_INSTANCE: Final = word_of(EVENT, "client_instance")
E_COUNTER: Final = word_of(EVENT, "counter")
E_LABEL: Final = word_of(EVENT, "label")
E_TERMS: Final = word_of(EVENT, "side")
E_TYPE_SHIFT: Final = shift_of(EVENT, "order_type")
E_TIME_IN_FORCE_SHIFT: Final = shift_of(EVENT, "time_in_force")
E_STATE_SHIFT: Final = shift_of(EVENT, "state")
E_FLAGS_SHIFT: Final = shift_of(EVENT, "flags")
E_CAPACITY_SHIFT: Final = shift_of(EVENT, "capacity")
E_LIQUIDITY_SHIFT: Final = shift_of(EVENT, "liquidity")
E_PHASE_SHIFT: Final = shift_of(EVENT, "phase")
E_OWN_TERMS: Final = ~(U(0xFF) << E_LIQUIDITY_SHIFT)  # what of an order's terms goes into its events
E_PRICE: Final = word_of(EVENT, "price")
E_QUANTITY: Final = word_of(EVENT, "quantity")
E_LEAVES: Final = word_of(EVENT, "leaves")
E_FILLED: Final = word_of(EVENT, "filled")
E_LAST_PRICE: Final = word_of(EVENT, "last_price")
E_LAST_QUANTITY: Final = word_of(EVENT, "last_quantity")
E_TRADE_ID: Final = word_of(EVENT, "trade_id")
E_VALUE: Final = word_of(EVENT, "value")
E_LIMIT: Final = word_of(EVENT, "limit")
E_FEE: Final = word_of(EVENT, "fee")

P_NET: Final = word_of(POSITION_EVENT, "net")
P_COST: Final = word_of(POSITION_EVENT, "cost")
P_REALISED: Final = word_of(POSITION_EVENT, "realised")
P_OPEN_BUY: Final = word_of(POSITION_EVENT, "open_buy")
P_OPEN_SELL: Final = word_of(POSITION_EVENT, "open_sell")
P_CASH: Final = word_of(POSITION_EVENT, "cash")
P_RESERVED: Final = word_of(POSITION_EVENT, "reserved")
P_CREDIT_LIMIT: Final = word_of(POSITION_EVENT, "credit_limit")
P_POSITION_MAX: Final = word_of(POSITION_EVENT, "position_max")

# Market data: words of a record of 8 words ---------------------------------------------------------------------------
MARKET_DATA_WORDS: Final = U(BOOK_RECORD.itemsize // 8)
M_HEAD: Final = word_of(BOOK_RECORD, "kind")
M_SIDE_SHIFT: Final = shift_of(BOOK_RECORD, "side")
M_FLAGS_SHIFT: Final = shift_of(BOOK_RECORD, "flags")
M_PHASE_SHIFT: Final = shift_of(BOOK_RECORD, "phase")
M_INSTRUMENT_SHIFT: Final = shift_of(BOOK_RECORD, "instrument")
M_SEQUENCE: Final = word_of(BOOK_RECORD, "sequence")
M_TIME: Final = word_of(BOOK_RECORD, "time_ns")
M_PUBLIC_ID: Final = word_of(BOOK_RECORD, "public_order_id")
M_PRICE: Final = word_of(BOOK_RECORD, "price")
M_QUANTITY: Final = word_of(BOOK_RECORD, "quantity")
M_LEVEL_QUANTITY: Final = word_of(BOOK_RECORD, "level_quantity")
M_LEVEL_ORDERS_TRADE_NUMBER: Final = word_of(BOOK_RECORD, "level_orders")
T_BID_PRICE: Final = word_of(TOP_RECORD, "bid_price")
T_BID_QUANTITY: Final = word_of(TOP_RECORD, "bid_quantity")
T_ASK_PRICE: Final = word_of(TOP_RECORD, "ask_price")
T_ASK_QUANTITY: Final = word_of(TOP_RECORD, "ask_quantity")
T_ORDERS: Final = word_of(TOP_RECORD, "bid_orders")

# The first words of the memory: what there is one of -----------------------------------------------------------------
SHARD: Final = U(1)
ID_PREFIX: Final = U(2)  # shard << 48
EVENT_HEAD: Final = U(3)  # version, shard and group count of every event, in place
SEQUENCE: Final = U(4)  # of the command that is being applied, later of the last one
TIME_NS: Final = U(5)
EVENTS: Final = U(6)  # how many there have been
ORDER_IDS: Final = U(7)
TRADE_IDS: Final = U(8)
PUBLIC_IDS: Final = U(9)  # not beside ORDER_IDS, with which it is raised: as a pair they would lie across two lines
NEXT_DUE: Final = U(10)
MEMORY_USED: Final = U(11)  # rows above this address were never used
FREE_ORDER: Final = U(12)  # freed rows, chained by their first words
FREE_LEAF: Final = U(13)
FREE_NODE: Final = U(14)
FREE_SESSION: Final = U(15)
EVENTS_USED: Final = U(16)  # words of output written in this batch
MARKET_DATA_USED: Final = U(17)
COMMAND_USER: Final = U(18)  # row of the user of the command that is being applied
REFUSED_VALUE: Final = U(19)
REFUSED_LIMIT: Final = U(20)
HOUSE: Final = U(21)  # row of account 0
FIRST_INSTRUMENT: Final = U(22)
INSTRUMENTS: Final = U(23)
LIVE_ORDERS: Final = U(24)
ORDER_INDEX: Final = U(25)  # three words each: where the table is, its size less 1, entries
KEY_INDEX: Final = U(28)
COMMAND_INSTANCE: Final = U(31)  # row of the client instance of the command that is being applied
SESSION_CHANGES: Final = U(32)  # raised by each change of sessions, or of grants: what a client instance remembers
GRANT_CHANGES: Final = U(33)  # of them holds until then
# Words 34 to 47 are in layout_orders, from 48 on of stops, from 64 of phases, from 80 of risk, from 104 of money
INDEX_BASE: Final = U(0)
INDEX_MASK: Final = U(1)
INDEX_COUNT: Final = U(2)
FIRST_ROW: Final = U(128)

# Rows that are found by a key of two words; the kind is in the top byte of the first ---------------------------------
KIND_SHIFT: Final = U(56)
KIND_ACCOUNT: Final = U(1 << 56)  # account
KIND_INSTRUMENT: Final = U(2 << 56)  # instrument
KIND_POSITION: Final = U(3 << 56)  # account; instrument
KIND_USER: Final = U(4 << 56)  # user
KIND_GRANT: Final = U(5 << 56)  # user; account
KIND_INSTANCE: Final = U(6 << 56)  # user; client instance
KIND_SESSION: Final = U(7 << 56)  # session; user
KIND_PRESENCE: Final = U(8 << 56)  # user; client instance: it has an open session, or its grace runs
KEY_0: Final = U(0)
KEY_1: Final = U(1)

ACCOUNT_NAME: Final = U(2)
ACCOUNT_CURRENCY: Final = U(4)
ACCOUNT_MONEY_DECIMALS: Final = U(5)
ACCOUNT_SHORT_ALLOWED: Final = U(6)
ACCOUNT_ORDERS_MAX: Final = U(7)
ACCOUNT_CREDIT_LIMIT: Final = U(8)
ACCOUNT_POSITION_MAX: Final = U(9)
ACCOUNT_CASH: Final = U(10)
ACCOUNT_RESERVED: Final = U(11)
ACCOUNT_ORDERS: Final = U(12)  # live ones
ACCOUNT_FIRST_LAST: Final = U(13)  # its live orders, by ascending order_id
ACCOUNT_WORDS: Final = U(64)  # from word 16 on: risk, from 32 money, from 56 orders

POSITION_ROWS: Final = U(2)  # account | instrument
POSITION_NET: Final = U(3)
POSITION_COST: Final = U(4)
POSITION_REALISED: Final = U(5)
POSITION_OPEN: Final = U(6)  # open_buy; open_sell is the next word
POSITION_WORDS: Final = U(32)  # from word 8 on: money, from 20 risk

USER_STREAM: Final = U(2)
USER_FIRST_GRANT: Final = U(3)
USER_WORDS: Final = U(16)  # from word 8 on: risk

GRANT_RIGHTS: Final = U(2)
GRANT_ACCOUNT: Final = U(3)
GRANT_NEXT: Final = U(4)  # of the same user
GRANT_WORDS: Final = U(8)

INSTANCE_HIGHEST: Final = U(2)
INSTANCE_USER: Final = U(3)
INSTANCE_SESSION: Final = U(4)  # found open when SESSION_CHANGES was the next word
INSTANCE_SESSION_CHANGES: Final = U(5)
INSTANCE_ACCOUNT: Final = U(6)  # found permitted when GRANT_CHANGES was the next word
INSTANCE_GRANT_CHANGES: Final = U(7)
INSTANCE_WORDS: Final = U(8)

SESSION_INSTANCE: Final = U(2)  # the client instance that opened it; 0: none
SESSION_TERMS: Final = U(3)  # which ends of it cancel orders
SESSION_GRACE: Final = U(4)
SESSION_WORDS: Final = U(8)  # of a presence too: they share the free rows

PRESENCE_SESSIONS: Final = U(2)  # how many are open
PRESENCE_TIMER: Final = U(3)  # of its grace

INSTRUMENT_SYMBOL: Final = U(2)
INSTRUMENT_PRICE_MIN: Final = U(4)
INSTRUMENT_PRICE_MAX: Final = U(5)  # the word after PRICE_MIN: `best_possible` counts on it
INSTRUMENT_QUANTITY_MAX: Final = U(6)
INSTRUMENT_CASH_SCALE: Final = U(7)
INSTRUMENT_REFERENCE: Final = U(8)
INSTRUMENT_TICK_SIZE: Final = U(9)
INSTRUMENT_LOT_SIZE: Final = U(10)
INSTRUMENT_CURRENCY: Final = U(11)
INSTRUMENT_PRICE_DECIMALS: Final = U(12)
INSTRUMENT_QUANTITY_DECIMALS: Final = U(13)
INSTRUMENT_PHASE: Final = U(14)
INSTRUMENT_OPEN: Final = U(15)
INSTRUMENT_HIGH: Final = U(16)
INSTRUMENT_LOW: Final = U(17)
INSTRUMENT_LAST: Final = U(18)
INSTRUMENT_PREVIOUS_CLOSE: Final = U(19)
INSTRUMENT_VOLUME: Final = U(20)
INSTRUMENT_TURNOVER: Final = U(21)
INSTRUMENT_TRADES: Final = U(22)
INSTRUMENT_TRADE_NUMBER: Final = U(23)
INSTRUMENT_DUE: Final = U(24)
INSTRUMENT_NEXT: Final = U(25)  # by ascending id
INSTRUMENT_TOP: Final = U(26)  # the last TOP: bid price, bid quantity, ask price, ask quantity, orders
INSTRUMENT_DEPTH: Final = U(31)  # how many nodes from the root of a side to a leaf
INSTRUMENT_BOOKS: Final = U(32)  # the bids; the asks follow
INSTRUMENT_WORDS: Final = U(256)  # from word 48 on: stop books, from 64 orders, from 96 phases, 160 risk, 192 money

# One side of a book. Ticks are ranked from the best possible price of the side, so that lower is better on both ------
BOOK_ROOT: Final = U(0)
BOOK_FIRST_LEAF: Final = U(1)  # the best one
BOOK_LAST_LEAF: Final = U(2)
BOOK_ORDERS: Final = U(3)
BOOK_SIDE: Final = U(4)
BOOK_INSTRUMENT: Final = U(5)
BOOK_WORDS: Final = U(8)

# A leaf holds 64 consecutive ticks; leaves that hold orders are chained by rank and found through 64-ary nodes -------
LEAF_BITMAP: Final = U(0)  # ticks with orders
LEAF_RANK: Final = U(1)  # rank of its first tick / 64
LEAF_NEXT: Final = U(2)
LEAF_PREVIOUS: Final = U(3)
LEAF_PARENT: Final = U(4)
LEAF_LEVELS: Final = U(8)
LEVEL_WORDS: Final = U(4)
LEVEL_SHIFT: Final = U(2)
LEAF_WORDS: Final = U(8 + 64 * 4)

LEVEL_QUEUE: Final = U(0)  # first | last order
LEVEL_QUANTITY: Final = U(1)
LEVEL_ORDERS: Final = U(2)
LEVEL_LEAF: Final = U(3)

NODE_BITMAP: Final = U(0)  # children that exist
NODE_PARENT: Final = U(1)
NODE_DIGIT: Final = U(2)  # which child of its parent it is
NODE_CHILDREN: Final = U(8)
NODE_WORDS: Final = U(8 + 64)
DIGIT_BITS: Final = U(6)
DIGIT: Final = U(63)
DEPTH_MAX: Final = U(5)

# An order: two cache lines -------------------------------------------------------------------------------------------
ORDER_ID: Final = U(0)
ORDER_PUBLIC_ID: Final = U(1)
ORDER_CLIENT_INSTANCE: Final = U(2)
ORDER_COUNTER: Final = U(3)
ORDER_LABEL: Final = U(4)
ORDER_USER_POSITION: Final = U(6)  # rows
ORDER_TERMS: Final = U(7)  # as in an event: side, type, time in force, flags, capacity; mode and STAYS as liquidity
ORDER_PRICE: Final = U(8)
ORDER_QUANTITY: Final = U(9)
ORDER_LEAVES: Final = U(10)
ORDER_GROUP_DECISION_MAKER: Final = U(11)
ORDER_ALGORITHM_LEVEL: Final = U(12)  # the algorithm's id | row of the level
ORDER_NEXT_PREVIOUS: Final = U(13)  # within the level
ORDER_ACCOUNT_NEXT_PREVIOUS: Final = U(14)  # within the account
ORDER_EXTENSION: Final = U(15)  # row of what a plain order has not, see layout_orders; the high half is of stops
ORDER_WORDS: Final = U(16)
