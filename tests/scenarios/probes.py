"""Every (order type, phase, reject reason) that the rules allow, made on purpose: one small market for each.

Rules: a probe is the words of a scenario: what is given, what is done before, the way into the phase, last the order
that must be refused for the reason. Ann's order is tried against bids of Bob at 95 and asks at 103; the last trade was
at 99. Where the rules make a combination impossible, `impossible` says why; every other one must be reached.
"""

from dataclasses import dataclass, field

from server.protocol.enums import Phase, RejectReason

R = RejectReason


@dataclass(frozen=True)
class OrderKind:
    """How an order of a kind is written, for both sides, and what it is for the rules."""

    buy: str
    sell: str
    traits: frozenset[str]


def kind(words: str, *traits: str) -> OrderKind:
    """Words with {side}; {cross} is a price that meets the other side, {far} one that does not."""
    buy = words.format(side="buys", other="sells", cross=103, far=90, stop=120, limit=121, up=110)
    sell = words.format(side="sells", other="buys", cross=95, far=110, stop=80, limit=79, up=90)
    return OrderKind(buy, sell, frozenset(traits))


KINDS = {
    "LIMIT": kind("{side} 10 @ 100 as p", "limit", "price"),
    "GTD": kind("{side} 10 @ 100 as p until +900s", "limit", "price", "terms"),
    "ICEBERG": kind("{side} 10 @ 100 as p showing 6", "limit", "price", "terms"),
    "HIDDEN": kind("{side} 10 @ 100 as p hidden", "limit", "price"),
    "MINIMUM": kind("{side} 10 @ {cross} as p at-least 5", "immediate", "price", "terms"),
    "IOC": kind("{side} 10 @ 100 as p ioc", "immediate", "last", "price"),
    "FOK": kind("{side} 10 @ {cross} as p fok", "immediate", "last", "price"),
    "POST_ONLY": kind("{side} 10 @ {far} as p post-only", "immediate", "price"),
    "SLIDE": kind("{side} 10 @ {far} as p post-only slide", "immediate", "price"),
    "MARKET": kind("{side} 10 @ market as p", "immediate", "market"),
    "MARKET_TO_LIMIT": kind("{side} 10 @ market-to-limit as p", "immediate", "market"),
    "STOP": kind("{side} 10 stop {stop} as p", "stop", "terms"),
    "STOP_LIMIT": kind("{side} 10 @ {limit} stop {stop} as p", "stop", "terms", "limited"),
    "TRAILING_STOP": kind("{side} 10 stop {stop} trailing 5 as p", "stop", "terms"),
    "PEGGED": kind("{side} 10 pegged primary hidden as p", "stop", "terms", "peg"),
    "AT_OPEN": kind("{side} 10 @ 100 as p at-open", "auction", "open", "price"),
    "AT_CLOSE": kind("{side} 10 @ 100 as p at-close", "auction", "close", "price"),
    "AUCTION": kind("{side} 10 @ 100 as p auction", "auction", "any", "price"),
    "AUCTION_MARKET": kind("{side} 10 @ market as p auction", "auction", "any"),
    "BASKET": kind("{side} 10 @ 100 as p & {side} 1 @ 99 as p2", "limit", "price", "basket"),
    "PAIR": kind("{side} 10 @ 100 as p & oco {side} 10 stop {stop} as p2", "limit", "price", "basket", "terms"),
    "BRACKET": kind("{side} 10 @ 100 as p & target {other} 10 @ {up} as p2", "limit", "price", "basket", "terms"),
}  # fmt: skip

