"""What waits between the threads: conflated, joined, bounded."""

import numpy as np

from app.link.inbox import Inbox, Measured
from server.client.incoming import MarketDataReceived, PrivateSynced
from server.protocol.enums import Side, Topic
from tests.app.made import levels, quote, received


def test_quotes_are_conflated_and_counted() -> None:
    inbox = Inbox()
    inbox.put([received(Topic.QUOTE, quote(1, last=1)), received(Topic.QUOTE, quote(2, last=2))])
    inbox.put([received(Topic.QUOTE, quote(1, last=3))])
    taken = inbox.take()
    assert dict(zip(taken.instruments.tolist(), taken.quotes["last_price"].tolist(), strict=True)) == {1: 3, 2: 2}
    assert (inbox.conflated, taken.messages, taken.records) == (1, 3, 3)
    assert not len(inbox.take().instruments)


def test_changes_of_a_stream_are_joined_in_order_and_a_snapshot_drops_what_was_before() -> None:
    inbox = Inbox()
    inbox.put([
        received(Topic.DEPTH, levels((Side.BUY, 1, 1))),
        received(Topic.DEPTH, levels((Side.BUY, 2, 2)), snapshot=True),
        received(Topic.DEPTH, levels((Side.BUY, 3, 3))),
        received(Topic.DEPTH, levels((Side.BUY, 4, 4)), gap=True),
        received(Topic.TRADES, levels((Side.BUY, 9, 9))),
    ])  # fmt: skip
    depth = [one for one in inbox.take().market_data if one.topic is Topic.DEPTH]
    assert [one.snapshot for one in depth] == [True, False]
    assert depth[0].records["price"].tolist() == [2]
    assert depth[1].records["price"].tolist() == [3, 4]
    assert depth[1].gap


def test_too_much_market_data_is_dropped_by_whole_streams_and_named_but_items_never() -> None:
    inbox = Inbox(records_max=3)
    inbox.put([PrivateSynced(1), received(Topic.DEPTH, levels((Side.BUY, 1, 1), (Side.BUY, 2, 1)))])
    inbox.put([received(Topic.TRADES, levels((Side.BUY, 1, 1), (Side.BUY, 2, 1), number=2))])
    inbox.put_item(Measured(0, 0))
    taken = inbox.take()
    assert taken.market_data == []
    assert [type(item) for item in taken.items] == [PrivateSynced, Measured]
    assert inbox.dropped == 4
    assert inbox.take_lost() == {(Topic.DEPTH, 1), (Topic.TRADES, 2)}
    assert inbox.take_lost() == set()


def test_many_instruments_get_slots_of_their_own() -> None:
    inbox = Inbox()
    numbers = list(range(1, 200))
    inbox.put([MarketDataReceived(Topic.QUOTE, number, quote(number, last=number), 1, 1) for number in numbers])
    taken = inbox.take()
    assert np.array_equal(taken.instruments, taken.quotes["last_price"])
    assert sorted(taken.instruments.tolist()) == numbers
