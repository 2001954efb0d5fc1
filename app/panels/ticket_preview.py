"""What an order would cost and change, as rows of the ticket: before the button is pressed."""

from app.desk import Desk
from server.protocol import control
from server.protocol.enums import Side
from server.protocol.records import NO_PRICE
from widgets.formatting import DASH, format_money, format_percent, format_quantity
from widgets.order_draft import OrderDraft
from widgets.order_preview import PreviewRow


def preview_rows(desk: Desk, info: control.Instrument, draft: OrderDraft) -> list[PreviewRow]:
    """Notional, distance, share of the day, position, queue and buying power after."""
    market = desk.state.market
    quote = market.quotes.rows[market.instruments.row(info.instrument)]
    bid, ask = int(quote["bid_price"]), int(quote["ask_price"])
    opposite = ask if draft.side == Side.BUY else bid
    price = draft.price if draft.price is not None else opposite
    known = price not in (None, NO_PRICE)
    notional = price * draft.quantity * info.cash_scale if known else 0
    rows = [_row(f"Notional {info.currency}", format_money(notional, info.money_decimals) if known else DASH)]
    rows.append(_row("From market", _distance(info, price, opposite) if known else DASH))
    volume = int(quote["volume"])
    rows.append(_row("Share of day's volume", f"{format_percent(draft.quantity, volume)} %" if volume else DASH))
    rows.append(_position_row(desk, info, draft))
    rows.append(_row("Ahead in queue", _ahead(desk, info, draft, price if known else NO_PRICE)))
    rows.append(_power_row(desk, draft, notional))
    return rows


def _row(label: str, text: str) -> PreviewRow:
    return PreviewRow(label, "", text)


def _distance(info: control.Instrument, price: int, opposite: int) -> str:
    if opposite == NO_PRICE:
        return DASH
    ticks = (price - opposite) // info.tick_size
    percent = format_percent(price - opposite, opposite, signed=True)
    return f"{format_quantity(ticks, signed=True)} ticks  {percent} %"


def _position_row(desk: Desk, info: control.Instrument, draft: OrderDraft) -> PreviewRow:
    net = desk.state.accounts.net(desk.account, info.instrument)
    after = net + (draft.quantity if draft.side == Side.BUY else -draft.quantity)
    before, behind = (format_quantity(one, info.quantity_decimals, signed=True) for one in (net, after))
    return PreviewRow("Position after", before, behind)


def _ahead(desk: Desk, info: control.Instrument, draft: OrderDraft, price: int) -> str:
    if price == NO_PRICE or draft.order_type == "market":
        return DASH
    book = desk.state.market.book(info.instrument)
    own, other = (book.bids, book.asks) if draft.side == Side.BUY else (book.asks, book.bids)
    best = other.best()
    crosses = best != NO_PRICE and (price >= best if draft.side == Side.BUY else price <= best)
    return "trades at once" if crosses else format_quantity(own.quantity_at(price), info.quantity_decimals)


def _power_row(desk: Desk, draft: OrderDraft, notional: int) -> PreviewRow:
    account = desk.state.accounts.accounts.get(desk.account)
    if account is None or account.cash + account.credit_limit <= 0:
        return _row("Buying power used", DASH)
    whole = account.cash + account.credit_limit
    used = account.reserved
    after = used + (notional if draft.side == Side.BUY else 0)
    before_part, after_part = (min(1.0, max(0.0, one / whole)) for one in (used, after))
    tone = "warning" if after > whole else "text"
    return PreviewRow(
        "Buying power used", f"{before_part * 100:.1f}", f"{after_part * 100:.1f} %", tone, before_part, after_part
    )
