"""Record layouts: one numpy dtype is the wire's, the journal's and the engine's form of a message.

Rules: little endian; every record is a multiple of 64 bytes; a command or event begins with kind, version, shard and
group count; prices are signed integers in the instrument's price unit, quantities are lots, times are
nanoseconds since the epoch, UTC; `NO_PRICE` stands where there is no price. Unused fields are zero.
"""

from typing import Final

import numpy as np

NO_PRICE: Final = -(1 << 63)
"""The price of an absent side, an unset reference, a market order."""

LABEL_BYTES: Final = 16
NUMBER_LIMIT: Final = 1 << 62
"""No price x quantity x multiplier of an instrument may reach this; limits are refused if it could."""

_COMMAND_HEAD: Final = [
    ("kind", "u1"), ("version", "u1"), ("shard", "<u2"), ("group_count", "<u2"), ("flags", "<u2"),
    ("sequence", "<u8"), ("time_ns", "<i8"),
    ("session", "<u4"), ("user", "<u4"),
    ("client_instance", "<u8"), ("counter", "<u8"),
    ("account", "<u4"), ("instrument", "<u4"),
]  # fmt: skip

COMMAND: Final = np.dtype([
    *_COMMAND_HEAD,
    ("label", f"S{LABEL_BYTES}"),
    ("price", "<i8"), ("quantity", "<i8"), ("order_id", "<u8"),
    ("valid_until_ns", "<i8"), ("displayed_sequence", "<u8"),
    ("self_trade_group", "<u4"), ("decision_maker", "<u4"), ("algorithm", "<u4"),
    ("side", "u1"), ("order_type", "u1"), ("time_in_force", "u1"), ("capacity", "u1"),
])  # fmt: skip
"""NEW_ORDER, CANCEL_ORDER, REPLACE_ORDER, MASS_CANCEL and every other command without a body of its own.

`session` and `user` are written by the gateway from the CURVE key, `sequence` and `time_ns` by the sequencer; what a
client puts there is ignored. CANCEL and REPLACE name the order by `order_id`, or by `label` where `order_id` is 0.
SET_PHASE carries the new phase in `side`, an optional reference price in `price`; ADJUST_CASH the amount in
`quantity` and the currency in `instrument`; ADJUST_POSITION the lots in `quantity`, the cost price in `price`;
GRANT gives `decision_maker` (a user) the `Right` bits of `flags` on `account`; SESSION_OPENED names the session's
key in `order_id` and its rights version in `counter`; SKIP names the sequence in `order_id`, its `SkipReason` in
`flags`.
"""

LIST_INSTRUMENT: Final = np.dtype([
    *_COMMAND_HEAD,
    ("symbol", f"S{LABEL_BYTES}"),
    ("price_min", "<i8"), ("price_max", "<i8"), ("quantity_max", "<i8"),
    ("cash_scale", "<i8"), ("reference_price", "<i8"),
    ("tick_size", "<u4"), ("lot_size", "<u4"),
    ("currency", "<u2"), ("price_decimals", "u1"), ("quantity_decimals", "u1"),
    ("reserved", "<u4"),
])  # fmt: skip
"""LIST_INSTRUMENT: what can be traded. Cash of a trade = price x quantity x cash_scale in money units."""

OPEN_ACCOUNT: Final = np.dtype([
    *_COMMAND_HEAD,
    ("name", f"S{LABEL_BYTES}"),
    ("credit_limit", "<i8"), ("position_max", "<i8"),
    ("currency", "<u2"), ("money_decimals", "u1"), ("short_allowed", "u1"), ("orders_max", "<u4"),
    ("reserved", "<u8", (4,)),
])  # fmt: skip
"""OPEN_ACCOUNT: an account's terms. Buying power = cash - reserved + credit_limit, in money units."""

ORDER_TERMS: Final = np.dtype([
    *_COMMAND_HEAD,
    ("stop_price", "<i8"), ("display_quantity", "<i8"), ("minimum_quantity", "<i8"), ("expire_time_ns", "<i8"),
    ("offset", "<i8"), ("price_cap", "<i8"), ("lot_trade_id", "<u8"), ("trail_ppm", "<u4"),
    ("peg", "u1"), ("trigger", "u1"), ("link", "u1"), ("reserved_1", "u1"),
    ("reserved", "<u8"),
])  # fmt: skip
"""ORDER_TERMS: what a NEW_ORDER or REPLACE_ORDER says beyond one record; it follows it in the group.

`offset`: of a peg, added to what it follows; of a trailing stop, the distance (or `trail_ppm` parts per million of
the last price). `price_cap`: the worst price of a peg. `lot_trade_id`: the lot that a sale closes, by the trade that
opened it.
"""

