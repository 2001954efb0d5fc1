"""Whether the server takes orders at present, by the code of its heartbeats."""

from server.client.incoming import OrdersRestricted
from server.protocol.enums import FaultCode


class Restriction:
    """The newest word of the server. A code that we do not know is some reason why not."""

    def __init__(self) -> None:
        self._code = FaultCode.NONE

    def heard(self, code: int) -> list[OrdersRestricted]:
        """What the owner has to know: one item if it changed, none if not."""
        known = FaultCode(code) if code in FaultCode.__members__.values() else FaultCode.BUSY
        if known is self._code:
            return []
        self._code = known
        return [OrdersRestricted(known)]
