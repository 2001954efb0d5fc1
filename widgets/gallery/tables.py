"""The tables of the gallery's desk: watchlist, movers, orders and positions."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from widgets.formatting import DASH, MINUS, format_price, format_time
from widgets.gallery.market import INSTRUMENTS, NOW_NS, SampleInstrument, course
from widgets.gallery.rows_model import RowsModel, figure, words
from widgets.table import BlotterView, Column
from widgets.table.columns import Cell
from widgets.theme import Theme
from widgets.watchlist import COLUMNS as WATCHLIST_COLUMNS
from widgets.watchlist import WatchlistView

ORDER_COLUMNS = (
    Column("Time UTC", 108, "l", "data", "text"), Column("Instr.", 72, "l", "name", "text"),
    Column("Side", 64, "l", "text", "any"), Column("Type", 52, "l", "text", "any"),
    Column("TIF", 48, "l", "text", "any"), Column("Qty", 68, "r", "data", "min"),
    Column("Filled", 68, "r", "progress"), Column("Leaves", 68, "r"), Column("Limit", 92, "r", "data", "min"),
    Column("Avg price", 96, "r"), Column("Last", 88, "r"), Column("Ahead", 64, "r"),
    Column("State", 132, "l", "text", "text"), Column("Age", 64, "r"), Column("Client id", 84, "r", "data", "text"),
)  # fmt: skip
POSITION_COLUMNS = (
    Column("Instr.", 84, "l", "name", "text"), Column("Position", 88, "r", "data", "min"), Column("Average", 92, "r"),
    Column("Last", 92, "r"), Column("Open P&L USD", 108, "r", "data", "min"), Column("Day P&L USD", 104, "r"),
    Column("Notional USD", 108, "r", "data", "min"), Column("Limit", 84, "r", "meter"),
)  # fmt: skip
MOVER_COLUMNS = (
    Column("Movers", 96, "l", "name"),
    Column("Chg %", 80, "r"),
    Column("Volume, × 20-day", 148, "r", "bar"),
)
_SIDES = {"B": words("BUY", "buy", "up"), "S": words("SELL", "sell", "down")}
_ORDERS = (
    ("VLTA", "B", "LMT", "DAY", 500, 0, "48.33", DASH, "48.37", "412", ("working", "", "working"), "0:42"),
    ("VLTA", "S", "LMT", "DAY", 1000, 400, "48.44", "48.4400", "48.37", "305",
     ("part filled", "", "part_filled"), "3:18"),
    ("VLTA", "B", "LMT", "DAY", 800, 0, "48.29", DASH, "48.37", "1,960", ("working", "", "working"), "6:05"),
    ("VLTA", "B", "LMT", "GTC", 300, 0, "48.25", DASH, "48.37", "740",
     ("pending cancel", "warning", "pending"), "0:03"),
    ("TP50 Z6", "S", "LMT", "DAY", 4, 0, "5,814.50", DASH, "5,812.25", "188", ("working", "", "working"), "14:48"),
    ("ALD/BRN", "B", "LMT", "IOC", 250000, 250000, "1.08409", "1.0840900", "1.08412", DASH,
     ("filled", "text_2", "filled"), DASH),
    ("VLTA", "S", "LMT", "DAY", 100, 0, "48.50", DASH, "48.37", DASH, ("UNKNOWN", "", "unknown"), "0:09"),
    ("QNTL", "B", "LMT", "DAY", 150, 0, "339.50", DASH, "341.15", DASH,
     ("rejected: price band", "text_2", "rejected"), DASH),
)  # fmt: skip
_POSITIONS = (
    ("VLTA", "+2,400", "48.2150", "48.37", "+372.00", "+7,394.50", "116,088", 0.41),
    ("TP50 Z6", "+6", "5,801.7500", "5,812.25", "+315.00", "+315.00", "174,367", 0.29),
    ("ALD/BRN", "+250,000", "1.0840870", "1.08412", "+8.25", "+212.40", "271,030", 0.11),
    ("QNTL", f"{MINUS}300", "338.9000", "341.15", f"{MINUS}675.00", f"{MINUS}675.00", f"{MINUS}102,345", 0.09),
    ("HLDN", "+1,500", "54.8812", "55.24", "+538.20", "+538.20", "82,860", 0.07),
    ("ORBX", "+4,000", "8.49050", "8.472", f"{MINUS}74.00", f"{MINUS}74.00", "33,888", 0.03),
    ("MIRA", "0", DASH, "612.40", "0.00", "+13.60", "0", 0.0),
)


def _direction(text: str) -> str:
    return "up" if text.startswith("+") else "down" if text.startswith(MINUS) else "label"


def watchlist(theme: Theme, parent: QWidget | None = None) -> WatchlistView:
    """Groups and instruments, one of them stale, two flashing."""
    rows: list[list[Cell]] = []
    tones: dict[int, str] = {}
    tints: dict[tuple[int, int], str] = {}
    empty, group = words(""), ""
    for i, instrument in enumerate(INSTRUMENTS):
        if instrument.group != group:
            group = instrument.group
            tones[len(rows)] = "group"
            rows.append([words(group, "label", "caret"), *[empty] * 6])
        if instrument.symbol == "ORBX":
            tones[len(rows)] = "stale"
        if instrument.symbol in ("HLDN", "QNTL"):
            tints[len(rows), 2] = "up_tint" if instrument.change > 0 else "down_tint"
        rows.append(_instrument_row(instrument, i))
    view = WatchlistView(theme, parent=parent)
    view.set_model(RowsModel(WATCHLIST_COLUMNS, rows, tones, tints, view))
    view.select_row(11)
    return view


def _instrument_row(instrument: SampleInstrument, seed: int) -> list[Cell]:
    change = format_price(round(instrument.change * 100), 2, signed=True)
    stale = instrument.symbol == "ORBX"
    return [
        words(instrument.symbol),
        figure("", "", course(seed, instrument.change)),
        figure(format_price(instrument.last, instrument.decimals)),
        figure("STALE 0:41" if stale else change, "" if stale else _direction(change)),
        figure("", "", (0.5 + instrument.change / 8, 0.5 - instrument.change / 8)),
        figure(f"{0.4 + seed % 7 * 0.35:.2f}", "", (0.4 + seed % 7 * 0.35) / 3),
        figure(format_price(1 + seed % 3, instrument.decimals)),
    ]


def movers(theme: Theme, parent: QWidget | None = None) -> BlotterView:
    """What moves more than it does on other days."""
    ranked = sorted(INSTRUMENTS, key=lambda instrument: -abs(instrument.change))[:8]
    rows = []
    for i, instrument in enumerate(ranked):
        change = format_price(round(instrument.change * 100), 2, signed=True)
        ratio = 4.8 - 0.52 * i
        rows.append(
            [words(instrument.symbol), figure(change, _direction(change)), figure(f"{ratio:.1f}", "", ratio / 6)]
        )
    view = BlotterView(theme, MOVER_COLUMNS, parent, name="Movers")
    view.set_model(RowsModel(MOVER_COLUMNS, rows, parent=view))
    return view


def orders(theme: Theme, parent: QWidget | None = None) -> BlotterView:
    """Orders in every state; UNKNOWN is the one filled row."""
    rows, tones = [], {}
    for i, (symbol, side, kind, tif, quantity, filled, limit, average, last, ahead, state, age) in enumerate(_ORDERS):
        if state[0] == "UNKNOWN":
            tones[i] = "alarm"
        rows.append([
            figure(format_time(NOW_NS - 42_310_000_000 - i * 171_511_208_000)), words(symbol), _SIDES[side],
            words(kind), words(tif, "text_2"), figure(f"{quantity:,}"),
            figure(f"{filled:,}", "" if filled else "label", filled / quantity), figure(f"{quantity - filled:,}"),
            figure(limit), figure(average, "" if average != DASH else "label"), figure(last, "text_2"),
            figure(ahead, "" if ahead != DASH else "label"), words(*state), figure(age, state[1] or "text_2"),
            figure(f"a7-{4182 - 3 * i}", "label"),
        ])  # fmt: skip
    view = BlotterView(theme, ORDER_COLUMNS, parent, name="Orders")
    view.set_model(RowsModel(ORDER_COLUMNS, rows, tones, parent=view))
    view.sort_by(0, descending=True)
    view.select_row(0)
    blank = ("", "")
    view.set_totals([("8 orders", "text"), *[blank] * 7, ("Working", "label"), ("663,421", ""), *[blank] * 5])
    view.set_empty_message("No orders today", "Ctrl+K, then b 500 vlta 48.33")
    return view


def positions(theme: Theme, parent: QWidget | None = None) -> BlotterView:
    """Positions with their result; one is marked with a stale price."""
    rows = []
    for symbol, quantity, average, last, open_result, day_result, notional, used in _POSITIONS:
        rows.append([
            words(symbol), figure(quantity, "own" if quantity != "0" else "label"), figure(average),
            figure(last, "text_2"), figure(open_result, _direction(open_result)),
            figure(day_result, _direction(day_result)), figure(notional, "text_2"),
            figure(f"{round(used * 100)} %", "", used),
        ])  # fmt: skip
    view = BlotterView(theme, POSITION_COLUMNS, parent, name="Positions")
    view.set_model(RowsModel(POSITION_COLUMNS, rows, {5: "stale"}, parent=view))
    view.set_totals([("7 open", "text"), *[("", "")] * 3, ("+484.45", "up"), ("+7,724.70", "up"), ("575,888", ""),
                     ("41 %", "")])  # fmt: skip
    return view
