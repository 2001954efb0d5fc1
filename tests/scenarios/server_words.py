"""What the server and its operators do, as records.

phase CONTINUOUS [at 100] [in XYZ|all]        the reference price behind `at`
time 500ms;  time due                         let it pass; to the time at which something is due
cash ann -500;  lots ann 5 at 100;  grant bob on ann [VIEW|NONE|...]
opens session 7 of ann;  closes session 7 of ann [LOGGED_OFF]
opens session 7 of ann cancelling [on-logoff] [after 5s]   the client that all orders come from
skip 5 ENGINE_FAULT                           SKIP of the command with that sequence
account ann account_kind=MARGIN ...           SET_ACCOUNT
rules ABC collar_ppm=2% ...                   SET_RULES
auction ABC volatility_ms=100 ...             SET_AUCTION
schedule ABC CONTINUOUS +5s;  schedule ABC none
ticks 3: 0 1, 100 5                           SET_TICKS of table 3: from a price on, the tick
limit ACCOUNT ann ORDER_QUANTITY hard=100 soft=50 [in ABC]
block USER ann BLOCK [in ABC];  permission ACCOUNT ann RESTRICTED in ABC
locate ann 500 in ABC;  protection ann hard=3 window_ns=1s [product_group=2]
fees 2 taker_e8=50_000 ...;  rate 1 2 3/2;  convert ann 1 2 500;  adjust ann 2 500
bust #3;  adjust-trade #3 amount=99;  split ABC 2/1;  dividend ABC 5;  rename ABC AB2;  end-day 20261123 20261124

Each may go on with more fields of its layout (`field=value`), and with `by olga` (who sends it; else the server
itself, user 0) and `approved otto`.
"""

import re
from typing import Any

from server.protocol.enums import (
    BlockAction,
    Check,
    CommandKind,
    FaultCode,
    Permission,
    Phase,
    Right,
    Scope,
    SessionTerm,
    SkipReason,
)
from server.protocol.records import (
    ACCOUNT_TERMS,
    AUCTION_RULES,
    COMMAND,
    EXCHANGE_RATE,
    FEE_SCHEDULE,
    INSTRUMENT_RULES,
    NO_PRICE,
    OPERATION,
    RISK_SETTING,
    SCHEDULE_ENTRY,
    TICK_TABLE,
)
from tests.scenarios.client_words import INSTANCE, Record
from tests.scenarios.values import INSTRUMENTS, NAMES, settings_of, value_of, whole

TRAILER = re.compile(r"(?: in (?P<instrument>\w+))?(?: by (?P<by>\w+))?(?: approved (?P<approver>\w+))?$")
SETTING = re.compile(r" (\w+=\S+)")
STEPS_OF_RECORD = 4
LAYOUTS = {
    CommandKind.SET_ACCOUNT: ACCOUNT_TERMS, CommandKind.SET_RULES: INSTRUMENT_RULES,
    CommandKind.SET_AUCTION: AUCTION_RULES, CommandKind.SET_SCHEDULE: SCHEDULE_ENTRY,
    CommandKind.SET_LIMIT: RISK_SETTING, CommandKind.SET_BLOCK: RISK_SETTING,
    CommandKind.SET_PERMISSION: RISK_SETTING, CommandKind.SET_LOCATE: RISK_SETTING,
    CommandKind.SET_PROTECTION: RISK_SETTING, CommandKind.SET_FEES: FEE_SCHEDULE,
    CommandKind.SET_RATE: EXCHANGE_RATE, CommandKind.CONVERT: OPERATION, CommandKind.ADJUST_BALANCE: OPERATION,
    CommandKind.BUST_TRADE: OPERATION, CommandKind.ADJUST_TRADE: OPERATION, CommandKind.SPLIT: OPERATION,
    CommandKind.DIVIDEND: OPERATION, CommandKind.RENAME: OPERATION, CommandKind.END_DAY: OPERATION,
}  # fmt: skip
"""The layout of each kind that has its own; all others are COMMAND. SET_TICKS is a group of TICK_TABLE."""
Said = tuple[int, dict[str, Any]]


