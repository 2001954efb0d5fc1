"""A publisher at a steady pace, on the product's market data socket, as a process of its own.

Rules: the real transport with CURVE, ZAP and manual subscriptions, and nothing behind it; every key is admitted. Each
message is one record of the order-by-order lane, sent by itself. It says where it listens and ends with its input.
"""

import json
import sys
import threading
import time

import numpy as np
import zmq

from server.gateway.outbox import Outbox
from server.gateway.sockets import Endpoints, ZmqTransport
from server.protocol.codec import encode_message, encode_topic
from server.protocol.enums import EnvelopeKind, Topic
from server.protocol.records import BOOK_RECORD, ENVELOPE

TOPIC = encode_topic(Topic.ORDERS, 1)


class Everybody:
    """An admission that refuses nobody."""

    def admits(self, domain: str, key: str) -> bool:
        """Anybody."""
        return bool(domain and key)

    def admits_subscription(self, key: str, topic: bytes) -> bool:
        """Anything."""
        return bool(key and topic)

    def ends_subscription(self, key: str, topic: bytes) -> None:
        """Nothing is kept."""

    def has_session(self, key: str) -> bool:
        """Everybody has one."""
        return bool(key)

    def take_revoked(self) -> list[str]:
        """Nobody is thrown out."""
        return []


def main() -> None:
    """Publish `argv[1]` messages a second until the input ends."""
    rate = int(sys.argv[1])
    public, secret = zmq.curve_keypair()
    transport = ZmqTransport(
        Endpoints("127.0.0.1", 0, 0, 0), public_key=public, secret_key=secret, admission=Everybody(),
        requests_per_turn=64, commands_per_turn=64,
    )  # fmt: skip
    where = {"ready": True, "port": transport.market_data_port, "key": public.decode()}
    print(json.dumps(where), flush=True)
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    envelope = np.zeros(1, ENVELOPE)
    envelope["kind"] = EnvelopeKind.MARKET_DATA
    record = np.zeros(1, BOOK_RECORD)
    began, sent = time.monotonic(), 0
    while not ended.is_set():
        due = int((time.monotonic() - began) * rate)
        for number in range(sent + 1, due + 1):
            envelope["sequence"], envelope["time_ns"] = number, time.time_ns()
            transport.send(Outbox(market_data=[(TOPIC, encode_message(envelope, record))]))
        sent = due
        transport.poll(1)
    transport.close()


if __name__ == "__main__":
    main()
