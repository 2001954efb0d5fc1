"""What an area of the rule book adds to a random flow."""

from collections.abc import Callable
from typing import ClassVar

from tests.oracle.flow_orders import Trader
from tests.oracle.flow_world import Draft, Group


class Area:
    """Settings before the flow, makers of its own commands, and ways to dress a new order."""

    share: ClassVar[float] = 0
    """How often new orders are dressed by this area, beside others; 0: never."""

    def __init__(self, trader: Trader) -> None:
        self.trader = trader
        self.oracle = trader.oracle
        self.draw = trader.draw

    def settings(self) -> list[Group]:
        """Groups that follow the founding of the market."""
        return []

    def makers(self) -> list[tuple[Callable[[], Draft | Group], float]]:
        """(what makes a group, how often; new orders have 56)."""
        return []

    def dressed(self, order: Draft) -> Group:
        """The order with what this area knows of; may add records, or make a basket of it."""
        return [order]

    def account_terms(self) -> dict[str, int]:
        """Fields of SET_ACCOUNT that this area knows of."""
        return {}

    def instrument_rules(self, _number: int) -> dict[str, int]:
        """Fields of SET_RULES that this area knows of."""
        return {}
