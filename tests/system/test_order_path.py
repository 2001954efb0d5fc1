"""The whole path over real processes and sockets: logon, order, fill, position, market data, late joiner, restart."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from server.protocol import control
from server.protocol.enums import EventKind, Liquidity, Mode, OrderState, RejectReason, Side, TimeInForce, Topic
from server.protocol.records import EVENT, POSITION_EVENT
from tests.system.desk_client import DeskClient
from tests.system.running import ACCOUNT, OTHER, OTHER_ACCOUNT, RunningServer

pytestmark = [pytest.mark.recovery, pytest.mark.timeout(200)]

FEEDS = (Topic.QUOTE, Topic.DEPTH, Topic.ORDERS, Topic.TRADES)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One server for the tests that do not end it; each uses prices of its own."""
    with RunningServer(tmp_path_factory.mktemp("path") / "data") as running:
        yield running


def desk(server: RunningServer, user: str = "trader", **options: object) -> DeskClient:
    """A client with a session and a complete private stream."""
    client = DeskClient(server.log_on(user, **options))
    client.synced()
    return client


def test_the_server_says_who_it_is(server: RunningServer):
    with server.connect() as connection:
        welcome = connection.hello()
    assert (welcome.mode, welcome.epoch) == (Mode.DEMO, server.ready["epoch"])


def test_an_order_becomes_a_fill_a_position_and_market_data(server: RunningServer):
    buyer, seller = desk(server), desk(server, OTHER)
    for topic in FEEDS:
        seller.connection.subscribe(topic, 1)
    seller.until(lambda: 1 in seller.depth and 1 in seller.orders and 1 in seller.quotes, "first snapshots")
    resting = buyer.answer(buyer.order(Side.BUY, 9_000, 30))
    assert (resting["kind"], resting["state"]) == (EventKind.ACCEPTED, OrderState.NEW)
    seller.until(lambda: seller.depth[1].best_bid() == (9_000, 30, 1), "the bid in the seller's book")
    taken = seller.order(Side.SELL, 9_000, 20, account=OTHER_ACCOUNT, time_in_force=TimeInForce.IOC)
    fill = buyer.until(lambda: buyer.of_kind(EventKind.EXECUTED), "the buyer's fill")[0]
    assert (fill["last_price"], fill["last_quantity"], fill["leaves"]) == (9_000, 20, 10)
    assert (fill["liquidity"], fill["state"]) == (Liquidity.MAKER, OrderState.PARTIALLY_FILLED)
    assert seller.answer(taken)["kind"] == EventKind.ACCEPTED
    position = buyer.until(lambda: buyer.of_kind(EventKind.POSITION), "the buyer's position")[-1]
    assert np.array([position]).view(POSITION_EVENT)[0]["net"] == 20
    seller.until(lambda: seller.depth[1].best_bid() == (9_000, 10, 1), "the rest in the seller's book")
    seller.until(lambda: seller.trades and seller.trades[-1]["quantity"] == 20, "the print")
    assert seller.trades[-1]["side"] == Side.SELL
    seller.until(lambda: seller.quotes[1]["last_price"] == 9_000, "the last price")
    accounts = buyer.ask(control.GetAccounts())
    assert isinstance(accounts, control.Accounts)
    assert [account.account for account in accounts.accounts] == [ACCOUNT]
    gone = buyer.answer(buyer.cancel(int(resting["order_id"])))
    assert (gone["kind"], gone["last_quantity"]) == (EventKind.CANCELED, 10)
    for client in (buyer, seller):
        client.connection.close()


def test_a_late_joiner_has_the_book_of_those_who_were_there(server: RunningServer):
    early = desk(server)
    for topic in FEEDS:
        early.connection.subscribe(topic, 2)
    early.until(lambda: 2 in early.depth and 2 in early.orders, "first snapshots")
    rng = np.random.default_rng(3)
    print("seed 3")
    for index in range(60):
        side = Side(index % 2)
        price = int(10_000 + rng.integers(-12, 3) * (1 if side == Side.BUY else -1))
        early.order(side, price, int(rng.integers(1, 40)), instrument=2)
        early.poll(0)
    late = desk(server, OTHER)
    late.connection.subscribe(Topic.DEPTH, 2)
    late.connection.subscribe(Topic.ORDERS, 2)
    last = early.order(Side.BUY, 9_950, 7, instrument=2)
    early.answer(last)
    for client in (early, late):
        client.until(
            lambda client=client: client.depth.get(2) is not None and 9_950 in client.depth[2].bids, "the last order"
        )
        client.until(
            lambda client=client: 2 in client.orders and 9_950 in client.orders[2].levels(Side.BUY), "it again"
        )
    assert late.depth[2].bids == early.depth[2].bids
    assert late.depth[2].asks == early.depth[2].asks
    for side, levels in ((Side.BUY, late.depth[2].bids), (Side.SELL, late.depth[2].asks)):
        assert late.orders[2].levels(side) == levels
    for client in (early, late):
        client.connection.close()


def test_a_duplicate_names_what_became_of_the_first(server: RunningServer):
    client = desk(server)
    counter = client.order(Side.BUY, 8_000, 5)
    first = client.answer(counter)
    client.connection.session.entry.counter = counter - 1
    client.order(Side.BUY, 8_000, 5)
    again = client.until(lambda: client.of_kind(EventKind.REJECTED), "the refusal")[0]
    assert (again["reason"], again["order_id"]) == (RejectReason.DUPLICATE, first["order_id"])
    client.answer(client.cancel(int(first["order_id"])))
    client.connection.close()


def test_the_same_connection_goes_on_after_kill_nine(tmp_path: Path):
    data = tmp_path / "data"
    with RunningServer(data) as first:
        client = desk(first, resume_from=0)
        client.connection.subscribe(Topic.DEPTH, 1)
        order = client.answer(client.order(Side.BUY, 9_500, 12))
        client.until(lambda: client.depth.get(1) and client.depth[1].bids.get(9_500) == (12, 1), "the level")
        seen = len(client.events)
        first.child.kill()
        ports = [str(first.ready[name]) for name in ("control_port", "order_port", "market_data_port")]
    named = [
        part
        for pair in zip(("--control-port", "--order-port", "--market-data-port"), ports, strict=True)
        for part in pair
    ]
    with RunningServer(data, extra=tuple(named)) as second:
        assert second.ready["epoch"] == first.ready["epoch"] + 1
        client.until(client.logons, "second session", 60.0)
        client.until(lambda: client.depth[1].bids.get(9_500) == (12, 1), "the level after the restart")
        gone = client.answer(client.cancel(int(order["order_id"])))
        assert (gone["kind"], gone["last_quantity"]) == (EventKind.CANCELED, 12)
        rows = np.array(client.events, EVENT)
        assert rows["stream_sequence"].tolist() == list(range(1, len(rows) + 1))
        assert len(rows) > seen
        client.connection.close()
