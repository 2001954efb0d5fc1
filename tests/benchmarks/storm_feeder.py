"""A feeder that speaks the protocol like the server, for the window alone: `python -m tests.benchmarks.storm_feeder`.

Rules: CURVE on all sockets, one thread; answers hello, logon and the queries of a workstation, echoes heartbeats and
publishes at a fixed rate: quotes of all instruments, book and trades of the first ones, and fills of the user now and
then. Ends when standard input closes.
"""

import argparse
import json
import sys
import threading
import time
from typing import Final

import numpy as np
import zmq
from numpy.typing import NDArray
from zmq.auth.thread import ThreadAuthenticator

from server.gateway.frames import FrameWriter, ServerIdentity
from server.protocol import control
from server.protocol.codec import decode_request, encode_control, encode_message, encode_topic
from server.protocol.enums import BarUnit, Durability, EnvelopeKind, FaultCode, Mode, Right, Topic
from server.protocol.records import ENVELOPE, STREAM_POSITION
from tests.benchmarks import storm_market as market

HEARTBEAT_MS: Final = 250
SESSION: Final = 1
DEEP_MAX: Final = 32
"""Of so many instruments the window takes book and trades (`app.models.following.KEPT_MAX`)."""
REQUESTS_AT_ONCE: Final = 50
FEW: Final = 12
BATCH: Final = 3
"""With more instruments than a few the server applies larger batches: so many trades leave in one message."""
_NOTHING: Final = np.zeros(0, ENVELOPE)
_NOTHING_OF: Final = {
    control.GetDepthHistory: "DEPTH_COLUMN", control.GetVolumes: "VOLUME_RECORD", control.GetHotList: "HOT_RECORD",
}  # fmt: skip
_MARKET_DATA: Final = int(EnvelopeKind.MARKET_DATA)
_DOMAIN: Final = b"global"


