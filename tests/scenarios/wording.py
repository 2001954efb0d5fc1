"""How events are written in the scenarios.

ann a1 NEW 10                                accepted
ann a1 PARTIALLY_FILLED 4 @ 100, 6 left      executed; FILLED has nothing left; `, fee 3` if there is one
ann a1 CANCELED 6 REQUESTED                  how much went, and why; REFUSED_BY_RISK names the reason
ann a1 REPLACED 8 @ 101, 8 left[, new place][ stop 95]
ann a1 RESTATED PEGGED 8 @ 101, 8 left[, new place][ stop 95]
ann s1 TRIGGERED stop 95 last 94
ann a1 SELF_TRADE_PREVENTED 5 with a2
ann a1 REJECTED REASON (value, limit)        of the risk checks also: `of ACCOUNT 1, used 3, requested 5`
ann MASS_CANCELED 2;  ann MASS_QUOTED 2, 1 refused;  ann DEAD_MAN_SET 5000000000
ann CLIENT_GONE, 2 cancelled
phase CONTINUOUS;  phase HALTED reason 7;  phase VOLATILITY_CALL by volatility
olga LIMIT_CHANGED ACCOUNT 1 ORDER_QUANTITY hard 100 soft 50[ window 5][ until 9], before 0
olga BLOCK_CHANGED USER 1 BLOCK, 2 cancelled, before RELEASE
server LIMIT_WARNING ORDER_QUANTITY (60, 50) of ACCOUNT 1
olga SETTING_CHANGED SET_RULES in ABC ...    every other event: its fields that are not 0, in the order of `SHOWN`
olga TRADE_BUSTED #3 5 @ 100[, fee -3];  olga TRADE_ADJUSTED #3 5 @ 100 to 99
olga DAY_ENDED ABC 100 LAST_TRADE;  olga DAY_ENDED 20261123;  olga DAILY_RESULT ann ABC 50, in all 70

POSITION and BALANCE events are not written; `position` and `balance` show what they would say now.
"""

from collections.abc import Callable

import numpy as np

from server.protocol.enums import (
    BlockAction,
    CancelReason,
    Check,
    CommandKind,
    EventKind,
    OrderState,
    Permission,
    Phase,
    PriceSource,
    RejectReason,
    RestateReason,
    Scope,
)
from server.protocol.records import NO_PRICE, POSITION_EVENT, RISK_REJECTION
from tests.scenarios.values import INSTRUMENTS, NAMES, trade_named

PERSONS = {number: name for name, number in NAMES.items()}
SYMBOLS = {number: name for name, number in INSTRUMENTS.items()}
SHOWN = (
    "account", "price", "quantity", "leaves", "filled", "last_price", "last_quantity", "trade_id",
    "value", "limit", "fee", "reason",
)  # fmt: skip
CAUSES = (
    "schedule", "volatility", "end of call", "extension", "market order extension", "extended call", "limit state",
    "pause", "end of pause", "end of limit state",
)  # fmt: skip
QUIET = (EventKind.POSITION, EventKind.BALANCE)
RISK_REASONS = range(RejectReason.BLOCKED, RejectReason.LIMIT_MISSING + 1)


def person_of(event: np.void) -> str:
    """Whose stream the event is in."""
    return PERSONS.get(int(event["user"]), "server")


def name_of(event: np.void) -> str:
    """Person and label of the order; a refused command without a label has other numbers in its place."""
    label = event["label"].decode("latin-1")
    return f"{person_of(event)} {label if label.isprintable() and label else '-'}"


def accepted(event: np.void) -> str:
    """An order was accepted."""
    return f"{name_of(event)} NEW {event['leaves']}"


def executed(event: np.void) -> str:
    """An order traded."""
    left = f", {event['leaves']} left" if event["leaves"] else ""
    fee = f", fee {event['fee']}" if event["fee"] else ""
    state = OrderState(event["state"]).name
    return f"{name_of(event)} {state} {event['last_quantity']} @ {event['last_price']}{left}{fee}"


def canceled(event: np.void) -> str:
    """An order ended."""
    reason = CancelReason(event["reason"])
    why = f" {RejectReason(event['value']).name}" if reason == CancelReason.REFUSED_BY_RISK else ""
    return f"{name_of(event)} CANCELED {event['last_quantity']} {reason.name}{why}"


def replaced(event: np.void) -> str:
    """An order was changed by its user."""
    return f"{name_of(event)} REPLACED {event['quantity']} @ {price_of(event)}, {event['leaves']} left"


