"""The auditor: what must be true after every step, whatever broke.

Rules: it sees what the disk took, what the server let out and what clients were handed, and believes no component
about itself. Durable is what was synced, in a file whose name was synced. An event once let out never changes and is
never taken back. The first thing that is wrong ends the run.
"""

from collections.abc import Callable

import numpy as np

from server.client.order_entry import ENVELOPE_STRUCT
from server.engine import views
from server.engine.exchange import Exchange
from server.gateway.outbox import Outbox
from server.journal.framing import HEADER, HEADER_BYTES, FrameKind
from server.protocol.codec import ENVELOPE_BYTES, Records, decode_envelope, decode_records
from server.protocol.enums import CommandKind, EnvelopeKind, EventKind, RejectReason
from server.protocol.records import COMMAND, EVENT
from tests.simulator.disk import SimulatedDisk
from tests.simulator.holdings import check_books, check_slowly, check_sums
from tests.simulator.order_history import OrderHistory
from tests.simulator.trader import Trader
from tests.simulator.verdict import Wrong

_ENGINE_SEQUENCE = 11
_ANSWERS = (
    EventKind.ACCEPTED, EventKind.REJECTED, EventKind.CANCELED, EventKind.REPLACED, EventKind.MASS_CANCELED,
    EventKind.DEAD_MAN_SET, EventKind.PROTECTION_REARMED,
)  # fmt: skip

_SAME = ("account", "instrument", "side", "quantity")