PATHS: dict[Phase, tuple[str, ...]] = {
    Phase.CLOSED: ("phase CLOSED",), Phase.START_OF_DAY: ("phase CLOSED", "phase START_OF_DAY"),
    Phase.PRE_OPEN: ("phase PRE_OPEN",), Phase.CONTINUOUS: (), Phase.CLOSING_CALL: ("phase CLOSING_CALL",),
    Phase.HALTED: ("phase HALTED",), Phase.INTRADAY_CALL: ("phase INTRADAY_CALL",),
    Phase.VOLATILITY_CALL: ("phase VOLATILITY_CALL",), Phase.TRADING_AT_LAST: ("phase TRADING_AT_LAST",),
    Phase.SUSPENDED: ("phase SUSPENDED",), Phase.DELISTED: ("phase DELISTED",),
    Phase.EXTENDED_CALL: (
        "rules ABC static_ppm=1ppm", "auction ABC volatility_ms=1", "cas buys 1 @ 103 as x", "time due", "rules ABC",
    ),
    Phase.LIMIT_STATE: ("phase HALTED", "rules ABC band_tier=1", "phase CONTINUOUS"),
    Phase.PAUSED: (
        "phase HALTED", "rules ABC band_tier=1", "auction ABC limit_state_ms=1", "phase CONTINUOUS",
        "bob cancels all buys", "cas sells 1 @ 95 as x", "time due",
    ),
}  # fmt: skip
"""From CONTINUOUS, where the last trade was at 99."""
ARRIVALS: dict[tuple[Phase, str], tuple[str, ...]] = {
    (Phase.LIMIT_STATE, "buy"): ("bob cancels all buys", "cas sells 1 @ 95 as x"),
    (Phase.LIMIT_STATE, "sell"): ("bob cancels all sells", "cas buys 1 @ 103 as x"),
    (Phase.TRADING_AT_LAST, "buy"): ("bob sells 50 @ 99 as z",),
    (Phase.TRADING_AT_LAST, "sell"): ("bob buys 50 @ 99 as z",),
}  # fmt: skip
"""What more is done there, so that the order's side finds somebody."""
MARKET = (
    "bob sells 1 @ 99 as t1", "cas buys 1 @ 99 as t2", "bob buys 50 @ 95 as b gtc", "bob sells 50 @ 103 as s gtc",
)  # fmt: skip
GIVEN = ("bob credit_limit=1000000000000000000", "cas credit_limit=1000000000000000000")
TAKES: dict[str, tuple[Phase, ...]] = {
    "limit": (
        Phase.PRE_OPEN, Phase.CONTINUOUS, Phase.LIMIT_STATE, Phase.INTRADAY_CALL, Phase.VOLATILITY_CALL,
        Phase.EXTENDED_CALL, Phase.CLOSING_CALL, Phase.TRADING_AT_LAST,
    ),
    "immediate": (Phase.CONTINUOUS, Phase.LIMIT_STATE),
    "stop": (
        Phase.PRE_OPEN, Phase.CONTINUOUS, Phase.LIMIT_STATE, Phase.INTRADAY_CALL, Phase.VOLATILITY_CALL,
        Phase.EXTENDED_CALL, Phase.CLOSING_CALL,
    ),
    "open": (Phase.PRE_OPEN,),
    "close": (
        Phase.PRE_OPEN, Phase.CONTINUOUS, Phase.LIMIT_STATE, Phase.INTRADAY_CALL, Phase.VOLATILITY_CALL,
        Phase.EXTENDED_CALL, Phase.CLOSING_CALL,
    ),
}  # fmt: skip
"""Section 13.1: which phases take (or keep) an order."""
MATCHING = (Phase.CONTINUOUS, Phase.LIMIT_STATE)


@dataclass(frozen=True)
class Way:
    """How a reason is reached: what is given and done before, what is said of the order, and of which orders."""

    override: str = ""
    before: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    words: str = ""
    side: str = "buy"
    edge: str = ""
    """The side for which the place is arranged, where it is not the order's."""
    only: frozenset[str] = frozenset()
    """Traits of which the order must have one (a kind's name counts as one); empty: any order."""
    never: frozenset[str] = field(default_factory=frozenset)
    early: bool = False
    """Looked at before PHASE_FORBIDS, so it is reached in every phase."""
    why: str = ""
    """Why only these orders."""


def way(override: str = "", *before: str, **rest: object) -> Way:
    """A way; `only` and `never` as words."""
    sets = {name: frozenset(str(rest.pop(name, "")).split()) for name in ("only", "never")}
    given = rest.pop("given", ())
    lines = (given,) if isinstance(given, str) else tuple(given)  # type: ignore[arg-type]
    return Way(override, before, lines, **sets, **rest)  # type: ignore[arg-type]


def limit(check: str, numbers: str = "hard=0", **rest: object) -> Way:
    """A limit of Ann's account that refuses what comes next."""
    return way("", f"limit ACCOUNT ann {check} {numbers} by olga", **rest)


