"""What keeps an order from leaving, as far as the exchange says so."""

import time

from app.models.trust import Trust
from app.state.workstation import Workstation
from server.client.incoming import Channel, ChannelState, StreamState
from server.protocol.enums import FaultCode


def test_an_exchange_that_takes_no_orders_blocks_them_and_says_why() -> None:
    state = Workstation()
    trust = Trust(state, time.time_ns)
    state.apply_stream_state(StreamState(Channel.ORDERS, ChannelState.LIVE), 1)
    assert trust.blocked_reason(1, 1) == "No account to trade for"
    state.take_changes()
    state.apply_restriction(FaultCode.DISK_FULL)
    assert state.take_changes().streams
    assert trust.blocked_reason(1, 1) == "Orders are refused: the exchange's disk is full; cancels work"
    state.apply_restriction(FaultCode.BUSY)
    assert trust.blocked_reason(1, 1).startswith("Orders are refused"), "a code that is newer than this window"
    state.apply_restriction(FaultCode.NONE)
    assert trust.blocked_reason(1, 1) == "No account to trade for"