class Auditor:
    """One run's book of what was promised."""

    def __init__(self, journal_disk: SimulatedDisk, history: OrderHistory, user_at: Callable[[bytes], int]) -> None:
        """`user_at`: whose connection has this address; 0 if it is gone."""
        self.released = 0
        """The newest command of which anything was let out."""
        self.applied_ns = 0
        """When the server last carried out a command."""
        self._history = history
        self._user_at = user_at
        self._disk = journal_disk
        self._frames: dict[str, list[tuple[int, int]]] = {}
        self._durable = 0
        self._commands: list[bytes] = []
        """Each command that was ever durable, by its sequence, as bytes."""
        self._published: dict[tuple[int, int], bytes] = {}
        self._checked = 0
        self._market_data: list[bytes] = []
        journal_disk.watchers.append(self._on_disk)

    # ---- the disk ----

    def _on_disk(self, operation: str, name: str) -> None:
        if operation in ("sync", "sync_names"):
            self._durable = max(self._durable, self._synced_sequence())

    def _synced_sequence(self) -> int:
        """The last command whose frame lies whole on the plate, in a file whose name does."""
        found = 0
        for name, file in self._disk.files.items():
            if not name.endswith(".segment") or not file.name_is_durable:
                continue
            frames = self._frames.setdefault(name, [])
            while frames and frames[-1][0] > len(file.plate):
                frames.pop()
            end = frames[-1][0] if frames else 0
            while end + HEADER_BYTES <= len(file.plate):
                header = np.frombuffer(file.plate, HEADER, 1, end)[0]
                length = int(header["length"])
                if length < HEADER_BYTES or end + length > len(file.plate):
                    break
                is_commands = int(header["kind"]) == FrameKind.COMMANDS
                end += length
                frames.append((end, int(header["first_sequence"]) + int(header["count"]) - 1 if is_commands else 0))
            found = max(found, frames[-1][1] if frames else 0)
        return found

    # ---- what is let out ----

    def on_send(self, outbox: Outbox) -> None:
        """The server lets something out: all that it follows from is durable, and no event differs from before."""
        for address, frame in (*outbox.orders, *outbox.market_data):
            self._reaches(ENVELOPE_STRUCT.unpack_from(frame)[_ENGINE_SEQUENCE])
            if frame[0] == EnvelopeKind.EVENTS and len(frame) > ENVELOPE_BYTES:
                envelope = decode_envelope(frame)
                events = decode_records(frame, int(envelope["count"]), EVENT)
                user = self._user_at(address)
                if user and (events["user"] != user).any():
                    raise Wrong(f"events of user {int(events['user'][0])} were sent to user {user}")
                if int(envelope["sequence"]):
                    self._publish(events)

    def on_received(self, trader: Trader, events: Records) -> None:
        """A client was handed events: they follow those before, and are those that were let out."""
        if not int(events["stream_sequence"][0]):
            return
        before = int(trader.events[-1]["stream_sequence"][-1]) if trader.events else 0
        expected = np.arange(before + 1, before + 1 + len(events))
        if not np.array_equal(events["stream_sequence"], expected):
            raise Wrong(f"{trader.user} was handed {events['stream_sequence'].tolist()} after {before}")
        if (events["user"] != trader.user_id).any():
            raise Wrong(f"{trader.user} was handed an event of another user")
        self._publish(events)
        self._history.on_told(events)

    def on_drop_copy(self, _: Trader, events: Records) -> None:
        """Somebody was handed events of others: they are those that were let out."""
        self._publish(events[events["stream_sequence"] != 0])

    def _publish(self, events: Records) -> None:
        self._reaches(int(events["command_sequence"].max(initial=0)))
        for event in events:
            key, row = (int(event["user"]), int(event["stream_sequence"])), event.tobytes()
            if self._published.setdefault(key, row) != row:
                raise Wrong(f"event {key[1]} of user {key[0]} was another one before")

    def _reaches(self, sequence: int) -> None:
        if sequence > self._durable:
            raise Wrong(f"something that follows from command {sequence} left, and durable is {self._durable}")
        self.released = max(self.released, sequence)

    # ---- the server ----

    def on_recovered(self, exchange: Exchange, commands: list[Records]) -> None:
        """A server has come up: what was let out is still decided, and as it was."""
        self._durable = max(self._durable, self._synced_sequence())
        whole = np.concatenate(commands).tobytes() if commands else b""
        count = len(whole) // COMMAND.itemsize
        if count < self.released:
            raise Wrong(f"the journal ends with {count} after the crash; {self.released} was let out")
        if exchange.sequence != count:
            raise Wrong(f"the engine is at {exchange.sequence} of {count} commands")
        kept = b"".join(self._commands)[: self.released * COMMAND.itemsize]
        if not whole.startswith(kept):
            raise Wrong("a command that was let out is another one after the crash")
        again = Exchange(1)
        for batch in commands:
            again.apply(batch)
        if again.state_hash() != exchange.state_hash():
            raise Wrong(f"the server began at {count} with another state than the journal alone gives")
        self._commands = [whole]
        self._checked = 0
        self._market_data.clear()
        check_slowly(exchange)

    def on_journaled(self, commands: bytes) -> None:
        """A batch was given to the journal, whole."""
        self._history.on_journaled(commands)
        self._commands.append(commands)

    def on_applied(self, now_ns: int, market_data: bytes) -> None:
        """What a batch has made public."""
        self.applied_ns = now_ns
        self._market_data.append(market_data)

    def after_turn(self, exchange: Exchange) -> None:
        """Money, lots and books, whenever commands were applied."""
        if exchange.sequence == self._checked:
            return
        self._checked = exchange.sequence
        check_sums(exchange)
        check_books(exchange, b"".join(self._market_data))
        self._market_data.clear()

    # ---- after quiet ----

    def on_quiet(self, exchange: Exchange, traders: list[Trader]) -> None:
        """Faults are off and all is drained: every client knows what the server knows."""
        check_slowly(exchange)
        for trader in traders:
            self._orders_agree(exchange, trader)
            self._books_agree(exchange, trader)
            _each_answered_once(trader)

    def _orders_agree(self, exchange: Exchange, trader: Trader) -> None:
        names = ["order_id", "account", "instrument", "side", "price", "leaves", "filled"]
        ours = {tuple(row) for row in trader.orders.rows[trader.orders.live()][names].tolist()}
        theirs = {tuple(row) for row in views.open_orders(exchange, trader.user_id)[names].tolist()}
        if ours != theirs:
            raise Wrong(f"the orders of {trader.user}: {sorted(ours ^ theirs)[:4]} are not in both")
        last = views.last_stream_sequence(exchange, trader.user_id)
        if trader.session.private.sequence != last:
            raise Wrong(f"{trader.user} has {trader.session.private.sequence} of {last} events")

    def _books_agree(self, exchange: Exchange, trader: Trader) -> None:
        for instrument in views.instrument_ids(exchange):
            rows = views.book_orders(exchange, instrument)
            names = ["public_order_id", "side", "price", "quantity"]
            theirs = rows[names].tolist()
            book = trader.order_books[instrument]
            ours = {(order, *terms) for order, terms in book.orders.items()}
            if ours != {tuple(row) for row in theirs}:
                raise Wrong(f"the order book of {instrument} that {trader.user} keeps differs")
            depth = trader.depth_books[instrument]
            rows = views.book_levels(exchange, instrument)
            levels = set(rows[["side", "price", "level_quantity", "level_orders"]].tolist())
            kept = {
                (side, price, *level)
                for side, half in enumerate((depth.bids, depth.asks))
                for price, level in half.items()
            }
            if kept != levels:
                raise Wrong(f"the depth of {instrument} that {trader.user} keeps differs: {sorted(kept ^ levels)[:4]}")
            top, quote = views.top(exchange, instrument)[0], trader.quotes[instrument][0]
            if any(int(top[name]) != int(quote[name]) for name in ("bid_price", "bid_quantity", "ask_price")):
                raise Wrong(f"the quote of {instrument} that {trader.user} keeps differs")


