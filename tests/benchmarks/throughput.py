"""Orders a second by one session, beside the same echo pipelined: `order.throughput.*`, `order.batch_throughput.*`.

Rules: every order is answered before the clock stops; all figures are medians of blocks taken in turn. `fsync` names
the durability, with `os` as its yardstick, measured by a second server in turn; all else is `os`.
"""

from collections.abc import Iterable
from statistics import median

from tests.benchmarks.measure import MeasureGroup, Result
from tests.benchmarks.order_rig import pair

BLOCKS = 5
ORDERS = 6_000
WINDOW = 1_000
BATCH = 100
BATCH_ORDERS = 100_000
BATCH_WINDOW = 10_000


def throughput(*, spin: bool) -> Iterable[Result]:
    """One order a message, and a hundred."""
    single: list[float] = []
    batched: list[float] = []
    echoes: list[float] = []
    with pair(spin=spin) as running:
        for block in range(-1, BLOCKS):
            with running.server_turn() as trader:
                one = ORDERS / trader.pipelined(ORDERS, WINDOW, 1)
                many = BATCH_ORDERS / trader.pipelined(BATCH_ORDERS, BATCH_WINDOW, BATCH)
            with running.echo_turn() as echo:
                bare = ORDERS / echo.pipelined(ORDERS, WINDOW)
            if block >= 0:
                single.append(one)
                batched.append(many)
                echoes.append(bare)
    infix = "spin." if spin else ""
    yardstick = median(echoes)
    yield Result(f"order.throughput.{infix}per_s", "1/s", median(single), yardstick, "bare echo over CURVE, pipelined")
    yield Result(f"order.batch_throughput.{infix}per_s", "1/s", median(batched), yardstick, f"{BATCH} orders a message")


def synced_throughput() -> Iterable[Result]:
    """Both in `fsync` mode, beside the same in `os` mode."""
    figures: dict[tuple[str, int], list[float]] = {}
    with pair("fsync") as synced, pair("os") as unsynced:
        for block in range(-1, BLOCKS):
            for name, running, other in (("fsync", synced, unsynced), ("os", unsynced, synced)):
                with other.server_stopped(), running.server_turn() as trader:
                    one = ORDERS / trader.pipelined(ORDERS, WINDOW, 1)
                    many = BATCH_ORDERS / trader.pipelined(BATCH_ORDERS, BATCH_WINDOW, BATCH)
                if block >= 0:
                    figures.setdefault((name, 1), []).append(one)
                    figures.setdefault((name, BATCH), []).append(many)
    for stem, per_message in (("throughput", 1), ("batch_throughput", BATCH)):
        value, yardstick = median(figures["fsync", per_message]), median(figures["os", per_message])
        yield Result(f"order.{stem}.fsync.per_s", "1/s", value, yardstick, "the same in os mode")
        yield Result(f"order.{stem}.os.per_s", "1/s", yardstick, None, "beside fsync")


MEASURES = [
    MeasureGroup(
        (
            "order.throughput.fsync.per_s",
            "order.throughput.os.per_s",
            "order.batch_throughput.fsync.per_s",
            "order.batch_throughput.os.per_s",
        ),
        synced_throughput,
    ),
    MeasureGroup(
        ("order.throughput.per_s", "order.batch_throughput.per_s"),
        lambda: throughput(spin=False),
    ),
    MeasureGroup(
        ("order.throughput.spin.per_s", "order.batch_throughput.spin.per_s"),
        lambda: throughput(spin=True),
    ),
]
