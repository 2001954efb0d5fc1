"""Which connections on a market data socket belong to which key, so that they can be cut when the session ends.

Rules: XPUB cannot let go of one subscriber, but a frame names the descriptor of its connection, and a connection that
is shut down carries nothing any more: not what waits in its queue, and nothing that is published later. The peer
connects again by itself, and the handshake asks whether its key has a session. A descriptor's number may mean another
connection a moment later, so the identity of the connection is kept beside it and compared first. See ADR 21.
"""

import os
import socket
from typing import Any

import zmq

Connection = tuple[int, object]
"""Descriptor, and what tells whether it still is the same connection."""


class SubscriberConnections:
    """The connections of each key. Not thread-safe; it holds no descriptor open."""

    def __init__(self) -> None:
        self._of_key: dict[str, set[Connection]] = {}

    def note(self, key: str, frame: Any, local_port: int) -> bool:
        """A frame of this key came. False if its connection cannot be told: then it must not be served."""
        try:
            descriptor = int(frame.get(zmq.SRCFD))
            with _duplicate(descriptor) as connection:
                if not _is_ours(connection, local_port):
                    return False
                found = descriptor, _identity(connection)
        except (zmq.ZMQError, OSError):
            return False
        known = self._of_key.setdefault(key, set())
        if found not in known:
            known.intersection_update([one for one in known if _is_alive(one)])
            known.add(found)
        return True

    def cut(self, key: str) -> int:
        """Shut down every connection of a key; how many there were."""
        return sum(_shut_down(one) for one in self._of_key.pop(key, set()))

    def __len__(self) -> int:
        return sum(len(known) for known in self._of_key.values())


def _duplicate(descriptor: int) -> socket.socket:
    """A second descriptor of the same connection, which stays that connection while we look at it."""
    return socket.fromfd(descriptor, socket.AF_INET, socket.SOCK_STREAM)


def _identity(connection: socket.socket) -> object:
    """The kernel's own number of the socket; where there is none (Windows), its peer."""
    return os.fstat(connection.fileno()).st_ino if os.name == "posix" else connection.getpeername()


def _is_ours(connection: socket.socket, local_port: int) -> bool:
    return bool(connection.getsockname()[1:2] == (local_port,))


def _is_alive(known: Connection) -> bool:
    descriptor, identity = known
    try:
        with _duplicate(descriptor) as connection:
            return _identity(connection) == identity
    except OSError:
        return False


def _shut_down(known: Connection) -> bool:
    descriptor, identity = known
    try:
        with _duplicate(descriptor) as connection:
            if _identity(connection) != identity:
                return False
            connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return False
    return True