def _each_answered_once(trader: Trader) -> None:
    """Every command that counts has exactly one answer that counts."""
    events = np.concatenate(trader.events) if trader.events else np.zeros(0, EVENT)
    own = events[events["client_instance"] == np.uint64(trader.instance)]
    sent = np.frombuffer(b"".join(trader.stored), COMMAND)
    wishes, counts = np.unique(sent["decision_maker"][sent["kind"] < CommandKind.ORDER_TERMS], return_counts=True)
    if (counts > 1).any():
        raise Wrong(f"wishes of {trader.user} were sent under two counters: {wishes[counts > 1].tolist()[:5]}")
    quotes = sent["counter"][sent["kind"] == CommandKind.MASS_QUOTE]
    of_quote = np.isin(own["counter"], quotes)
    again = (own["kind"] == EventKind.REJECTED) & np.isin(
        own["reason"], [int(RejectReason.DUPLICATE), int(RejectReason.COUNTER_GAP)]
    )
    asked_for = (own["kind"] != EventKind.CANCELED) | (own["reason"] == 0)
    answers = own[np.isin(own["kind"], [int(kind) for kind in _ANSWERS]) & ~again & asked_for & ~of_quote]
    values = np.concatenate([answers["counter"], _answered_quotes(own[of_quote & ~again])])
    values, counts = np.unique(values, return_counts=True)
    if (counts > 1).any():
        raise Wrong(f"commands of {trader.user} happened twice: {values[counts > 1].tolist()[:5]}")
    missing = sorted(set(range(1, trader.session.entry.counter + 1)) - set(values.tolist()))
    if missing:
        raise Wrong(f"commands of {trader.user} were never answered: {missing[:5]}")
    accepted = own[own["kind"] == EventKind.ACCEPTED]
    if len(np.unique(accepted["order_id"])) != len(accepted):
        raise Wrong(f"an order of {trader.user} was made twice")
    _as_it_was_sent(trader, sent, own[(own["kind"] == EventKind.ACCEPTED) & ~of_quote])


def _answered_quotes(events: Records) -> Records:
    """The counter of each answer to quotes: MASS_QUOTED, or the rejection of the head where there is none."""
    whole = events["counter"][events["kind"] == EventKind.MASS_QUOTED]
    heads = np.unique(events["counter"][events["kind"] == EventKind.REJECTED])
    return np.concatenate([whole, np.setdiff1d(heads, whole)])


def _as_it_was_sent(trader: Trader, sent: Records, accepted: Records) -> None:
    """Each order is one that was sent under its counter."""
    asked = {int(row["counter"]): row for row in sent if row["kind"] == CommandKind.NEW_ORDER}
    for order in accepted:
        command = asked.get(int(order["counter"]))
        if command is None or any(order[name] != command[name] for name in _SAME):
            raise Wrong(f"{trader.user} never sent the order that has the counter {int(order['counter'])}")
