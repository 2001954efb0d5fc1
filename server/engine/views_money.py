"""What accounts own and owe at this moment: balances, system accounts, margin. Pure readers, as in `views`.

Rules: nothing here changes the logical state; margin is measured by the very code that decides on orders.
"""

from typing import NamedTuple

import numpy as np

from server.engine import layout as at
from server.engine.balances import CORPORATE_ACCOUNT, FEES_ACCOUNT
from server.engine.exchange import Exchange, Records
from server.engine.hashing_rows import ID_BITS, rows_of_kind
from server.engine.kernel import U
from server.engine.layout_money import EQUITY, KIND_BALANCE, NEEDED
from server.engine.margin import measure
from server.engine.memory import find_row
from server.protocol.enums import PROTOCOL_VERSION, EventKind, RejectReason
from server.protocol.records import POSITION_EVENT


class Margin(NamedTuple):
    """What a margin account needs and is worth; `reason` says why that is not known (no price, no rate), or NONE."""

    initial: int
    maintenance: int
    equity: int
    reason: RejectReason


def balances(x: Exchange, account_id: int) -> Records:
    """An account's cash in each currency as BALANCE rows of user 0: its own first, then by currency."""
    m = x.memory
    account = find_row(m, at.KIND_ACCOUNT | U(account_id), at.ZERO)
    if not account:
        raise KeyError(f"account {account_id} is not open")
    others = rows_of_kind(m, KIND_BALANCE)
    others = others[m[others] & ID_BITS == account_id]
    rows = np.concatenate([np.array([account], np.uint64), others])
    records = np.zeros(len(rows), POSITION_EVENT)
    records["kind"], records["version"], records["group_count"] = EventKind.BALANCE, PROTOCOL_VERSION, 1
    records["shard"] = m[at.SHARD]
    records["sequence"], records["command_sequence"], records["time_ns"] = x.event_sequence, x.sequence, x.time_ns
    records["account"] = account_id
    records["currency"] = np.concatenate([m[[account + at.ACCOUNT_CURRENCY]], m[others + at.KEY_1]])
    for name, word in (
        ("cash", at.ACCOUNT_CASH), ("reserved", at.ACCOUNT_RESERVED),
        ("credit_limit", at.ACCOUNT_CREDIT_LIMIT), ("position_max", at.ACCOUNT_POSITION_MAX),
    ):  # fmt: skip
        records[name] = m[rows + word].view(np.int64)
    return records


def system_cash(x: Exchange) -> dict[tuple[int, int], int]:
    """Cash by (account, currency) of the house and of the accounts that fees, conversions and the like go to."""
    m = x.memory
    rows = rows_of_kind(m, KIND_BALANCE)
    ids = m[rows] & ID_BITS
    rows = rows[(ids == 0) | (ids >= FEES_ACCOUNT)]
    cash = m[rows + at.ACCOUNT_CASH].view(np.int64)
    keys = zip(m[rows] & ID_BITS, m[rows + at.KEY_1], cash, strict=True)
    return {(int(account), int(currency)): int(amount) for account, currency, amount in keys}


def lots_left_over(x: Exchange) -> dict[int, int]:
    """What splits left over, by instrument: the lots of the corporate actions account."""
    m = x.memory
    rows = rows_of_kind(m, at.KIND_POSITION)
    rows = rows[m[rows] & ID_BITS == CORPORATE_ACCOUNT]
    return {int(m[row + at.KEY_1]): int(m.view(np.int64)[row + at.POSITION_NET]) for row in rows}


def margin(x: Exchange, account_id: int) -> Margin:
    """The margin of an account's positions with its working orders, that of the positions alone, and its equity."""
    m = x.memory
    account = find_row(m, at.KIND_ACCOUNT | U(account_id), at.ZERO)
    if not account:
        raise KeyError(f"account {account_id} is not open")
    money = m.view(np.int64)
    reason = RejectReason(int(measure(m, money, U(account), False)))
    initial, equity = int(money[NEEDED]), int(money[EQUITY])
    if reason:
        return Margin(0, 0, 0, reason)
    measure(m, money, U(account), True)
    return Margin(initial, int(money[NEEDED]), equity, RejectReason.NONE)
