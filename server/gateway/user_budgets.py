"""What a user may send on the order socket: token buckets over all of its sessions.

Rules: pure. Looked at in this order: messages and bytes before anything is parsed, where too much is flooding; then
commands, where too much is BUSY. Cancels have a bucket of their own that orders cannot empty.
"""

from server.gateway.token_bucket import TokenBucket
from server.settings import GatewaySettings


class UserBudget:
    """The buckets of one user."""

    __slots__ = ("bytes", "cancels", "messages", "orders")

    def __init__(self, settings: GatewaySettings, now_ns: int) -> None:
        self.messages = TokenBucket(settings.messages_per_s_max, settings.messages_burst_max, now_ns)
        self.bytes = TokenBucket(settings.bytes_per_s_max, settings.bytes_burst_max, now_ns)
        self.orders = TokenBucket(settings.orders_per_s, settings.orders_burst, now_ns)
        self.cancels = TokenBucket(settings.cancels_per_s, settings.cancels_burst, now_ns)


class UserBudgets:
    """Budgets by user id; there are as many as users."""

    __slots__ = ("_by_user", "_settings")

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._by_user: dict[int, UserBudget] = {}

    def of(self, user: int, now_ns: int) -> UserBudget:
        """The user's budget, full at the beginning."""
        budget = self._by_user.get(user)
        if budget is None:
            budget = self._by_user[user] = UserBudget(self._settings, now_ns)
        return budget
