"""A simulated network: ZeroMQ's patterns over connections that do what TCP can do, and nothing that it cannot.

Rules: a connection keeps its order and doubles nothing. It delays, stalls while its client is cut off, breaks and loses
the tail of both directions, or is half open: all that is sent vanishes and nobody is told for a while. Between two
connections any order is possible. A subscriber that reads too slowly loses messages in the middle, unannounced.
"""

from collections import deque
from collections.abc import Callable
from typing import Protocol

from server.gateway.gateway import CONTROL_DOMAIN, MARKET_DATA_DOMAIN, ORDERS_DOMAIN
from server.gateway.outbox import Arrivals, Outbox
from tests.simulator.faults import DROPPED, FRAME_LOST, Counts
from tests.simulator.schedule import MICROSECOND, MILLISECOND, Schedule

UP, DOWN = "up", "down"
DOMAINS = (CONTROL_DOMAIN, ORDERS_DOMAIN, MARKET_DATA_DOMAIN)


class Listener(Protocol):
    """The server's end, while there is a server."""

    def admits(self, domain: str, key: str) -> bool: ...
    def admits_subscription(self, key: str, topic: bytes) -> bool: ...
    def on_frame(self, domain: str, key: str, address: bytes, frame: bytes) -> None: ...


class Direction:
    """Frames on their way, one way; they arrive in the order in which they left."""

    def __init__(self, schedule: Schedule, link: "Link", way: str, arrive: Callable[[bytes, bytes], None]) -> None:
        self._schedule = schedule
        self._way = way
        self._link = link
        self._arrive = arrive
        self._frames: deque[tuple[int, bytes, bytes]] = deque()
        self._last_ns = 0
        self._is_planned = False

    def push(self, head: bytes, frame: bytes) -> None:
        """A frame leaves."""
        low, high = self._link.delay_ns
        self._last_ns = max(self._last_ns, self._schedule.now_ns + self._schedule.chance.randint(low, high))
        self._frames.append((self._last_ns, head, frame))
        self._plan()

    def end(self, kept: int) -> int:
        """The connection is gone: the first `kept` frames still arrive; how many do not."""
        frames, self._frames = list(self._frames), deque()
        for _, head, frame in frames[:kept]:
            self._arrive(head, frame)
        return len(frames[kept:])

    def __len__(self) -> int:
        return len(self._frames)

    def _plan(self) -> None:
        if self._frames and not self._is_planned:
            self._is_planned = True
            at_ns = max(self._frames[0][0], self._link.stalled_until_ns(self._way))
            self._schedule.after(max(0, at_ns - self._schedule.now_ns), self._pump)

    def _pump(self) -> None:
        self._is_planned = False
        now_ns = self._schedule.now_ns
        while self._frames and self._frames[0][0] <= now_ns and self._link.stalled_until_ns(self._way) <= now_ns:
            _, head, frame = self._frames.popleft()
            if self._link.is_silent:
                self._link.network.counts[FRAME_LOST] += 1
            else:
                self._arrive(head, frame)
        self._plan()


class Link:
    """One connection of one client to one of the server's sockets; `on_gone` is called once, when its client knows."""

    def __init__(
        self, network: "Network", domain: str, key: str, on_frame: Callable[[bytes, bytes], None],
        on_gone: Callable[[], None],
    ) -> None:  # fmt: skip
        self.network = network
        self.domain = domain
        self.key = key
        self.delay_ns = (50 * MICROSECOND, MILLISECOND)
        self.dropping_until_ns = 0
        self.is_silent = False
        self.is_open = True
        self.topics: set[bytes] = set()
        self._client_listens = True
        self._on_frame = on_frame
        self._on_gone = on_gone
        self.address = network.new_address()
        self.up = Direction(network.schedule, self, UP, self._at_server)
        self.down = Direction(network.schedule, self, DOWN, self._at_client)
        network.links[self.address] = self

    def stalled_until_ns(self, way: str) -> int:
        """Until when nothing goes this way between its client and the server."""
        return self.network.cut_off_until_ns.get((self.key, way), 0)

    def _is_dead(self) -> bool:
        now_ns = self.network.schedule.now_ns
        return self.is_silent or any(self.stalled_until_ns(way) > now_ns for way in (UP, DOWN))

    def break_now(self, *, server_is_gone: bool = False) -> None:
        """The connection ends; of what is on its way a part is lost."""
        if not self.is_open:
            return
        self.is_open = False
        del self.network.links[self.address]
        chance = self.network.schedule.chance
        is_dead = self._is_dead()
        lost = self.down.end(0 if is_dead else chance.randint(0, len(self.down)))
        lost += self.up.end(0 if is_dead or server_is_gone else chance.randint(0, len(self.up)))
        self.network.counts[FRAME_LOST] += lost
        if self._client_listens:
            self.network.schedule.between(MILLISECOND, 300 * MILLISECOND, self._tell)

    def close(self) -> None:
        """The client closes its end; the server is not told by ROUTER, and what it sends goes nowhere."""
        self._client_listens = False
        if self.is_open:
            self.is_open = False
            del self.network.links[self.address]
            self.up.end(0 if self._is_dead() else len(self.up))
            self.down.end(0)

    def _tell(self) -> None:
        if self._client_listens:
            self._on_gone()

    def _at_server(self, head: bytes, frame: bytes) -> None:
        server = self.network.server
        if server is None:
            return
        if self.domain != MARKET_DATA_DOMAIN:
            server.on_frame(self.domain, self.key, self.address, frame)
        elif head == b"-":
            self.topics.discard(frame)
        elif server.admits_subscription(self.key, frame):
            self.topics.add(frame)

    def _at_client(self, head: bytes, frame: bytes) -> None:
        if self._client_listens:
            self._on_frame(head, frame)


