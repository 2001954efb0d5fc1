"""Records as the server would send them, for the tests of the workstation."""

import numpy as np
from numpy.typing import NDArray

from server.client.incoming import MarketDataReceived
from server.protocol import control
from server.protocol.enums import EventKind, MarketDataKind, OrderState, OrderType, Phase, TimeInForce, Topic
from server.protocol.records import (
    BAR_RECORD,
    BOOK_RECORD,
    COMMAND,
    EVENT,
    POSITION_EVENT,
    QUOTE_RECORD,
    SERIES_BAR,
)

SECOND = 1_000_000_000
NOON = 20_000 * 86_400 * SECOND + 43_200 * SECOND
"""Some noon, UTC."""


def instrument(number: int = 1, symbol: str = "VLTA", group: str = "Shares") -> control.Instrument:
    """An instrument with two decimals and a tick of one."""
    return control.Instrument(
        instrument=number, symbol=symbol, name=f"{symbol} Power", group=group, currency="USD", price_decimals=2,
        quantity_decimals=0, money_decimals=2, tick_size=1, lot_size=1, price_min=1, price_max=1_000_000,
        quantity_max=100_000, cash_scale=1, reference_price=4800, phase=Phase.CONTINUOUS,
    )  # fmt: skip


def quote(number: int = 1, last: int = 4837, close: int = 4800, bid: int = 4836, ask: int = 4838) -> NDArray[np.void]:
    """One QUOTE_RECORD."""
    row = np.zeros(1, QUOTE_RECORD)
    row["kind"], row["instrument"], row["time_ns"], row["last_time_ns"] = MarketDataKind.TOP, number, NOON, NOON
    row["last_price"], row["previous_close"], row["bid_price"], row["ask_price"] = last, close, bid, ask
    row["open_price"] = row["high_price"] = row["low_price"] = last
    return row


def levels(*rows: tuple[int, int, int], number: int = 1) -> NDArray[np.void]:
    """LEVEL rows from (side, price, quantity)."""
    records = np.zeros(len(rows), BOOK_RECORD)
    records["kind"], records["instrument"] = MarketDataKind.LEVEL, number
    for place, (side, price, quantity) in enumerate(rows):
        records["side"][place], records["price"][place], records["level_quantity"][place] = side, price, quantity
        records["level_orders"][place] = int(quantity > 0)
    return records


def trades(*rows: tuple[int, int, int], number: int = 1, first: int = 1) -> NDArray[np.void]:
    """TRADE rows from (time_ns, price, quantity)."""
    records = np.zeros(len(rows), BOOK_RECORD)
    records["kind"], records["instrument"] = MarketDataKind.TRADE, number
    for place, (time_ns, price, quantity) in enumerate(rows):
        records["time_ns"][place], records["price"][place], records["quantity"][place] = time_ns, price, quantity
        records["trade_number"][place] = first + place
    return records


def bars(*rows: tuple[int, int, int], volume: int = 10) -> NDArray[np.void]:
    """BAR_RECORD rows from (time_ns, close, trades)."""
    records = np.zeros(len(rows), BAR_RECORD)
    for place, (time_ns, close, count) in enumerate(rows):
        records["time_ns"][place], records["trades"][place], records["volume"][place] = time_ns, count, volume
        for name in ("open", "high", "low", "close"):
            records[name][place] = close
    return records


def series_page(bars: NDArray[np.void], *, more: bool = False) -> control.Records:
    """A page of history of bars as BAR_RECORD rows."""
    rows = np.zeros(len(bars), SERIES_BAR)
    for name in BAR_RECORD.names or ():
        rows[name] = bars[name]
    return control.Records(layout="SERIES_BAR", records=rows.tobytes(), more=more)


def received(
    topic: Topic, records: NDArray[np.void], *, snapshot: bool = False, gap: bool = False
) -> MarketDataReceived:
    """Records of a stream as the client hands them over."""
    number = int(records["instrument"][0]) if len(records) else 1
    return MarketDataReceived(topic, number, records, 1, 7, snapshot, gap)


def command(
    counter: int = 1, *, kind: int = 1, label: bytes = b"a-1", order_id: int = 0, **fields: int
) -> NDArray[np.void]:
    """One COMMAND as stamped: instance 9, account 3, instrument 1, a buy of 500 at 48.33."""
    row = np.zeros(1, COMMAND)
    row["kind"], row["client_instance"], row["counter"], row["label"], row["order_id"] = (
        kind,
        9,
        counter,
        label,
        order_id,
    )
    row["account"], row["instrument"], row["price"], row["quantity"] = 3, 1, 4833, 500
    row["order_type"], row["time_in_force"] = OrderType.LIMIT, TimeInForce.DAY
    for name, value in fields.items():
        row[name] = value
    return row


def event(kind: EventKind, *, counter: int = 1, order_id: int = 77, **fields: int) -> NDArray[np.void]:
    """One EVENT about the order of `command`; ACCEPTED of 500 unless told otherwise."""
    row = np.zeros(1, EVENT)
    row["kind"], row["client_instance"], row["counter"], row["order_id"] = kind, 9, counter, order_id
    row["public_order_id"], row["account"], row["instrument"], row["label"] = 5, 3, 1, b"a-1"
    row["price"], row["quantity"], row["leaves"], row["state"] = 4833, 500, 500, OrderState.NEW
    row["order_type"], row["time_in_force"], row["time_ns"] = OrderType.LIMIT, TimeInForce.DAY, NOON
    row["sequence"] = row["stream_sequence"] = 1
    for name, value in fields.items():
        row[name] = value
    return row


def position(net: int, cost: int, cash: int, *, stream_sequence: int = 1) -> NDArray[np.void]:
    """One POSITION event of account 3 in instrument 1, as it stands among EVENT rows."""
    row = np.zeros(1, POSITION_EVENT)
    row["kind"], row["account"], row["instrument"], row["time_ns"] = EventKind.POSITION, 3, 1, NOON
    row["net"], row["cost"], row["cash"], row["stream_sequence"] = net, cost, cash, stream_sequence
    return row.view(EVENT)


def account(cash: int = 1_000_000, rights: int = 3) -> control.Account:
    """Account 3 in dollars."""
    return control.Account(
        account=3, name="TP-3", currency="USD", money_decimals=2, cash=cash, reserved=0, credit_limit=0, rights=rights
    )
