"""Reference data as the commands of a first start.

Rules: the order is instruments, accounts with their cash and positions, grants, phases; the engine checks each like any
other command.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.gateway.commands import SHARD, command, grant, set_phase
from server.protocol.enums import PROTOCOL_VERSION, CommandKind, Phase, Right
from server.protocol.records import COMMAND, LABEL_BYTES, LIST_INSTRUMENT, OPEN_ACCOUNT
from server.settings import TRADING_RIGHTS, AccountSetting, InstrumentSetting, Reference, SettingsError


def reference_commands(reference: Reference) -> NDArray[Any]:
    """COMMAND rows that make an empty exchange this one. Raises `SettingsError` on a name or number out of range."""
    rows = [_list_instrument(item) for item in reference.instruments]
    decimals = {item.number: item.money_decimals for item in reference.currencies}
    for account in reference.accounts:
        rows.append(_open_account(account, decimals.get(account.currency, 2)))
        rows.extend(_funding(account))
    for user in reference.users:
        rows.extend(grant(account, user.user_id, TRADING_RIGHTS) for account in user.accounts)
        rows.extend(grant(account, user.user_id, int(Right.VIEW)) for account in user.viewed)
        if user.operator:
            rows.append(grant(0, user.user_id, int(Right.OPERATE)))
    for item in reference.instruments:
        if item.phase != Phase.CLOSED:
            rows.append(set_phase(item.instrument, item.phase))
    return np.concatenate(rows) if rows else np.zeros(0, COMMAND)


def _text(text: str, what: str) -> bytes:
    encoded = text.encode()
    if not 0 < len(encoded) <= LABEL_BYTES:
        raise SettingsError(f"The {what} {text!r} must have 1 to {LABEL_BYTES} bytes.")
    return encoded


def _head(row: NDArray[Any], kind: CommandKind) -> None:
    row["kind"] = kind
    row["version"] = PROTOCOL_VERSION
    row["shard"] = SHARD
    row["group_count"] = 1


def _list_instrument(item: InstrumentSetting) -> NDArray[Any]:
    row = np.zeros(1, LIST_INSTRUMENT)
    _head(row, CommandKind.LIST_INSTRUMENT)
    try:
        row["symbol"] = _text(item.symbol, "symbol")
        for name in (
            "instrument", "price_min", "price_max", "quantity_max", "cash_scale", "reference_price", "tick_size",
            "lot_size", "currency", "price_decimals", "quantity_decimals",
        ):  # fmt: skip
            row[name] = getattr(item, name)
    except OverflowError as error:
        raise SettingsError(f"The instrument {item.symbol} has a number out of range: {error}.") from error
    return row.view(COMMAND)


def _open_account(item: AccountSetting, money_decimals: int) -> NDArray[Any]:
    row = np.zeros(1, OPEN_ACCOUNT)
    _head(row, CommandKind.OPEN_ACCOUNT)
    try:
        row["name"] = _text(item.name, "account name")
        for name in ("account", "credit_limit", "position_max", "currency", "orders_max"):
            row[name] = getattr(item, name)
        row["money_decimals"] = money_decimals
        row["short_allowed"] = item.short_allowed
    except OverflowError as error:
        raise SettingsError(f"The account {item.account} has a number out of range: {error}.") from error
    return row.view(COMMAND)


def _funding(item: AccountSetting) -> list[NDArray[Any]]:
    """ADJUST_CASH and ADJUST_POSITION of one account."""
    rows = []
    if item.cash:
        rows.append(
            command(CommandKind.ADJUST_CASH, account=item.account, instrument=item.currency, quantity=item.cash)
        )
    rows.extend(
        command(
            CommandKind.ADJUST_POSITION,
            account=item.account,
            instrument=position.instrument,
            quantity=position.quantity,
            price=position.price,
        )
        for position in item.positions
    )
    return rows