WAYS: dict[RejectReason, Way] = {
    R.DUPLICATE: way("counter=1", "ann cancels zz", early=True), R.COUNTER_GAP: way("counter=99", early=True),
    R.SESSION_NOT_OPEN: way("all.session=99", early=True), R.TOO_LATE: way("valid_until_ns=1", early=True),
    R.INVALID_GROUP: way("group_count=99", early=True), R.INVALID_SIDE: way("side=7", early=True),
    R.INVALID_TIME_IN_FORCE: way("time_in_force=99", early=True),
    R.UNSUPPORTED_TIME_IN_FORCE: way("time_in_force=64", early=True),
    R.INVALID_ORDER_TYPE: way("order_type=99", only="LIMIT", early=True, why="the type is what is wrong"),
    R.UNSUPPORTED_ORDER_TYPE: way("order_type=64", only="LIMIT", early=True, why="the type is what is wrong"),
    R.INVALID_FLAGS: way("flags=4096", early=True),
    R.UNSUPPORTED_TRIGGER: way(
        "terms.trigger=1", only="STOP STOP_LIMIT TRAILING_STOP", early=True, why="stops alone have a trigger"
    ),
    R.INVALID_TERMS: way(
        "terms.trail_ppm=5", only="terms", never="TRAILING_STOP", early=True, why="it has no terms"
    ),
    R.UNKNOWN_INSTRUMENT: way("all.instrument=9", early=True),
    R.UNKNOWN_ACCOUNT: way("all.account=9", early=True),
    R.NOT_PERMITTED: way("all.account=2", early=True),
    R.SELF_TRADE_MODE_FORBIDDEN: way("", words=" stp allow", early=True),
    R.STALE_REFERENCE_DATA: way("displayed_sequence=1", "rules ABC", early=True),
    R.EXPIRY_PASSED: way("terms.expire_time_ns=5", only="GTD", why="good-till-date orders alone expire at a time"),
    R.QUANTITY_NOT_POSITIVE: way("quantity=0", never="MINIMUM"),
    R.QUANTITY_TOO_LARGE: way("quantity=1001"),
    R.QUANTITY_TOO_SMALL: way("", "rules ABC quantity_min=20"),
    R.INVALID_DISPLAY_QUANTITY: way("terms.display_quantity=11", only="ICEBERG", why="icebergs alone show a part"),
    R.PRICE_OUT_OF_RANGE: way("price=5000"),
    R.PRICE_OFF_TICK: way(
        "price=101", "ticks 3: 0 5", "rules ABC tick_table=3", only="price limited", why="it has no limit price"
    ),
    R.DUPLICATE_LABEL: way("", "ann buys 1 @ 60 as p gtc"),
    R.TOO_MANY_ORDERS: way("", "ann buys 1 @ 60 as q gtc", given="ann orders_max=1"),
    R.INVALID_STOP_PRICE: way(
        "terms.stop_price=5000", only="STOP STOP_LIMIT TRAILING_STOP", why="stops alone have a stop price"
    ),
    R.INSUFFICIENT_CASH: way("", given="ann cash=0"),
    R.INSUFFICIENT_POSITION: way("", given="ann short_allowed=0", side="sell"),
    R.POSITION_LIMIT: way("", given="ann position_max=5"),
    R.INSUFFICIENT_MARGIN: way(
        "", "account ann account_kind=MARGIN by olga approved otto", given="ann cash=0"
    ),
    R.AMOUNT_TOO_LARGE: way(
        "quantity=590", "bob sells 400 @ 99 as g", "cas sells 400 @ 99 as h",
        given=("ABC cash_scale=4000000000000", "ann cash=0"),
    ),
    R.UNKNOWN_LOT: way("", words=" lot #9", never="PEGGED"),
    R.BLOCKED: way("", "block ACCOUNT ann BLOCK by olga"),
    R.REDUCE_ONLY: way("", "block ACCOUNT ann REDUCE_ONLY by olga"),
    R.RESTRICTED: way("", "permission ACCOUNT ann RESTRICTED in ABC by olga"),
    R.INSTRUMENT_NOT_PERMITTED: way("", "permission ACCOUNT ann LISTED_ONLY by olga"),
    R.LIMIT_MISSING: way("", "limit ACCOUNT 0 ORDER_VALUE action=2 by olga"),
    R.MESSAGE_RATE: limit("MESSAGE_RATE", "hard=0 window_ns=1s"),
    R.ORDER_QUANTITY_LIMIT: limit("ORDER_QUANTITY"), R.ORDER_VALUE_LIMIT: limit("ORDER_VALUE"),
    R.FAT_FINGER: limit("PRICE_DISTANCE", never="market AUCTION_MARKET PEGGED"),
    R.DUPLICATE_ORDER: limit("DUPLICATE_ORDER", "hard=0 window_ns=1s"),
    R.OPEN_ORDERS_LIMIT: limit("OPEN_ORDERS"), R.OPEN_VALUE_LIMIT: limit("OPEN_VALUE"),
    R.LONG_LIMIT: limit("LONG_POSITION"), R.SHORT_LIMIT: limit("SHORT_POSITION", side="sell"),
    R.GROSS_LIMIT: limit("GROSS_POSITION"), R.NET_LIMIT: limit("NET_POSITION"),
    R.DAILY_LOSS_LIMIT: way("", "lots ann 5 at 200", "limit ACCOUNT ann DAILY_LOSS hard=0 by olga"),
    R.EXECUTION_THROTTLE: limit("EXECUTION_THROTTLE", "hard=0 window_ns=1s"),
    R.ORDER_TO_TRADE: way("", "limit ACCOUNT ann ORDER_TO_TRADE hard=0 by olga", "ann buys 1 @ 60 as q gtc"),
    R.SOFT_LIMIT: limit("ORDER_QUANTITY", "hard=100 soft=1"),
    R.BASKET_COUNT_LIMIT: limit("BASKET_COUNT", only="basket", early=True, why="it is one order"),
    R.BASKET_VALUE_LIMIT: limit("BASKET_VALUE", only="basket", early=True, why="it is one order"),
    R.GROUP_REFUSED: way("1.quantity=0", only="basket", early=True, why="it is one order"),
    R.SHORT_NOT_MARKED: way("", "rules ABC locate_required=1", side="sell"),
    R.NO_LOCATE: way("", "rules ABC locate_required=1", side="sell", words=" short"),
    R.VALUE_TOO_SMALL: way("", "rules ABC value_min=900000", only="price", why="not a LIMIT order"),
    R.VALUE_TOO_LARGE: way("", "rules ABC value_max=1", only="price", why="not a LIMIT order"),
    R.PRICE_COLLAR: way("price=150", "rules ABC collar_ppm=1%", only="price", why="not a LIMIT order"),
    R.REFERENCE_TOO_OLD: way(
        "", "rules ABC collar_ppm=1% reference_age_ms=1", "time 1s", only="price", why="not a LIMIT order"
    ),
    R.POST_ONLY_WOULD_TRADE: way("price=103", only="POST_ONLY", why="it may trade"),
    R.FOK_NOT_FILLED: way("quantity=900", only="FOK", why="it need not be filled whole"),
    R.MINIMUM_QUANTITY_NOT_MET: way(
        "quantity=900 terms.minimum_quantity=900", only="MINIMUM", why="it has no minimum quantity"
    ),
    R.SELF_TRADE: way("", "ann sells 5 @ 99 as own", only="FOK MINIMUM", words=" stp newest",
                      why="part of it may stay untraded"),
    R.STOP_ALREADY_REACHED: way(
        "terms.stop_price=90", only="STOP STOP_LIMIT TRAILING_STOP", why="stops alone have a stop price"
    ),
    R.PRICE_BAND: way("price=150", "phase HALTED", "rules ABC band_tier=1", "phase CONTINUOUS", only="price",
                      why="not a LIMIT order"),
    R.NOT_AT_LAST_PRICE: way("price=98", only="price", why="not taken there"),
    R.NO_LIQUIDITY: way(
        "", "bob cancels all", only="MARKET MARKET_TO_LIMIT", side="sell", edge="buy", why="it has a price"
    ),
}  # fmt: skip
"""One way to each reason of an order."""

