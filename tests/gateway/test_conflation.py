"""The conflated lanes keep the newest of each price, and leave auctions to the book."""

import random

import numpy as np

from server.gateway.conflation import auction_instruments, is_print, newest_levels, split_by_instrument, trades
from server.protocol.enums import MarketDataFlag, MarketDataKind, Side
from server.protocol.records import BOOK_RECORD


def random_rows(seed: int, count: int) -> np.ndarray:
    random_ = random.Random(seed)
    made = np.zeros(count, BOOK_RECORD)
    for row in made:
        row["kind"] = random_.choice([1, 2, 3, 4])
        row["side"] = random_.randint(0, 1)
        row["instrument"] = random_.randint(1, 3)
        row["price"] = random_.randint(-3, 3)
        row["level_quantity"] = random_.randint(0, 50)
        row["level_orders"] = random_.randint(0, 5)
        row["public_order_id"] = 9
    made["sequence"] = np.arange(count)
    return made


def test_levels_against_a_dictionary() -> None:
    for seed in range(20):
        records = random_rows(seed, 200)
        newest = {(int(r["instrument"]), int(r["side"]), int(r["price"])): r for r in records}
        levels = newest_levels(records)
        keys = [(int(r["instrument"]), int(r["side"]), int(r["price"])) for r in levels]
        assert keys == sorted(newest), f"seed {seed}"
        for key, row in zip(keys, levels, strict=True):
            assert row["kind"] == MarketDataKind.LEVEL
            assert row["quantity"] == row["level_quantity"] == newest[key]["level_quantity"]
            assert row["level_orders"] == newest[key]["level_orders"]
            assert row["sequence"] == newest[key]["sequence"]
            assert row["public_order_id"] == 0


def test_parts_of_an_instrument_keep_their_order() -> None:
    records = random_rows(1, 100)
    parts = dict(split_by_instrument(records))
    assert sorted(parts) == [1, 2, 3]
    for instrument, rows in parts.items():
        assert rows["sequence"].tolist() == records["sequence"][records["instrument"] == instrument].tolist()
    one = records[:1]
    assert split_by_instrument(one)[0][1] is one


def test_a_print_becomes_a_trade_of_the_aggressor() -> None:
    records = random_rows(2, 50)
    records["kind"] = MarketDataKind.EXECUTE
    records["flags"][::2] = MarketDataFlag.PRINT
    records["trade_number"] = np.arange(50)
    prints = records[is_print(records)]
    made = trades(prints)
    assert made["trade_number"].tolist() == list(range(0, 50, 2))
    assert (made["side"] == Side.SELL - prints["side"]).all()
    assert not made["public_order_id"].any()
    assert not made["flags"].any()


def test_auctions_are_found() -> None:
    records = random_rows(3, 10)
    records["instrument"] = 1
    assert auction_instruments(records) == []
    records["instrument"][4] = 2
    records["flags"][4] = MarketDataFlag.AUCTION | MarketDataFlag.PRINT
    assert auction_instruments(records) == [2]
