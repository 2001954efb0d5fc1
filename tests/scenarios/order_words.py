"""What a person says of an order: `buys 10 @ 100 as a1 gtc showing 4`.

PRICE      100, market, market-to-limit (left out of stops that become market orders, and of pegs)
life       day gtc ioc fok at-open at-close auction; until +5s (GTD); or a name of TimeInForce in capitals
flags      post-only slide hidden reduce-only short short-exempt confirmed stays
terms      showing 4 (iceberg); at-least 5 (minimum quantity); stop 95; trailing 5 or trailing 2%;
           pegged primary|mid|market [+1|-1] [capped 105]; lot #3 (the trade that opened the lot)
others     as LABEL; in XYZ; for bob (whose account); stp newest|oldest|both|decrement|allow; algorithm 7;
           group 7 (self-trade group); capacity principal; type 64 (an order type by its number or name)

An order is a STOP with `stop`, a STOP_LIMIT with `stop` and a price, a TRAILING_STOP with `trailing`.
A group is written with `&`: `buys 10 @ 100 as e & target sells 10 @ 110 as t & stop-loss sells 10 stop 90 as s`;
`oco` before an order links it with the one before.
"""

from collections.abc import Iterator
from typing import Any

from server.protocol.enums import SELF_TRADE_SHIFT, Capacity, Link, OrderFlag, OrderType, Peg, SelfTrade, TimeInForce
from server.protocol.records import NO_PRICE
from tests.scenarios.values import INSTRUMENTS, NAMES, number_of, value_of, whole

Fields = dict[str, Any]
SIDES = {"buys": 0, "sells": 1}
LINKS = {"oco": Link.ONE_CANCELS_OTHER, "target": Link.TARGET, "stop-loss": Link.STOP_LOSS}
LIVES = {"day": 1, "gtc": 2, "ioc": 3, "fok": 4, "at-open": 6, "at-close": 7, "auction": 8} | {
    life.name: int(life) for life in TimeInForce
}
FLAGS = {
    flag.name.lower().replace("_", "-"): flag
    for flag in (
        OrderFlag.POST_ONLY, OrderFlag.SLIDE, OrderFlag.HIDDEN, OrderFlag.REDUCE_ONLY, OrderFlag.SHORT,
        OrderFlag.SHORT_EXEMPT, OrderFlag.CONFIRMED, OrderFlag.STAYS,
    )
    if flag.name
}  # fmt: skip
PREVENTION = {
    "newest": SelfTrade.CANCEL_NEWEST, "oldest": SelfTrade.CANCEL_OLDEST, "both": SelfTrade.CANCEL_BOTH,
    "decrement": SelfTrade.DECREMENT, "allow": SelfTrade.ALLOW,
}  # fmt: skip


def order_fields(words: str, now_ns: int) -> tuple[Fields, Fields]:
    """(fields of the NEW_ORDER, fields of its ORDER_TERMS, empty if it has none). Raises ValueError."""
    said = iter(words.split())
    order: Fields = {"order_type": OrderType.LIMIT, "price": NO_PRICE, "flags": 0}
    terms: Fields = {}
    word = next(said)
    if word in LINKS:
        terms["link"] = LINKS[word]
        word = next(said)
    order["side"], order["quantity"] = SIDES[word], whole(next(said))
    for word in said:
        say(word, said, order, terms, now_ns)
    life = TimeInForce.IOC if order["order_type"] == OrderType.MARKET else TimeInForce.DAY
    if "expire_time_ns" in terms:
        life = TimeInForce.GTD
    return {"time_in_force": life} | order, terms


def say(word: str, said: Iterator[str], order: Fields, terms: Fields, now_ns: int) -> None:
    """Take one word, and what belongs to it, into the order and its terms."""
    if word == "@":
        say_price(next(said), order, terms)
    elif word in LIVES:
        order["time_in_force"] = LIVES[word]
    elif word in FLAGS:
        order["flags"] |= FLAGS[word]
    elif word == "stop":
        terms["stop_price"] = whole(next(said))
        if order["order_type"] != OrderType.TRAILING_STOP:
            order["order_type"] = OrderType.STOP if order["price"] == NO_PRICE else OrderType.STOP_LIMIT
    elif word == "trailing":
        distance = next(said)
        order["order_type"] = OrderType.TRAILING_STOP
        terms.setdefault("stop_price", NO_PRICE)
        terms["trail_ppm" if distance.endswith(("%", "ppm")) else "offset"] = whole(distance)
    elif word == "pegged":
        order["order_type"] = OrderType.PEGGED
        terms |= {"price_cap": NO_PRICE, "peg": Peg[next(said).upper()]}
    elif word[0] in "+-" and order["order_type"] == OrderType.PEGGED:
        terms["offset"] = whole(word)
    else:
        say_more(word, next(said), order, terms, now_ns)


def say_more(word: str, value: str, order: Fields, terms: Fields, now_ns: int) -> None:
    """Words that have a value behind them."""
    of_terms = {"showing": "display_quantity", "at-least": "minimum_quantity", "capped": "price_cap",
                "lot": "lot_trade_id"}  # fmt: skip
    if word in of_terms:
        terms[of_terms[word]] = whole(value)
    elif word == "until":
        terms["expire_time_ns"] = value_of(word, value, now_ns)
    elif word == "as":
        order["label"] = value.encode()
    elif word == "in":
        order["instrument"] = INSTRUMENTS[value]
    elif word == "for":
        order["account"] = NAMES[value]
    elif word == "stp":
        order["flags"] |= PREVENTION[value] << SELF_TRADE_SHIFT
    elif word == "group":
        order["self_trade_group"] = whole(value)
    elif word == "algorithm":
        order["algorithm"] = whole(value)
    elif word == "capacity":
        order["capacity"] = Capacity[value.upper()]
    elif word == "type":
        order["order_type"] = value_of("order_type", value, now_ns)
    else:
        raise ValueError(f"no word of an order: {word!r}")


def say_price(text: str, order: Fields, terms: Fields) -> None:
    """What stands behind the @."""
    price = number_of(text)
    if price is not None:
        order["price"] = price
        if "stop_price" in terms and order["order_type"] == OrderType.STOP:
            order["order_type"] = OrderType.STOP_LIMIT
    elif text in ("market", "market-to-limit"):
        order["order_type"] = OrderType[text.upper().replace("-", "_")]
    else:
        raise ValueError(f"no price: {text!r}")
