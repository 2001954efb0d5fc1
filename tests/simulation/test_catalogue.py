"""The demo's instruments: enough of them, different, and acceptable to the engine."""

from server.gateway.reference import reference_commands
from server.protocol.enums import EventKind
from server.protocol.records import NUMBER_LIMIT
from server.reference.isin import is_isin
from server.simulation.catalogue import demo_reference, load_catalogue
from tests.oracle import OracleExchange


def test_at_least_twelve_instruments_of_different_kinds():
    items = load_catalogue().instruments
    assert len(items) >= 12
    assert len({item.symbol for item in items}) == len({item.instrument for item in items}) == len(items)
    assert len({item.tick_size for item in items}) >= 4
    assert len({item.price_decimals for item in items}) >= 4
    assert max(item.pace for item in items) >= 5 * min(item.pace for item in items)


def test_each_has_an_isin_of_its_own():
    codes = [item.isin for item in load_catalogue().instruments]
    assert len(set(codes)) == len(codes)
    assert all(is_isin(code) and code.startswith("XX") for code in codes)


def test_numbers_stay_below_the_limit():
    for item in demo_reference(("a", "b", "c")).instruments:
        assert item.price_max * item.quantity_max * item.cash_scale < NUMBER_LIMIT
        assert (item.price_max - item.price_min) % item.tick_size == 0
        assert item.reference_price % item.tick_size == 0


def test_the_exchange_refuses_nothing_of_it():
    commands = reference_commands(demo_reference(("a", "b", "c")))
    commands["sequence"] = range(1, len(commands) + 1)
    commands["time_ns"] = range(1, len(commands) + 1)
    events = OracleExchange().apply(commands).events
    assert (events["kind"] != EventKind.REJECTED).all()
    assert (events["kind"] == EventKind.ACCOUNT_OPENED).sum() == 7
