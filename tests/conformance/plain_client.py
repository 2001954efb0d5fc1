"""A client written from PROTOCOL.md alone: sockets, packed numbers and MessagePack, nothing of the server's code.

Rules: it shows what another language has to do, so it takes no short cut through the project; constants and layouts
are those of the document. For tests of the suite it can be wrong in one way, named by the item that it fails.
"""

import secrets
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import zmq

ENVELOPE = struct.Struct("<BBHIIBBHIIQQqqQ")
COMMAND = struct.Struct("<BBHHHQqIIQQII16sqqQqQIIIBBBB")
STREAM_POSITION = struct.Struct("<B3xIQQ40x")
LEVEL = struct.Struct("<BBBBIQqQqqqII")
EVENT_BYTES = 192
assert (ENVELOPE.size, COMMAND.size, STREAM_POSITION.size, LEVEL.size) == (64, 128, 64, 64)
COMMANDS, EVENTS, MARKET_DATA, HEARTBEAT, FAULT = 1, 2, 3, 4, 5
NEW_ORDER, CANCEL_ORDER, REPLACE_ORDER = 1, 2, 3
ACCEPTED, REJECTED = 1, 2
LIMIT, GTC, IOC = 1, 2, 3
DUPLICATE, COUNTER_GAP, BUSY = 1, 2, 64
WRONG_CREDENTIALS = 6
SILENCE_S, RETRY_S, RESEND_S = 4.0, 0.5, 0.1


def event_field(row: bytes, offset: int, size: int = 8) -> int:
    """An unsigned number of an EVENT."""
    return int.from_bytes(row[offset : offset + size], "little")


def envelope(epoch: int, session: int, kind: int, count: int, time_ns: int = 0) -> bytes:
    """A client's envelope."""
    return ENVELOPE.pack(kind, 1, 0, count, epoch, 0, 0, 0, session, 0, 0, 0, time_ns, 0, 0)


def apply_levels(book: dict[tuple[int, int], int], content: bytes) -> None:
    """Levels as they are now; quantity 0: gone."""
    for _, side, _, _, _, _, _, _, price, _, quantity, _, _ in LEVEL.iter_unpack(content):
        if quantity:
            book[side, price] = quantity
        else:
            book.pop((side, price), None)


