"""What an operator may set: the server's settings, and the reference data of a first start.

Rules: plain frozen structs, checked where they are decoded; nothing here opens a socket or reads a clock. Money, prices
and quantities are integers in the units of `resources/docs/RULEBOOK.md`. Passwords are read from a bootstrap file once
and never written again: `Reference.without_users` is what the data directory keeps.
"""

import json
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec

from server.protocol.enums import Durability, Mode, Phase, Right

DEFAULT_NAME = "Tradepit"
TRADING_RIGHTS = int(Right.VIEW | Right.TRADE)


class SettingsError(Exception):
    """The settings or the reference data cannot be used; the text is one sentence for a person."""


class CancelPolicy(Enum):
    """What happens to the orders of a client that is lost, where its logon does not say it."""

    OFF = "off"
    """They stay, unless the client asks for it."""
    ON = "on"
    """They go, unless the client asks them to stay."""
    FORCED = "forced"
    """They go, whatever the client asks."""


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits and cadences of the gateway. Times in milliseconds, sizes in messages or records."""

    heartbeat_ms: int = 1000
    session_timeout_ms: int = 15_000
    """A session from which nothing was heard for so long is closed, HEARTBEAT_LOST; a client may ask for another."""
    session_timeout_min_ms: int = 2_000
    session_timeout_max_ms: int = 60_000
    cancel_on_disconnect: CancelPolicy = CancelPolicy.OFF
    grace_default_ms: int = 10_000
    """How long the orders of a lost client wait for it to come back, where it does not ask for another time."""
    grace_min_ms: int = 0
    grace_max_ms: int = 600_000
    sessions_per_user_max: int = 32
    """Sessions that one user may have, each of a key and a client of its own."""
    conflation_ms: int = 20
    statistics_ms: int = 1000
    sessions_max: int = 1000
    logons_pending_max: int = 32
    """Passwords waiting for their verification; more are refused with BUSY."""
    commands_held_max: int = 100_000
    """Commands applied but not yet durable; above it new orders are refused with BUSY, cancels at twice as many."""
    requests_per_turn: int = 64
    """Control requests answered between two batches of orders, so that bulk never delays an order for long."""
    commands_per_turn: int = 4096
    retransmit_records: int = 4096
    subscriptions_max: int = 4096
    """Topics that one key may subscribe to."""


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that `python -m server.bootstrap` takes; a port of 0 means any free one."""

    data: Path
    mode: Mode = Mode.LIVE
    durability: Durability = Durability.FSYNC
    host: str = "127.0.0.1"
    control_port: int = 0
    order_port: int = 0
    market_data_port: int = 0
    spin: bool = False
    parent_pipe: bool = False
    clock_start_ns: int = 0
    """Start of a simulated clock, 0 for the real one. Refused where the mode is LIVE."""
    clock_speed: int = 1
    """How many times as fast a simulated clock runs."""
    bootstrap: Path | None = None
    history: bool = True
    name: str = DEFAULT_NAME
    gateway: GatewaySettings = GatewaySettings()

    def __post_init__(self) -> None:
        if self.mode is Mode.LIVE and self.clock_start_ns:
            raise SettingsError("A live server takes its time from the real clock; a simulated one is refused.")
        if self.clock_speed < 1 or (self.clock_speed > 1 and not self.clock_start_ns):
            raise SettingsError("A clock speed is a whole number from 1 on, of a simulated clock alone.")


class CurrencySetting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A currency: its number in the records, its code, and the decimals of its money unit."""

    number: int
    code: str
    money_decimals: int


class InstrumentSetting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One instrument to list, and the phase that it is moved to."""

    instrument: int
    symbol: str
    name: str
    group: str = ""
    currency: int = 1
    price_decimals: int = 2
    quantity_decimals: int = 0
    tick_size: int = 1
    lot_size: int = 1
    price_min: int = 1
    price_max: int
    quantity_max: int
    cash_scale: int = 1
    reference_price: int
    phase: int = int(Phase.CONTINUOUS)


class PositionSetting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An opening position, booked against the house at `price`."""

    instrument: int
    quantity: int
    price: int


class AccountSetting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One account to open. `name` is its public label of up to 16 bytes, never a person's name."""

    account: int
    name: str
    currency: int = 1
    cash: int = 0
    credit_limit: int = 0
    position_max: int = 0
    short_allowed: bool = True
    orders_max: int = 10_000
    positions: list[PositionSetting] = []


class UserSetting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One user to create. Each of `accounts` is granted TRADE and VIEW; an operator gets OPERATE on the server."""

    user_id: int
    user: str
    password: str
    accounts: list[int] = []
    operator: bool = False


class Reference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a first start lists, opens and creates, in this order."""

    currencies: list[CurrencySetting] = []
    instruments: list[InstrumentSetting] = []
    accounts: list[AccountSetting] = []
    users: list[UserSetting] = []

    def without_users(self) -> "Reference":
        """The part that the data directory keeps."""
        return msgspec.structs.replace(self, users=[])

    def money_decimals(self, currency: int) -> int:
        """Decimals of a currency's money unit; 2 where the currency is not described."""
        return next((item.money_decimals for item in self.currencies if item.number == currency), 2)

    def currency_code(self, currency: int) -> str:
        """The code of a currency, `#n` where it is not described."""
        return next((item.code for item in self.currencies if item.number == currency), f"#{currency}")


def decode_reference(content: bytes, *, toml: bool) -> Reference:
    """Reference data from JSON or TOML. Raises `SettingsError` with one sentence on anything else."""
    try:
        if toml:
            return msgspec.toml.decode(content, type=Reference)
        return msgspec.json.decode(content, type=Reference)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The reference data cannot be read: {error}.") from error


def read_reference(path: Path) -> Reference:
    """Reference data from a `.json` or `.toml` file. Raises `SettingsError`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"The reference data {path} cannot be read: {error.strerror}.") from error
    return decode_reference(content, toml=path.suffix == ".toml")


def encode_reference(reference: Reference) -> bytes:
    """Reference data as JSON, for `reference.json` and for bootstrap files."""
    readable: Any = msgspec.to_builtins(reference)
    return json.dumps(readable, indent=1).encode()
