"""What may be believed of the market, and whether an order may leave: the same answer for every panel."""

from collections.abc import Callable

from app.models.reasons import NO_ENTRY, PHASE_WORDS, RESTRICTED, RESTRICTION
from app.state.staleness import Stale
from app.state.workstation import Workstation
from server.client.incoming import Channel, ChannelState
from server.protocol.enums import FaultCode, Mode, Right, Topic
from widgets.formatting import format_duration, format_time


class Trust:
    """Judges the state by its streams. `clock` is the workstation's."""

    def __init__(self, state: Workstation, clock: Callable[[], int]) -> None:
        """A judge of `state`."""
        self._state, self._clock = state, clock

    def feed_state(self, instrument: int = 0) -> tuple[str, str, str]:
        """What market data (of an instrument, if one is given) is worth now: a state of the panels' overlay, a title
        and a detail.
        """
        feed = self._state.streams[Channel.MARKET_DATA]
        if feed.state is ChannelState.LIVE:
            stale = self._state.market.stale.price(instrument)
            return self._stale_state(stale) if stale else ("live", "", "")
        age = format_duration(feed.age_ns(self._clock())) if feed.contact_ns else ""
        if feed.state is ChannelState.STALE:
            return "stale", f"STALE {age}", "nothing came; do not trust these figures"
        if feed.contact_ns:
            return "disconnected", "MARKET DATA DISCONNECTED", f"last contact {format_time(feed.contact_ns)}"
        return "loading", "Connecting", feed.reason or "to market data"

    def tape_state(self, instrument: int) -> tuple[str, str, str]:
        """The same for the trades of an instrument."""
        feed = self.feed_state()
        stale = self._state.market.stale.of(Topic.TRADES, instrument)
        return self._stale_state(stale) if feed[0] == "live" and stale else feed

    def _stale_state(self, stale: Stale) -> tuple[str, str, str]:
        return "stale", f"STALE {format_duration(self._clock() - stale.since_ns)}", f"{stale.reason.value}; asked anew"

    def stale_ns(self, row: int) -> int:
        """For how long the quote of an instrument row must not be trusted; 0 if it is sound."""
        if self._state.streams[Channel.MARKET_DATA].state is ChannelState.LIVE:
            stale = self._state.market.stale.price(self._state.market.instruments.at(row).instrument)
            return max(1, self._clock() - stale.since_ns) if stale else 0
        received_ns = int(self._state.market.quotes.received_ns[row])
        return self._clock() - received_ns if received_ns else 0

    def is_stale(self, instrument: int) -> bool:
        """Whether the price of an instrument must not be trusted."""
        row = self._state.market.instruments.row(instrument)
        return row >= 0 and self.stale_ns(row) > 0

    def stale_sentence(self, instrument: int) -> str:
        """Why nothing may be sent against the price of an instrument, "" if it is sound. Cancels always may."""
        info = self._state.market.instruments.get(instrument)
        if info is None or not self.is_stale(instrument):
            return ""
        stale = self._state.market.stale.price(instrument)
        age = format_duration(self.stale_ns(self._state.market.instruments.row(instrument)))
        return f"{info.symbol} is stale for {age}: {stale.reason.value if stale else 'market data has stopped'}"

    def orders_live(self) -> bool:
        """Whether the order path is sound."""
        return self._state.streams[Channel.ORDERS].state is ChannelState.LIVE

    def blocked_reason(self, account: int, instrument: int) -> str:
        """Why an order of an account on an instrument cannot leave now, "" if it can."""
        return self.closed_reason(account, instrument) or self.stale_sentence(instrument)

    def closed_reason(self, account: int, instrument: int) -> str:
        """The same but for stale prices, which pass: it is no reason to disarm a ladder."""
        state = self._state
        if state.mode is Mode.REPLAY:
            return "Replay: orders cannot leave"
        if not self.orders_live():
            return "Order path disconnected"
        if state.restriction is not FaultCode.NONE:
            return RESTRICTION.get(state.restriction, RESTRICTED)
        if account not in state.accounts.accounts:
            return "No account to trade for"
        if not state.accounts.accounts[account].rights & Right.TRADE:
            return "View only: no right to trade"
        phase = state.market.instruments.phase(instrument)
        return f"{PHASE_WORDS[phase].capitalize()}: no new orders" if phase in NO_ENTRY else ""