def restated(event: np.void) -> str:
    """An order was changed by the exchange."""
    reason = RestateReason(event["reason"]).name
    return f"{name_of(event)} RESTATED {reason} {event['quantity']} @ {price_of(event)}, {event['leaves']} left"


def stop_of(event: np.void) -> str:
    """The stop price, if the order has one."""
    return f" stop {event['value']}" if event["value"] else ""


def triggered(event: np.void) -> str:
    """A stop was reached."""
    return f"{name_of(event)} TRIGGERED{stop_of(event)} last {event['last_price']}"


def scope_of(risk: np.void) -> str:
    """Whom a risk event is about."""
    return f"{Scope(risk['scope']).name} {risk['scope_id']}"


def rejected(event: np.void) -> str:
    """A command was refused; by a risk check: whose it was, and the numbers."""
    reason = RejectReason(event["reason"])
    said = f"{name_of(event)} REJECTED {reason.name} ({event['value']}, {event['limit']})"
    if event["reason"] in RISK_REASONS:
        risk = event.reshape(1).view(RISK_REJECTION)[0]
        if risk["check"] or risk["scope"] or risk["scope_id"]:
            said += f" of {scope_of(risk)}"
        if risk["used"] or risk["requested"]:
            said += f", used {risk['used']}, requested {risk['requested']}"
        if risk["hard_reason"]:
            said += f", hard {RejectReason(risk['hard_reason']).name}"
    return said


def warned(event: np.void) -> str:
    """A soft limit was passed with confirmation, or a watched order came."""
    risk = event.reshape(1).view(RISK_REJECTION)[0]
    what = Check(risk["check"]).name if risk["check"] else "WATCHED"
    return f"{person_of(event)} LIMIT_WARNING {what} ({risk['value']}, {risk['limit']}) of {scope_of(risk)}"


def limit_changed(event: np.void) -> str:
    """A limit was set, removed, required or no longer required."""
    risk = event.reshape(1).view(RISK_REJECTION)[0]
    what = ("", " REMOVED", " REQUIRED", " NOT REQUIRED")[risk["value"]]
    instrument = f" in {SYMBOLS.get(int(risk['instrument']), '?')}" if risk["instrument"] else ""
    window = f" window {risk['leaves']}" if risk["leaves"] else ""
    until = f" until {risk['filled']}" if risk["filled"] else ""
    numbers = f" hard {risk['price']} soft {risk['quantity']}{window}{until}" if not risk["value"] else ""
    said = f"{scope_of(risk)} {Check(risk['check']).name}{instrument}{what}{numbers}"
    return f"{person_of(event)} LIMIT_CHANGED {said}, before {risk['limit']}"


def blocked(event: np.void) -> str:
    """A block was set or released; how many orders it cancelled."""
    risk = event.reshape(1).view(RISK_REJECTION)[0]
    instrument = f" in {SYMBOLS.get(int(risk['instrument']), '?')}" if risk["instrument"] else ""
    cancelled = f", {risk['quantity']} cancelled" if risk["quantity"] else ""
    said = f"{scope_of(risk)}{instrument} {BlockAction(int(risk['value'])).name}{cancelled}"
    return f"{person_of(event)} BLOCK_CHANGED {said}, before {BlockAction(int(risk['limit'])).name}"


def setting_changed(event: np.void) -> str:
    """A setting took effect, or will."""
    kind = CommandKind(int(event["value"]))
    if kind == CommandKind.SET_PERMISSION:
        risk = event.reshape(1).view(RISK_REJECTION)[0]
        instrument = f" in {SYMBOLS.get(int(risk['instrument']), '?')}" if risk["instrument"] else ""
        action = Permission(int(risk["leaves"])).name
        return f"{person_of(event)} SETTING_CHANGED {kind.name} {scope_of(risk)} {action}{instrument}"
    return f"{person_of(event)} SETTING_CHANGED {kind.name}{rest_of(event, without=('value',))}"


def mass_quoted(event: np.void) -> str:
    """How many quotes were taken, how many refused."""
    refused = f", {event['leaves']} refused" if event["leaves"] else ""
    return f"{person_of(event)} MASS_QUOTED {event['quantity']}{refused}"


def dead_man_set(event: np.void) -> str:
    """In how many nanoseconds; or that it is off, and what it cancelled."""
    cancelled = f", {event['leaves']} cancelled" if event["leaves"] else ""
    return f"{person_of(event)} DEAD_MAN_SET {event['quantity'] or 'off'}{cancelled}"


def client_gone(event: np.void) -> str:
    """A client stayed away: how many of its orders went."""
    return f"{person_of(event)} CLIENT_GONE, {event['leaves']} cancelled"


