"""What a view of a book has to say before it shows it: stale, recovering, halted, delisted, or nothing."""

from app.desk import Desk
from app.models.reasons import NO_ENTRY, PHASE_WORDS


def book_state(desk: Desk, instrument: int) -> tuple[str, str, str]:
    """A state of the panels' overlay, a title and a detail, for the book of an instrument."""
    state, title, detail = desk.trust.feed_state(instrument)
    market = desk.state.market
    info = market.instruments.get(instrument)
    if info is None or state != "live":
        return ("empty" if state == "loading" else state), title, detail
    phase = market.instruments.phase(instrument)
    if phase in NO_ENTRY:
        return "halted", f"{info.symbol} {PHASE_WORDS[phase].upper()}", "only cancels count now"
    if not market.book(instrument).complete:
        return "empty", "Waiting for the book", "a snapshot was asked for"
    return "live", "", ""
