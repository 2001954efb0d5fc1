"""SET_LIMIT, SET_BLOCK, SET_PERMISSION and SET_LOCATE (15.6, 15.8)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from server.protocol.enums import (
    BlockAction,
    CancelReason,
    Check,
    CommandKind,
    EventKind,
    Permission,
    RejectReason,
    Scope,
)
from tests.oracle.account_commands import check_account_named
from tests.oracle.approval import approval_refused
from tests.oracle.corporate_actions import check_instrument_named
from tests.oracle.layouts import RiskSetting
from tests.oracle.refusals import Refusal, first_wrong
from tests.oracle.scope_rows import Limit, Part, ScopeRow
from tests.oracle.state import Command

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

SET, REMOVE, REQUIRE, NO_LONGER_REQUIRE = range(4)
NUMBER_MAX = 1 << 61
PAST_ORDERS_MAX = 16
RATIO_MAX = 1_000_000
WINDOW_MIN = {Check.MESSAGE_RATE: 1, Check.DUPLICATE_ORDER: 1, Check.EXECUTION_THROTTLE: 0}
"""The checks that have a window, and the least that it may be."""
BASKET = (Check.BASKET_COUNT, Check.BASKET_VALUE)
LOSS_SCOPES = (Scope.FIRM, Scope.DESK, Scope.ACCOUNT)


def check_scope_named(x: "OracleExchange", c: Command) -> Refusal:
    """Instrument and account exist, where they are named."""
    s: RiskSetting = x.body
    if c.instrument and c.instrument not in x.instruments:
        return RejectReason.UNKNOWN_INSTRUMENT, c.instrument, 0
    if s.scope == Scope.ACCOUNT and s.scope_id and s.scope_id not in x.accounts:
        return RejectReason.UNKNOWN_ACCOUNT, s.scope_id, 0
    return None


def check_setting(x: "OracleExchange", c: Command) -> Refusal:
    """Numbers that mean something."""
    s: RiskSetting = x.body
    is_limit = c.kind == CommandKind.SET_LIMIT
    sets, of_scope = is_limit and s.action == SET, is_limit and s.action in (REQUIRE, NO_LONGER_REQUIRE)
    return first_wrong(
        s.scope_id,
        [
            s.scope > max(Scope),
            is_limit and s.check not in set(Check),
            s.action > (NO_LONGER_REQUIRE if is_limit else 3),
            wrong_id(s, of_scope),
            sets and wrong_numbers(s),
            sets and wrong_window(s),
            (sets or c.kind == CommandKind.SET_PERMISSION) and wrong_times(x, s, is_limit),
            not_offered(c, s, of_scope),
        ],
    )


def wrong_id(s: RiskSetting, of_scope: bool) -> bool:
    """4: the scope needs an id, or has none."""
    if of_scope:
        return bool(s.scope_id or s.instrument)
    return (s.scope == Scope.VENUE) != (s.scope_id == 0)


def wrong_numbers(s: RiskSetting) -> bool:
    """5: the hard and the soft number."""
    hard_max = {Check.DUPLICATE_ORDER: PAST_ORDERS_MAX, Check.ORDER_TO_TRADE: RATIO_MAX}.get(s.check, NUMBER_MAX)
    return not 0 <= s.hard <= hard_max or not 0 <= s.soft <= s.hard


def wrong_window(s: RiskSetting) -> bool:
    """6: a window, where the check has one."""
    if s.check in WINDOW_MIN:
        return not WINDOW_MIN[Check(s.check)] <= s.window_ns <= NUMBER_MAX
    return bool(s.window_ns != 0)


def wrong_times(x: "OracleExchange", s: RiskSetting, is_limit: bool) -> bool:
    """7: from when, until when."""
    if s.effective_ns < 0 or s.expires_ns < 0:
        return True
    if s.expires_ns:
        return bool(s.expires_ns <= max(x.time_ns, s.effective_ns))
    return is_limit and s.effective_ns > x.time_ns


def not_offered(c: Command, s: RiskSetting, of_scope: bool) -> bool:
    """8: what there is no such limit for."""
    if c.kind == CommandKind.SET_LIMIT:
        if s.check == Check.DAILY_LOSS:
            return bool(s.instrument) or s.scope not in LOSS_SCOPES
        return s.check in BASKET and (bool(s.instrument) or of_scope)
    if c.kind == CommandKind.SET_PERMISSION:
        return s.action == Permission.LISTED_ONLY and bool(s.instrument)
    return False


def check_second_person(x: "OracleExchange", c: Command) -> Refusal:
    """Whether a second person is needed, and is one."""
    s: RiskSetting = x.body
    row = x.risk.rows.get((s.scope, s.scope_id, c.instrument)) or ScopeRow(s.scope, s.scope_id, c.instrument)
    needs = {
        CommandKind.SET_LIMIT: limit_loosens, CommandKind.SET_BLOCK: block_loosens,
        CommandKind.SET_PERMISSION: permission_loosens,
    }  # fmt: skip
    return approval_refused(c.user, s.approver, needed=needs[CommandKind(c.kind)](x, s, row))


def limit_loosens(x: "OracleExchange", s: RiskSetting, row: ScopeRow) -> bool:
    """True if more could be done after the setting."""
    if s.action != SET:
        return bool(s.action in (REMOVE, NO_LONGER_REQUIRE))
    limit = row.limits.get(s.check) or Limit()
    in_force = limit.in_force(x.time_ns)
    if s.check == Check.EXECUTION_THROTTLE and in_force and row.executions >= in_force.hard:
        return True
    base = limit.base
    if base is None:
        return s.check in x.risk.required[s.scope]
    softer = base.soft != 0 and (s.soft == 0 or s.soft > base.soft)
    return s.hard > base.hard or softer or s.window_ns != base.window_ns


def block_loosens(_x: "OracleExchange", s: RiskSetting, row: ScopeRow) -> bool:
    """True if a block becomes less of one."""
    return blocks(s.action) < row.block


def blocks(action: int) -> BlockAction:
    """The block that stays after an action."""
    return min(BlockAction(action), BlockAction.BLOCK)


def permission_loosens(x: "OracleExchange", s: RiskSetting, row: ScopeRow) -> bool:
    """True if something may be traded that may not be now."""
    if s.action == Permission.ALLOWED:
        return True
    now = row.permission_now(x.time_ns)
    same_at_once = s.action == now and s.effective_ns <= x.time_ns
    return now in (Permission.RESTRICTED, Permission.LISTED_ONLY) and not same_at_once


def set_limit(x: "OracleExchange", c: Command) -> None:
    """Set or remove a limit, or say whether the scope must have one."""
    s: RiskSetting = x.body
    hard_before = 0
    if s.action == REQUIRE:
        x.risk.required[s.scope].add(s.check)
    elif s.action == NO_LONGER_REQUIRE:
        x.risk.required[s.scope].discard(s.check)
    else:
        row = x.risk.row(s.scope, s.scope_id, c.instrument)
        in_force = row.limit(Check(s.check), x.time_ns)
        hard_before = in_force.hard if in_force else 0
        change_limit(row, s)
    setting_event(
        x, c, EventKind.LIMIT_CHANGED, price=s.hard, quantity=s.soft, leaves=s.window_ns, filled=s.expires_ns,
        requested=s.effective_ns, check=s.check, value=s.action, limit=hard_before,
    )  # fmt: skip


def change_limit(row: ScopeRow, s: RiskSetting) -> None:
    """Write the base or the temporary part, or take both away."""
    if s.check == Check.EXECUTION_THROTTLE:
        row.executions = row.executions_begin_ns = 0
    if s.action == REMOVE:
        if s.check in row.limits:
            row.limits[s.check] = Limit()
        return
    limit = row.limits.setdefault(s.check, Limit())
    if s.expires_ns:
        limit.temporary = Part(s.hard, s.soft, s.window_ns, s.effective_ns, s.expires_ns)
    else:
        limit.base = Part(s.hard, s.soft, s.window_ns)


def set_block(x: "OracleExchange", c: Command) -> None:
    """Block a scope, or let it go; cancel what it has, if asked to."""
    s: RiskSetting = x.body
    row = x.risk.row(s.scope, s.scope_id, c.instrument)
    before, row.block = row.block, blocks(s.action)
    chosen = [order for _, order in sorted(x.live.items()) if row.has_order(order)]
    chosen.sort(key=lambda order: order.account.number)
    if s.action != BlockAction.BLOCK_AND_CANCEL:
        chosen = []
    for order in chosen:
        x.cancel(order, CancelReason.KILL_SWITCH)
    setting_event(x, c, EventKind.BLOCK_CHANGED, quantity=len(chosen), value=s.action, limit=before)
    for number in sorted({order.instrument.number for order in chosen}):
        x.finish(x.instruments[number])


def set_permission(x: "OracleExchange", c: Command) -> None:
    """Say whether a scope may trade an instrument."""
    s: RiskSetting = x.body
    row = x.risk.row(s.scope, s.scope_id, c.instrument)
    row.permission, row.permitted_from_ns, row.permitted_until_ns = Permission(s.action), s.effective_ns, s.expires_ns
    setting_event(
        x, c, EventKind.SETTING_CHANGED, price=s.effective_ns, quantity=s.expires_ns, leaves=s.action, value=c.kind
    )


def setting_event(x: "OracleExchange", c: Command, kind: EventKind, **fields: int) -> None:
    """An event about the scope that the command names."""
    s: RiskSetting = x.body
    x.output.risk_event(
        kind, c.user, session=c.session, instrument=c.instrument, order_id=s.approver, scope=s.scope,
        scope_id=s.scope_id, reserved=s.reason, **fields,
    )  # fmt: skip


def check_located(x: "OracleExchange", c: Command) -> Refusal:
    """Lots, and until when."""
    s: RiskSetting = x.body
    times_wrong = s.expires_ns < 0 or 0 != s.expires_ns <= x.time_ns or s.effective_ns != 0
    wrong = [False] * 4 + [not 0 <= s.hard <= NUMBER_MAX, False, times_wrong]
    return first_wrong(c.account, wrong) or approval_refused(c.user, s.approver, needed=False)


def set_locate(x: "OracleExchange", c: Command) -> None:
    """Lots of an instrument are located for an account."""
    s: RiskSetting = x.body
    x.risk.locates[c.account, c.instrument] = (s.hard, s.expires_ns)
    x.position(c.account, c.instrument)
    x.output.event(
        EventKind.SETTING_CHANGED, c.user, session=c.session, account=c.account, instrument=c.instrument,
        order_id=s.approver, quantity=s.hard, leaves=s.expires_ns, value=c.kind,
    )  # fmt: skip


SETTING = (check_scope_named, check_setting, check_second_person)
CHECKS = {
    CommandKind.SET_LIMIT: SETTING,
    CommandKind.SET_BLOCK: SETTING,
    CommandKind.SET_PERMISSION: SETTING,
    CommandKind.SET_LOCATE: (check_instrument_named, check_account_named, check_located),
}
DO: dict[int, Callable[["OracleExchange", Command], None]] = {
    CommandKind.SET_LIMIT: set_limit,
    CommandKind.SET_BLOCK: set_block,
    CommandKind.SET_PERMISSION: set_permission,
    CommandKind.SET_LOCATE: set_locate,
}
