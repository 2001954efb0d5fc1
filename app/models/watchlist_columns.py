"""The columns that a watchlist can have: how each is headed, drawn and sorted.

Rules: prices and quantities are shown from integers with the instrument's decimals; sorting and bars go by
`InstrumentFields`; the order here is that of importance: the last ones give way first in a narrow panel.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.models.keyed_model import EMPTY, Cell, Heading
from app.models.reasons import PHASE_WORDS
from app.models.shared_watchlists import Formula
from app.state.market import Market
from server.protocol.records import NO_PRICE
from widgets.formatting import (
    DASH,
    format_duration,
    format_money,
    format_percent,
    format_price,
    format_quantity,
)

NOTHING: Final[Cell] = (DASH, "label", "", None, None)
BAR_FULL: Final = 3.0
"""Times the usual volume that fill a bar."""


@dataclass(frozen=True, slots=True)
class WatchColumn:
    """One column: `draw(cells, row)` is what it shows of an instrument row, `field` what it sorts by ("": its text)."""

    heading: Heading
    draw: Callable[["WatchCells", int], Cell]
    field: str = ""


class WatchCells:
    """Cells of instruments by their row."""

    def __init__(self, market: Market, fields: Callable[[str], object], stale_ns: Callable[[int], int]) -> None:
        """`fields` is an `InstrumentFields`, `stale_ns` that of `Trust`."""
        self.market, self.stale_ns = market, stale_ns
        self._fields = fields

    def figure(self, field: str, row: int) -> float:
        """One figure, NaN if it is unknown."""
        column = self._fields(field)
        return float(column[row])  # type: ignore[index]

    def price(self, name: str, row: int) -> Cell:
        """A price of the quote."""
        price = int(self.market.quotes.rows[name][row])
        if price == NO_PRICE:
            return NOTHING
        return format_price(price, self.market.instruments.at(row).price_decimals), "", "", None, None

    def quantity(self, name: str, row: int) -> Cell:
        """A quantity of the quote."""
        quantity = int(self.market.quotes.rows[name][row])
        if not quantity:
            return NOTHING
        return format_quantity(quantity, self.market.instruments.at(row).quantity_decimals), "", "", None, None

    def change(self, row: int) -> Cell:
        """The day's change in prices."""
        change = self.market.quotes.change(row)
        if change is None:
            return NOTHING
        text = format_price(change, self.market.instruments.at(row).price_decimals, signed=True)
        return text, _direction(change), "", None, None

    def change_percent(self, row: int) -> Cell:
        """The day's change in percent; for how long the price must not be trusted, where it must not."""
        stale_ns = self.stale_ns(row)
        if stale_ns:
            return f"STALE {format_duration(stale_ns)}", "stale", "", None, None
        change = self.market.quotes.change(row)
        if change is None:
            return NOTHING
        text = format_percent(change, abs(self.market.quotes.base(row)), signed=True)
        return text, _direction(change), "", None, None

    def course(self, row: int) -> Cell:
        """The day's course against the previous close."""
        points = self.market.sparklines.points(row)
        base = self.market.quotes.base(row)
        return "", "", "", None, points - base if base != NO_PRICE else points

    def day_range(self, row: int) -> Cell:
        """Where the last price and the open stand between the day's low and high: two fractions."""
        quote = self.market.quotes.rows[row]
        low, high, last, opened = (int(quote[name]) for name in ("low_price", "high_price", "last_price", "open_price"))
        if NO_PRICE in (low, high, last) or high <= low:
            return EMPTY
        start = (opened - low) / (high - low) if opened != NO_PRICE else 0.5
        return "", "", "", None, ((last - low) / (high - low), start)

    def relative_volume(self, row: int) -> Cell:
        """Today's volume against what is usual by this time."""
        ratio = self.figure("relative_volume", row)
        if ratio != ratio:
            return NOTHING
        return format_price(round(min(ratio, 1e6) * 100), 2), "", "", None, ratio / BAR_FULL

    def average_volume(self, row: int) -> Cell:
        """The volume of an average day."""
        quantity = int(self.market.quotes.average_volume[row])
        decimals = self.market.instruments.at(row).quantity_decimals
        return (format_quantity(quantity, decimals), "", "", None, None) if quantity > 0 else NOTHING

    def spread(self, row: int) -> Cell:
        """Ask less bid; a crossed book is a warning."""
        quote = self.market.quotes.rows[row]
        bid, ask = int(quote["bid_price"]), int(quote["ask_price"])
        if NO_PRICE in (bid, ask):
            return NOTHING
        tone = "warning" if ask < bid else ""
        return format_price(ask - bid, self.market.instruments.at(row).price_decimals), tone, "", None, None

    def turnover(self, row: int) -> Cell:
        """Traded today, in the currency."""
        amount = int(self.market.quotes.turnover[row])
        decimals = self.market.instruments.at(row).money_decimals
        return (format_money(amount, decimals, shown_decimals=0), "", "", None, None) if amount else NOTHING

    def trades(self, row: int) -> Cell:
        """How many trades today."""
        count = int(self.market.quotes.trades[row])
        return (format_quantity(count), "", "", None, None) if count else NOTHING

    def text(self, name: str, row: int) -> Cell:
        """A text of the reference data."""
        return str(getattr(self.market.instruments.at(row), name)), "text_2" if name != "symbol" else "", "", None, None

    def phase(self, row: int) -> Cell:
        """The market phase."""
        word = PHASE_WORDS[self.market.instruments.phase(self.market.instruments.at(row).instrument)]
        return word, "text_2", "", None, None


