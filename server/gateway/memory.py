"""A transport in memory, for tests and for seeding: frames in, frames out, no sockets.

Rules: it keeps what is sent until it is taken; `poll` never waits.
"""

from server.gateway.outbox import Arrivals, Outbox


class MemoryTransport:
    """Frames put in come out of the next poll; frames sent are kept in `sent`."""

    def __init__(self) -> None:
        self._arrivals = Arrivals()
        self.sent = Outbox()
        self.polls_ms: list[int] = []

    def order(self, key: str, address: bytes, frame: bytes) -> None:
        """A message on the order socket."""
        self._arrivals.orders.append((key, address, frame))

    def request(self, key: str, address: bytes, frame: bytes, peer: str = "") -> None:
        """A message on the control socket, from a network address."""
        self._arrivals.peers[key] = peer
        self._arrivals.control.append((key, address, frame))

    def history(self, frame: bytes) -> None:
        """A message of the history process."""
        self._arrivals.history.append(frame)

    def poll(self, timeout_ms: int) -> Arrivals:
        """What was put in since the last poll."""
        self.polls_ms.append(timeout_ms)
        taken, self._arrivals = self._arrivals, Arrivals()
        return taken

    def send(self, outbox: Outbox) -> None:
        """Keep everything."""
        self.sent.orders.extend(outbox.orders)
        self.sent.control.extend(outbox.control)
        self.sent.market_data.extend(outbox.market_data)
        self.sent.history.extend(outbox.history)

    def take(self) -> Outbox:
        """What was sent since the last take."""
        taken, self.sent = self.sent, Outbox()
        return taken

    def close(self) -> None:
        """Nothing to let go of."""
