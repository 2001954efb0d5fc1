"""The control plane: logon, queries, snapshots, history and operation, as tagged msgspec structs.

A request is `[tag, request_id, ...]` in MessagePack, the answer carries the same `request_id`. Fields are only
appended, with defaults. Bulk answers carry records (`records.py`) as bytes, never lists of numbers.
"""

import msgspec


class Request(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """What a client asks. Before logon only `Hello` and `Logon` are answered."""

    request_id: int = 0


class Hello(Request, frozen=True, kw_only=True):
    """Who are you? Answered by `Welcome`; `versions` is the range that the client speaks."""

    version_min: int = 1
    version_max: int = 1
    build: str = ""


class Logon(Request, frozen=True, kw_only=True):
    """Open a session for the CURVE key of this connection. Answered by `LogonAccepted` or `Refused`."""

    user: str
    password: str
    client_instance: int
    """Chosen at random by the client; the half of the idempotency key that outlives a connection."""
    at_end: int = 0
    """`AtEnd`: what happens to the client's orders when the session ends. The server may choose otherwise."""
    grace_ms: int = -1
    """How long a client that was lost may stay away before its orders go; -1: as the server has it."""
    heartbeat_timeout_ms: int = 0
    """After so long without a word the session is closed HEARTBEAT_LOST; 0: as the server has it."""
    known_stream_sequence: int = 0
    """The newest private event that the client has; the answer says how much of that is still so."""
    known_epoch: int = 0
    """The epoch in which it came; 0: not known, and numbers alone are compared."""


class Logoff(Request, frozen=True, kw_only=True):
    """Close the session of this key."""


class GetInstruments(Request, frozen=True, kw_only=True):
    """All instruments; answered by `Instruments`."""


class GetAccounts(Request, frozen=True, kw_only=True):
    """The accounts that the user may see, with their positions; answered by `Accounts`."""


class GetOpenOrders(Request, frozen=True, kw_only=True):
    """The user's live orders as ACCEPTED events in their present state; answered by `Records`, by order_id, in pages.

    `after_order_id`: of the page before, the last order; 0: from the beginning.
    """

    after_order_id: int = 0


class GetOrderStatus(Request, frozen=True, kw_only=True):
    """What became of a command of the user, by its key; answered by `OrderStatus`."""

    client_instance: int
    counter: int


class ResumePrivate(Request, frozen=True, kw_only=True):
    """The user's private events after `after_sequence`, oldest first, a page; answered by `Records`."""

    after_sequence: int
    count: int = 1000


class GetSnapshot(Request, frozen=True, kw_only=True):
    """The book or quote behind a market data topic; answered by `Records` as of `sequence` of that stream."""

    topic: int
    instrument: int


class Retransmit(Request, frozen=True, kw_only=True):
    """Records of a complete stream (ORDERS, TRADES) from `from_sequence` on; `Records`, or NOT_FOUND if too old."""

    topic: int
    instrument: int
    from_sequence: int
    count: int = 1000


class OpenDropCopy(Request, frozen=True, kw_only=True):
    """Follow all events of accounts that the user may view, whoever trades on them; answered by `DropCopyOpened`.

    Accounts, and those of firms and desks; nothing named: every account that the user may view. `everything`: all
    accounts there are and will be, for operators. It replaces the session's former stream.
    """

    accounts: list[int] = []
    firms: list[int] = []
    desks: list[int] = []
    everything: bool = False


class GetDropCopy(Request, frozen=True, kw_only=True):
    """Events of the open stream after this event number, a page; answered by `Records` of EVENT."""

    after_sequence: int


class GetBars(Request, frozen=True, kw_only=True):
    """Up to `count` bars that begin before `before_ns` (0: the newest), oldest first; answered by `Records`."""

    instrument: int
    size_ns: int
    before_ns: int = 0
    count: int = 500


class GetTicks(Request, frozen=True, kw_only=True):
    """Up to `count` public trades before `before_ns` (0: the newest), oldest first; answered by `Records`.

    `before_trade`: only those before this trade number (0: no bound): the cursor that splits trades of one time too.
    """

    instrument: int
    before_ns: int = 0
    count: int = 1000
    before_trade: int = 0


class GetBarSeries(Request, frozen=True, kw_only=True):
    """Up to `count` bars of `size` `BarUnit`s, oldest first; answered by `Records` of SERIES_BAR, in pages.

    Only bars that begin before `before_ns` (0: no bound) and with a trade before `before_trade` (0: no bound): the
    `first_trade` of a page's first bar asks for the page before it.
    """

    instrument: int
    unit: int
    size: int = 1
    before_ns: int = 0
    before_trade: int = 0
    count: int = 500


class GetDepthHistory(Request, frozen=True, kw_only=True):
    """The book of the past in columns of time, oldest first; answered by `Records` of DEPTH_COLUMN, in pages.

    Up to `count` columns in which the book changed and that begin before `before_ns` (0: no bound), of the levels from
    `price_min` to `price_max`. A page may hold fewer; the time of its first column asks for the page before it.
    """

    instrument: int
    column_ns: int = 1_000_000_000
    before_ns: int = 0
    count: int = 600
    price_min: int = -(1 << 63)
    price_max: int = (1 << 63) - 1


class GetVolumes(Request, frozen=True, kw_only=True):
    """Today's volume beside the average of the last `days` days of trading; answered by `Records` of VOLUME_RECORD.

    No `instruments` named: all that ever traded, by number, those after `after_instrument`, in pages.
    """

    instruments: list[int] = []
    days: int = 20
    after_instrument: int = 0


class GetHotList(Request, frozen=True, kw_only=True):
    """The first `count` instruments of today by a `Ranking`; answered by `Records` of HOT_RECORD, best first."""

    ranking: int
    count: int = 20


class CancelRequest(Request, frozen=True, kw_only=True):
    """Answer no more to a question about history that is under way here, `cancels`; answered by `Done`.

    That question is answered `Refused` CANCELLED before it. `Done.number` is how many there were (0: none, any more).
    """

    cancels: int


class GetStatus(Request, frozen=True, kw_only=True):
    """Counters of the server; for operators. Answered by `Status`."""


class AddUser(Request, frozen=True, kw_only=True):
    """Create a user; for operators. `accounts` are granted TRADE and VIEW. Answered by `Done`."""

    user: str
    password: str
    accounts: list[int] = []
    operator: bool = False
    viewed: list[int] = []
    """Accounts that are granted VIEW alone."""


class SetRights(Request, frozen=True, kw_only=True):
    """A user has exactly these rights on an account from now on (0: none); for operators. Answered by `Done`."""

    user_id: int
    account: int
    rights: int


class SetPhase(Request, frozen=True, kw_only=True):
    """Move an instrument (0: all) to a market phase; for operators. Answered by `Done` once it is durable."""

    instrument: int
    phase: int


class CloseSession(Request, frozen=True, kw_only=True):
    """End the sessions of a user, or one session if `session` is not 0; for operators. `Done` says how many."""

    user: str
    session: int = 0


HistoryRequest = GetBars | GetTicks | GetBarSeries | GetDepthHistory | GetVolumes | GetHotList
"""What the history process answers."""

AnyRequest = (
    Hello | Logon | Logoff | GetInstruments | GetAccounts | GetOpenOrders | ResumePrivate | GetSnapshot | Retransmit
    | GetBars | GetTicks | GetStatus | AddUser | SetPhase | OpenDropCopy | GetDropCopy | SetRights | GetOrderStatus
    | CloseSession | GetBarSeries | GetDepthHistory | GetVolumes | GetHotList | CancelRequest
)  # fmt: skip


class Reply(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """What the server answers."""

    request_id: int = 0


class Refused(Reply, frozen=True, kw_only=True):
    """The request was not carried out; `code` is a `FaultCode`, `text` one sentence for a person."""

    code: int
    text: str = ""


class Done(Reply, frozen=True, kw_only=True):
    """The request was carried out. `number` is what it made, if anything (a user id)."""

    number: int = 0


class Welcome(Reply, frozen=True, kw_only=True):
    """The server's own description; `versions` as in `Hello`. Ports are those of the sockets beside this one."""

    version_min: int
    version_max: int
    build: str
    epoch: int
    mode: int
    durability: int
    order_port: int
    market_data_port: int
    server_time_ns: int
    heartbeat_ms: int
    name: str = ""
    market_data_b_port: int = 0
    """A second market data socket with the same content; 0: there is none."""


class LogonAccepted(Reply, frozen=True, kw_only=True):
    """The session is open: the order and market data sockets now admit this key."""

    user_id: int
    session: int
    rights: int
    last_counter: int
    """The highest counter that the engine has seen of this client instance."""
    last_stream_sequence: int
    """The newest private event of this user."""
    accounts: list[int] = []
    at_end: int = 1
    """What holds: KEEP, CANCEL_ON_DISCONNECT or CANCEL_ALWAYS of `AtEnd`."""
    grace_ms: int = 0
    heartbeat_timeout_ms: int = 0
    kept_stream_sequence: int = -1
    """Up to here the private events that the client has are those of the server; -1: it was not asked."""


class OrderStatus(Reply, frozen=True, kw_only=True):
    """Answer to `GetOrderStatus`. `records`: an EVENT, the order's present state or what answered the command."""

    outcome: int
    last_counter: int
    stream_sequence: int
    """The private event up to which it is true."""
    records: bytes = b""


class Instrument(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """One instrument. Prices in price units (10^-price_decimals), money in 10^-money_decimals of the currency."""

    instrument: int
    symbol: str
    name: str
    group: str
    currency: str
    price_decimals: int
    quantity_decimals: int
    money_decimals: int
    tick_size: int
    lot_size: int
    price_min: int
    price_max: int
    quantity_max: int
    cash_scale: int
    reference_price: int
    phase: int
    isin: str = ""
    """ISO 6166; empty where it has none or the server was not told."""


class Instruments(Reply, frozen=True, kw_only=True):
    """Answer to `GetInstruments`."""

    instruments: list[Instrument]


class Account(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """One account; `positions` are POSITION_EVENT records, one an instrument with a history."""

    account: int
    name: str
    currency: str
    money_decimals: int
    cash: int
    reserved: int
    credit_limit: int
    rights: int
    positions: bytes = b""
    position_max: int = 0


class Accounts(Reply, frozen=True, kw_only=True):
    """Answer to `GetAccounts`; `stream_sequence` is the private event up to which it is true."""

    accounts: list[Account]
    stream_sequence: int = 0


class Records(Reply, frozen=True, kw_only=True):
    """Records of one layout. `sequence`: the stream's number of the last one, or as of which a snapshot is true.

    `engine_sequence` is the command after which a snapshot was taken; `more` says that a further page exists.
    """

    layout: str
    records: bytes
    sequence: int = 0
    engine_sequence: int = 0
    more: bool = False


class DropCopyOpened(Reply, frozen=True, kw_only=True):
    """The stream is open: live messages follow for events after `sequence`; what is before it is to be asked for.

    `epoch_sequence` is the newest event when the server's epoch began: a cursor of an older epoch that is ahead of it
    goes back to it. `accounts` is empty where `everything` is shown.
    """

    sequence: int
    epoch: int
    epoch_sequence: int
    accounts: list[int] = []
    everything: bool = False


class Status(Reply, frozen=True, kw_only=True):
    """Counters by name (see PROTOCOL.md); rejects are counted by reason as `rejects.DUPLICATE` and so on."""

    counters: dict[str, int]
    state_hash: int = 0


AnyReply = (
    Refused | Done | Welcome | LogonAccepted | Instruments | Accounts | Records | Status | DropCopyOpened | OrderStatus
)
