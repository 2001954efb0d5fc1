"""The auction equals brute force over every price; 100,000 books by hand, a part of them here."""

import pytest

from server.engine.exchange import Exchange
from tests.engine.auction_brute_force import Bid, RandomBook, Uncrossing, brute_force, differences
from tests.oracle import OracleExchange


@pytest.mark.differential
def test_the_engine_uncrosses_as_brute_force_does() -> None:
    assert next(differences(Exchange, 1, 6_000), None) is None


def test_the_oracle_uncrosses_as_brute_force_does() -> None:
    assert next(differences(OracleExchange, 2, 300), None) is None


@pytest.mark.parametrize(
    ("orders", "reference", "expected"),
    [
        ([(0, 102, 10), (1, 100, 10)], 101, Uncrossing(102, 10, 0, (10, 10))),
        ([(0, 102, 10), (1, 100, 10)], 99, Uncrossing(100, 10, 0, (10, 10))),
        ([(0, 102, 15), (1, 100, 10)], 99, Uncrossing(102, 10, 5, (10, 10))),
        ([(0, 102, 10), (1, 100, 15)], 105, Uncrossing(100, 10, -5, (10, 10))),
        ([(0, None, 5), (1, None, 8)], 110, Uncrossing(110, 5, -3, (5, 5))),
        ([(0, None, 5), (1, None, 8)], None, Uncrossing(None, 0, 0, (0, 0))),
        ([(0, 101, 5), (0, None, 5), (1, 101, 7)], 100, Uncrossing(101, 7, 3, (2, 5, 7))),
    ],
)
def test_brute_force_itself(
    orders: list[tuple[int, int | None, int]], reference: int | None, expected: Uncrossing
) -> None:
    assert brute_force(RandomBook(tuple(Bid(*order) for order in orders), reference)) == expected