def server_records(words: str, now_ns: int) -> list[Record]:
    """The records of a server's command. Raises ValueError for words that mean nothing."""
    settings = settings_of(" ".join(SETTING.findall(words)), now_ns)
    words = SETTING.sub("", words)
    trailer = TRAILER.search(words)
    assert trailer is not None, "the pattern takes an empty text as well"
    verb, *arguments = words[: trailer.start()].split()
    common: dict[str, Any] = {}
    if trailer["instrument"]:
        common["instrument"] = INSTRUMENTS.get(trailer["instrument"], 0)
    if trailer["by"]:
        common["user"] = NAMES[trailer["by"]]
    approver = NAMES[trailer["approver"]] if trailer["approver"] else 0
    if verb == "ticks":
        return ticks(arguments, common | {"approver": approver} | settings)
    kind, fields = said(verb, arguments, now_ns)
    layout = LAYOUTS.get(CommandKind(kind), COMMAND)
    if approver:
        common["algorithm" if layout is COMMAND else "approver"] = approver
    return [Record(kind, layout, fields | common | settings)]


def said(verb: str, arguments: list[str], now_ns: int) -> Said:
    """Kind and fields of a verb with its arguments."""
    speakers = (day_words, setting_words, risk_words, money_words)
    for speak in speakers:
        found = speak(verb, arguments, now_ns)
        if found:
            return found
    raise ValueError(f"no command: {verb!r} {arguments}")


def day_words(verb: str, arguments: list[str], now_ns: int) -> Said | None:
    """What the server says of phases, time, sessions, cash and lots."""
    if verb == "phase":
        price = whole(arguments[2]) if len(arguments) == 3 else NO_PRICE
        return CommandKind.SET_PHASE, {"instrument": 1, "side": Phase[arguments[0]], "price": price}
    if verb == "time":
        return CommandKind.TIME, {}
    if verb == "cash":
        return CommandKind.ADJUST_CASH, {"account": NAMES[arguments[0]], "quantity": whole(arguments[1])}
    if verb == "lots":
        lots = {"account": NAMES[arguments[0]], "quantity": whole(arguments[1]), "price": whole(arguments[3])}
        return CommandKind.ADJUST_POSITION, {"instrument": 1} | lots
    if verb == "grant":
        rights = Right[arguments[3]] if len(arguments) == 4 else Right.TRADE | Right.VIEW
        granted = {"decision_maker": NAMES[arguments[0]], "account": NAMES[arguments[2]], "flags": rights}
        return CommandKind.GRANT, granted
    if verb == "skip":
        return CommandKind.SKIP, {"order_id": whole(arguments[0]), "flags": SkipReason[arguments[1]]}
    if verb in ("opens", "closes"):
        return session_words(verb, arguments)
    return None


def session_words(verb: str, arguments: list[str]) -> Said:
    """A session, and on what terms it begins or why it ends."""
    fields: dict[str, Any] = {"session": whole(arguments[1]), "user": NAMES[arguments[3]]}
    more = arguments[4:]
    if verb == "closes":
        return CommandKind.SESSION_CLOSED, fields | {"flags": FaultCode[more[0]] if more else FaultCode.NONE}
    if more:
        terms = SessionTerm.CANCEL_ON_LOGOFF if "on-logoff" in more else SessionTerm.NONE
        fields |= {"client_instance": INSTANCE, "flags": terms | SessionTerm.CANCEL_ON_DISCONNECT}
    if "after" in more:
        fields["quantity"] = whole(more[more.index("after") + 1])
    return CommandKind.SESSION_OPENED, fields


def setting_words(verb: str, arguments: list[str], now_ns: int) -> Said | None:
    """Settings of accounts and instruments."""
    if verb == "account":
        return CommandKind.SET_ACCOUNT, {"account": NAMES[arguments[0]]}
    if verb in ("rules", "auction"):
        kind = CommandKind.SET_RULES if verb == "rules" else CommandKind.SET_AUCTION
        return kind, {"instrument": INSTRUMENTS[arguments[0]]}
    if verb == "schedule":
        fields: dict[str, Any] = {"instrument": INSTRUMENTS[arguments[0]]}
        if arguments[1] != "none":
            fields |= {"phase": Phase[arguments[1]], "due_ns": value_of("due_ns", arguments[2], now_ns)}
        return CommandKind.SET_SCHEDULE, fields
    return None


