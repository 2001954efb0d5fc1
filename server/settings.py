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
from server.reference.isin import is_isin

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
    checksum_ms: int = 1000
    """How often at most the checksum of a book that changed is published; 0: never."""
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
    orders_per_s: int = 10_000
    orders_burst: int = 20_000
    """Commands of one user over all of its sessions; above that orders are refused with BUSY."""
    cancels_per_s: int = 10_000
    cancels_burst: int = 20_000
    """The same for messages that hold nothing but cancels: they have a room of their own, whatever orders do."""
    traffic_bytes_per_s_max: int = 32 << 20
    traffic_burst_bytes: int = 128 << 20
    """What one user sends on the order socket, each message counted as 512 bytes more than it has; a session that goes
    above is closed with FLOODING."""
    requests_per_s: int = 200
    requests_burst: int = 2000
    costly_requests_per_s: int = 100
    costly_requests_burst: int = 2000
    """Requests of one key; costly are those that read books, the event log or the history."""
    stranger_requests_per_s: int = 50
    stranger_requests_burst: int = 200
    """Requests of keys without a session, by network address."""
    logons_per_s: int = 5
    logons_burst: int = 50
    logons_pending_per_address_max: int = 16
    """Logons by network address."""
    unlogged_bytes_max: int = 64 << 20
    """Released outputs that wait for the event log; above it orders are refused with BUSY, cancels at twice as many."""
    stall_ms: int = 500
    """A release that waits so long for the disk is a stall: heartbeats go out beside it, requests are refused."""


class SocketSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits of the sockets, in connections and per network address; 0 connections: what the system allows."""

    connections_max: int = 0
    connections_per_address_max: int = 1024
    strangers_per_address_max: int = 256
    """Control connections whose key has no session."""
    stranger_ms: int = 30_000
    """How long a control connection may stay without a session."""
    accepts_per_s: int = 100
    accepts_burst: int = 600
    """New connections of one address, over all sockets."""
    handshakes_per_s: int = 100
    handshakes_burst: int = 600
    """Finished CURVE handshakes of one address, whether they are let in or not."""
    handshakes_per_turn: int = 4
    """Handshakes looked at between two batches of orders, so that a crowd at the door delays no order for long."""


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `--limits FILE` holds: a table `gateway` and a table `sockets`."""

    gateway: GatewaySettings = GatewaySettings()
    sockets: SocketSettings = SocketSettings()


class SnapshotSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the engine's state is written beside the journal, so that a start reads only what follows it."""

    commands: int = 1_000_000
    """After so many commands; 0: never."""
    minutes: int = 60
    """After so much time, if anything happened; 0: by the commands alone."""
    kept: int = 3

    def __post_init__(self) -> None:
        if self.commands < 0 or self.minutes < 0 or self.kept < 1:
            raise SettingsError("Snapshots are taken after a number of commands or minutes from 0 on; one is kept.")


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that `python -m server.bootstrap` takes; a port of 0 means any free one."""

    data: Path
    mode: Mode = Mode.LIVE
    durability: Durability = Durability.FSYNC
    host: str = "127.0.0.1"
    control_port: int = 0
    order_port: int = 0
    market_data_port: int = 0
    market_data_b_port: int | None = None
    """A second market data socket with the same content; None: there is none."""
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
    snapshots: SnapshotSettings = SnapshotSettings()
    sockets: SocketSettings = SocketSettings()

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
    isin: str = ""
    """ISO 6166, with the right check digit; empty for none."""

    def __post_init__(self) -> None:
        """Refuse a code that is none."""
        if self.isin and not is_isin(self.isin):
            raise ValueError(f"{self.isin!r} of {self.symbol} is no ISIN")


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
    """One user to create. Each of `accounts` is granted TRADE and VIEW, of `viewed` VIEW; an operator gets OPERATE."""

    user_id: int
    user: str
    password: str
    accounts: list[int] = []
    viewed: list[int] = []
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


def read_limits(path: Path) -> Limits:
    """The limits in a `.toml` file. Raises `SettingsError` with one sentence on anything else."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Limits)
    except OSError as error:
        raise SettingsError(f"The limits {path} cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The limits {path} cannot be read: {error}.") from error


def encode_reference(reference: Reference) -> bytes:
    """Reference data as JSON, for `reference.json` and for bootstrap files."""
    readable: Any = msgspec.to_builtins(reference)
    return json.dumps(readable, indent=1).encode()
