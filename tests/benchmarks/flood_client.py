"""Strangers at the door, as a process of its own: `connect N` opens N connections that never log on.

Rules: every second one says a true CURVE HELLO, which costs the server its cryptography, and every other one nothing;
none is closed by this side before all are made. A HELLO is recorded from a real client and says the same each time,
which the server cannot know. At the lowest priority, so that it takes little from who is measured.
"""

import argparse
import os
import resource
import socket
import sys
import time

import zmq

GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x01" + b"CURVE".ljust(20, b"\0") + b"\0" + bytes(31)
HELLO_BYTES = 202
AT_ONCE = 400
"""Connections kept open at a time; the system lets one process have no more than some thousands."""


def recorded_hello(server_key: bytes) -> bytes:
    """The bytes of a client's HELLO to the server of that key."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        context = zmq.Context()
        client = context.socket(zmq.DEALER)
        client.linger = 0
        client.curve_serverkey = server_key
        client.curve_publickey, client.curve_secretkey = zmq.curve_keypair()
        client.connect(f"tcp://127.0.0.1:{listener.getsockname()[1]}")
        connection, _ = listener.accept()
        with connection:
            connection.sendall(GREETING[:32] + b"\1" + bytes(31))
            taken = b""
            while len(taken) < len(GREETING) + HELLO_BYTES:
                taken += connection.recv(4096)
        client.close()
        context.term()
    return taken[len(GREETING) :]


def connect_all(ports: list[int], count: int, hello: bytes) -> tuple[int, int]:
    """How many were let in and how many were shut out at once."""
    kept: list[socket.socket] = []
    opened = refused = 0
    for number in range(count):
        connection = socket.socket()
        try:
            connection.connect(("127.0.0.1", ports[number % len(ports)]))
            connection.sendall(GREETING + hello if number // len(ports) % 2 else GREETING[:10])
            opened += 1
        except OSError:
            refused += 1
        connection.setblocking(False)
        kept.append(connection)
        if len(kept) > AT_ONCE:
            kept.pop(0).close()
    for connection in kept:
        connection.close()
    return opened, refused


def main() -> None:
    """Prints a line of JSON when ready and after each command; ends with its standard input."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--ports", type=int, nargs="+", required=True)
    parser.add_argument("--server-key", required=True)
    options = parser.parse_args()
    os.nice(19)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    hello = recorded_hello(options.server_key.encode())
    print('{"ready": true}', flush=True)
    for line in sys.stdin:
        word, _, number = line.strip().partition(" ")
        if word != "connect":
            break
        began = time.perf_counter()
        opened, refused = connect_all(options.ports, int(number), hello)
        took_ms = int((time.perf_counter() - began) * 1000)
        print(f'{{"done": true, "opened": {opened}, "refused": {refused}, "took_ms": {took_ms}}}', flush=True)


if __name__ == "__main__":
    main()
