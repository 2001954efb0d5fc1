"""SET_ACCOUNT: what OPEN_ACCOUNT does not say of an account, and how others read it."""

import numpy as np

from server.engine.approval import check_approval
from server.engine.bits import halves, high, low
from server.engine.kernel import Signed, Words, cold, inline
from server.engine.layout import (
    BYTE,
    C_ACCOUNT_INSTRUMENT,
    C_HEAD,
    E_PRICE,
    E_QUANTITY,
    LOW,
    NONE,
    TIME_NS,
)
from server.engine.layout_money import (
    ACCOUNT_MONEY_TERMS,
    TERMS_CURRENCIES_SHIFT,
    TERMS_METHOD_SHIFT,
    WORDS_OF_A_TRADE,
    WORDS_PER_TRADE,
)
from server.engine.layout_risk import (
    A_ALLOWED_SHIFT,
    A_APPROVER_FIRM,
    A_CURRENCIES_SHIFT,
    A_DESK_TERMS,
    A_EFFECTIVE,
    A_FEES_SHIFT,
    A_GROUP,
    A_KIND_SHIFT,
    A_METHOD_SHIFT,
    A_SELF_TRADE,
    ACCOUNT_FIRM_DESK,
    ACCOUNT_SETTINGS,
)
from server.engine.lots import may_change_method
from server.engine.refusal import refused
from server.engine.registry import find_account
from server.engine.scope_counts import recount_firms_and_desks
from server.engine.self_trade import set_self_trade
from server.engine.setting_events import account_setting_event
from server.engine.vocabulary import INVALID_DEFINITION, NO_REASON, UNKNOWN_ACCOUNT
from server.engine.vocabulary_orders import ALLOW

_KIND_MAX = np.uint64(1)
_METHOD_MAX = np.uint64(3)
_SETTING_BITS = LOW >> np.uint64(8)
"""self_trade, self_trade_allowed, currencies."""


@inline
def fault_in_terms(m: Words, z: Signed, c: Words, b: np.uint64, account: np.uint64) -> np.int64:
    """Which number of an account's further terms does not fit (1 to 5), or 0."""
    terms = c[b + A_DESK_TERMS]
    if terms >> A_KIND_SHIFT & BYTE > _KIND_MAX:
        return np.int64(1)
    if terms >> A_METHOD_SHIFT & BYTE > _METHOD_MAX:
        return np.int64(2)
    if c[b + A_SELF_TRADE] & BYTE > ALLOW:
        return np.int64(3)
    if np.int64(c[b + A_EFFECTIVE]) > np.int64(m[TIME_NS]):
        return np.int64(4)
    keeps = terms >> A_METHOD_SHIFT & BYTE == m[account + ACCOUNT_MONEY_TERMS] >> TERMS_METHOD_SHIFT & BYTE
    return np.int64(0) if keeps or may_change_method(m, z, account) else np.int64(5)


@cold
def set_account(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """SET_ACCOUNT. Returns the reason for which it is refused, or 0."""
    account_id = low(c[b + C_ACCOUNT_INSTRUMENT])
    approver = low(c[b + A_APPROVER_FIRM])
    account = find_account(m, account_id)
    if account == NONE:
        return refused(m, UNKNOWN_ACCOUNT, np.int64(account_id), np.int64(0))
    fault = fault_in_terms(m, z, c, b, account)
    if fault != 0:
        return refused(m, INVALID_DEFINITION, np.int64(account_id), fault)
    reason = check_approval(m, c, b, approver, True)
    if reason != NO_REASON:
        return reason
    firm = high(c[b + A_APPROVER_FIRM])
    desk = low(c[b + A_DESK_TERMS])
    moves = m[account + ACCOUNT_FIRM_DESK] != halves(firm, desk)
    m[account + ACCOUNT_FIRM_DESK] = halves(firm, desk)
    m[account + ACCOUNT_SETTINGS] = halves(c[b + A_DESK_TERMS] >> A_FEES_SHIFT, c[b + A_SELF_TRADE] & _SETTING_BITS)
    own = c[b + A_SELF_TRADE]
    currencies = (own >> A_CURRENCIES_SHIFT & BYTE) << TERMS_CURRENCIES_SHIFT
    m[account + ACCOUNT_MONEY_TERMS] = c[b + A_DESK_TERMS] >> A_FEES_SHIFT | currencies
    m[WORDS_PER_TRADE] = WORDS_OF_A_TRADE
    set_self_trade(m, account, own & BYTE, own >> A_ALLOWED_SHIFT & BYTE, low(c[b + A_GROUP]))
    if moves:
        recount_firms_and_desks(m, z)
    e = account_setting_event(m, ev, c, b, c[b + C_HEAD] & BYTE, approver, False)
    ev[e + E_PRICE] = firm
    ev[e + E_QUANTITY] = desk
    return NO_REASON