QUOTE_ENTRY: Final = np.dtype([
    *_COMMAND_HEAD,
    ("label", f"S{LABEL_BYTES}"),
    ("bid_price", "<i8"), ("bid_quantity", "<i8"), ("ask_price", "<i8"), ("ask_quantity", "<i8"),
    ("reserved", "<u8", (3,)),
])  # fmt: skip
"""QUOTE_ENTRY: one two-sided quote of a MASS_QUOTE; quantity 0: no such side. It replaces the account's last one."""

TICK_TABLE: Final = np.dtype([
    *_COMMAND_HEAD,
    ("approver", "<u4"), ("table", "<u2"), ("count", "u1"), ("reserved_1", "u1"),
    ("steps", "<i8", (4, 2)),
])  # fmt: skip
"""SET_TICKS, a group of up to eight records: `count` steps (price from which on, tick size) each, ascending."""

INSTRUMENT_RULES: Final = np.dtype([
    *_COMMAND_HEAD,
    ("approver", "<u4"), ("tick_table", "<u2"), ("fee_schedule", "<u2"),
    ("quantity_min", "<i8"), ("value_min", "<i8"), ("value_max", "<i8"), ("effective_ns", "<i8"),
    ("collar_ppm", "<u4"), ("static_ppm", "<u4"), ("dynamic_ppm", "<u4"), ("protection_ppm", "<u4"),
    ("initial_margin_ppm", "<u4"), ("maintenance_margin_ppm", "<u4"),
    ("reference_age_ms", "<u4"), ("product_group", "<u2"), ("band_tier", "u1"), ("locate_required", "u1"),
])  # fmt: skip
"""SET_RULES: an instrument's trading rules, in force from `effective_ns` on (0: at once). 0 switches a rule off."""

AUCTION_RULES: Final = np.dtype([
    *_COMMAND_HEAD,
    ("approver", "<u4"), ("volatility_ms", "<u4"), ("random_ms", "<u4"), ("extension_ms", "<u4"),
    ("limit_state_ms", "<u4"), ("pause_ms", "<u4"), ("extensions_max", "u1"), ("reserved_1", "u1", (7,)),
    ("seed", "<u8"), ("reserved", "<u8", (4,)),
])  # fmt: skip
"""SET_AUCTION: how long calls of an instrument last; `seed` begins the draws of their random ends."""

SCHEDULE_ENTRY: Final = np.dtype([
    *_COMMAND_HEAD,
    ("approver", "<u4"), ("phase", "u1"), ("reserved_1", "u1", (3,)), ("due_ns", "<i8"),
    ("reserved", "<u8", (7,)),
])  # fmt: skip
"""SET_SCHEDULE: the instrument changes to `phase` at `due_ns`; 0 forgets all that was scheduled for it."""

ACCOUNT_TERMS: Final = np.dtype([
    *_COMMAND_HEAD,
    ("approver", "<u4"), ("firm", "<u4"), ("desk", "<u4"), ("fee_schedule", "<u2"),
    ("account_kind", "u1"), ("cost_method", "u1"), ("self_trade", "u1"), ("self_trade_allowed", "u1"),
    ("currencies", "u1"), ("reserved_1", "u1"), ("reserved_2", "<u4"),
    ("effective_ns", "<i8"), ("self_trade_group", "<u4"), ("reserved_3", "<u4"), ("reserved", "<u8", (4,)),
])  # fmt: skip
"""SET_ACCOUNT: what OPEN_ACCOUNT does not say. `currencies` not 0: it may hold and trade in any currency."""

RISK_SETTING: Final = np.dtype([
    *_COMMAND_HEAD,
    ("approver", "<u4"), ("scope_id", "<u4"), ("product_group", "<u4"),
    ("scope", "u1"), ("check", "u1"), ("action", "u1"), ("reserved_1", "u1"),
    ("hard", "<i8"), ("soft", "<i8"), ("window_ns", "<i8"), ("effective_ns", "<i8"), ("expires_ns", "<i8"),
    ("reason", "<u4"), ("reserved_2", "<u4"), ("reserved", "<u8"),
])  # fmt: skip
"""SET_LIMIT, SET_BLOCK, SET_PERMISSION, SET_LOCATE, SET_PROTECTION: a rule for a scope, and one instrument or all."""

