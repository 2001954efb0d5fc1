"""The agents over the oracle: repeatable, a full book on both sides, prices that stay where they belong."""

import numpy as np
import pytest

from server.gateway.reference import reference_commands
from server.protocol.codec import Records
from server.protocol.enums import CommandKind, EventKind, RejectReason
from server.protocol.records import EVENT
from server.simulation.catalogue import NOISE_ACCOUNT, SIMULATOR_USER, TRADER_USER, demo_reference, load_catalogue
from server.simulation.desk import DeskTrader
from server.simulation.market import SimulatedMarket
from server.simulation.past import Past
from tests.oracle import OracleExchange

START_NS = 1_790_000_000_000_000_000
MINUTE_NS = 60_000_000_000
INSTRUMENTS = 3


class Run:
    """Some minutes of a few instruments."""

    def __init__(self, seed: int, minutes: float) -> None:
        items = load_catalogue().instruments[:INSTRUMENTS]
        self.exchange = OracleExchange()
        self.market = SimulatedMarket(items, seed)
        kept: list[tuple[Records, Records, Records]] = []
        past = Past(self.market, DeskTrader(items, seed), self.exchange, START_NS, lambda *batch: kept.append(batch))
        self.end_ns = START_NS + int(minutes * MINUTE_NS)
        past.run(reference_commands(demo_reference(("a", "b", "c"))), self.end_ns, lambda share: None)
        self.commands, self.events, self.market_data = (np.concatenate(part) for part in zip(*kept, strict=True))


@pytest.fixture(scope="module")
def run() -> Run:
    """One run for the tests that only look."""
    return Run(seed=5, minutes=6)


def test_the_same_seed_gives_the_same_commands_and_another_one_others(run: Run):
    again = Run(seed=5, minutes=6)
    assert again.commands.tobytes() == run.commands.tobytes()
    assert again.exchange.state_hash() == run.exchange.state_hash()
    assert Run(seed=6, minutes=1).commands.tobytes() != run.commands[:1000].tobytes()


def test_times_rise_and_end_at_the_end(run: Run):
    times = run.commands["time_ns"]
    assert (np.diff(times) > 0).all()
    assert times[0] >= START_NS
    assert times[-1] < run.end_ns + MINUTE_NS // 60


def test_each_book_is_full_on_both_sides_and_tight(run: Run):
    for market in run.market.markets.values():
        bids = {price for maker in market.makers for price in maker.bids}
        asks = {price for maker in market.makers for price in maker.asks}
        if market.item.instrument > INSTRUMENTS:
            continue
        assert len(bids) >= 15
        assert len(asks) >= 15
        assert 1 <= market.touch.ask - market.touch.bid <= 8


def test_prices_stay_within_the_band_and_everything_trades(run: Run):
    executed = run.events[run.events["kind"] == EventKind.EXECUTED]
    for market in run.market.markets.values():
        prices = executed["last_price"][executed["instrument"] == market.item.instrument]
        assert len(prices) > 20
        assert (np.abs(prices / market.item.reference_price - 1.0) < 0.15).all()


def test_few_commands_are_refused_and_only_for_reasons_of_timing(run: Run):
    refused = run.events[run.events["kind"] == EventKind.REJECTED]
    expected = {RejectReason.UNKNOWN_ORDER, RejectReason.POST_ONLY_WOULD_TRADE}
    assert set(refused["reason"].tolist()) <= {int(reason) for reason in expected}
    assert len(refused) < 0.06 * len(run.commands)


def test_the_trader_has_a_past(run: Run):
    own = run.events[run.events["user"] == TRADER_USER]
    assert (own["kind"] == EventKind.ACCEPTED).sum() >= 4


def test_the_market_knows_its_orders_as_the_exchange_does(run: Run):
    live: dict[int, int] = {}
    for row in run.events[run.events["user"] == SIMULATOR_USER]:
        kind, order_id = row["kind"], int(row["order_id"])
        if kind == EventKind.ACCEPTED or kind in (EventKind.EXECUTED, EventKind.CANCELED):
            live[order_id] = int(row["leaves"])
    open_orders = {order_id for order_id, leaves in live.items() if leaves}
    assert run.market.live_orders == len(open_orders)


def test_orders_of_an_earlier_run_are_adopted_and_not_doubled(run: Run):
    accepted = run.events[(run.events["user"] == SIMULATOR_USER) & (run.events["kind"] == EventKind.ACCEPTED)]
    gone = run.events[(run.events["user"] == SIMULATOR_USER) & (run.events["leaves"] == 0)]["order_id"]
    resting = accepted[~np.isin(accepted["order_id"], gone)]
    resting = resting[resting["leaves"] > 0]
    assert len(resting) > 100
    market = SimulatedMarket(load_catalogue().instruments[:INSTRUMENTS], seed=9)
    market.begin(run.end_ns, resting)
    assert market.live_orders == len(resting)
    commands = market.act(run.end_ns + MINUTE_NS // 120)
    assert commands is not None
    placed = commands[commands["kind"] == CommandKind.NEW_ORDER]
    assert len(placed) < 0.5 * len(resting)
    cancelled = commands[commands["kind"] == CommandKind.CANCEL_ORDER]
    assert np.isin(cancelled["order_id"], resting["order_id"]).all()


def test_what_could_not_be_sent_is_forgotten(run: Run):
    market = SimulatedMarket(load_catalogue().instruments[:1], seed=2)
    market.begin(START_NS)
    assert market.act(START_NS + MINUTE_NS // 600) is not None
    market.dropped()
    maker = market.markets[1].makers[0]
    assert not maker.bids
    assert not maker.asks


def test_a_foreign_order_is_not_adopted():
    rows = np.zeros(1, EVENT)
    rows["account"] = 4471
    rows["instrument"] = 1
    market = SimulatedMarket(load_catalogue().instruments[:1], seed=2)
    market.begin(START_NS, rows)
    assert market.live_orders == 0
    rows["account"] = NOISE_ACCOUNT
    rows["price"], rows["leaves"], rows["order_id"] = 4800, 5, 77
    market = SimulatedMarket(load_catalogue().instruments[:1], seed=2)
    market.begin(START_NS, rows)
    assert market.live_orders == 1
