"""Tells the connection guard of TCP connections, by libzmq's monitor, and closes the ones that it refuses.

Rules: used by the loop's thread alone, a few events a turn. libzmq owns the descriptors: one is never closed here, only
shut down, which libzmq then sees as its peer's end; and only after asking the system whether it is still the
connection that was meant.
"""

import socket
import struct
import sys
from collections.abc import Callable
from typing import Final

import zmq

from server.client.socket_options import INTERNAL, open_socket
from server.gateway.connection_guard import ConnectionGuard

if sys.platform != "win32":
    import resource

EVENTS_PER_TURN: Final = 2
"""Each takes some 25 us, which an order of the same turn waits for; what is left makes the next turn begin at once."""
SWEEP_NS: Final = 1_000_000_000
DESCRIPTORS_KEPT: Final = 256
"""For journal, event log, children and the sockets themselves."""
DESCRIPTORS_USUAL: Final = 4096
CONNECTIONS_MAX: Final = 10_000
_EVENT: Final = struct.Struct("=HI")


class ConnectionMonitor:
    """The monitor of one bound socket."""

    def __init__(
        self, context: "zmq.Context[zmq.Socket[bytes]]", watched: "zmq.Socket[bytes]", port: int,
        guard: ConnectionGuard, *, is_control: bool,
    ) -> None:  # fmt: skip
        self._guard = guard
        self._port = port
        self._is_control = is_control
        self._watched = watched
        endpoint = f"inproc://monitor-{port}"
        watched.monitor(endpoint, zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED)
        self.socket = open_socket(context, zmq.PAIR, INTERNAL)
        self.socket.connect(endpoint)

    def take(self, now_ns: int, is_readable: Callable[["zmq.Socket[bytes]"], bool]) -> int:
        """Handle some events; how many connections were refused."""
        refused = 0
        for _ in range(EVENTS_PER_TURN):
            if not is_readable(self.socket):
                break
            event, descriptor = _EVENT.unpack(self.socket.recv_multipart(zmq.NOBLOCK)[0])
            if event == zmq.EVENT_DISCONNECTED:
                self._guard.gone(descriptor)
                continue
            peer = _peer_of(descriptor, self._port)
            if peer and not self._guard.accepts(descriptor, peer, now_ns, is_control=self._is_control):
                shut_down(descriptor, peer)
                refused += 1
        return refused

    def close(self) -> None:
        """Stop watching."""
        self._watched.disable_monitor()
        self.socket.close(linger=0)


def shut_down(descriptor: int, peer: tuple[str, int]) -> None:
    """End a connection, if the descriptor is still the one to that peer."""
    try:
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, fileno=descriptor)
    except OSError:
        return
    try:
        if connection.getpeername()[:2] == peer:
            connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    finally:
        connection.detach()


def connections_allowed(wanted: int) -> int:
    """How many connections the process can bear: the system's limit is raised as far as it goes, and some are kept."""
    limit = DESCRIPTORS_USUAL
    if sys.platform != "win32":
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < hard:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        limit = hard
    return max(1, min(wanted or CONNECTIONS_MAX, limit - DESCRIPTORS_KEPT))


def _peer_of(descriptor: int, port: int) -> tuple[str, int] | None:
    """Address and port of the other end, if the descriptor is a connection to our port; None if it is gone."""
    try:
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, fileno=descriptor)
    except OSError:
        return None
    try:
        if connection.getsockname()[1] != port:
            return None
        host, peer_port = connection.getpeername()[:2]
        return str(host), int(peer_port)
    except (OSError, IndexError, TypeError):
        return None
    finally:
        connection.detach()