FEE_SCHEDULE: Final = np.dtype([
    *_COMMAND_HEAD,
    ("approver", "<u4"), ("schedule", "<u2"), ("currency", "<u2"),
    ("maker_e8", "<i4"), ("taker_e8", "<i4"), ("auction_e8", "<i4"),
    ("rounding", "u1"), ("rounding_digits", "u1"), ("tier", "u1"), ("tiers", "u1"),
    ("per_lot", "<i8"), ("per_order", "<i8"), ("minimum", "<i8"), ("maximum", "<i8"), ("tier_value", "<i8"),
    ("clearing_e8", "<i4"), ("regulatory_e8", "<i4"),
])  # fmt: skip
"""SET_FEES: tier number `tier` of a schedule. Rates are 10^-8 of the traded value; negative ones are rebates."""

EXCHANGE_RATE: Final = np.dtype([
    *_COMMAND_HEAD,
    ("approver", "<u4"), ("base", "<u2"), ("quote", "<u2"),
    ("numerator", "<i8"), ("denominator", "<i8"), ("rate_time_ns", "<i8"), ("max_age_ns", "<i8"),
    ("reserved", "<u8", (4,)),
])  # fmt: skip
"""SET_RATE: an amount of `base` money units x numerator / denominator is one of `quote` money units."""

OPERATION: Final = np.dtype([
    *_COMMAND_HEAD,
    ("approver", "<u4"), ("currency", "<u2"), ("currency_2", "<u2"),
    ("amount", "<i8"), ("trade_id", "<u8"), ("numerator", "<i8"), ("denominator", "<i8"),
    ("reason", "<u4"), ("reserved_1", "<u4"), ("symbol", f"S{LABEL_BYTES}"), ("effective_ns", "<i8"),
])  # fmt: skip
"""CONVERT, ADJUST_BALANCE, BUST_TRADE, ADJUST_TRADE, SPLIT, DIVIDEND, RENAME and END_DAY."""

_EVENT_HEAD: Final = [
    ("kind", "u1"), ("version", "u1"), ("shard", "<u2"), ("group_count", "<u2"), ("reason", "<u2"),
    ("sequence", "<u8"), ("command_sequence", "<u8"), ("time_ns", "<i8"),
    ("stream_sequence", "<u8"),
    ("user", "<u4"), ("account", "<u4"), ("instrument", "<u4"), ("session", "<u4"),
]  # fmt: skip

EVENT: Final = np.dtype([
    *_EVENT_HEAD,
    ("order_id", "<u8"), ("public_order_id", "<u8"),
    ("client_instance", "<u8"), ("counter", "<u8"),
    ("label", f"S{LABEL_BYTES}"),
    ("side", "u1"), ("order_type", "u1"), ("time_in_force", "u1"), ("state", "u1"),
    ("flags", "u1"), ("capacity", "u1"), ("liquidity", "u1"), ("phase", "u1"),
    ("price", "<i8"), ("quantity", "<i8"), ("leaves", "<i8"), ("filled", "<i8"),
    ("last_price", "<i8"), ("last_quantity", "<i8"), ("trade_id", "<u8"),
    ("value", "<i8"), ("limit", "<i8"), ("fee", "<i8"),
])  # fmt: skip
"""What happened to an order or a session. `sequence` counts all events of the shard, gap-free; `stream_sequence`
counts those of one user, gap-free from 1: a client that has seen N asks for what follows N."""

POSITION_EVENT: Final = np.dtype([
    *_EVENT_HEAD,
    ("net", "<i8"), ("cost", "<i8"), ("realised", "<i8"),
    ("open_buy", "<i8"), ("open_sell", "<i8"),
    ("cash", "<i8"), ("reserved", "<i8"),
    ("credit_limit", "<i8"), ("position_max", "<i8"),
    ("currency", "<u4"), ("lots", "<u4"), ("fees", "<i8"), ("income", "<i8"), ("mark", "<i8"),
    ("spare", "<u8", (4,)),
])  # fmt: skip
"""POSITION and BALANCE: net lots, their cost and the realised result in money units; cash and reservations of the
account in the instrument's currency. `fees` and `income` add up what the position has paid and been paid; `mark` is
the price of the last end of day; `lots` counts open lots where the account's cost method keeps them."""

RISK_REJECTION: Final = np.dtype([
    *_EVENT_HEAD,
    ("order_id", "<u8"), ("public_order_id", "<u8"),
    ("client_instance", "<u8"), ("counter", "<u8"),
    ("label", f"S{LABEL_BYTES}"),
    ("side", "u1"), ("order_type", "u1"), ("time_in_force", "u1"), ("state", "u1"),
    ("flags", "u1"), ("capacity", "u1"), ("liquidity", "u1"), ("phase", "u1"),
    ("price", "<i8"), ("quantity", "<i8"), ("leaves", "<i8"), ("filled", "<i8"),
    ("used", "<i8"), ("requested", "<i8"),
    ("scope_id", "<u4"), ("scope", "u1"), ("check", "u1"), ("hard_reason", "<u2"),
    ("value", "<i8"), ("limit", "<i8"), ("reserved", "<u8"),
])  # fmt: skip
"""REJECTED for a reason from BLOCKED to LIMIT_MISSING, and LIMIT_WARNING: which check, of whom, used and requested."""

