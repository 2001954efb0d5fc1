"""What the exchange looks like at this moment: pure readers for snapshots, queries and the gateway.

Rules: nothing here changes the state; records have the sequence and time of the last applied command; an unknown
instrument or account raises KeyError.
"""

from typing import Any

import numpy as np

from server.engine import layout as at
from server.engine.exchange import Exchange, Records
from server.engine.hashing_rows import account_ids as account_ids_of_orders
from server.engine.hashing_rows import count_orders, instrument_rows, order_rows, rows_of_kind
from server.engine.hashing_rows import user_ids as user_ids_of_orders
from server.engine.kernel import U, Words
from server.engine.layout_money import (
    POSITION_FEES,
    POSITION_INCOME,
    POSITION_LOTS,
    POSITION_MARK,
    POSITION_MONEY,
)
from server.engine.layout_orders import EXTENSION_UNSHOWN
from server.engine.layout_risk import ACCOUNT_FIRM_DESK
from server.engine.layout_stops import EXTENSION_STOP_PRICE
from server.engine.memory import find_row
from server.protocol.enums import PROTOCOL_VERSION, CommandKind, EventKind, MarketDataKind, OrderState, Side
from server.protocol.records import (
    BOOK_RECORD,
    EVENT,
    LIST_INSTRUMENT,
    NO_PRICE,
    OPEN_ACCOUNT,
    POSITION_EVENT,
    STATISTICS_RECORD,
    TOP_RECORD,
)

_ID_BITS = U((1 << 56) - 1)


def instrument_ids(x: Exchange) -> list[int]:
    """The ids of all listed instruments, ascending."""
    return [int(row) for row in x.memory[instrument_rows(x.memory)] & _ID_BITS]


def instrument(x: Exchange, instrument_id: int) -> Records:
    """How an instrument was listed, with its present reference price: one LIST_INSTRUMENT row."""
    m, row = x.memory, _instrument_row(x, instrument_id)
    record = _head(x, LIST_INSTRUMENT, CommandKind.LIST_INSTRUMENT)
    record["instrument"] = instrument_id
    record["symbol"] = _text(m, row + at.INSTRUMENT_SYMBOL)
    _copy(record, m, row, {
        "price_min": at.INSTRUMENT_PRICE_MIN,
        "price_max": at.INSTRUMENT_PRICE_MAX,
        "quantity_max": at.INSTRUMENT_QUANTITY_MAX,
        "cash_scale": at.INSTRUMENT_CASH_SCALE,
        "reference_price": at.INSTRUMENT_REFERENCE,
        "tick_size": at.INSTRUMENT_TICK_SIZE,
        "lot_size": at.INSTRUMENT_LOT_SIZE,
        "currency": at.INSTRUMENT_CURRENCY,
        "price_decimals": at.INSTRUMENT_PRICE_DECIMALS,
        "quantity_decimals": at.INSTRUMENT_QUANTITY_DECIMALS,
    })  # fmt: skip
    return record


def phase(x: Exchange, instrument_id: int) -> int:
    """The market phase of an instrument."""
    return int(x.memory[_instrument_row(x, instrument_id) + at.INSTRUMENT_PHASE])


def book_orders(x: Exchange, instrument_id: int) -> Records:
    """The shown book as ADD rows: bids best first, then asks; oldest first within a level, which `level_*` describe."""
    m, row = x.memory, _instrument_row(x, instrument_id)
    orders = order_rows(m, row)
    extensions = m[orders + at.ORDER_EXTENSION] & at.LOW
    unshown = np.where(extensions != 0, m[extensions + EXTENSION_UNSHOWN], at.ZERO)
    shown = m[orders + at.ORDER_LEAVES] - unshown
    orders, shown = orders[shown != 0], shown[shown != 0]
    levels = m[orders + at.ORDER_ALGORITHM_LEVEL] >> at.HALF
    records = _market_data(x, BOOK_RECORD, MarketDataKind.ADD, row, len(orders))
    records["side"] = m[orders + at.ORDER_TERMS] & at.BYTE
    records["public_order_id"] = m[orders + at.ORDER_PUBLIC_ID]
    records["price"] = m[orders + at.ORDER_PRICE].view(np.int64)
    records["quantity"] = shown
    records["level_quantity"] = m[levels + at.LEVEL_QUANTITY]
    records["level_orders"] = m[levels + at.LEVEL_ORDERS] & at.LOW
    return records


