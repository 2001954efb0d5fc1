"""Subscribers of one publisher in a process of their own: all read what comes, one says how late it was.

Rules: the arguments say where it is and how many connections there shall be; all but one are emptied by libzmq itself,
so that their reading does not cost more than the publishing. Each line of the input asks for a report and begins a new
measurement. With a delay the one reads a message so far apart. It ends with its input.
"""

import argparse
import json
import os
import sys
import threading
import time
from typing import Any

import numpy as np
import zmq

from server.client.client_sockets import CLIENT_MARKET_DATA
from tests.benchmarks.feed_source import TOPIC

_TIME = slice(40, 48)
"""Where an envelope has its `time_ns`."""


def main() -> None:
    """Subscribe, and read until the input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("key")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--delay-ms", type=int, default=0)
    options = parser.parse_args()
    context = zmq.Context.instance()
    poller = zmq.Poller()
    poller.register(subscriber(context, options.port, options.key, 1), zmq.POLLIN)
    if options.count > 1:
        others = subscriber(context, options.port, options.key, options.count - 1)
        nowhere = context.socket(zmq.PUB)
        nowhere.bind("inproc://nowhere")
        threading.Thread(target=zmq.proxy, args=(others, nowhere), daemon=True).start()
    poller.register(sys.stdin, zmq.POLLIN)
    print(json.dumps({"ready": True}), flush=True)
    read(poller, options.delay_ms / 1000)


def subscriber(context: Any, port: int, key: str, connections: int) -> Any:
    """A SUB socket with so many connections to the publisher."""
    socket = context.socket(zmq.SUB)
    socket.curve_publickey, socket.curve_secretkey = zmq.curve_keypair()
    socket.curve_serverkey = key.encode()
    socket.linger = 0
    socket.set_hwm(CLIENT_MARKET_DATA.receive_messages)
    socket.subscribe(TOPIC)
    for _ in range(connections):
        socket.connect(f"tcp://127.0.0.1:{port}")
    return socket


def read(poller: Any, delay_s: float) -> None:
    """Read everything at once, or with a delay one message so far apart."""
    late: list[int] = []
    while True:
        for socket, _ in poller.poll():
            if not isinstance(socket, zmq.Socket):
                if not sys.stdin.readline():
                    sys.stdout.flush()
                    os._exit(0)  # a proxy ends with its process
                print(json.dumps(report(late)), flush=True)
                late = []
                continue
            left = 1 if delay_s else 100
            while left and socket.get(zmq.EVENTS) & zmq.POLLIN:
                left -= 1
                socket.recv(zmq.NOBLOCK)
                late.append(time.time_ns() - int.from_bytes(socket.recv(zmq.NOBLOCK)[_TIME], "little"))
            if delay_s:
                time.sleep(delay_s)


def report(late: list[int]) -> dict[str, float]:
    """Messages, and the 99th percentile of how late they were, in microseconds."""
    return {"count": len(late), "p99_us": float(np.percentile(late, 99)) / 1e3 if late else 0.0}


if __name__ == "__main__":
    main()