def trade_busted(event: np.void) -> str:
    """A trade was taken back."""
    fee = f", fee {event['fee']}" if event["fee"] else ""
    trade = f"{trade_named(int(event['trade_id']))} {event['last_quantity']} @ {event['last_price']}"
    return f"{person_of(event)} TRADE_BUSTED {trade}{fee}"


def trade_adjusted(event: np.void) -> str:
    """A trade has another price."""
    trade = f"{trade_named(int(event['trade_id']))} {event['last_quantity']} @ {event['price']}"
    return f"{person_of(event)} TRADE_ADJUSTED {trade} to {event['last_price']}"


def corporate_action(event: np.void) -> str:
    """A split, a dividend, a new name."""
    kind = CommandKind(int(event["value"])).name
    symbol = f" to {event['label'].decode()}" if event["label"] else ""
    return f"{person_of(event)} CORPORATE_ACTION {kind}{rest_of(event, without=('value',))}{symbol}"


def day_ended(event: np.void) -> str:
    """The closing price of an instrument and its source; last the day."""
    if not event["instrument"]:
        return f"{person_of(event)} DAY_ENDED {event['value']}"
    source = PriceSource(int(event["quantity"])).name
    symbol = SYMBOLS.get(int(event["instrument"]), "?")
    return f"{person_of(event)} DAY_ENDED {symbol} {price_of(event)} {source}"


def daily_result(event: np.void) -> str:
    """The result of the day, and in all."""
    said = event.reshape(1).view(POSITION_EVENT)[0]
    results = said["spare"].view(np.int64)
    account, symbol = PERSONS.get(int(said["account"]), "?"), SYMBOLS.get(int(said["instrument"]), "?")
    return f"{person_of(event)} DAILY_RESULT {account} {symbol} {results[0]}, in all {results[1]}"


def phase_changed(event: np.void) -> str:
    """An instrument entered a phase; of others than ABC the symbol too."""
    symbol = "" if event["instrument"] == 1 else f"{SYMBOLS.get(int(event['instrument']), '?')} "
    cause = int(event["value"])
    why = f" reason {cause}" if cause > 0 else f" by {CAUSES[-cause - 1]}" if cause else ""
    return f"{symbol}phase {Phase(event['phase']).name}{why}"


def mass_canceled(event: np.void) -> str:
    """How many orders a mass cancel ended."""
    return f"{person_of(event)} MASS_CANCELED {event['quantity']}"


def price_of(event: np.void) -> str:
    """The price of the order, or that it has none."""
    return "no price" if event["price"] == NO_PRICE else str(event["price"])


def rest_of(event: np.void, without: tuple[str, ...] = ()) -> str:
    """All fields that say something."""
    said = f" in {SYMBOLS.get(int(event['instrument']), '?')}" if event["instrument"] else ""
    for field in SHOWN:
        value = int(event[field])
        if field not in without and value not in (0, NO_PRICE):
            said += f" {field}={trade_named(value) if field == 'trade_id' else value}"
    return said


WORDS: dict[int, Callable[[np.void], str]] = {
    EventKind.ACCEPTED: accepted, EventKind.EXECUTED: executed, EventKind.CANCELED: canceled,
    EventKind.REPLACED: replaced, EventKind.RESTATED: restated, EventKind.TRIGGERED: triggered,
    EventKind.REJECTED: rejected, EventKind.LIMIT_WARNING: warned, EventKind.BLOCK_CHANGED: blocked,
    EventKind.PHASE_CHANGED: phase_changed, EventKind.MASS_CANCELED: mass_canceled,
    EventKind.LIMIT_CHANGED: limit_changed, EventKind.SETTING_CHANGED: setting_changed,
    EventKind.MASS_QUOTED: mass_quoted, EventKind.DEAD_MAN_SET: dead_man_set,
    EventKind.CLIENT_GONE: client_gone,
    EventKind.TRADE_BUSTED: trade_busted, EventKind.TRADE_ADJUSTED: trade_adjusted,
    EventKind.CORPORATE_ACTION: corporate_action, EventKind.DAY_ENDED: day_ended,
    EventKind.DAILY_RESULT: daily_result,
}  # fmt: skip


def in_words(event: np.void) -> str:
    """One event as a line."""
    speak = WORDS.get(int(event["kind"]))
    if speak:
        return speak(event)
    label = f" {event['label'].decode('ascii', 'replace')}" if event["label"] else ""
    return f"{person_of(event)}{label} {EventKind(int(event['kind'])).name}{rest_of(event)}"
