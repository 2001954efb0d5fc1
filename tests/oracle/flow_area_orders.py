"""Random orders of the types and with the terms of chapters 10 to 12."""

from collections.abc import Callable
from typing import Any

from server.protocol.enums import SELF_TRADE_SHIFT, CommandKind, Link, OrderFlag, OrderType, TimeInForce
from server.protocol.records import NO_PRICE, ORDER_TERMS
from tests.oracle.flow_area import Area
from tests.oracle.flow_world import Draft, Group, terms_of

LASTING = (TimeInForce.DAY, TimeInForce.GTC)
GTD_AHEAD_NS = (1, 10**6, 10**8, 10**9, 10**11)
MODES = (1, 2, 3, 4, 5)


def with_terms(order: Draft, **terms: Any) -> Group:
    """The order with ORDER_TERMS, sent by the same session and user."""
    sender = {name: order.fields[name] for name in ("user", "session") if name in order.fields}
    return [order, Draft(ORDER_TERMS, {"kind": CommandKind.ORDER_TERMS} | sender | terms)]


def is_plain(order: Draft) -> bool:
    """A LIMIT order that lasts, without flags."""
    fields = order.fields
    return fields["order_type"] == OrderType.LIMIT and fields["time_in_force"] in LASTING and not fields.get("flags", 0)


