"""Random limits, blocks, permissions, quotes and protections of chapters 15 and 16."""

from collections.abc import Callable
from typing import Any

from server.protocol.enums import BlockAction, Check, CommandKind, MassCancelFlag, OrderFlag, Permission, Scope
from server.protocol.records import ACCOUNT_TERMS, NO_PRICE, QUOTE_ENTRY, RISK_SETTING
from tests.oracle.flow_area import Area
from tests.oracle.flow_area_phases import signed_by
from tests.oracle.flow_world import ACCOUNTS, INSTRUMENTS, USERS, Draft, Group, command, terms_of

NUMBERS: dict[int, tuple[int, ...]] = {
    Check.ORDER_QUANTITY: (5, 20, 29, 10_000), Check.ORDER_VALUE: (50_000, 250_000, 1 << 50),
    Check.PRICE_DISTANCE: (500, 2_000, 50_000), Check.MESSAGE_RATE: (1, 3, 50), Check.DUPLICATE_ORDER: (0, 1, 16),
    Check.EXECUTION_THROTTLE: (1, 5, 100), Check.OPEN_ORDERS: (2, 10, 100), Check.OPEN_VALUE: (10**6, 10**7, 1 << 60),
    Check.LONG_POSITION: (0, 50, 1_000), Check.SHORT_POSITION: (0, 50, 1_000), Check.GROSS_POSITION: (20, 500, 5_000),
    Check.NET_POSITION: (10, 500), Check.DAILY_LOSS: (0, 10_000, 10**8), Check.ORDER_TO_TRADE: (1, 4, 50),
    Check.BASKET_COUNT: (1, 2, 4), Check.BASKET_VALUE: (100_000, 10**7),
}  # fmt: skip
"""Limits of which some bind and some do not."""
WINDOWS_NS = (1, 10**6, 10**9)
FIRMS = (1, 2)
DESKS = (11, 12)
GROUPS = (0, 1)


