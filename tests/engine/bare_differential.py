"""The bare engine beside the oracle: every market data record, the due time, the books and the market's state.

Rules: this needs a process with TRADEPIT_ENGINE=bare. Of the state all is compared that is not of accounts, users,
positions, fees or streams of events; orders are compared with all their fields but the user.
`TRADEPIT_ENGINE=bare python -m tests.engine.bare_differential --commands 20000 --seed 7` does it by hand;
`--left-on events` shows, as plain Python, what a switch that does not work in one module of the engine would do.
"""

import argparse
import importlib
import sys
from collections.abc import Iterator

import numpy as np

from server.engine import layout as at
from server.engine.exchange import Exchange
from server.engine.hashing_orders import words_of_terms
from server.engine.hashing_phases import instrument_words
from server.engine.hashing_rows import (
    ID_BITS,
    columns,
    fields,
    instrument_rows,
    order_rows,
    rows_of_kind,
    words_of_orders,
)
from server.engine.hashing_stops import waiting_words
from server.engine.kernel import U, Words
from server.engine.layout_money import ACCOUNT_COMMITTED, TRADE_WORDS, TRADES_BASE, TRADES_SIZE
from server.engine.switches import BARE, ENGINE
from server.protocol.enums import Side
from server.protocol.records import BOOK_RECORD
from tests.engine.bare_flow import bare_run
from tests.engine.differential import PIECE, commands_around, first_difference, splits
from tests.oracle import hash_market, hashing
from tests.oracle.exchange import OracleExchange
from tests.oracle.flow import CHECKPOINT
from tests.oracle.flow_world import joined
from tests.oracle.state import Order

_MASK = (1 << 64) - 1
Numbers = list[int]


def engine_words(m: Words) -> Numbers:
    """The market's part of the engine's state, in the order of the state hash."""
    instruments = instrument_rows(m)
    parts = [
        m[[at.SHARD, at.SEQUENCE, at.TIME_NS, at.ORDER_IDS, at.PUBLIC_IDS, at.TRADE_IDS]],
        columns(m[instruments] & ID_BITS, *fields(m, instruments, at.INSTRUMENT_SYMBOL, 23)),
        *[words_of_orders(m, order_rows(m, instrument)) for instrument in instruments],
        *words_of_terms(m, instruments),
        *waiting_words(m),
        *instrument_words(m),
    ]
    return np.concatenate(parts).tolist()


def oracle_words(oracle: OracleExchange) -> Numbers:
    """The same of the oracle."""
    return [word & _MASK for word in market_words(oracle)]


def market_words(oracle: OracleExchange) -> Iterator[int]:
    """Counts, instruments, books, and all that the market's parts of the hash have."""
    yield from (oracle.shard, oracle.sequence, oracle.time_ns)
    yield from (oracle.orders_made, oracle.places_taken, oracle.trades_made)
    instruments = [instrument for _, instrument in sorted(oracle.instruments.items())]
    for instrument in instruments:
        yield from hashing.instrument_words(instrument)
    for instrument in instruments:
        for side in (Side.BUY, Side.SELL):
            for order in instrument.book.limit_orders(side):
                yield from nameless(order)
    yield from hash_market.words(oracle, nameless)


def nameless(order: Order) -> Iterator[int]:
    """The words of an order, its user left out."""
    for number, word in enumerate(hashing.order_words(order)):
        yield 0 if number == 2 else word


def written_of_accounts(m: Words) -> list[str]:
    """What the memory says of accounts, money, users' streams and trades: the bare engine writes none of it."""
    money = (at.ACCOUNT_CASH, at.ACCOUNT_RESERVED, at.ACCOUNT_ORDERS, at.ACCOUNT_FIRST_LAST, ACCOUNT_COMMITTED)
    lots = at.POSITION_NET + np.arange(5, dtype=np.uint64)
    trades = m[int(m[TRADES_BASE]) : int(m[TRADES_BASE] + m[TRADES_SIZE] * TRADE_WORDS)]
    written = {
        "counters": rows_of_kind(m, at.KIND_INSTANCE),
        "events": m[[at.EVENTS, at.EVENTS_USED]],
        "streams": m[rows_of_kind(m, at.KIND_USER) + at.USER_STREAM],
        "money": np.concatenate([m[rows_of_kind(m, at.KIND_ACCOUNT) + word] for word in money]),
        "positions": m[np.add.outer(rows_of_kind(m, at.KIND_POSITION), lots)],
        "trades": trades,
    }
    return [f"{name} were written" for name, words in written.items() if np.any(words != U(0))]


def compare(seed: int, count: int) -> list[str]:
    """What differs between the bare engine and the oracle over a whole run; empty if nothing does."""
    states: dict[int, tuple[Numbers, int]] = {}

    def note(oracle: OracleExchange) -> None:
        if oracle.sequence // CHECKPOINT > max(states, default=0) // CHECKPOINT or oracle.sequence == count:
            states[oracle.sequence] = oracle_words(oracle), oracle.next_due_ns

    run = bare_run(seed, count, note)
    found, market_data = [], []
    with np.errstate(over="ignore"):
        exchange = Exchange(1)
        for start, end in splits(run.starts, count, seed, list(states)):
            outputs = exchange.apply(run.commands[start:end])
            market_data.append(outputs.market_data.copy())
            if len(outputs.events):
                found.append(f"events at {end}")
            if end in states and (engine_words(exchange.memory), exchange.next_due_ns) != states[end]:
                found.append(f"state or next due at {end}")
    difference, sequence = first_difference("market data record", joined(market_data, BOOK_RECORD), run.market_data)
    if difference:
        found.insert(0, f"{difference}\n{commands_around(run, sequence)}")
    return found[:3] + written_of_accounts(exchange.memory)


def main() -> int:
    """Compares as many commands as asked for; exit status 1 if anything differs."""
    assert ENGINE == BARE, f"TRADEPIT_ENGINE is not {BARE}"
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--commands", type=int, default=PIECE)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--left-on", metavar="MODULE")
    options = parser.parse_args()
    if options.left_on:
        module = importlib.import_module(f"server.engine.{options.left_on}")
        for switch in ("WITH_ACCOUNTS", "WITH_EVENTS"):
            if hasattr(module, switch):
                setattr(module, switch, True)
    found = compare(options.seed, options.commands)
    for difference in found:
        sys.stdout.write(f"seed {options.seed}: {difference}\n")
    sys.stdout.write(f"{options.commands} commands, {len(found)} differences\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
