"""A private event as a title and a sentence, for the activity log and the toasts."""

from app.models import words
from app.models.activity_model import ActivityLine
from app.models.reasons import cancel_word, reject_detail, reject_word
from app.state.changes import Notice, NoticeKind
from app.state.workstation import Workstation
from server.protocol.enums import Side
from server.protocol.records import NO_PRICE
from widgets.formatting import format_price, format_quantity


def notice_line(state: Workstation, notice: Notice) -> ActivityLine:
    """What to tell a person about an event."""
    event = notice.event
    info = state.market.instruments.get(int(event["instrument"]))
    prices, lots = (info.price_decimals, info.quantity_decimals) if info else (0, 0)
    symbol = info.symbol if info else str(int(event["instrument"]))
    side = words.SIDE[Side(int(event["side"]))][0] if event["side"] in (0, 1) else ""
    quantity = format_quantity(int(event["quantity"]), lots)
    price = "market" if event["price"] == NO_PRICE else format_price(int(event["price"]), prices)
    order = f"{side} {quantity} {symbol} {price}".strip()
    if notice.kind is NoticeKind.FILLED:
        traded = format_quantity(int(event["last_quantity"]), lots)
        at = format_price(int(event["last_price"]), prices)
        title = f"FILLED {traded} of {quantity}"
        return ActivityLine(notice.time_ns, "own", "filled", title, f"{side} {symbol} at {at}")
    if notice.kind is NoticeKind.REJECTED:
        reason = int(event["reason"])
        detail = reject_detail(reason, int(event["value"]), int(event["limit"]), info)
        if not event["quantity"]:
            order = "the command"
        title = f"REJECTED: {reject_word(reason)}"
        return ActivityLine(notice.time_ns, "warning", "rejected", title, f"{order}{': ' if detail else ''}{detail}")
    title = f"CANCELLED: {cancel_word(int(event['reason']))}"
    return ActivityLine(notice.time_ns, "label", "cancelled", title, order)
