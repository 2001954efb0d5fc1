"""One XPUB socket: subscriptions that the gateway admits, and the end of them with the session.

Rules: XPUB is manual, so a subscription counts only if its key may have it and its connection can be cut later. Sends
never wait: what a subscriber is too slow for is dropped by ZeroMQ, unannounced, and found by the numbers.
"""

from collections.abc import Callable
from typing import Any, Final

import zmq

from server.gateway.outbox import Admission
from server.gateway.subscriber_connections import SubscriberConnections

_SUBSCRIBE: Final = 1
_NO_WAIT: Final = zmq.NOBLOCK
_FIRST_PART: Final = zmq.NOBLOCK | zmq.SNDMORE
_READABLE: Final = int(zmq.POLLIN)


class MarketDataLine:
    """A bound XPUB `socket` on `port`, with the connections of its subscribers."""

    def __init__(
        self, socket: zmq.Socket[bytes], port: int, admission: Admission, count: Callable[[str], None]
    ) -> None:
        self.socket = socket
        self.port = port
        self._admission = admission
        self._count = count
        self._connections = SubscriberConnections()

    @property
    def connections(self) -> int:
        """Connections that have subscribed to something."""
        return len(self._connections)

    def on_readable(self) -> None:
        """Subscriptions and their ends, and anything else that a subscriber sends, which is dropped."""
        while int(self.socket.get(zmq.EVENTS)) & _READABLE:
            frame: Any = self.socket.recv(_NO_WAIT, copy=False)
            content = frame.bytes
            if frame.more:
                while self.socket.getsockopt(zmq.RCVMORE):
                    self.socket.recv(_NO_WAIT)
                continue
            if not content or content[0] > _SUBSCRIBE:
                self._count("drops.subscriber_messages")
            elif content[0] != _SUBSCRIBE:
                self.socket.setsockopt(zmq.UNSUBSCRIBE, content[1:])
                self._admission.ends_subscription(_user_id(frame), content[1:])
            else:
                self._subscribe(frame, content[1:])

    def _subscribe(self, frame: Any, topic: bytes) -> None:
        key = _user_id(frame)
        if not self._connections.note(key, frame, self.port):
            self._count("subscriptions.untraceable")
        elif self._admission.admits_subscription(key, topic):
            self.socket.setsockopt(zmq.SUBSCRIBE, topic)

    def revoke(self, key: str) -> None:
        """Cut the connections of a key: nothing more reaches it, whatever is published from now on."""
        if self._connections.cut(key):
            self._count("subscribers.cut")

    def send(self, messages: list[tuple[bytes, bytes]]) -> None:
        """Publish (topic, frame) messages."""
        send = self.socket.send
        for topic, frame in messages:
            send(topic, _FIRST_PART)
            send(frame, _NO_WAIT)

    def close(self, linger_ms: int) -> None:
        """Let go of the socket."""
        self.socket.close(linger=linger_ms)


def _user_id(frame: Any) -> str:
    """The key that the frame's connection proved; empty where there is none (the end of a connection)."""
    try:
        return str(frame.get("User-Id"))
    except zmq.ZMQError:
        return ""
