"""A recorded day as the commands that the exchange must have received.

Rules: an aggressive order is published as its trades and then, under the same number, an add of what is left; here it
is one limit order again: its price that of the add, or its worst trade price where nothing was left. Orders carry the
exchange's number as their label, by which they are cancelled. Both auctions uncross at their first trade.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import CommandKind, OrderType, Phase, Right, Side, TimeInForce
from server.protocol.records import COMMAND, LIST_INSTRUMENT, OPEN_ACCOUNT
from server.tools.replay_messages import NO_AGGRESSOR, RecordedDay

MINUTE_NS: Final = 60_000_000_000
CALL_BEGINS_NS: Final = (9 * 60 + 15) * MINUTE_NS
MORNING_BEGINS_NS: Final = (9 * 60 + 30) * MINUTE_NS
CLOSING_CALL_BEGINS_NS: Final = (14 * 60 + 57) * MINUTE_NS

INSTRUMENT: Final = 1
ACCOUNT: Final = 1
USER: Final = 1
SESSION: Final = 1
CURRENCY_CNY: Final = 156
QUANTITY_MAX: Final = 1 << 30
CREDIT: Final = 1 << 60
ORDERS_MAX: Final = 1_000_000

Records = NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody did; `number` is the exchange's number of the order."""

    kind: CommandKind
    time_ns: int
    number: int = 0
    side: int = 0
    price: int = 0
    quantity: int = 0


def steps_of(day: RecordedDay) -> list[Step]:
    """Orders, cancels and phase changes of the day, in the exchange's order; times since midnight, rising."""
    orders = {int(place): row for place, row in zip(day.orders["place"], day.orders.tolist(), strict=True)}
    trades = {int(place): row for place, row in zip(day.trades["place"], day.trades.tolist(), strict=True)}
    steps = [Step(CommandKind.SET_PHASE, CALL_BEGINS_NS, side=Phase.PRE_OPEN, price=day.previous_close)]
    phase = Phase.PRE_OPEN
    incoming: Step | None = None
    for place in sorted([*orders, *trades]):
        order, trade = orders.get(place), trades.get(place)
        time_ns = max(order[1] if order else trades[place][1], steps[-1].time_ns)
        number = _number_of_incoming(order, trade)
        if incoming and incoming.number != number:
            steps.append(incoming)
            incoming = None
        wanted = _phase_after(phase, time_ns, auction=trade is not None and trade[4] == NO_AGGRESSOR)
        if wanted != phase:
            phase = wanted
            steps.append(Step(CommandKind.SET_PHASE, time_ns, side=phase, price=day.previous_close))
        if order and order[3]:
            steps.append(Step(CommandKind.CANCEL_ORDER, time_ns, order[2]))
        elif order:
            traded = incoming.quantity if incoming else 0
            steps.append(Step(CommandKind.NEW_ORDER, time_ns, number, order[4], order[5], traded + order[6]))
            incoming = None
        elif trade and trade[4] != NO_AGGRESSOR:
            incoming = _extended(incoming, time_ns, number, trade[4], trade[5], trade[6])
    if incoming:
        steps.append(incoming)
    if phase != Phase.CLOSED:
        steps.append(Step(CommandKind.SET_PHASE, steps[-1].time_ns, side=Phase.CLOSED, price=day.previous_close))
    return steps


def _number_of_incoming(order: tuple[int, ...] | None, trade: tuple[int, ...] | None) -> int:
    """The number of the order that arrives with this message; 0: none does (a delete, an auction trade)."""
    if order:
        return 0 if order[3] else order[2]
    if trade is None or trade[4] == NO_AGGRESSOR:
        return 0
    return trade[2] if trade[4] == Side.BUY else trade[3]


def _phase_after(phase: Phase, time_ns: int, *, auction: bool) -> Phase:
    """The phase in which a message is to be applied."""
    if phase == Phase.PRE_OPEN and (auction or time_ns >= MORNING_BEGINS_NS):
        return Phase.CONTINUOUS
    if phase == Phase.CONTINUOUS and time_ns >= CLOSING_CALL_BEGINS_NS:
        return Phase.CLOSING_CALL
    if phase == Phase.CLOSING_CALL and auction:
        return Phase.CLOSED
    return phase