BOOK_RECORD: Final = np.dtype([
    ("kind", "u1"), ("side", "u1"), ("flags", "u1"), ("phase", "u1"), ("instrument", "<u4"),
    ("sequence", "<u8"), ("time_ns", "<i8"),
    ("public_order_id", "<u8"), ("price", "<i8"), ("quantity", "<i8"),
    ("level_quantity", "<i8"), ("level_orders", "<u4"), ("trade_number", "<u4"),
])  # fmt: skip
"""Market data of one change: order by order (ADD, EXECUTE, REDUCE, DELETE), LEVEL, TRADE, STATUS, INDICATIVE.

`side` is the resting order's; `level_*` say the level after the change. ADD: `quantity` rests. EXECUTE: `quantity`
traded. REDUCE, DELETE: `quantity` went. TRADE: `side` is the aggressor's. INDICATIVE: volume in `quantity`,
surplus in `level_quantity` (positive: buy side). `trade_number` counts the trades of an instrument, from 1.
CHECKSUM: the checksum in `quantity`; `price` is NO_PRICE, so that it removes nothing from a book that takes it for
a LEVEL.
"""

TOP_RECORD: Final = np.dtype([
    ("kind", "u1"), ("side", "u1"), ("flags", "u1"), ("phase", "u1"), ("instrument", "<u4"),
    ("sequence", "<u8"), ("time_ns", "<i8"),
    ("bid_price", "<i8"), ("bid_quantity", "<i8"), ("ask_price", "<i8"), ("ask_quantity", "<i8"),
    ("bid_orders", "<u4"), ("ask_orders", "<u4"),
])  # fmt: skip
"""TOP: best bid and ask after a command that changed either."""

QUOTE_RECORD: Final = np.dtype([
    *[(name, TOP_RECORD[name].str) for name in (TOP_RECORD.names or ())],
    ("last_price", "<i8"), ("last_quantity", "<i8"), ("last_time_ns", "<i8"), ("volume", "<i8"),
    ("open_price", "<i8"), ("high_price", "<i8"), ("low_price", "<i8"), ("previous_close", "<i8"),
])  # fmt: skip
"""Topic QUOTE: conflated top of book with the last trade and the day so far."""

STATISTICS_RECORD: Final = np.dtype([
    ("kind", "u1"), ("side", "u1"), ("flags", "u1"), ("phase", "u1"), ("instrument", "<u4"),
    ("sequence", "<u8"), ("time_ns", "<i8"),
    ("open_price", "<i8"), ("high_price", "<i8"), ("low_price", "<i8"), ("last_price", "<i8"),
    ("previous_close", "<i8"), ("volume", "<i8"), ("turnover", "<i8"), ("trades", "<u8"),
    ("orders", "<u8"), ("reserved", "<u8", (4,)),
])  # fmt: skip
"""Topic STATISTICS: the day of one instrument; turnover in money units."""

ENVELOPE: Final = np.dtype([
    ("kind", "u1"), ("version", "u1"), ("shard", "<u2"), ("count", "<u4"),
    ("epoch", "<u4"), ("mode", "u1"), ("durability", "u1"), ("code", "<u2"),
    ("session", "<u4"), ("instrument", "<u4"),
    ("sequence", "<u8"), ("engine_sequence", "<u8"),
    ("time_ns", "<i8"), ("echo_time_ns", "<i8"),
    ("reserved", "<u8"),
])  # fmt: skip
"""Head of every message on the order and market data sockets; `count` records follow it.

`sequence` is the stream's number of the first record, in a HEARTBEAT that of the next one. `code` is the
`FaultCode` of a FAULT. A HEARTBEAT of a client carries its clock in `time_ns`; the answer returns it in
`echo_time_ns`.
"""

STREAM_POSITION: Final = np.dtype([
    ("topic", "u1"), ("reserved", "u1", (3,)), ("instrument", "<u4"), ("next_sequence", "<u8"),
    ("engine_sequence", "<u8"), ("spare", "<u8", (5,)),
])  # fmt: skip
"""What follows the envelope of a market data HEARTBEAT: the next number of each stream."""