class Terms(Area):
    """Icebergs, hidden orders, minimum quantities, sliding, market-to-limit, good-till-date, self-trade modes."""

    share = 10

    def makers(self) -> list[tuple[Callable[[], Draft | Group], float]]:
        """Replaces with terms."""
        return [(self.replace_with_terms, 3)]

    def dressed(self, order: Draft) -> Group:
        """One of them; the mode of self-trade prevention goes with any."""
        draw, fields = self.draw, order.fields
        fields["self_trade_group"] = draw.choice((0, 1, 1, 2))
        if draw.random() < 0.3:
            fields["flags"] = fields.get("flags", 0) | draw.choice(MODES) << SELF_TRADE_SHIFT
        if not is_plain(order) and fields.get("flags", 0) < 1 << SELF_TRADE_SHIFT:
            return self.with_minimum(order) if draw.random() < 0.5 else [order]
        ways = (self.iceberg, self.iceberg, self.hidden, self.minimum, self.slide, self.market_to_limit, self.dated,
                self.named_only, lambda order: [order])  # fmt: skip
        return draw.choice(ways)(order)

    def iceberg(self, order: Draft) -> Group:
        """Mostly a part that is allowed."""
        quantity = order.fields["quantity"]
        shown = self.draw.randint(max(1, (quantity + 99) // 100), quantity)
        if self.draw.random() < 0.4:
            order.fields["quantity"] = min(quantity * 3, terms_of(order.fields["instrument"])["quantity_max"])
        if self.draw.random() < 0.05:
            shown = self.draw.choice((0, -1, quantity + 1, 1))
        return with_terms(order, display_quantity=shown)

    def hidden(self, order: Draft) -> Group:
        """Not shown; rarely with what does not go with it."""
        order.fields["flags"] = order.fields.get("flags", 0) | OrderFlag.HIDDEN
        return with_terms(order, display_quantity=1) if self.draw.random() < 0.03 else [order]

    def minimum(self, order: Draft) -> Group:
        """At least a part, at once."""
        draw, fields = self.draw, order.fields
        if draw.random() < 0.3:
            fields["time_in_force"] = TimeInForce.IOC
        return self.with_minimum(order)

    def with_minimum(self, order: Draft) -> Group:
        """A minimum quantity up to the whole, rarely beyond."""
        quantity = order.fields["quantity"]
        least = self.draw.randint(1, quantity) if self.draw.random() < 0.95 else quantity + self.draw.choice((1, -1))
        return with_terms(order, minimum_quantity=least)

    def slide(self, order: Draft) -> Group:
        """Post-only that slides; rarely SLIDE alone."""
        flags = OrderFlag.SLIDE | (OrderFlag.POST_ONLY if self.draw.random() < 0.95 else 0)
        order.fields["flags"] = order.fields.get("flags", 0) | flags
        return [order]

    def market_to_limit(self, order: Draft) -> Group:
        """Without a price, mostly."""
        order.fields |= {"order_type": OrderType.MARKET_TO_LIMIT}
        if self.draw.random() < 0.95:
            order.fields["price"] = NO_PRICE
        return self.with_minimum(order) if self.draw.random() < 0.2 else [order]

    def dated(self, order: Draft) -> Group:
        """Until a time, rarely one that has passed."""
        ahead = self.draw.choice(GTD_AHEAD_NS) if self.draw.random() < 0.95 else -1
        order.fields["time_in_force"] = TimeInForce.GTD
        return with_terms(order, expire_time_ns=self.oracle.time_ns + ahead, **self.perhaps_shown(order))

    def perhaps_shown(self, order: Draft) -> dict[str, int]:
        """Sometimes an iceberg's part as well."""
        return {"display_quantity": order.fields["quantity"]} if self.draw.random() < 0.2 else {}

    def named_only(self, order: Draft) -> Group:
        """A type or time in force that the protocol names and nobody offers."""
        if self.draw.random() < 0.5:
            order.fields["order_type"] = self.draw.choice((OrderType.IMBALANCE_ONLY, OrderType.IF_TOUCHED))
        else:
            order.fields["time_in_force"] = self.draw.choice((64, 65, 66))
        return [order]

    def replace_with_terms(self) -> Group:
        """Another part to show, another end."""
        draft = self.trader.replace()
        quantity = max(1, draft.fields["quantity"])
        terms: dict[str, int] = {}
        if self.draw.random() < 0.7:
            terms["display_quantity"] = self.draw.randint(0, quantity)
        if self.draw.random() < 0.3:
            terms["expire_time_ns"] = self.oracle.time_ns + self.draw.choice((*GTD_AHEAD_NS, -1))
        return with_terms(draft, **terms)


class Stops(Area):
    """Stops, stop-limits and trailing stops around the last price."""

    share = 7

    def makers(self) -> list[tuple[Callable[[], Draft | Group], float]]:
        """Replaces of waiting stops."""
        return [(self.replace_stop, 2)]

    def dressed(self, order: Draft) -> Group:
        """The order as a stop."""
        terms = self.stop_terms(order)
        return with_terms(order, **terms)

    def stop_terms(self, order: Draft) -> dict[str, int]:
        """Makes the order one of the types; returns its terms."""
        draw, fields = self.draw, order.fields
        tick = terms_of(fields["instrument"])["tick_size"]
        kind = draw.choice((OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP))
        stop_price = self.stop_price(fields["instrument"], fields["side"])
        fields |= {"order_type": kind, "flags": 0, "time_in_force": draw.choice(LASTING)}
        if kind != OrderType.STOP_LIMIT:
            fields["price"] = NO_PRICE
        terms = {"stop_price": stop_price}
        if kind == OrderType.TRAILING_STOP:
            terms |= {"offset": tick * draw.randint(1, 6)} if draw.random() < 0.5 else {
                "trail_ppm": draw.choice((1, 500, 10_000, 999_999))
            }  # fmt: skip
            if draw.random() < 0.5:
                terms["stop_price"] = NO_PRICE
        if draw.random() < 0.12:
            fields["time_in_force"] = TimeInForce.GTD
            terms["expire_time_ns"] = self.oracle.time_ns + draw.choice(GTD_AHEAD_NS)
        if draw.random() < 0.03:
            terms |= draw.choice(({"trigger": 1}, {"trigger": 2}, {"trigger": 9}, {"display_quantity": 1}, {"peg": 1},
                                  {"offset": -1}, {"trail_ppm": 1_000_000}, {"minimum_quantity": 1}))  # fmt: skip
        return terms

    def stop_price(self, number: int, side: int) -> int:
        """Mostly on the side of the last price where it is not reached yet."""
        instrument, terms = self.oracle.instruments.get(number), terms_of(number)
        last = instrument.last if instrument else NO_PRICE
        if last == NO_PRICE or self.draw.random() < 0.1:
            return self.trader.price_near(number)
        away = self.draw.randint(1, 5) * terms["tick_size"] * (1 if side == 0 else -1)
        return int(min(max(last + away, terms["price_min"]), terms["price_max"]))

    def replace_stop(self) -> Group:
        """Another stop price, or only less of it."""
        draft = self.trader.replace()
        order = self.oracle.live.get(draft.fields.get("order_id", 0))
        if order is None:
            return [draft]
        if order.order_type in (OrderType.STOP, OrderType.TRAILING_STOP) and self.draw.random() < 0.9:
            draft.fields["price"] = NO_PRICE
        if self.draw.random() < 0.3:
            return [draft]
        stop_price = self.stop_price(order.instrument.number, order.side) if self.draw.random() < 0.8 else NO_PRICE
        terms = {"stop_price": stop_price}
        if order.order_type == OrderType.TRAILING_STOP:
            terms["offset"] = terms_of(order.instrument.number)["tick_size"] * self.draw.randint(1, 6)
        return with_terms(draft, **terms)


class Pegs(Area):
    """Pegged orders."""

    share = 3

    def dressed(self, order: Draft) -> Group:
        """The order as a peg, mostly a right one."""
        draw, fields = self.draw, order.fields
        terms_of_it = terms_of(fields["instrument"])
        fields |= {"order_type": OrderType.PEGGED, "price": NO_PRICE, "flags": OrderFlag.HIDDEN}
        fields["time_in_force"] = draw.choice(LASTING)
        cap = self.trader.price_near(fields["instrument"]) if draw.random() < 0.5 else NO_PRICE
        offset = terms_of_it["tick_size"] * draw.randint(-2, 2) + draw.choice((0, 0, 0, 1))
        terms: dict[str, int] = {"peg": draw.choice((1, 2, 3)), "offset": offset, "price_cap": cap}
        if draw.random() < 0.1:
            fields["time_in_force"] = TimeInForce.GTD
            terms["expire_time_ns"] = self.oracle.time_ns + draw.choice(GTD_AHEAD_NS)
        if draw.random() < 0.04:
            terms |= draw.choice(({"peg": 0}, {"peg": 4}, {"stop_price": 5}, {"link": 1}, {"price_cap": -1}))
        if draw.random() < 0.03:
            fields["flags"] = draw.choice((0, OrderFlag.HIDDEN | OrderFlag.POST_ONLY))
        return with_terms(order, **terms)


class Baskets(Area):
    """Groups of several orders that are accepted all or not at all."""

    share = 2.5

    def dressed(self, order: Draft) -> Group:
        """The order with a few others of its account."""
        orders = [order, *(self.another(order, number) for number in range(1, self.draw.choice((2, 2, 3, 5))))]
        return [record for one in orders for record in self.leg(one)]

    def leg(self, order: Draft) -> Group:
        """A leg as it is, or with a part to show."""
        fields = order.fields
        if is_plain(order) and self.draw.random() < 0.15:
            return with_terms(order, display_quantity=fields["quantity"])
        return [order]

    def another(self, first: Draft, number: int, **changes: Any) -> Draft:
        """One more order of the same sender and account, with the next counter."""
        order = self.trader.new_order()
        kept = {name: first.fields[name] for name in ("user", "session", "client_instance", "account")}
        fields = order.fields | kept | {"counter": first.fields["counter"] + number}
        if self.draw.random() < 0.95:
            fields |= {"order_type": OrderType.LIMIT, "time_in_force": self.draw.choice(LASTING), "flags": 0}
            if fields["price"] == NO_PRICE:
                fields["price"] = self.trader.price_near(fields["instrument"])
        order.fields = fields | changes
        return order


class Links(Baskets):
    """OCO pairs and brackets."""

    share = 5

    def dressed(self, order: Draft) -> Group:
        """A pair or a bracket, mostly a right one."""
        fields = order.fields
        fields |= {"order_type": OrderType.LIMIT, "flags": 0, "time_in_force": self.draw.choice(LASTING)}
        if fields["price"] == NO_PRICE:
            fields["price"] = self.trader.price_near(fields["instrument"])
        group = self.pair(order) if self.draw.random() < 0.5 else self.bracket(order)
        if self.draw.random() < 0.05:
            links = [draft for draft in group if draft.fields.get("link")]
            self.draw.choice(links).fields["link"] = self.draw.choice((1, 2, 3, 4))
        return group

    def same(self, order: Draft) -> dict[str, Any]:
        """What all orders of a link have in common."""
        return {name: order.fields[name] for name in ("instrument", "quantity", "algorithm")}

    def pair(self, order: Draft) -> Group:
        """A limit and a stop of the same side, in either order."""
        stops = Stops(self.trader)
        other = self.another(order, 1, **self.same(order), side=order.fields["side"])
        first, second = (order, other) if self.draw.random() < 0.6 else (other, order)
        terms = stops.stop_terms(second)
        if second is other:
            return [first, *with_terms(second, **terms, link=Link.ONE_CANCELS_OTHER)]
        return [*with_terms(second, **terms), *with_terms(first, link=Link.ONE_CANCELS_OTHER)]

    def bracket(self, order: Draft) -> Group:
        """Entry, target, stop loss; or with one child alone."""
        stops = Stops(self.trader)
        side = 1 - order.fields["side"]
        children: list[Group] = []
        for link in self.draw.choice(((2, 3), (2, 3), (2, 3), (3, 2), (2,), (3,))):
            child = self.another(order, len(children) + 1, **self.same(order), side=side)
            terms = {"link": link}
            if link == Link.STOP_LOSS:
                terms |= stops.stop_terms(child)
            children.append(with_terms(child, **terms))
        return [order, *(record for child in children for record in child)]