def _extended(incoming: Step | None, time_ns: int, number: int, side: int, price: int, quantity: int) -> Step:
    """The incoming order with one more trade."""
    if incoming is None:
        return Step(CommandKind.NEW_ORDER, time_ns, number, side, price, quantity)
    worst = max(incoming.price, price) if side == Side.BUY else min(incoming.price, price)
    return Step(CommandKind.NEW_ORDER, incoming.time_ns, number, side, worst, incoming.quantity + quantity)


def founding_commands(day: RecordedDay) -> Records:
    """The commands that list the instrument and give one user one account; not stamped."""
    commands = np.zeros(4, COMMAND)
    commands["group_count"] = 1
    commands["kind"] = (
        CommandKind.LIST_INSTRUMENT, CommandKind.OPEN_ACCOUNT, CommandKind.GRANT, CommandKind.SESSION_OPENED,
    )  # fmt: skip
    listing = commands[0:1].view(LIST_INSTRUMENT)
    listing["instrument"], listing["symbol"], listing["currency"] = INSTRUMENT, day.symbol.encode(), CURRENCY_CNY
    listing["price_min"], listing["price_max"] = 1, int(day.orders["price"].max()) * 2
    listing["quantity_max"], listing["cash_scale"], listing["tick_size"] = QUANTITY_MAX, 1, 1
    listing["lot_size"], listing["price_decimals"], listing["reference_price"] = 1, 2, day.previous_close
    opening = commands[1:2].view(OPEN_ACCOUNT)
    opening["account"], opening["name"], opening["currency"] = ACCOUNT, b"STREET", CURRENCY_CNY
    opening["credit_limit"], opening["money_decimals"] = CREDIT, 2
    opening["short_allowed"], opening["orders_max"] = 1, ORDERS_MAX
    commands["account"][2], commands["decision_maker"][2] = ACCOUNT, USER
    commands["flags"][2] = Right.TRADE | Right.VIEW
    commands["user"][3], commands["session"][3] = USER, SESSION
    return commands


def commands_of(day: RecordedDay, midnight_ns: int = 0) -> Records:
    """The whole day as COMMAND rows, stamped; `midnight_ns` is the exchange's midnight in UTC."""
    steps = steps_of(day)
    founding = founding_commands(day)
    commands = np.zeros(len(founding) + len(steps), COMMAND)
    commands[: len(founding)] = founding
    rows = commands[len(founding) :]
    fill_steps(rows, steps)
    is_client = rows["kind"] < CommandKind.TIME
    rows["counter"][is_client] = np.arange(1, np.count_nonzero(is_client) + 1)
    rows["user"][is_client], rows["session"][is_client], rows["client_instance"][is_client] = USER, SESSION, 1
    commands["sequence"] = np.arange(1, len(commands) + 1)
    clock = np.concatenate([np.full(len(founding), steps[0].time_ns), [step.time_ns for step in steps]])
    commands["time_ns"] = midnight_ns + strictly_rising(clock)
    return commands


def fill_steps(rows: Records, steps: list[Step]) -> None:
    """Write what the steps say into rows of the same number; who sends them and when is left to the caller."""
    table = np.array([(s.kind, s.number, s.side, s.price, s.quantity) for s in steps], np.int64).T
    rows["group_count"] = 1
    rows["kind"], _, rows["side"], rows["price"], rows["quantity"] = table
    is_order = rows["kind"] == CommandKind.NEW_ORDER
    is_client = rows["kind"] < CommandKind.TIME
    rows["label"][is_client] = table[1][is_client].astype("S16")
    rows["instrument"][rows["kind"] != CommandKind.CANCEL_ORDER] = INSTRUMENT
    rows["account"][is_order] = ACCOUNT
    rows["order_type"][is_order] = OrderType.LIMIT
    rows["time_in_force"][is_order] = TimeInForce.GTC


def strictly_rising(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """The times, each moved on just so far that it is after the one before."""
    steps = np.arange(len(times))
    rising: NDArray[np.int64] = np.maximum.accumulate(times - steps) + steps
    return rising
