"""A network that swallows everything without closing anything is found by both sides."""

import dataclasses
import select
import socket
import threading
import time

import zmq

from server.client.client_sockets import CLIENT_ORDERS
from server.client.socket_options import open_socket
from server.gateway.gateway_sockets import ORDERS

DEADLINE_MS = 20_000


class Relay:
    """TCP to one port, until it swallows."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.swallows = threading.Event()
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        near, _ = self._listener.accept()
        far = socket.create_connection(("127.0.0.1", self._to))
        other = {near: far, far: near}
        while not self.ended.is_set():
            for end in select.select([near, far], [], [], 0.02)[0]:
                if self.swallows.is_set():
                    self.ended.wait(0.02)
                elif content := end.recv(65536):
                    other[end].sendall(content)
        near.close()
        far.close()

    def close(self) -> None:
        """Ends the relay."""
        self.ended.set()
        self._thread.join()
        self._listener.close()


def test_both_sides_find_a_black_hole() -> None:
    quick = {"heartbeat_ms": 50, "silence_ms": 300}
    with zmq.Context() as context:
        server = open_socket(context, zmq.ROUTER, dataclasses.replace(ORDERS, **quick, linger_ms=0))
        relay = Relay(server.bind_to_random_port("tcp://127.0.0.1"))
        client = open_socket(context, zmq.DEALER, dataclasses.replace(CLIENT_ORDERS, **quick))
        client.connect(f"tcp://127.0.0.1:{relay.port}")
        ends = [end.get_monitor_socket(zmq.EVENT_DISCONNECTED) for end in (server, client)]
        client.send(b"here")
        assert server.poll(DEADLINE_MS)
        deadline = time.monotonic() + 0.6
        while time.monotonic() < deadline:
            assert not any(end.poll(20) for end in ends), "a silent peer that is there is no black hole"
        relay.swallows.set()
        assert all(end.poll(DEADLINE_MS) for end in ends)
        relay.close()
        for end in (server, client):
            end.disable_monitor()
        for end in (server, client, *ends):
            end.close(linger=0)