class Feeder:
    """The three sockets of a server with nothing behind them."""

    def __init__(self, rate: int, seed: int, count: int, orders_per_s: float) -> None:
        """`rate`: market data records a second over all `count` instruments, of which the window takes all."""
        self._storm = market.Storm(seed, count, DEEP_MAX, 1)
        deep = self._storm.deep
        per_cycle = rate * market.CYCLE_MS / 1000 - self._storm.quotes_per_cycle
        self._storm.levels = min(
            max(market.LEVELS_LEAST, round(per_cycle / deep) - market.TRADES_PER_CYCLE), 2 * market.LEVELS
        )
        self._together = 1 if deep <= FEW else BATCH
        self._order_every = max(1, round(1000 / market.CYCLE_MS / orders_per_s)) if orders_per_s else 0
        self._cycles = 0
        self._order_identity = b""
        self._frames = FrameWriter(ServerIdentity(epoch=1, mode=Mode.DEMO, durability=Durability.OS, shard=0))
        self._context = zmq.Context.instance()
        self.public_key, self._secret_key = zmq.curve_keypair()
        self._auth = ThreadAuthenticator(self._context)
        self._auth.start()
        self._auth.configure_curve(domain=_DOMAIN.decode(), location=zmq.auth.CURVE_ALLOW_ANY)
        self._control, self.control_port = self._bound(zmq.ROUTER)
        self._orders, self.order_port = self._bound(zmq.ROUTER)
        self._feed, self.market_data_port = self._bound(zmq.XPUB)
        self._next: dict[tuple[int, int], int] = {}
        self._prefixes: dict[tuple[int, int], bytes] = {}
        self._sequence = 1
        self._events = market.private_events(self._storm, time.time_ns())
        self.stopping = threading.Event()

    def run(self) -> None:
        """Feed until told to stop."""
        poller = zmq.Poller()
        for sock in (self._control, self._orders, self._feed):
            poller.register(sock, zmq.POLLIN)
        step_ns = market.CYCLE_MS * 1_000_000 // market.TRADES_PER_CYCLE
        due_ns, heartbeat_ns, part = time.monotonic_ns(), 0, 0
        prints = self._storm.prints(time.time_ns(), 0)
        while not self.stopping.is_set():
            wait_ms = max(0, (due_ns - time.monotonic_ns()) // 1_000_000)
            events = dict(poller.poll(wait_ms))
            self._serve(events)
            now_ns = time.monotonic_ns()
            if now_ns >= heartbeat_ns:
                heartbeat_ns = now_ns + HEARTBEAT_MS * 1_000_000
                self._heartbeat()
            if now_ns >= due_ns:
                due_ns += step_ns
                prints = self._step(part, prints)
                part = (part + 1) % market.TRADES_PER_CYCLE
        self._auth.stop()

    def _step(self, part: int, prints: NDArray[np.void]) -> NDArray[np.void]:
        """Publish one part of a cycle: quotes and depth at its beginning, then trades in each part."""
        storm = self._storm
        if part == 0:
            self._sequence += 1
            now_ns = time.time_ns()
            for row in storm.step(now_ns, self._sequence).tolist():
                self._publish(Topic.QUOTE, row + 1, storm.quotes[row : row + 1])
            for row, levels in enumerate(storm.depth(now_ns, self._sequence)):
                self._publish(Topic.DEPTH, row + 1, levels)
            prints = storm.prints(now_ns, self._sequence)
            self._cycles += 1
            if self._order_every and self._cycles % self._order_every == 0:
                self._fill(now_ns)
        begin = part // self._together * self._together
        for row in range(storm.deep):
            if (part + row) % self._together == 0:
                self._publish(Topic.TRADES, row + 1, prints[row, begin : begin + self._together])
        return prints

    def _bound(self, kind: int) -> tuple["zmq.Socket[bytes]", int]:
        sock = self._context.socket(kind)
        sock.curve_server = True
        sock.curve_publickey, sock.curve_secretkey = self.public_key, self._secret_key
        sock.zap_domain = _DOMAIN
        sock.linger = 0
        sock.set_hwm(100_000)
        return sock, sock.bind_to_random_port("tcp://127.0.0.1")

    def _envelope(self, kind: EnvelopeKind, sequence: int = 0, instrument: int = 0) -> NDArray[np.void]:
        envelope = np.zeros(1, ENVELOPE)
        envelope["kind"], envelope["epoch"], envelope["mode"], envelope["durability"] = (
            kind,
            1,
            Mode.DEMO,
            Durability.OS,
        )
        envelope["session"], envelope["instrument"], envelope["sequence"] = SESSION, instrument, sequence
        envelope["engine_sequence"], envelope["time_ns"] = self._sequence, time.time_ns()
        return envelope

    def _publish(self, topic: Topic, number: int, records: NDArray[np.void]) -> None:
        first = self._next.get((topic, number), 1)
        self._next[topic, number] = first + len(records)
        prefix = self._prefixes.get((topic, number))
        if prefix is None:
            prefix = self._prefixes[topic, number] = encode_topic(topic, number)
        frame = self._frames.content(
            _MARKET_DATA, len(records), records.tobytes(), SESSION, number, first, self._sequence, time.time_ns()
        )
        self._feed.send(prefix, zmq.SNDMORE)
        self._feed.send(frame)

    def _fill(self, now_ns: int) -> None:
        """An order of the user is accepted and filled."""
        if not self._order_identity:
            return
        first = len(self._events) + 1
        rows = market.cycle_of_orders(self._storm, now_ns, first)
        self._events = np.concatenate([self._events, rows])
        frame = encode_message(self._envelope(EnvelopeKind.EVENTS, first), rows)
        self._orders.send_multipart([self._order_identity, frame])

    def _heartbeat(self) -> None:
        rows = np.zeros(len(self._next), STREAM_POSITION)
        for place, ((topic, number), following) in enumerate(self._next.items()):
            rows["topic"][place], rows["instrument"][place], rows["next_sequence"][place] = topic, number, following
        frame = encode_message(self._envelope(EnvelopeKind.HEARTBEAT), rows)
        self._feed.send_multipart([encode_topic(Topic.HEARTBEAT, 0), frame])

    def _serve(self, events: dict["zmq.Socket[bytes]", int]) -> None:
        if self._feed in events:
            self._feed.recv()
        if self._orders in events:
            identity, frame = self._orders.recv_multipart()
            self._order_identity = identity
            asked = np.frombuffer(frame, ENVELOPE, 1)
            answer = self._envelope(EnvelopeKind.HEARTBEAT, len(self._events) + 1)
            answer["echo_time_ns"] = asked["time_ns"]
            self._orders.send_multipart([identity, encode_message(answer)])
        if self._control in events:
            for _ in range(REQUESTS_AT_ONCE):
                identity, frame = self._control.recv_multipart()
                self._control.send_multipart([identity, encode_control(self._reply(decode_request(frame)))])
                if not self._control.getsockopt(zmq.EVENTS) & zmq.POLLIN:
                    break

    def _reply(self, request: control.AnyRequest) -> control.AnyReply:
        asked, now_ns = request.request_id, time.time_ns()
        match request:
            case control.Hello():
                return control.Welcome(
                    request_id=asked, version_min=1, version_max=1, build="storm", epoch=1, mode=Mode.DEMO,
                    durability=Durability.OS, order_port=self.order_port, market_data_port=self.market_data_port,
                    server_time_ns=now_ns, heartbeat_ms=HEARTBEAT_MS, name="storm",
                )  # fmt: skip
            case control.Logon():
                return control.LogonAccepted(
                    request_id=asked, user_id=market.USER, session=SESSION, rights=Right.TRADE | Right.VIEW,
                    last_counter=0, last_stream_sequence=len(self._events), accounts=[market.ACCOUNT],
                )  # fmt: skip
            case control.GetInstruments():
                return control.Instruments(request_id=asked, instruments=market.instruments(self._storm))
            case control.GetAccounts():
                return self._accounts(asked)
            case control.ResumePrivate():
                rows = self._events[self._events["stream_sequence"] > request.after_sequence]
                return self._records(asked, "EVENT", rows, len(self._events))
            case control.GetSnapshot():
                return self._snapshot(request)
            case control.GetBars():
                before_ns = request.before_ns or now_ns
                rows = market.bars(*self._place(request.instrument), request.size_ns, before_ns, request.count)
                return self._records(asked, "BAR_RECORD", rows, 0, more=True)
            case control.GetBarSeries():
                before_ns = request.before_ns or now_ns
                size_ns = request.size if request.unit == BarUnit.TIME else market.DAY_NS
                rows = market.series(*self._place(request.instrument), size_ns, before_ns, request.count)
                return self._records(asked, "SERIES_BAR", rows, 0, more=True)
            case control.GetDepthHistory() | control.GetVolumes() | control.GetHotList():
                return self._records(asked, _NOTHING_OF[type(request)], _NOTHING, 0)
            case control.GetTicks():
                rows = market.ticks(self._place(request.instrument)[1], now_ns, min(request.count, 400))
                return self._records(asked, "TICK_RECORD", rows, 0)
            case control.Retransmit():  # nothing is kept: the stream goes on from what comes
                return control.Refused(request_id=asked, code=FaultCode.NOT_FOUND)
            case _:
                return control.Done(request_id=asked)

    def _place(self, number: int) -> tuple[int, int]:
        """An instrument and its present price."""
        return number, int(self._storm.middle[number - 1])

    def _accounts(self, asked: int) -> control.Accounts:
        account = control.Account(
            account=market.ACCOUNT, name="TP-STORM", currency="USD", money_decimals=2, cash=100_000_000,
            reserved=5_000_000, credit_limit=0, rights=Right.TRADE | Right.VIEW,
            positions=market.positions(self._storm).tobytes(), position_max=5_000,
        )  # fmt: skip
        return control.Accounts(request_id=asked, accounts=[account], stream_sequence=len(self._events))

    def _snapshot(self, request: control.GetSnapshot) -> control.AnyReply:
        number, now_ns = request.instrument, time.time_ns()
        sequence = self._next.get((request.topic, request.instrument), 1) - 1
        if request.topic == Topic.QUOTE:
            return self._records(request.request_id, "QUOTE_RECORD", self._storm.quotes[number - 1 : number], sequence)
        if request.topic == Topic.DEPTH:
            rows = self._storm.book(number, now_ns, self._sequence)
            return self._records(request.request_id, "BOOK_RECORD", rows, sequence)
        if request.topic in (Topic.STATUS, Topic.STATISTICS):
            layout = "BOOK_RECORD" if request.topic == Topic.STATUS else "STATISTICS_RECORD"
            return control.Records(request_id=request.request_id, layout=layout, records=b"", sequence=sequence)
        return control.Refused(request_id=request.request_id, code=FaultCode.NOT_FOUND)

    def _records(
        self, asked: int, layout: str, rows: NDArray[np.void], sequence: int, *, more: bool = False
    ) -> control.Records:
        return control.Records(
            request_id=asked, layout=layout, records=rows.tobytes(), sequence=sequence,
            engine_sequence=self._sequence, more=more,
        )  # fmt: skip


def main() -> None:
    """Feed until standard input closes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--instruments", type=int, default=len(market.SYMBOLS))
    parser.add_argument("--orders", type=float, default=0.0, help="orders of the user a second, filled at once")
    options = parser.parse_args()
    feeder = Feeder(options.rate, options.seed, options.instruments, options.orders)
    print(json.dumps({"control_port": feeder.control_port, "server_key": feeder.public_key.decode()}), flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), feeder.stopping.set()), daemon=True).start()
    feeder.run()


if __name__ == "__main__":
    main()