def book_levels(x: Exchange, instrument_id: int) -> Records:
    """The price levels as LEVEL rows: bids best first, then asks."""
    orders = book_orders(x, instrument_id)
    key = orders[["side", "price"]]
    first_of_level = np.ones(len(orders), bool)
    first_of_level[1:] = key[1:] != key[:-1]
    levels = orders[first_of_level]
    levels["kind"] = MarketDataKind.LEVEL
    levels["public_order_id"] = 0
    levels["quantity"] = levels["level_quantity"]
    return levels


def top(x: Exchange, instrument_id: int) -> Records:
    """Best bid and ask: one TOP row; an empty side has NO_PRICE, 0, 0."""
    record = _market_data(x, TOP_RECORD, MarketDataKind.TOP, _instrument_row(x, instrument_id), 1)
    orders = book_orders(x, instrument_id)
    for side, name in ((Side.BUY, "bid"), (Side.SELL, "ask")):
        resting = orders[orders["side"] == side]
        record[f"{name}_price"] = resting["price"][0] if len(resting) else NO_PRICE
        record[f"{name}_quantity"] = resting["level_quantity"][0] if len(resting) else 0
        record[f"{name}_orders"] = resting["level_orders"][0] if len(resting) else 0
    return record


def statistics(x: Exchange, instrument_id: int) -> Records:
    """The day of an instrument: one STATISTICS row. `kind` is 0, `orders` counts the live ones."""
    m, row = x.memory, _instrument_row(x, instrument_id)
    record = _market_data(x, STATISTICS_RECORD, 0, row, 1)
    _copy(record, m, row, {
        "open_price": at.INSTRUMENT_OPEN,
        "high_price": at.INSTRUMENT_HIGH,
        "low_price": at.INSTRUMENT_LOW,
        "last_price": at.INSTRUMENT_LAST,
        "previous_close": at.INSTRUMENT_PREVIOUS_CLOSE,
        "volume": at.INSTRUMENT_VOLUME,
        "turnover": at.INSTRUMENT_TURNOVER,
        "trades": at.INSTRUMENT_TRADES,
    })  # fmt: skip
    record["orders"] = count_orders(m, row)
    return record


def open_orders(x: Exchange, user_id: int) -> Records:
    """The live orders of a user as ACCEPTED rows in their present state, by order_id; those that wait too."""
    m, rows = x.memory, _order_rows_found(x)
    rows = np.unique(rows[user_ids_of_orders(m, rows) == user_id])
    return _as_accepted(x, user_id, rows[np.argsort(m[rows + at.ORDER_ID])])


def orders_of_key(x: Exchange, user_id: int, client_instance: int, counter: int) -> Records:
    """The live orders that this command of a user entered (a quote: two), as `open_orders` has them."""
    m, rows = x.memory, _order_rows_found(x)
    rows = rows[m[rows + at.ORDER_COUNTER] == U(counter)]
    rows = rows[m[rows + at.ORDER_CLIENT_INSTANCE] == U(client_instance)]
    rows = np.unique(rows[user_ids_of_orders(m, rows) == user_id])
    return _as_accepted(x, user_id, rows[np.argsort(m[rows + at.ORDER_ID])])


def _order_rows_found(x: Exchange) -> Words:
    """The rows of all live orders, those with a label twice."""
    m = x.memory
    base, size = int(m[at.ORDER_INDEX + at.INDEX_BASE]), int(m[at.ORDER_INDEX + at.INDEX_MASK]) + 1
    table = m[base : base + size]
    return table[table != 0] & at.LOW