class Limits(Area):
    """Limits per scope, soft and hard, temporary ones, requirements; flags of orders that concern risk."""

    share = 3

    def makers(self) -> list[tuple[Callable[[], Draft | Group], float]]:
        """SET_LIMIT, SET_BLOCK, SET_PERMISSION, SET_LOCATE."""
        return [
            (self.limit, 0.8), (self.remove, 0.5), (self.block, 0.2), (self.permission, 0.25), (self.locate, 0.3),
            (self.undo, 1.2),
        ]  # fmt: skip

    def __init__(self, trader: Any) -> None:
        super().__init__(trader)
        self.standing: list[Draft] = []

    def standing_too(self, draft: Draft, **undone: Any) -> Draft:
        """The draft; what undoes it is remembered."""
        kept = {
            name: draft.fields[name] for name in ("kind", "scope", "scope_id", "instrument") if name in draft.fields
        }
        self.standing.append(Draft(RISK_SETTING, kept | undone | {"user": 21, "approver": 22}))
        return draft

    def undo(self) -> Draft:
        """Takes back what was set, the oldest first once there is much, so that not all is forbidden in the end."""
        if not self.standing:
            return self.remove()
        return self.standing.pop(0 if len(self.standing) > 3 else self.draw.randrange(len(self.standing)))

    def dressed(self, order: Draft) -> Group:
        """An order that says something of risk."""
        fields = order.fields
        flags = [OrderFlag.REDUCE_ONLY, OrderFlag.CONFIRMED, OrderFlag.CONFIRMED]
        if fields["side"] == 1 or self.draw.random() < 0.05:
            flags += [OrderFlag.SHORT, OrderFlag.SHORT, OrderFlag.SHORT_EXEMPT]
        fields["flags"] = fields.get("flags", 0) | self.draw.choice(flags)
        return [order]

    def instrument_rules(self, _number: int) -> dict[str, int]:
        """Whether a short sale needs a locate."""
        return {"locate_required": self.draw.choice((0, 0, 1))}

    def scope(self) -> dict[str, int]:
        """A scope that exists, and one instrument or all."""
        draw = self.draw
        scope = draw.choice((0, 1, 2, 3, 3, 4, 4, 4, 5, 5))
        ids: dict[int, tuple[int, ...]] = {
            Scope.VENUE: (0,), Scope.FIRM: FIRMS, Scope.DESK: DESKS, Scope.USER: tuple(USERS),
            Scope.ACCOUNT: tuple(ACCOUNTS), Scope.ALGORITHM: (1, 2),
        }  # fmt: skip
        scope_id = draw.choice(ids[scope]) if draw.random() < 0.98 else draw.choice((0, 77))
        return {"scope": scope, "scope_id": scope_id, "instrument": draw.choice((0, *INSTRUMENTS))}

    def setting(self, kind: int, **fields: Any) -> Draft:
        """A RISK_SETTING, signed."""
        return Draft(RISK_SETTING, {"kind": kind, "reason": self.draw.choice((0, 5))} | signed_by(self.draw) | fields)

    def limit(self) -> Draft:
        """A limit; the venue's and other wide ones are the generous ones."""
        draw, scope = self.draw, self.scope()
        check = draw.choice(list(Check))
        hard = draw.choice(
            NUMBERS[check][1:] if scope["scope"] < Scope.USER and draw.random() < 0.8 else NUMBERS[check]
        )
        fields: dict[str, Any] = {"check": check, "hard": hard, "soft": draw.choice((0, 0, hard // 2, hard))}
        if check in (Check.MESSAGE_RATE, Check.DUPLICATE_ORDER, Check.EXECUTION_THROTTLE):
            fields["window_ns"] = draw.choice(WINDOWS_NS)
        if check >= Check.BASKET_COUNT or check == Check.DAILY_LOSS:
            scope["instrument"] = 0 if draw.random() < 0.95 else 1
        if draw.random() < 0.3:
            fields["expires_ns"] = self.oracle.time_ns + draw.choice((10**6, 10**8, 10**9))
            fields["effective_ns"] = draw.choice((0, 0, self.oracle.time_ns + 10**5))
        if draw.random() < 0.04:
            scope |= {"instrument": 0, "scope_id": 0}
            setting = self.setting(CommandKind.SET_LIMIT, **(scope | {"check": check, "action": 2}))
            return self.standing_too(setting, check=check, action=3)
        return self.standing_too(self.setting(CommandKind.SET_LIMIT, **(scope | fields)), check=check, action=1)

    def remove(self) -> Draft:
        """Takes a limit away, so that not all is forbidden in the end."""
        draw = self.draw
        required = draw.random() < 0.2
        scope = self.scope()
        if required:
            scope |= {"instrument": 0, "scope_id": 0}
        action = 3 if required else 1
        signed = {"user": 21, "approver": 22}
        return self.setting(CommandKind.SET_LIMIT, check=draw.choice(list(Check)), action=action, **(scope | signed))

    def block(self) -> Draft:
        """Blocks somebody, mostly releases again."""
        action = self.draw.choices(list(BlockAction), [30, 10, 8, 8])[0]
        return self.standing_too(self.setting(CommandKind.SET_BLOCK, action=action, **self.scope()), action=0)

    def permission(self) -> Draft:
        """Restricts somebody, mostly allows again."""
        draw, scope = self.draw, self.scope()
        action = draw.choices(list(Permission), [30, 15, 15, 6])[0]
        if action == Permission.LISTED_ONLY and draw.random() < 0.9:
            scope["instrument"] = 0
        times: dict[str, int] = {}
        if draw.random() < 0.3:
            times = {"expires_ns": self.oracle.time_ns + draw.choice((10**6, 10**9))}
        return self.standing_too(self.setting(CommandKind.SET_PERMISSION, action=action, **(scope | times)), action=0)

    def locate(self) -> Draft:
        """Lots that may be sold short."""
        draw = self.draw
        fields = {"account": draw.choice(list(ACCOUNTS)), "instrument": draw.choice(list(INSTRUMENTS))}
        expires = draw.choice((0, 0, self.oracle.time_ns + 10**8))
        return self.setting(CommandKind.SET_LOCATE, hard=draw.choice((0, 10, 1_000)), expires_ns=expires, **fields)


class Accounts(Area):
    """SET_ACCOUNT with what the areas that are switched on know of."""

    def makers(self) -> list[tuple[Callable[[], Draft | Group], float]]:
        """Now and then."""
        return [(self.account, 0.25)]

    def settings(self) -> list[Group]:
        """Every account has terms from the start."""
        return [[self.account(number)] for number in ACCOUNTS]

    def account(self, number: int = 0) -> Draft:
        """Firm, desk, self-trade mode; the rest by other areas."""
        draw = self.draw
        fields: dict[str, Any] = {
            "kind": CommandKind.SET_ACCOUNT, "account": number or draw.choice(list(ACCOUNTS)),
            "firm": draw.choice((0, *FIRMS)), "desk": draw.choice((0, *DESKS)),
            "self_trade": draw.choice((0, 0, 0, 1, 2, 3, 4, 5)), "self_trade_allowed": draw.choice((0, 1)),
            "self_trade_group": draw.choice((0, 0, 1)),
        }  # fmt: skip
        for area in self.trader.areas:
            fields |= area.account_terms()
        signed = {"user": 21, "approver": 22} if number else signed_by(draw)
        return Draft(ACCOUNT_TERMS, fields | signed)


class Quotes(Area):
    """Mass quotes, market-maker protection."""

    def makers(self) -> list[tuple[Callable[[], Draft | Group], float]]:
        """MASS_QUOTE, SET_PROTECTION, REARM."""
        return [(self.quotes, 3), (self.protection, 0.2), (self.rearm, 0.5)]

    def settings(self) -> list[Group]:
        """Two protections from the start."""
        return [[self.protection()], [self.protection()]]

    def instrument_rules(self, _number: int) -> dict[str, int]:
        """The group that protections look at."""
        return {"product_group": self.draw.choice(GROUPS)}

    def quotes(self) -> Group:
        """Quotes of one account in a few instruments."""
        draw = self.draw
        user = draw.choice(list(USERS))
        account = draw.choice(USERS[user])
        head = command(
            CommandKind.MASS_QUOTE, account=account, flags=draw.choice((0, 0, 0, 128)), capacity=draw.randint(0, 2),
            self_trade_group=draw.choice((0, 1)), algorithm=draw.choice((0, 1)), **self.trader.client_fields(user),
        )  # fmt: skip
        sender = {"user": user, "session": head.fields["session"]}
        suitable = [n for n, terms in INSTRUMENTS.items() if terms["currency"] == ACCOUNTS[account]["currency"]]
        return [head, *(self.entry(draw.choice(suitable), sender) for _ in range(draw.choice((1, 1, 2, 4))))]

    def entry(self, number: int, sender: dict[str, int]) -> Draft:
        """A quote around the middle, sometimes of one side or none, rarely crossed."""
        draw, tick = self.draw, terms_of(number)["tick_size"]
        bid = self.trader.price_near(number)
        fields: dict[str, Any] = {
            "kind": CommandKind.QUOTE_ENTRY, "instrument": number, "label": draw.choice((b"", b"Q1")),
            "bid_price": bid, "bid_quantity": self.trader.quantity_near(number),
            "ask_price": bid + tick * draw.choice((1, 1, 2, 4)), "ask_quantity": self.trader.quantity_near(number),
        }  # fmt: skip
        for side in ("bid", "ask"):
            if draw.random() < 0.12:
                fields |= {f"{side}_quantity": 0, f"{side}_price": draw.choice((0, NO_PRICE))}
        if draw.random() < 0.04:
            fields["ask_price"] = bid
        return Draft(QUOTE_ENTRY, fields | sender)

    def protection(self) -> Draft:
        """Binds after a few trades."""
        draw = self.draw
        fields = {
            "kind": CommandKind.SET_PROTECTION, "account": draw.choice(list(ACCOUNTS)),
            "product_group": draw.choice((*GROUPS, 65_536)) if draw.random() < 0.1 else draw.choice(GROUPS),
            "hard": draw.choice((0, 10, 40)), "soft": draw.choice((0, 2, 5)), "window_ns": draw.choice(WINDOWS_NS),
        }  # fmt: skip
        return Draft(RISK_SETTING, fields | signed_by(draw))

    def rearm(self) -> Draft:
        """By one who may."""
        user = self.draw.choice(list(USERS))
        fields = {"account": self.draw.choice(USERS[user]), "instrument": self.draw.choice((0, 1, 2, 999))}
        return command(CommandKind.REARM, **fields, **self.trader.client_fields(user))


class MassActions(Area):
    """Mass cancels with filters, dead-man timers."""

    def makers(self) -> list[tuple[Callable[[], Draft | Group], float]]:
        """MASS_CANCEL with flags, SET_DEAD_MAN."""
        return [(self.filtered, 0.7), (self.dead_man, 0.4)]

    def filtered(self) -> Draft:
        """One or more filters."""
        draft, draw = self.trader.mass_cancel(), self.draw
        lowest = self.trader.price_near(draw.choice(list(INSTRUMENTS)))
        flags = draw.choice((1, 2, 4, 3, 7, 8))
        if flags & MassCancelFlag.PRICE_RANGE:
            draft.fields |= {"price": lowest, "quantity": lowest + draw.choice((0, 20, 1_000, -1))}
        if flags & MassCancelFlag.BY_LABEL:
            draft.fields["label"] = draw.choice((b"L1", b"L2", b"", b"a"))
        if flags & MassCancelFlag.BY_ALGORITHM:
            draft.fields["algorithm"] = draw.choice((0, 1, 2))
        draft.fields["flags"] = flags
        return draft

    def dead_man(self) -> Draft:
        """Short enough to fire within the flow; mostly taken off again."""
        draw = self.draw
        user = draw.choice(list(USERS))
        timeout = draw.choice((0, 0, 1, 10**6, 10**8, 10**9, -1, 86_400 * 10**9 + 1))
        return command(CommandKind.SET_DEAD_MAN, quantity=timeout, **self.trader.client_fields(user))
