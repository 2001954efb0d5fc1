"""What a user may send on the order socket: token buckets over all of its sessions.

Rules: pure. Looked at in this order: traffic before anything is parsed, where too much is flooding; then commands,
where too much is BUSY. Cancels have a bucket of their own that orders cannot empty. Traffic is counted in bytes, and
each message counts for some more than it has, for the work that it makes.
"""

from typing import Final

from server.gateway.token_bucket import TokenBucket
from server.settings import GatewaySettings

MESSAGE_BYTES: Final = 512
"""What a message counts for beside its bytes."""


class UserBudget:
    """The buckets of one user."""

    __slots__ = ("cancels", "orders", "traffic")

    def __init__(self, settings: GatewaySettings, now_ns: int) -> None:
        self.traffic = TokenBucket(settings.traffic_bytes_per_s_max, settings.traffic_burst_bytes, now_ns)
        self.orders = TokenBucket(settings.orders_per_s, settings.orders_burst, now_ns)
        self.cancels = TokenBucket(settings.cancels_per_s, settings.cancels_burst, now_ns)


class UserBudgets:
    """Budgets by user id; there are as many as users."""

    __slots__ = ("_settings", "by_user")

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self.by_user: dict[int, UserBudget] = {}

    def add(self, user: int, now_ns: int) -> UserBudget:
        """The budget of a user who has none yet: full."""
        budget = self.by_user[user] = UserBudget(self._settings, now_ns)
        return budget