class PlainClient:
    """One user's client. `do` takes a step of the suite, `poll` its life."""

    def __init__(self, wrong: str = "") -> None:
        self.wrong = wrong
        self.context = zmq.Context.instance()
        self.keys = zmq.curve_keypair()
        self.steps: list[dict[str, Any]] = []
        self.sockets: dict[str, Any] = {}
        self.address: dict[str, Any] = {}
        self.credentials: tuple[str, str] | None = None
        self.instance = secrets.randbits(63) | 1
        self.counter = 0
        self.pending: dict[int, bytes] = {}
        self.epoch = self.session = self.request = 0
        self.heartbeat_s = 0.2
        self.ports = (0, 0)
        self.asked: dict[int, Callable[[list[Any]], None]] = {}
        self.private: int | None = None
        self.resuming = False
        self.instrument = 0
        self.book: dict[tuple[int, int], int] = {}
        self.depth_next = 0
        self.depth_kept: list[tuple[int, bytes]] = []
        self.awaits_snapshot = False
        self.order_id = 0
        self.resend_from = 0
        self.is_off = False
        self.heard_s = self.beat_s = self.retry_s = self.resend_s = 0.0

    # ---- steps ----

    def do(self, step: dict[str, Any]) -> None:
        """Begin what the step says; what needs a session waits for it."""
        if step["do"] == "connect":
            self.address = step
            self.begin_again()
        else:
            self.steps.append(step)

    def poll(self, timeout_ms: int) -> None:
        """Take what came, keep the clock, and do the steps that can be done."""
        poller = zmq.Poller()
        for sock in self.sockets.values():
            poller.register(sock, zmq.POLLIN)
        ready = dict(poller.poll(timeout_ms))
        for name, sock in list(self.sockets.items()):
            while ready.get(sock) and self.sockets.get(name) is sock and sock.poll(0):
                self.received(name, sock.recv_multipart())
        self.on_time()
        while self.steps and self.done(self.steps[0]):
            self.steps.pop(0)

    def done(self, step: dict[str, Any]) -> bool:
        """Whether the step could be done now."""
        what = step["do"]
        if what == "logon":
            self.credentials = step["user"], step["password"]
            self.hello()
            return True
        if what in ("wait", "reconnect"):
            return True
        if not self.session:
            return False
        if what == "logoff":
            self.is_off = True
            self.ask(["Logoff"], lambda _: None)
        elif what == "instruments":
            self.ask(["GetInstruments"], lambda _: None)
        elif what == "subscribe":
            self.instrument = step["instrument"]
            self.follow()
        elif what == "take-best":
            offers = {price: quantity for (side, price), quantity in self.book.items() if side == 1}
            if not offers:
                return False
            best = min(offers)
            self.command(NEW_ORDER, step["account"], price=best, quantity=offers[best], time_in_force=IOC)
        elif what == "order":
            self.order_id = 0
            self.address |= {"account": step["account"]}
            self.command(NEW_ORDER, step["account"], price=step["price"], quantity=step["quantity"])
        elif not self.order_id:
            return False
        elif what == "cancel":
            self.command(CANCEL_ORDER, self.address["account"], order_id=self.order_id)
        elif what == "replace":
            self.command(
                REPLACE_ORDER, self.address["account"], order_id=self.order_id, price=9_000, quantity=step["quantity"]
            )
        return True

    # ---- the session ----

    def open(self, name: str, kind: int, port: int) -> None:
        """A socket with CURVE."""
        sock = self.context.socket(kind)
        sock.curve_serverkey = self.address["server_key"].encode()
        sock.curve_publickey, sock.curve_secretkey = self.keys
        sock.linger = 0
        sock.connect(f"tcp://{self.address['host']}:{port}")
        self.sockets[name] = sock

    def send(self, name: str, frame: bytes) -> None:
        """Without waiting: what a socket cannot take is lost, and seen to be lost like everything else."""
        with suppress(zmq.Again, KeyError):
            self.sockets[name].send(frame, zmq.NOBLOCK)

    def close(self) -> None:
        """All sockets."""
        for sock in self.sockets.values():
            sock.close(linger=100)
        self.sockets.clear()

    def begin_again(self) -> None:
        """Nothing of the former session holds: connect and say hello."""
        self.close()
        self.session = 0
        self.asked.clear()
        self.resuming = self.awaits_snapshot = False
        self.open("control", zmq.DEALER, self.address["control_port"])
        self.hello()

    def hello(self) -> None:
        """Who are you?"""
        self.retry_s = time.monotonic() + RETRY_S
        self.asked.clear()
        if self.wrong == "hello":
            self.ask(["GetInstruments"], lambda _: None)
        self.ask(["Hello", 1, 1, "plain"], self.on_welcome)

    def ask(self, request: list[Any], on_reply: Callable[[list[Any]], None]) -> None:
        """A request: its name, its number, its fields."""
        self.request += 1
        self.asked[self.request] = on_reply
        name, *fields = request
        self.send("control", msgspec.msgpack.encode([name, self.request, *fields]))

    def on_welcome(self, reply: list[Any]) -> None:
        """The server's description; a lower epoch is an old copy of the server."""
        if reply[0] != "Welcome" or self.session:
            return
        epoch, order_port, market_data_port, heartbeat_ms = reply[5], reply[8], reply[9], reply[11]
        if epoch < self.epoch and self.wrong != "lower-epoch":
            return
        self.epoch = max(epoch, self.epoch)
        self.ports = order_port, market_data_port
        self.heartbeat_s = heartbeat_ms / 1000
        self.retry_s = time.monotonic() + 10.0
        if self.wrong == "restart":
            self.instance, self.counter = self.instance + 1, 0
        if self.credentials:
            self.ask(["Logon", *self.credentials, self.instance], self.on_logon)

    def on_logon(self, reply: list[Any]) -> None:
        """A session: bind the order socket, resume, subscribe, send again what never arrived."""
        if reply[0] != "LogonAccepted":
            self.retry_s = time.monotonic() + RETRY_S
            if reply[2] == WRONG_CREDENTIALS:
                if self.wrong == "wrong-password" and self.credentials:
                    self.ask(["Logon", *self.credentials, self.instance], self.on_logon)
                    return
                self.credentials = None
            return
        self.session, last_counter, last_private = reply[3], reply[5], reply[6]
        self.heard_s = time.monotonic()
        self.open("orders", zmq.DEALER, self.ports[0])
        self.open("market data", zmq.SUB, self.ports[1])
        self.beat_s = 0.0
        if self.private is None:
            self.private = last_private
        self.resume()
        if self.instrument:
            self.follow()
        self.counter = max(self.counter, last_counter)
        for counter in [counter for counter in self.pending if counter <= last_counter]:
            row = self.pending.pop(counter)
            if self.wrong == "lost-answer":
                self.send_row(row)
        for counter in sorted(self.pending):
            if self.wrong == "lost-order":
                self.send_row(self.pending.pop(counter))
            else:
                self.push([self.pending[counter]])

    def on_time(self) -> None:
        """Heartbeats, retries, silence."""
        now_s = time.monotonic()
        if self.is_off and self.wrong == "logoff":
            self.send_row(bytes(128))
        if not self.sockets or self.is_off:
            return
        if not self.session:
            if self.credentials and now_s >= self.retry_s:
                self.begin_again()
            return
        if now_s - self.heard_s > SILENCE_S and self.wrong != "silent-server":
            self.begin_again()
            return
        if self.wrong != "heartbeat" and now_s >= self.beat_s:
            self.beat_s = now_s + self.heartbeat_s
            self.send("orders", envelope(self.epoch, self.session, HEARTBEAT, self.wrong == "wire", time.time_ns()))
        if self.resend_from and now_s >= self.resend_s:
            rows = [self.pending[counter] for counter in sorted(self.pending) if counter >= self.resend_from]
            self.resend_from = 0
            if rows:
                self.push(rows)

    # ---- orders ----

    def command(
        self, kind: int, account: int, *, price: int = 0, quantity: int = 0, order_id: int = 0, time_in_force: int = GTC
    ) -> None:
        """A command on the instrument with the next counter."""
        row = COMMAND.pack(
            kind, 1, 1, 1, 0, 0, 0, 0, 0, self.instance, 0, account, 1, b"", price, quantity, order_id, 0, 0, 0, 0, 0,
            0, LIMIT, time_in_force, 0,
        )  # fmt: skip
        self.send_row(row)

    def send_row(self, row: bytes) -> None:
        """Number it, keep it, send it."""
        self.counter += 1
        numbered = row[:40] + self.counter.to_bytes(8, "little") + row[48:]
        self.pending[self.counter] = numbered
        self.push([numbered])

    def push(self, rows: list[bytes]) -> None:
        """Commands in one message."""
        self.send("orders", envelope(self.epoch, self.session, COMMANDS, len(rows)) + b"".join(rows))

    def on_events(self, sequence: int, rows: list[bytes]) -> None:
        """Private events; those that do not follow are asked for."""
        if sequence == 0:
            for row in rows:
                self.on_event(row)
            return
        assert self.private is not None
        if sequence > self.private + 1:
            if self.wrong != "private-gap":
                self.resume()
            return
        if sequence <= self.private and self.wrong == "repeated":
            self.begin_again()
            return
        for row in rows:
            if event_field(row, 32) > self.private:
                self.private = event_field(row, 32)
                self.on_event(row)

    def on_event(self, row: bytes) -> None:
        """An answer strikes its command out, unless it says that it was not taken."""
        kind, reason = row[0], event_field(row, 6, 2)
        if event_field(row, 72) != self.instance:
            return
        counter = event_field(row, 80)
        if kind == REJECTED and self.wrong == {COUNTER_GAP: "counter-gap", BUSY: "busy"}.get(reason, "order-rejected"):
            row = self.pending.pop(counter, b"")
            if row and reason != COUNTER_GAP:
                self.send_row(row)
            return
        if kind == REJECTED and reason in (COUNTER_GAP, BUSY):
            self.resend_from = event_field(row, 176) if reason == COUNTER_GAP else counter
            self.resend_s = time.monotonic() + RESEND_S
            return
        if kind == ACCEPTED:
            self.order_id = event_field(row, 56)
        self.pending.pop(counter, None)

    def resume(self) -> None:
        """Private events after the newest that we have."""
        if not self.resuming:
            self.resuming = True
            self.ask(["ResumePrivate", self.private], self.on_resumed)

    def on_resumed(self, reply: list[Any]) -> None:
        """A page of them."""
        self.resuming = False
        if reply[0] != "Records":
            return
        content = reply[3]
        if content:
            rows = [content[at : at + EVENT_BYTES] for at in range(0, len(content), EVENT_BYTES)]
            self.on_events(event_field(rows[0], 32), rows)
        if reply[6]:
            self.resume()

    # ---- market data ----

    def follow(self) -> None:
        """Depth of the instrument and the heartbeats, then a snapshot."""
        for topic, instrument in ((b"H", 0), (b"D", self.instrument)):
            self.sockets["market data"].setsockopt(zmq.SUBSCRIBE, topic + instrument.to_bytes(4, "big"))
        self.awaits_snapshot = False
        self.take_snapshot()

    def take_snapshot(self) -> None:
        """The book as it is; what comes meanwhile is kept."""
        if not self.awaits_snapshot:
            self.awaits_snapshot = True
            self.depth_kept.clear()
            self.ask(["GetSnapshot", ord("D"), self.instrument], self.on_snapshot)

    def on_snapshot(self, reply: list[Any]) -> None:
        """Replace the book, then apply what came after it."""
        self.awaits_snapshot = False
        if reply[0] != "Records":
            return
        self.book.clear()
        apply_levels(self.book, reply[3])
        self.depth_next = reply[4] + 1
        kept, self.depth_kept = self.depth_kept, []
        for first, content in kept:
            self.on_depth(first, content)

    def on_depth(self, first: int, content: bytes) -> None:
        """Changes of levels, if they follow."""
        if self.awaits_snapshot:
            self.depth_kept.append((first, content))
            return
        if first > self.depth_next and self.wrong != "market-data-gap":
            self.take_snapshot()
            self.depth_kept.append((first, content))
            return
        skip = max(0, self.depth_next - first)
        apply_levels(self.book, content[skip * LEVEL.size :])
        self.depth_next = max(self.depth_next, first + len(content) // LEVEL.size)

    # ---- what arrives ----

    def received(self, name: str, frames: list[bytes]) -> None:
        """A message of one of the sockets."""
        if name == "control":
            reply = msgspec.msgpack.decode(frames[0])
            self.asked.pop(reply[1], lambda _: None)(reply)
            return
        frame = frames[-1]
        kind, version, _, count, epoch, _, _, _, _, _, sequence, _, _, _, _ = ENVELOPE.unpack_from(frame)
        assert version == 1
        if epoch < self.epoch and self.wrong != "lower-epoch":
            return
        self.heard_s = time.monotonic()
        content = frame[ENVELOPE.size :]
        if name == "market data":
            if kind == MARKET_DATA:
                self.on_depth(sequence, content)
            elif self.wrong != "market-data-gap":
                for topic, instrument, following, _ in STREAM_POSITION.iter_unpack(content):
                    if (topic, instrument) == (ord("D"), self.instrument) and following > self.depth_next:
                        self.take_snapshot()
        elif kind == EVENTS:
            assert len(content) == count * EVENT_BYTES
            self.on_events(sequence, [content[at : at + EVENT_BYTES] for at in range(0, len(content), EVENT_BYTES)])
        elif kind == HEARTBEAT:
            if self.private is not None and sequence > self.private + 1 and self.wrong != "private-gap":
                self.resume()
        elif kind == FAULT and self.wrong not in ("fault", "logoff"):
            self.session = 0
            self.retry_s = time.monotonic() + RETRY_S
            for gone in ("orders", "market data"):
                self.sockets.pop(gone).close(linger=0)
