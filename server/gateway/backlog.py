"""What waits behind the loop, and what is refused because of it.

Rules: plain values, made once a turn. Orders are refused first; what takes risk away has twice the room.
"""

from dataclasses import dataclass
from typing import Final

from server.protocol.enums import FaultCode
from server.settings import GatewaySettings

ORDERS_REFUSED: Final = 1
ALL_REFUSED: Final = 2


@dataclass(frozen=True, slots=True)
class Backlog:
    """How far the disk is behind."""

    commands: int = 0
    """Applied and not yet durable."""
    unlogged_bytes: int = 0
    """Released and not yet in the event log."""
    is_stalled: bool = False
    """Whether a release has waited for the disk for longer than `stall_ms`."""
    is_full: bool = False
    """Whether the journal refuses what is not urgent."""

    def pressure(self, settings: GatewaySettings) -> int:
        """0, ORDERS_REFUSED or ALL_REFUSED."""
        commands, unlogged = settings.commands_held_max, settings.unlogged_bytes_max
        if self.commands < commands and self.unlogged_bytes < unlogged:
            return 0
        is_twice = self.commands >= 2 * commands or self.unlogged_bytes >= 2 * unlogged
        return ALL_REFUSED if is_twice else ORDERS_REFUSED

    def announced(self, settings: GatewaySettings) -> FaultCode:
        """The code that heartbeats carry while orders are refused for the disk's sake."""
        if self.is_full or self.unlogged_bytes >= settings.unlogged_bytes_max:
            return FaultCode.DISK_FULL
        return FaultCode.OVERLOADED if self.commands >= settings.commands_held_max else FaultCode.NONE


NO_BACKLOG: Final = Backlog()
"""What the loop hands over where nothing is near a limit."""
