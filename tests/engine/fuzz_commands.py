"""Commands of which most are wrong: nothing but a known refusal may come of a wrong one, and nothing may change.

Rules: the flow is that of `tests.oracle.flow` with nine of ten groups spoiled (any field out of range, stale, of
another user, in the wrong phase, duplicated, a group torn). The engine must answer as the oracle does, which checks in
the documented order; a refused group leaves books, positions, balances, reservations, rights and counts as they were
(a hash over what the views show of them). An assertion or an overflow would end the run.
`python -m tests.engine.fuzz_commands [--count 100000] [--seed 1] [--areas a,b]`; seeds are printed.
"""

import argparse
import hashlib
import sys
from collections import Counter
from collections.abc import Iterable

import numpy as np

from server.engine import views
from server.engine.exchange import Exchange
from server.protocol.enums import EventKind, RejectReason
from tests.engine.differential import compare
from tests.oracle.flow import RandomRun, random_run
from tests.oracle.flow_areas import READY

SPOILED = 0.9
PIECE = 20_000
FIRST_OF_GATEWAY, LAST_OF_GATEWAY = RejectReason.BUSY, 99


def fingerprint(x: Exchange) -> bytes:
    """A hash over books, live orders, positions, balances, reservations, rights and phases."""
    digest = hashlib.blake2b(digest_size=16)
    for number in views.instrument_ids(x):
        for records in (views.book_orders(x, number), views.statistics(x, number), views.instrument(x, number)):
            digest.update(without_stamp(records))
    for account in views.account_ids(x):
        terms, cash, reserved = views.account_terms(x, account)
        digest.update(without_stamp(terms) + without_stamp(views.positions(x, account)))
        digest.update(repr((account, cash, reserved)).encode())
    for user in views.users(x):
        grants = views.grants(x, user)
        digest.update(without_stamp(views.open_orders(x, user)) + (repr(grants).encode() if grants else b""))
    return digest.digest()


def without_stamp(records: np.ndarray) -> bytes:
    """The bytes of records without what every command changes: sequences and times."""
    plain = records.copy()
    for name in ("sequence", "command_sequence", "time_ns", "stream_sequence"):
        if name in (plain.dtype.names or ()):
            plain[name] = 0
    return plain.tobytes()


def unchanged(run: RandomRun, every: int = 1) -> tuple[list[str], Counter[int]]:
    """(the first refused group that changed something, how often each reason was given); looks at every n-th group."""
    with np.errstate(over="ignore"):  # as plain Python, words wrap around with a warning
        return unchanged_in(Exchange(1), run, every)


def unchanged_in(exchange: Exchange, run: RandomRun, every: int) -> tuple[list[str], Counter[int]]:
    """As `unchanged`, on a new exchange."""
    reasons: Counter[int] = Counter()
    ends = [*run.starts[1:], len(run.commands)]
    before, fresh = b"", False
    for number, (start, end) in enumerate(zip(run.starts, ends, strict=True)):
        watched = number % every == 0
        if watched and not fresh:
            before = fingerprint(exchange)
        events = exchange.apply(run.commands[start:end]).events
        refused = events[events["kind"] == EventKind.REJECTED]["reason"].tolist()
        reasons.update(refused)
        unknown = [reason for reason in refused if not is_reason_of_engine(reason)]
        if unknown:
            return [f"sequence {start + 1}: reason {unknown[0]} is none of the engine's"], reasons
        fresh = False
        if watched and refused and len(refused) == len(events):
            fresh = True
            if fingerprint(exchange) != before:
                return [f"sequence {start + 1}: {RejectReason(refused[0]).name} changed something"], reasons
    return [], reasons


def is_reason_of_engine(reason: int) -> bool:
    """Whether it is a reason that the engine may give."""
    return reason in set(RejectReason) and reason != 0 and not FIRST_OF_GATEWAY <= reason <= LAST_OF_GATEWAY


def fuzz(seed: int, count: int, areas: Iterable[str] = READY, every: int = 1) -> tuple[list[str], Counter[int]]:
    """(what is wrong, how often each reason was given) of one seed."""
    run = random_run(seed, count, areas=areas, spoiled=SPOILED)
    found, reasons = unchanged(run, every)
    return compare(run, seed) + found, reasons


def main() -> int:
    """Prints what is wrong and the reasons that were given; exit status 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--areas", default=",".join(READY))
    options = parser.parse_args()
    areas = [area for area in options.areas.split(",") if area]
    given: Counter[int] = Counter()
    wrong = 0
    for piece, start in enumerate(range(0, options.count, PIECE)):
        seed = options.seed + piece
        found, reasons = fuzz(seed, min(PIECE, options.count - start), areas)
        given += reasons
        wrong += len(found)
        sys.stdout.write(f"seed {seed}: {'; '.join(found) or 'nothing found'}\n")
    sys.stdout.write("\n".join(f"{RejectReason(reason).name:28}{n:>8}" for reason, n in sorted(given.items())) + "\n")
    sys.stdout.write(f"{options.count} commands, {sum(given.values())} refusals, {wrong} findings\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