ELSEWHERE: dict[RejectReason, str] = {
    R.NONE: "no refusal", R.ENGINE_FAULT: "of a command that an operator skips", R.BUSY: "the gateway's",
    R.NOT_ENTITLED: "the gateway's", R.UNKNOWN_COMMAND: "of no order: of a kind without meaning",
    R.UNKNOWN_ORDER: "of cancels and replaces", R.QUANTITY_BELOW_FILLED: "of replaces",
    R.NOT_REPLACEABLE: "of replaces", R.INVALID_DEFINITION: "of operators' commands",
    R.INVALID_TRANSITION: "of SET_PHASE", R.APPROVAL_REQUIRED: "of operators' commands",
    R.SAME_PERSON: "of operators' commands", R.UNKNOWN_TRADE: "of corrections", R.TRADE_TOO_OLD: "of corrections",
    R.ALREADY_BUSTED: "of corrections", R.NO_RATE: "of conversions, and of margin accounts in other currencies",
    R.RATE_TOO_OLD: "of conversions, and of margin accounts in other currencies",
    R.ALREADY_DONE: "of END_DAY and SET_FEES",
    R.PROTECTION_ACTIVE: "of quotes", R.GROUP_TOO_LARGE: "of groups beyond 1,024 records, whatever is in them",
    R.NO_REFERENCE_PRICE: "where no price is known at all: `volatility.txt`, `limits.txt`, `stops.txt`",
}  # fmt: skip
"""Reasons that are none of a plain NEW_ORDER in a market with prices; other scenarios reach them."""


