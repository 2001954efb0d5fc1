"""Where the figures of a panel come from and how old they are, in a few lines."""

from app.state.workstation import Workstation
from server.client.incoming import Channel, ChannelState
from server.protocol.enums import Topic
from widgets.formatting import format_latency, format_quantity, format_time

_TOPICS = ((Topic.QUOTE, "quote"), (Topic.DEPTH, "book"), (Topic.TRADES, "trades"), (Topic.STATUS, "phase"))


def provenance(state: Workstation, instrument: int, now_ns: int) -> str:
    """Feed, quote, book and tape of an instrument (0: of the feed alone) as of `now_ns`, the workstation's clock."""
    feed = state.streams[Channel.MARKET_DATA]
    word = "live" if feed.state is ChannelState.LIVE else feed.state.value.upper()
    age = f", last message {format_latency(feed.age_ns(now_ns))} ago" if feed.contact_ns else ""
    mode = f" · {state.mode.name.lower()}" if state.mode is not None else ""
    lines = [f"Market data: {word}{age}{mode}"]
    info = state.market.instruments.get(instrument)
    if info is None:
        return lines[0]
    row = state.market.instruments.row(instrument)
    received_ns, quote = int(state.market.quotes.received_ns[row]), state.market.quotes.rows[row]
    if received_ns:
        lines.append(
            f"{info.symbol} quote: of {format_time(int(quote['time_ns']))}, here {format_latency(now_ns - received_ns)}"
            f" ago, command {format_quantity(int(quote['sequence']))}"
        )
    else:
        lines.append(f"{info.symbol} quote: none yet")
    book = state.market.books.get(instrument)
    if book is not None:
        told = "complete, checked" if book.complete else "not complete: a snapshot was asked for"
        lines.append(f"Book: {told}, as of command {format_quantity(book.engine_sequence)}")
    ring = state.market.trades.get(instrument)
    if ring is not None and len(ring):
        newest = ring.rows[-1]
        lines.append(f"Newest print: {format_time(int(newest['time_ns']))}, trade {int(newest['trade_number'])}")
    for topic, name in _TOPICS:
        stale = state.market.stale.of(topic, instrument)
        if stale is not None:
            lines.append(f"STALE {name}: {stale.reason.value}, since {format_time(stale.since_ns)}")
    return "\n".join(lines)
