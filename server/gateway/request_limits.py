"""How many requests of the control plane are answered: by key, and by network address for keys without a session.

Rules: pure. A key costs its owner nothing, so before logon only the address counts. Requests that read books, the event
log or the history have a bucket of their own beside the one for all.
"""

from typing import Final

from server.gateway.buckets import Buckets
from server.protocol import control
from server.settings import GatewaySettings

COSTLY: Final = (
    control.GetSnapshot,
    control.Retransmit,
    control.ResumePrivate,
    control.GetOpenOrders,
    control.GetInstruments,
    control.GetBars,
    control.GetTicks,
    control.GetBarSeries,
    control.GetDepthHistory,
    control.GetVolumes,
    control.GetHotList,
    control.GetStatus,
)


class RequestLimits:
    """Buckets for requests and logons."""

    __slots__ = ("_all", "_costly", "_logons", "_strangers")

    def __init__(self, settings: GatewaySettings) -> None:
        self._all = Buckets(settings.requests_per_s, settings.requests_burst)
        self._costly = Buckets(settings.costly_requests_per_s, settings.costly_requests_burst)
        self._strangers = Buckets(settings.stranger_requests_per_s, settings.stranger_requests_burst)
        self._logons = Buckets(settings.logons_per_s, settings.logons_burst)

    def allows_message(self, key: str, peer: str, now_ns: int, *, has_session: bool) -> bool:
        """Whether a message is looked into at all; before it is parsed."""
        return self._all.takes(key, now_ns) if has_session else self._strangers.takes(peer, now_ns)

    def allows(self, key: str, peer: str, request: control.AnyRequest, now_ns: int) -> bool:
        """Whether this request is answered."""
        if isinstance(request, control.Logon):
            return self._logons.takes(peer, now_ns)
        return not isinstance(request, COSTLY) or self._costly.takes(key, now_ns)
