"""Who may keep a TCP connection to the server: limits by network address, and for those without a session.

Rules: pure; the adapter tells of connections by their descriptor and closes those that are refused. libzmq has none of
these limits, and a process without descriptors could not open its next journal segment.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

from server.gateway.buckets import Buckets
from server.settings import SocketSettings

_MILLISECOND_NS = 1_000_000
_IPV6_PREFIX = (1 << 64) - 1


@dataclass(slots=True)
class Connected:
    """One connection; `key` once it has spoken on the control socket."""

    network: str
    peer: tuple[str, int]
    is_control: bool
    since_ns: int
    key: str = ""


@lru_cache(4096)
def network_of(address: str) -> str:
    """What limits count for: the address, of IPv6 the 64 bits that one subscriber has; other text as it is."""
    try:
        parsed = ip_address(address.partition("%")[0].strip("[]"))
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped) if mapped is not None else f"{int(parsed) & ~_IPV6_PREFIX:x}"


class ConnectionGuard:
    """The connections of all sockets."""

    def __init__(self, settings: SocketSettings, connections_max: int, has_session: Callable[[str], bool]) -> None:
        self._settings = settings
        self._connections_max = connections_max
        self._has_session = has_session
        self._accepts = Buckets(settings.accepts_per_s, settings.accepts_burst)
        self._handshakes = Buckets(settings.handshakes_per_s, settings.handshakes_burst)
        self._by_descriptor: dict[int, Connected] = {}
        self._by_network: dict[str, set[int]] = {}

    def __len__(self) -> int:
        return len(self._by_descriptor)

    def accepts(self, descriptor: int, peer: tuple[str, int], now_ns: int, *, is_control: bool) -> bool:
        """Whether a new connection may stay; if so it is counted until `gone`."""
        self.gone(descriptor)
        network = network_of(peer[0])
        settings = self._settings
        siblings = self._by_network.get(network, set())
        if (
            not self._accepts.takes(network, now_ns)
            or len(self._by_descriptor) >= self._connections_max
            or len(siblings) >= settings.connections_per_address_max
            or (is_control and self._strangers_among(siblings) >= settings.strangers_per_address_max)
        ):
            return False
        self._by_descriptor[descriptor] = Connected(network, peer, is_control, now_ns)
        self._by_network.setdefault(network, set()).add(descriptor)
        return True

    def allows_handshake(self, address: str, now_ns: int) -> bool:
        """Whether the key of this handshake is looked at."""
        return self._handshakes.takes(network_of(address), now_ns)

    def spoke(self, descriptor: int, key: str) -> None:
        """A key sent a message over this control connection."""
        connected = self._by_descriptor.get(descriptor)
        if connected is not None:
            connected.key = key

    def gone(self, descriptor: int) -> None:
        """The connection is closed; unknown ones are ignored."""
        connected = self._by_descriptor.pop(descriptor, None)
        if connected is None:
            return
        siblings = self._by_network[connected.network]
        siblings.discard(descriptor)
        if not siblings:
            del self._by_network[connected.network]

    def overdue(self, now_ns: int) -> list[tuple[int, tuple[str, int]]]:
        """Control connections that had their time for a logon and have no session: descriptor and peer."""
        limit_ns = now_ns - self._settings.stranger_ms * _MILLISECOND_NS
        return [
            (descriptor, connected.peer)
            for descriptor, connected in self._by_descriptor.items()
            if connected.is_control and connected.since_ns <= limit_ns and not self._has_session(connected.key)
        ]

    def _strangers_among(self, descriptors: set[int]) -> int:
        if len(descriptors) < self._settings.strangers_per_address_max:
            return 0
        known = (self._by_descriptor[descriptor] for descriptor in descriptors)
        return sum(connected.is_control and not self._has_session(connected.key) for connected in known)