def takes(name: str, phase: Phase) -> bool:
    """Whether the phase takes an order of this kind."""
    traits = KINDS[name].traits
    if phase == Phase.TRADING_AT_LAST:
        return "limit" in traits or "last" in traits
    if "any" in traits:
        return phase in (*TAKES["close"], Phase.CONTINUOUS)
    return any(phase in TAKES[trait] for trait in traits if trait in TAKES)


def impossible(name: str, phase: Phase, reason: RejectReason) -> str:
    """Why the rules rule this out; empty if they do not."""
    traits = KINDS[name].traits | {name}
    if reason in ELSEWHERE:
        return ELSEWHERE[reason]
    if reason == R.PHASE_FORBIDS:
        return "the phase takes it" if takes(name, phase) else ""
    chosen = WAYS[reason]
    if chosen.only and not chosen.only & traits:
        return chosen.why
    if chosen.never & traits:
        return NEVER[reason]
    if chosen.early and not (reason == R.INVALID_TERMS and "basket" in traits):
        return ""
    if not takes(name, phase):
        return "PHASE_FORBIDS comes before"
    return impossible_here(name, phase, reason)


NEVER = {
    R.FAT_FINGER: "it has no price of its own", R.INVALID_TERMS: "the field is its own",
    R.UNKNOWN_LOT: "INVALID_TERMS comes before", R.QUANTITY_NOT_POSITIVE: "INVALID_TERMS comes before",
}  # fmt: skip


def impossible_here(name: str, phase: Phase, reason: RejectReason) -> str:
    """What a phase that takes the order makes impossible."""
    if reason in (R.NOT_AT_LAST_PRICE,) and phase != Phase.TRADING_AT_LAST:
        return "another phase than TRADING_AT_LAST"
    if reason == R.PRICE_BAND and phase not in MATCHING:
        return "bands hold in CONTINUOUS and LIMIT_STATE alone"
    if phase == Phase.TRADING_AT_LAST and reason in (R.PRICE_COLLAR, R.FAT_FINGER):
        return "the price is that of the last trade"
    return ""


def probe(name: str, phase: Phase, reason: RejectReason) -> tuple[list[str], list[str], str]:
    """(what is given, what is done before, Ann's order) in the words of the scenarios."""
    chosen = WAYS.get(reason, Way())
    words = KINDS[name].sell if chosen.side == "sell" else KINDS[name].buy
    words = words.replace(" as p", f" as p{chosen.words}", 1)
    if phase == Phase.TRADING_AT_LAST:
        for price in (100, 103, 95):
            words = words.replace(f"@ {price} as p", "@ 99 as p")
    arrival = ARRIVALS.get((phase, chosen.edge or chosen.side), ())
    way_there = [*PATHS[phase], *arrival]
    before = list(chosen.before)
    if phase == Phase.LIMIT_STATE:
        before = [] if reason == R.PRICE_BAND else [
            f"{line} band_tier=1" if line.startswith("rules ABC") else line for line in before
        ]  # fmt: skip
    acts = any(line.split()[0] in ("ann", "bob", "cas") for line in before)
    done = [*MARKET, *(before + way_there if acts else way_there + before)]
    return [*GIVEN, *chosen.given], done, f"ann {words}" + (f" with {chosen.override}" if chosen.override else "")