def risk_words(verb: str, arguments: list[str], now_ns: int) -> Said | None:
    """Settings of the risk desk."""
    if verb in ("limit", "block", "permission"):
        scope_id = NAMES[arguments[1]] if arguments[1] in NAMES else whole(arguments[1])
        fields: dict[str, Any] = {"scope": Scope[arguments[0]], "scope_id": scope_id}
        if verb == "limit":
            return CommandKind.SET_LIMIT, fields | {"check": Check[arguments[2]]}
        if verb == "block":
            return CommandKind.SET_BLOCK, fields | {"action": BlockAction[arguments[2]]}
        return CommandKind.SET_PERMISSION, fields | {"action": Permission[arguments[2]]}
    if verb in ("locate", "protection"):
        account = {"account": NAMES[arguments[0]], "scope": Scope.ACCOUNT, "scope_id": NAMES[arguments[0]]}
        if verb == "protection":
            return CommandKind.SET_PROTECTION, account
        return CommandKind.SET_LOCATE, account | {"hard": whole(arguments[1])}
    return None


def money_words(verb: str, arguments: list[str], now_ns: int) -> Said | None:
    """Fees, rates, corrections, corporate actions."""
    if verb == "fees":
        return CommandKind.SET_FEES, {"schedule": whole(arguments[0]), "tiers": 1}
    if verb == "rate":
        base, quote = whole(arguments[0]), whole(arguments[1])
        return CommandKind.SET_RATE, {"base": base, "quote": quote} | fraction(arguments[2]) | {"rate_time_ns": now_ns}
    if verb == "convert":
        account, currency, other = NAMES[arguments[0]], whole(arguments[1]), whole(arguments[2])
        fields = {"account": account, "currency": currency, "currency_2": other, "amount": whole(arguments[3])}
        return CommandKind.CONVERT, fields
    if verb == "adjust":
        fields = {"account": NAMES[arguments[0]], "currency": whole(arguments[1]), "amount": whole(arguments[2])}
        return CommandKind.ADJUST_BALANCE, fields
    if verb in ("bust", "adjust-trade"):
        kind = CommandKind.BUST_TRADE if verb == "bust" else CommandKind.ADJUST_TRADE
        return kind, {"trade_id": whole(arguments[0])}
    if verb == "end-day":
        return CommandKind.END_DAY, {"numerator": whole(arguments[0]), "denominator": whole(arguments[1])}
    if verb not in ("split", "dividend", "rename"):
        return None
    subject = {"instrument": INSTRUMENTS[arguments[0]]}
    if verb == "split":
        return CommandKind.SPLIT, subject | fraction(arguments[1])
    if verb == "dividend":
        return CommandKind.DIVIDEND, subject | {"amount": whole(arguments[1])}
    return CommandKind.RENAME, subject | {"symbol": arguments[1].encode()}


def fraction(text: str) -> dict[str, int]:
    """`3/2` as numerator and denominator."""
    numerator, _, denominator = text.partition("/")
    return {"numerator": whole(numerator), "denominator": whole(denominator or "1")}


def ticks(arguments: list[str], common: dict[str, Any]) -> list[Record]:
    """The records of a tick table, four steps in each."""
    pairs = [tuple(whole(part) for part in step.split()) for step in " ".join(arguments[1:]).split(",")]
    records = []
    for start in range(0, len(pairs), STEPS_OF_RECORD):
        chosen = pairs[start : start + STEPS_OF_RECORD]
        steps = chosen + [(0, 0)] * (STEPS_OF_RECORD - len(chosen))
        fields = {"table": whole(arguments[0].rstrip(":")), "count": len(chosen), "steps": steps}
        records.append(Record(CommandKind.SET_TICKS, TICK_TABLE, fields | common))
    return records