def _price(title: str, name: str, field: str, width: int = 88) -> WatchColumn:
    return WatchColumn(Heading(title, width, "r"), lambda cells, row: cells.price(name, row), field)


def _quantity(title: str, name: str, field: str) -> WatchColumn:
    return WatchColumn(Heading(title, 80, "r"), lambda cells, row: cells.quantity(name, row), field)


def _text(title: str, name: str, width: int, kind: str = "text") -> WatchColumn:
    return WatchColumn(Heading(title, width, "l", kind), lambda cells, row: cells.text(name, row))


COLUMNS: Final = (
    _text("Instrument", "symbol", 84, "name"),
    WatchColumn(Heading("Day", 60, "c", "spark"), WatchCells.course, "change_percent"),
    WatchColumn(Heading("Last", 92, "r"), lambda cells, row: cells.price("last_price", row), "last"),
    WatchColumn(Heading("Chg %", 80, "r"), WatchCells.change_percent, "change_percent"),
    WatchColumn(Heading("Range", 84, "c", "range"), WatchCells.day_range, "range_place"),
    WatchColumn(Heading("Vol ×", 96, "r", "bar"), WatchCells.relative_volume, "relative_volume"),
    WatchColumn(Heading("Spread", 68, "r"), WatchCells.spread, "spread"),
    _quantity("Volume", "volume", "volume"),
    _price("Bid", "bid_price", "bid"),
    _price("Ask", "ask_price", "ask"),
    WatchColumn(Heading("Chg", 80, "r"), WatchCells.change, "change"),
    _quantity("Bid size", "bid_quantity", "bid_size"),
    _quantity("Ask size", "ask_quantity", "ask_size"),
    _price("Open", "open_price", "open"),
    _price("High", "high_price", "high"),
    _price("Low", "low_price", "low"),
    WatchColumn(Heading("Turnover", 108, "r"), WatchCells.turnover, "turnover"),
    WatchColumn(Heading("Trades", 64, "r"), WatchCells.trades, "trades"),
    WatchColumn(Heading("Avg volume", 96, "r"), WatchCells.average_volume, "average_volume"),
    _text("Name", "name", 140),
    _text("ISIN", "isin", 108, "data"),
    WatchColumn(Heading("Phase", 88, "l", "text"), WatchCells.phase),
)  # fmt: skip
SHOWN: Final = ("Instrument", "Day", "Last", "Chg %", "Range", "Vol ×", "Spread", "Volume", "Bid", "Ask")
KEPT: Final = ("Instrument", "Last", "Chg %")
"""These stay: without them one could not see that a price is stale."""


def formula_heading(formula: Formula, problem: str) -> Heading:
    """The head of a column of one's own; one that cannot be computed says so."""
    width = max(72, 8 * len(formula.title) + 24)
    return Heading(f"! {formula.title}" if problem else formula.title, min(width, 160), "r")


def _direction(change: int) -> str:
    return "up" if change > 0 else "down" if change < 0 else "label"