class Network:
    """All connections. `server` is the listening server, None while there is none."""

    def __init__(self, schedule: Schedule, counts: Counts) -> None:
        self.schedule = schedule
        self.counts = counts
        self.server: Listener | None = None
        self.links: dict[bytes, Link] = {}
        self.cut_off_until_ns: dict[tuple[str, str], int] = {}
        """Clients (by key and way) that nothing gets to, or from."""
        self._addresses = 0

    def new_address(self) -> bytes:
        """A routing id."""
        self._addresses += 1
        return b"\0%d" % self._addresses

    def links_of(self, key: str) -> list[Link]:
        """The open connections of one client."""
        return [link for link in self.links.values() if link.key == key]

    def send(self, outbox: Outbox) -> None:
        """What the server's sockets do with an outbox."""
        for address, frame in (*outbox.control, *outbox.orders):
            link = self.links.get(address)
            if link is not None:
                link.down.push(b"", frame)
        subscribers = [link for link in self.links.values() if link.topics]
        for topic, frame in outbox.market_data:
            for link in subscribers:
                if topic in link.topics:
                    if link.dropping_until_ns > self.schedule.now_ns:
                        self.counts[DROPPED] += 1
                    else:
                        link.down.push(topic, frame)

    def server_is_gone(self) -> None:
        """The process ended: every connection breaks."""
        self.server = None
        for link in list(self.links.values()):
            link.break_now(server_is_gone=True)


class Socket:
    """A client's socket: connects, again and again until it is closed, and takes frames only while connected."""

    def __init__(
        self, network: Network, domain: str, key: str, on_frame: Callable[[bytes, bytes], None],
        on_connected: Callable[[], None], on_gone: Callable[[], None],
    ) -> None:  # fmt: skip
        self.link: Link | None = None
        self._network = network
        self._domain = domain
        self._key = key
        self._on_frame = on_frame
        self._on_connected = on_connected
        self._on_gone = on_gone
        self._is_closed = False
        network.schedule.between(100 * MICROSECOND, 2 * MILLISECOND, self._try)

    def send(self, frame: bytes, head: bytes = b"") -> bool:
        """Send a frame; False if there is no connection to take it."""
        if self.link is None:
            return False
        if self.link.is_open:
            self.link.up.push(head, frame)
        else:
            self._network.counts[FRAME_LOST] += 1
        return True

    def close(self) -> None:
        """Let go of the connection."""
        self._is_closed = True
        if self.link is not None:
            self.link.close()
            self.link = None

    def _try(self) -> None:
        if self._is_closed:
            return
        server, schedule = self._network.server, self._network.schedule
        is_cut_off = any(
            schedule.now_ns < self._network.cut_off_until_ns.get((self._key, way), 0) for way in (UP, DOWN)
        )
        if server is None or is_cut_off or not server.admits(self._domain, self._key):
            schedule.between(50 * MILLISECOND, 300 * MILLISECOND, self._try)
            return
        self.link = Link(self._network, self._domain, self._key, self._on_frame, self._gone)
        self._on_connected()

    def _gone(self) -> None:
        self.link = None
        self._on_gone()
        if not self._is_closed:
            self._network.schedule.between(50 * MILLISECOND, 300 * MILLISECOND, self._try)


class ServerTransport:
    """The server's `Transport`: while it waits the rest of the world goes on."""

    def __init__(self, network: Network, on_turn: Callable[[], None], on_send: Callable[[Outbox], None]) -> None:
        self._network = network
        self._on_turn = on_turn
        self._on_send = on_send
        self._arrivals = Arrivals()
        self._is_woken = False

    def wake(self) -> None:
        """End a wait."""
        self._is_woken = True

    def on_frame(self, domain: str, key: str, address: bytes, frame: bytes) -> None:
        """A frame arrived."""
        into = self._arrivals.control if domain == CONTROL_DOMAIN else self._arrivals.orders
        into.append((key, address, frame))
        self._is_woken = True

    def poll(self, timeout_ms: int) -> Arrivals:
        """What has arrived; the turn before took its time too."""
        self._on_turn()
        schedule = self._network.schedule
        schedule.run_until(schedule.now_ns + schedule.chance.randint(20 * MICROSECOND, 200 * MICROSECOND))
        if timeout_ms:
            schedule.run_until(schedule.now_ns + timeout_ms * MILLISECOND, lambda: self._is_woken)
        self._is_woken = False
        taken, self._arrivals = self._arrivals, Arrivals()
        return taken

    def send(self, outbox: Outbox) -> None:
        """Send everything, after the auditor has looked at it."""
        self._on_send(outbox)
        self._network.send(outbox)

    def close(self) -> None:
        """Nothing to let go of."""
