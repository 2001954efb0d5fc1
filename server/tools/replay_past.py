"""The part of a recorded day that is over when its server starts, written as journal, event log and history.

Rules: real sequencer times, engine and journal; what a client sent carries the key that the live feed goes on with.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.engine.exchange import Exchange
from server.gateway.commands import grant, session_closed, session_opened
from server.gateway.reference import reference_commands
from server.protocol.enums import CommandKind, FaultCode, Phase, Right
from server.settings import AccountSetting, CurrencySetting, InstrumentSetting, Reference, UserSetting
from server.simulation.seeding import SHARD, Store
from server.tools.replay_feed import (
    ACCOUNT,
    CREDIT,
    CURRENCY_CNY,
    INSTRUMENT,
    ORDERS_MAX,
    QUANTITY_MAX,
    SESSION,
    USER,
    Step,
    fill_steps,
    steps_of,
    strictly_rising,
)  # fmt: skip
from server.tools.replay_messages import RecordedDay

FEED_USER: Final = "street"
VIEWER_USER: Final = "viewer"
VIEWER: Final = 2
VIEWER_ACCOUNT: Final = 2
CLIENT_INSTANCE: Final = 0x5EC0DE
BATCH: Final = 4096

Records = NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Script:
    """A day in two parts: `past` and `coming` steps, and the clock time (UTC, ns) between them."""

    past: list[Step]
    coming: list[Step]
    midnight_ns: int
    start_ns: int


def cut(day: RecordedDay, midnight_ns: int, from_ns: int) -> Script:
    """The day cut at `from_ns` after the exchange's midnight."""
    steps = steps_of(day)
    at = next((index for index, step in enumerate(steps) if step.time_ns >= from_ns), len(steps))
    return Script(steps[:at], steps[at:], midnight_ns, midnight_ns + from_ns)


def replay_reference(day: RecordedDay, passwords: tuple[str, str]) -> Reference:
    """The street that trades, and a viewer that owns nothing and may send nothing. Passwords: street's, viewer's."""
    instrument = InstrumentSetting(
        instrument=INSTRUMENT, symbol=day.symbol, name=f"{day.symbol}, recorded", group="Recorded",
        currency=CURRENCY_CNY, price_max=int(day.orders["price"].max()) * 2, quantity_max=QUANTITY_MAX,
        reference_price=day.previous_close, phase=int(Phase.CLOSED),
    )  # fmt: skip
    street = AccountSetting(
        account=ACCOUNT, name="STREET", currency=CURRENCY_CNY, credit_limit=CREDIT, orders_max=ORDERS_MAX
    )
    viewing = AccountSetting(account=VIEWER_ACCOUNT, name="VIEWER", currency=CURRENCY_CNY)
    users = [
        UserSetting(user_id=USER, user=FEED_USER, password=passwords[0], accounts=[ACCOUNT], operator=True),
        UserSetting(user_id=VIEWER, user=VIEWER_USER, password=passwords[1]),
    ]
    return Reference(
        currencies=[CurrencySetting(number=CURRENCY_CNY, code="CNY", money_decimals=2)],
        instruments=[instrument], accounts=[street, viewing], users=users,
    )  # fmt: skip


def past_commands(reference: Reference, script: Script) -> Records:
    """The founding of the market and all past steps, stamped."""
    opening = np.concatenate(
        [
            reference_commands(reference),
            grant(VIEWER_ACCOUNT, VIEWER, int(Right.VIEW)),
            session_opened(SESSION, USER, key_id=0),
        ]
    )
    steps = np.zeros(len(script.past), opening.dtype)
    if len(steps):
        fill_steps(steps, script.past)
    is_client = steps["kind"] < CommandKind.TIME
    steps["counter"][is_client] = np.arange(1, np.count_nonzero(is_client) + 1)
    steps["user"][is_client], steps["session"][is_client] = USER, SESSION
    steps["client_instance"][is_client] = CLIENT_INSTANCE
    commands = np.concatenate([opening, steps, session_closed(SESSION, USER, FaultCode.LOGGED_OFF)])
    first_ns = script.past[0].time_ns if script.past else script.start_ns - script.midnight_ns
    times = np.full(len(commands), first_ns)
    times[len(opening) : -1] = [step.time_ns for step in script.past]
    times[-1] = times[-2]
    commands["time_ns"] = script.midnight_ns + strictly_rising(times)
    commands["sequence"] = np.arange(1, len(commands) + 1)
    return commands


def write_past(directory: Path, reference: Reference, script: Script, progress: Callable[[float], None]) -> None:
    """Fill an empty data directory up to the script's start. Raises OSError, JournalError."""
    commands = past_commands(reference, script)
    exchange, store = Exchange(SHARD), Store(directory)
    try:
        for start in range(0, len(commands), BATCH):
            batch = commands[start : start + BATCH]
            outputs = exchange.apply(batch)
            store.keep(batch, outputs.events, outputs.market_data)
            progress(start / len(commands))
    finally:
        store.close()