def _as_accepted(x: Exchange, user_id: int, rows: Words) -> Records:
    """These orders of a user as ACCEPTED rows in their present state."""
    m = x.memory
    records = np.zeros(len(rows), EVENT)
    words = records.view(np.uint64).reshape(-1, int(at.EVENT_WORDS))
    _event_head(x, records, EventKind.ACCEPTED, user_id)
    records["account"] = account_ids_of_orders(m, rows)
    records["instrument"] = m[(m[rows + at.ORDER_USER_POSITION] >> at.HALF) + at.KEY_1]
    words[:, at.E_TERMS] = m[rows + at.ORDER_TERMS] & at.E_OWN_TERMS
    for event_word, order_word in (
        (at.E_ORDER_ID, at.ORDER_ID),
        (at.E_PUBLIC_ID, at.ORDER_PUBLIC_ID),
        (at.E_CLIENT_INSTANCE, at.ORDER_CLIENT_INSTANCE),
        (at.E_COUNTER, at.ORDER_COUNTER),
        (at.E_LABEL, at.ORDER_LABEL),
        (at.E_LABEL + at.ONE, at.ORDER_LABEL + at.ONE),
        (at.E_PRICE, at.ORDER_PRICE),
        (at.E_QUANTITY, at.ORDER_QUANTITY),
        (at.E_LEAVES, at.ORDER_LEAVES),
    ):
        words[:, event_word] = m[rows + order_word]
    extensions = m[rows + at.ORDER_EXTENSION] & at.LOW
    words[:, at.E_VALUE] = np.where(extensions != 0, m[extensions + EXTENSION_STOP_PRICE], at.ZERO)
    records["filled"] = records["quantity"] - records["leaves"]
    records["state"] = np.where(records["filled"] == 0, OrderState.NEW, OrderState.PARTIALLY_FILLED)
    return records


def account_ids(x: Exchange) -> list[int]:
    """The ids of all open accounts, ascending, without the house."""
    return [int(key & _ID_BITS) for key in x.memory[rows_of_kind(x.memory, at.KIND_ACCOUNT)] if key & _ID_BITS]


def account_terms(x: Exchange, account_id: int) -> tuple[Records, int, int]:
    """(one OPEN_ACCOUNT row, cash, reserved) of an account."""
    m, row = x.memory, _account_row(x, account_id)
    record = _head(x, OPEN_ACCOUNT, CommandKind.OPEN_ACCOUNT)
    record["account"] = account_id
    record["name"] = _text(m, row + at.ACCOUNT_NAME)
    _copy(record, m, row, {
        "currency": at.ACCOUNT_CURRENCY,
        "money_decimals": at.ACCOUNT_MONEY_DECIMALS,
        "short_allowed": at.ACCOUNT_SHORT_ALLOWED,
        "orders_max": at.ACCOUNT_ORDERS_MAX,
        "credit_limit": at.ACCOUNT_CREDIT_LIMIT,
        "position_max": at.ACCOUNT_POSITION_MAX,
    })  # fmt: skip
    money = m.view(np.int64)
    return record, int(money[row + at.ACCOUNT_CASH]), int(money[row + at.ACCOUNT_RESERVED])


def firm_and_desk(x: Exchange, account_id: int) -> tuple[int, int]:
    """The firm and the desk of an account; 0: none."""
    word = int(x.memory[_account_row(x, account_id) + ACCOUNT_FIRM_DESK])
    return word & 0xFFFFFFFF, word >> 32


def positions(x: Exchange, account_id: int) -> Records:
    """The positions of an account as POSITION rows of user 0, by instrument."""
    m = x.memory
    _account_row(x, account_id)
    rows = rows_of_kind(m, at.KIND_POSITION)
    rows = rows[m[rows] & _ID_BITS == account_id]
    records = np.zeros(len(rows), POSITION_EVENT)
    _event_head(x, records, EventKind.POSITION, 0)
    records["account"] = account_id
    records["instrument"] = m[rows + at.KEY_1]
    for offset, name in enumerate(("net", "cost", "realised", "open_buy", "open_sell")):
        records[name] = m[rows + at.POSITION_NET + U(offset)].view(np.int64)
    for name, word in (
        ("fees", POSITION_FEES), ("income", POSITION_INCOME), ("mark", POSITION_MARK), ("lots", POSITION_LOTS),
    ):  # fmt: skip
        records[name] = m[rows + word].view(np.int64)
    records["currency"] = m[(m[rows + at.POSITION_ROWS] >> at.HALF) + at.INSTRUMENT_CURRENCY]
    balances = m[rows + POSITION_MONEY]
    for name, word in (
        ("cash", at.ACCOUNT_CASH), ("reserved", at.ACCOUNT_RESERVED),
        ("credit_limit", at.ACCOUNT_CREDIT_LIMIT), ("position_max", at.ACCOUNT_POSITION_MAX),
    ):  # fmt: skip
        records[name] = m[balances + word].view(np.int64)
    return records


