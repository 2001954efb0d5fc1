"""Subscribers of one server in a process of their own: they read what comes and say how late it was.

Rules: one line of JSON on standard input says where the server is and how many sockets there shall be; each further
line asks for a report and begins a new measurement. All sockets have the key of one session. It ends with its input.
"""

import json
import sys
import time
from typing import Any

import numpy as np
import zmq

from server.client.connection import MARKET_DATA_HIGH_WATER, Connection
from server.protocol.codec import encode_topic
from server.protocol.enums import Topic

_TIME = slice(40, 48)
"""Where an envelope has its `time_ns`."""


def main() -> None:
    """Log on, subscribe, read until the input ends."""
    where = json.loads(sys.stdin.readline())
    keys = zmq.curve_keypair()
    connection = Connection(
        where["host"], where["control_port"], where["server_key"].encode(), time.time_ns, key_pair=keys
    )
    connection.logon(where["user"], where["password"], timeout_ms=30_000)
    context = zmq.Context.instance()
    poller = zmq.Poller()
    for _ in range(where["count"]):
        socket = context.socket(zmq.SUB)
        socket.curve_publickey, socket.curve_secretkey = keys
        socket.curve_serverkey = where["server_key"].encode()
        socket.linger = 0
        socket.set_hwm(MARKET_DATA_HIGH_WATER)
        socket.subscribe(encode_topic(Topic.ORDERS, 1))
        socket.connect(f"tcp://{where['host']}:{where['market_data_port']}")
        poller.register(socket, zmq.POLLIN)
    poller.register(sys.stdin, zmq.POLLIN)
    print(json.dumps({"ready": True}), flush=True)
    read(poller, connection, delay_s=where.get("delay_s", 0.0))


def read(poller: Any, connection: Connection, *, delay_s: float) -> None:
    """Read everything at once, or with `delay_s` one message so far apart."""
    late: list[int] = []
    connection_at = 0.0
    while True:
        for socket, _ in poller.poll(100):
            if not isinstance(socket, zmq.Socket):
                if not sys.stdin.readline():
                    return
                print(json.dumps(report(late)), flush=True)
                late = []
                continue
            left = 1 if delay_s else 100
            while left and socket.get(zmq.EVENTS) & zmq.POLLIN:
                left -= 1
                frame = socket.recv_multipart(zmq.NOBLOCK)[1]
                late.append(time.time_ns() - int.from_bytes(frame[_TIME], "little"))
            if delay_s:
                time.sleep(delay_s)
        if time.monotonic() > connection_at:
            connection_at = time.monotonic() + 0.3
            connection.poll(0)


def report(late: list[int]) -> dict[str, float]:
    """Messages, and percentiles of how late they were, in microseconds."""
    if not late:
        return {"count": 0, "p50_us": 0.0, "p99_us": 0.0}
    p50, p99 = np.percentile(late, (50, 99)) / 1e3
    return {"count": len(late), "p50_us": float(p50), "p99_us": float(p99)}


if __name__ == "__main__":
    main()