BAR_RECORD: Final = np.dtype([
    ("time_ns", "<i8"), ("open", "<i8"), ("high", "<i8"), ("low", "<i8"), ("close", "<i8"),
    ("volume", "<i8"), ("turnover", "<i8"), ("trades", "<u8"),
])  # fmt: skip
"""One bar of history; `time_ns` is its beginning."""

TICK_RECORD: Final = np.dtype([
    ("time_ns", "<i8"), ("price", "<i8"), ("quantity", "<i8"),
    ("trade_number", "<u4"), ("side", "u1"), ("flags", "u1"), ("reserved", "<u2"),
    ("sequence", "<u8"), ("spare", "<u8", (3,)),
])  # fmt: skip
"""One public trade of history; `side` is the aggressor's."""

SERIES_BAR: Final = np.dtype([
    ("time_ns", "<i8"), ("last_ns", "<i8"),
    ("open", "<i8"), ("high", "<i8"), ("low", "<i8"), ("close", "<i8"),
    ("volume", "<i8"), ("buy_volume", "<i8"), ("auction_volume", "<i8"), ("turnover", "<i8"),
    ("trades", "<u8"), ("sequence", "<u8"), ("first_trade", "<u4"), ("last_trade", "<u4"),
    ("spare", "<u8", (3,)),
])  # fmt: skip
"""One bar of any `BarUnit`; `volume` less `buy_volume` less `auction_volume` is what sellers began."""

DEPTH_COLUMN: Final = np.dtype([
    ("time_ns", "<i8"), ("flags", "u1"), ("count", "u1"), ("sides", "u1", (3,)), ("reserved", "u1", (3,)),
    ("prices", "<i8", (3,)), ("quantities", "<i8", (3,)),
])  # fmt: skip
"""Up to three levels that are others at the end of a column of time than at the end of the one before it.

A column is as many of these as it needs, consecutive and of one `time_ns`.
"""

VOLUME_RECORD: Final = np.dtype([
    ("instrument", "<u4"), ("days", "<u4"), ("time_ns", "<i8"),
    ("volume", "<i8"), ("average", "<i8"), ("expected", "<i8"), ("spare", "<u8", (3,)),
])  # fmt: skip
"""The volume of an instrument's day beside that of the days before."""

HOT_RECORD: Final = np.dtype([
    ("instrument", "<u4"), ("rank", "<u4"), ("time_ns", "<i8"), ("last_time_ns", "<i8"),
    ("last_price", "<i8"), ("base_price", "<i8"), ("open_price", "<i8"), ("high_price", "<i8"), ("low_price", "<i8"),
    ("volume", "<i8"), ("turnover", "<i8"), ("average", "<i8"), ("expected", "<i8"),
    ("change_ppm", "<i8"), ("range_ppm", "<i8"), ("relative_ppm", "<i8"), ("trades", "<u8"),
])  # fmt: skip
"""One place of a hot list."""

ALL_RECORDS: Final = {
    "COMMAND": COMMAND, "LIST_INSTRUMENT": LIST_INSTRUMENT, "OPEN_ACCOUNT": OPEN_ACCOUNT,
    "ORDER_TERMS": ORDER_TERMS, "QUOTE_ENTRY": QUOTE_ENTRY, "TICK_TABLE": TICK_TABLE,
    "INSTRUMENT_RULES": INSTRUMENT_RULES, "AUCTION_RULES": AUCTION_RULES, "SCHEDULE_ENTRY": SCHEDULE_ENTRY,
    "ACCOUNT_TERMS": ACCOUNT_TERMS, "RISK_SETTING": RISK_SETTING, "FEE_SCHEDULE": FEE_SCHEDULE,
    "EXCHANGE_RATE": EXCHANGE_RATE, "OPERATION": OPERATION,
    "EVENT": EVENT, "POSITION_EVENT": POSITION_EVENT, "RISK_REJECTION": RISK_REJECTION,
    "BOOK_RECORD": BOOK_RECORD, "TOP_RECORD": TOP_RECORD, "QUOTE_RECORD": QUOTE_RECORD,
    "STATISTICS_RECORD": STATISTICS_RECORD, "ENVELOPE": ENVELOPE, "STREAM_POSITION": STREAM_POSITION,
    "BAR_RECORD": BAR_RECORD, "TICK_RECORD": TICK_RECORD,
    "SERIES_BAR": SERIES_BAR, "DEPTH_COLUMN": DEPTH_COLUMN, "VOLUME_RECORD": VOLUME_RECORD, "HOT_RECORD": HOT_RECORD,
}  # fmt: skip
"""Every layout by its name, for the document's test and the fuzzers."""