def users(x: Exchange) -> list[int]:
    """The ids of all users that had an event or a grant, ascending."""
    m = x.memory
    rows = rows_of_kind(m, at.KIND_USER)
    known = (m[rows + at.USER_STREAM] != 0) | (m[rows + at.USER_FIRST_GRANT] != 0)
    return [int(key & _ID_BITS) for key in m[rows[known]]]


def grants(x: Exchange, user_id: int) -> list[tuple[int, int]]:
    """(account, rights) of a user with rights that are not 0, by account; account 0 is the server."""
    m = x.memory
    rows = rows_of_kind(m, at.KIND_GRANT)
    rows = rows[(m[rows] & _ID_BITS == user_id) & (m[rows + at.GRANT_RIGHTS] != 0)]
    return [(int(m[row + at.KEY_1]), int(m[row + at.GRANT_RIGHTS])) for row in rows]


def grant_changes(x: Exchange) -> int:
    """Rises with each GRANT, so that a reader knows when rights are to be looked at again."""
    return int(x.memory[at.GRANT_CHANGES])


def last_counter(x: Exchange, user_id: int, client_instance: int) -> int:
    """The highest counter seen of (user, client instance), 0 if none was."""
    m = x.memory
    row = find_row(m, at.KIND_INSTANCE | U(user_id), U(client_instance))
    return int(m[row + at.INSTANCE_HIGHEST]) if row else 0


def last_stream_sequence(x: Exchange, user_id: int) -> int:
    """How many events a user has had."""
    m = x.memory
    row = find_row(m, at.KIND_USER | U(user_id), at.ZERO)
    return int(m[row + at.USER_STREAM]) if row else 0


def open_sessions(x: Exchange) -> list[tuple[int, int]]:
    """(session, user) of all open sessions."""
    m = x.memory
    return [(int(m[row] & _ID_BITS), int(m[row + at.KEY_1])) for row in rows_of_kind(m, at.KIND_SESSION)]


def _instrument_row(x: Exchange, instrument_id: int) -> np.uint64:
    row = find_row(x.memory, at.KIND_INSTRUMENT | U(instrument_id), at.ZERO)
    if not row:
        raise KeyError(f"instrument {instrument_id} is not listed")
    return U(row)


def _account_row(x: Exchange, account_id: int) -> np.uint64:
    row = find_row(x.memory, at.KIND_ACCOUNT | U(account_id), at.ZERO)
    if not row:
        raise KeyError(f"account {account_id} is not open")
    return U(row)


def _head(x: Exchange, layout: Any, kind: CommandKind) -> Records:
    record = np.zeros(1, layout)
    record["kind"], record["version"], record["group_count"] = kind, PROTOCOL_VERSION, 1
    record["shard"] = x.memory[at.SHARD]
    record["sequence"], record["time_ns"] = x.sequence, x.time_ns
    return record


def _event_head(x: Exchange, records: Records, kind: EventKind, user_id: int) -> None:
    records["kind"], records["version"], records["group_count"] = kind, PROTOCOL_VERSION, 1
    records["shard"] = x.memory[at.SHARD]
    records["sequence"], records["command_sequence"], records["time_ns"] = x.event_sequence, x.sequence, x.time_ns
    records["user"] = user_id
    records["stream_sequence"] = last_stream_sequence(x, user_id)


def _market_data(x: Exchange, layout: Any, kind: int, row: np.uint64, count: int) -> Records:
    records = np.zeros(count, layout)
    records["kind"] = kind
    records["instrument"] = x.memory[row] & _ID_BITS
    records["phase"] = x.memory[row + at.INSTRUMENT_PHASE]
    records["sequence"], records["time_ns"] = x.sequence, x.time_ns
    return records


def _copy(record: Records, m: Words, row: np.uint64, words: dict[str, np.uint64]) -> None:
    signed = m.view(np.int64)
    for name, word in words.items():
        record[name] = signed[row + word]


def _text(m: Words, first: np.uint64) -> bytes:
    return m[int(first) : int(first) + 2].tobytes()
