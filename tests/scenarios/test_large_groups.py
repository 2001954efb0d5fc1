"""Groups beyond what a group may hold: their tables would have a thousand lines."""

import numpy as np
import pytest

from server.engine.exchange import Exchange
from server.protocol.enums import EventKind, RejectReason
from tests.oracle import OracleExchange
from tests.scenarios.playing import AnyExchange
from tests.scenarios.world import World

LARGEST = 1_024
QUOTES_LARGEST = 200


def answers(exchange: type[AnyExchange], words: str) -> list[tuple[int, int, int]]:
    """(reason, value, limit) of each refusal of what Ann does."""
    world = World()
    with np.errstate(over="ignore"):  # as plain Python, words wrap around with a warning
        x = exchange()
        for commands in world.founding():
            x.apply(commands)
        events = x.apply(world.command(words)).events
    events = events[events["kind"] == EventKind.REJECTED]
    return list(zip(*(events[name].tolist() for name in ("reason", "value", "limit")), strict=True))


@pytest.mark.parametrize("exchange", [OracleExchange, Exchange], ids=lambda kind: kind.__name__)
def test_a_group_of_too_many_records_is_refused_order_by_order(exchange: type[AnyExchange]) -> None:
    count = LARGEST + 1
    refused = answers(exchange, "ann " + " & ".join(["buys 1 @ 1"] * count))
    assert refused == [(RejectReason.GROUP_TOO_LARGE, count, LARGEST)] * count


@pytest.mark.parametrize("exchange", [OracleExchange, Exchange], ids=lambda kind: kind.__name__)
def test_so_many_quotes_and_no_more(exchange: type[AnyExchange]) -> None:
    quotes = ["ABC - -"] * QUOTES_LARGEST
    assert answers(exchange, "ann quotes " + ", ".join(quotes)) == []
    refused = answers(exchange, "ann quotes " + ", ".join([*quotes, "ABC - -"]))
    assert [reason for reason, _, _ in refused] == [RejectReason.INVALID_GROUP]
