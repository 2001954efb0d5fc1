"""Applying commands: each is checked, carried out or refused; then the next. Nothing depends on where a batch ends.

Rules: before a command the room for all that it could need is checked; where it is lacking the run stops in front of
that command, the caller makes room and goes on. A group is one command: it is applied whole.
"""

import numpy as np

from server.engine.account_terms import set_account
from server.engine.adjustments import adjust_cash, adjust_position
from server.engine.baskets import apply_basket
from server.engine.cascade import end_attention, records_of_step, rows_of_step, take_step
from server.engine.due import fires, pass_time
from server.engine.foresight import look_ahead
from server.engine.groups import (
    check_alone,
    check_shape,
    counts_orders,
    end_group,
    group_count,
    group_size,
    is_continuation,
    kind_at,
    terms_behind,
)
from server.engine.intake import begin_client, begin_server, refuse
from server.engine.kernel import Signed, U, Words, as_words, cold, entry, inline, kernel
from server.engine.layout import (
    C_FLAGS_SHIFT,
    C_HEAD,
    C_QUANTITY,
    COMMAND_WORDS,
    EVENT_WORDS,
    EVENTS_USED,
    INDEX_COUNT,
    INDEX_MASK,
    INSTRUMENTS,
    KEY_INDEX,
    LIVE_ORDERS,
    MARKET_DATA_USED,
    MARKET_DATA_WORDS,
    MEMORY_USED,
    NONE,
    ONE,
    ORDER_INDEX,
    TRADE_IDS,
    ZERO,
)
from server.engine.layout_money import POSITIONS, TRADES_NEEDED, TRADES_ROOM, WORDS_PER_TRADE
from server.engine.layout_orders import (
    KEYS_NEEDED,
    MORE_ROWS,
    MORE_WORDS,
    ROWS_NEEDED,
    TIMERS,
    TIMERS_NEEDED,
    TIMERS_SIZE,
    WORDS_NEEDED,
)
from server.engine.layout_risk import TOPS_WANTED
from server.engine.layout_stops import FIRST_ATTENDED
from server.engine.mass_actions import finish_all, mass_cancel, set_dead_man
from server.engine.money_commands import is_money_command, money_command
from server.engine.operations import (
    grant,
    list_instrument,
    open_account,
)
from server.engine.orders import cancel_order, enter_alone, new_order
from server.engine.phases import set_phase
from server.engine.presence import close_session, open_session
from server.engine.protection import rearm, set_protection
from server.engine.quotes import mass_quote
from server.engine.refusal import refused
from server.engine.replacing import replace_order
from server.engine.risk_settings import set_block, set_limit, set_locate, set_permission
from server.engine.rules import set_auction, set_rules
from server.engine.schedule import set_schedule
from server.engine.skipping import FAULTED, note_skip, refuse_faulted
from server.engine.switches import WITH_ACCOUNTS, WITH_EVENTS
from server.engine.ticks import set_ticks
from server.engine.vocabulary import (
    ADJUST_CASH,
    ADJUST_POSITION,
    CANCEL_ORDER,
    FIRST_SERVER_KIND,
    GRANT,
    LIST_INSTRUMENT,
    MASS_CANCEL,
    NEW_ORDER,
    NO_REASON,
    OPEN_ACCOUNT,
    OPEN_SESSION,
    REPLACE_ORDER,
    SET_PHASE,
    SKIP,
    TIME,
    UNKNOWN_COMMAND,
)
from server.engine.vocabulary_orders import MASS_QUOTE
from server.engine.vocabulary_phases import SET_AUCTION, SET_RULES, SET_TICKS
from server.engine.vocabulary_risk import (
    REARM,
    SET_ACCOUNT,
    SET_BLOCK,
    SET_DEAD_MAN,
    SET_LIMIT,
    SET_LOCATE,
    SET_PERMISSION,
    SET_PROTECTION,
)

MEMORY_RESERVE = U(4096)
"""Words that a command may take at most: a few rows, one leaf and the nodes above it."""
_MEMBER_RESERVE = U(2048)
"""Words that each further record of a group may take."""
UNFINISHED = U(1 << 63)
_KEYS_RESERVE = U(8)
_ROWS_RESERVE = U(8)
_PLAIN_FLAGS = U(8 + int(C_FLAGS_SHIFT))
"""From this bit of a head on an order names what a plain one does not."""


@inline
def rows_needed(m: Words, c: Words, b: np.uint64, size: np.uint64) -> np.uint64:
    """A bound on the trades, cancels and changes of a command: each ends an order, or takes a lot of a plain one."""
    kind = kind_at(c, b)
    live = m[LIVE_ORDERS]
    if size == ONE and m[MORE_ROWS] == ZERO:
        if (kind == NEW_ORDER and c[b + C_HEAD] >> _PLAIN_FLAGS == ZERO) or kind == REPLACE_ORDER:
            return min(live, c[b + C_QUANTITY])
        if kind == CANCEL_ORDER:
            return ZERO
    positions = m[POSITIONS] if is_money_command(kind) else ZERO
    return (live + live + m[MORE_ROWS] + m[INSTRUMENTS] + positions + size * _ROWS_RESERVE) * U(2)


@inline
def has_room(m: Words, ev: Words, md: Words, c: Words, b: np.uint64, size: np.uint64) -> bool:
    """Whether all that a command of so many records could need is there."""
    return room_for(m, ev, md, rows_needed(m, c, b, size), size)


@inline
def room_for(m: Words, ev: Words, md: Words, rows: np.uint64, size: np.uint64) -> bool:
    """Whether there is room for so many trades, cancels and changes, and what the records of a command take."""
    events = (rows * U(3) + _ROWS_RESERVE) * EVENT_WORDS if WITH_EVENTS else ZERO
    records = (rows + rows + _ROWS_RESERVE + _ROWS_RESERVE) * MARKET_DATA_WORDS
    keys = size * _KEYS_RESERVE
    return bool(
        m[EVENTS_USED] + events <= U(ev.size)
        and m[MARKET_DATA_USED] + records <= U(md.size)
        and m[MEMORY_USED] + memory_needed(m, size, rows) <= U(m.size)
        and (not WITH_ACCOUNTS or m[TRADE_IDS] + rows <= m[TRADES_ROOM])
        and m[ORDER_INDEX + INDEX_COUNT] + keys <= m[ORDER_INDEX + INDEX_MASK] >> ONE
        and m[KEY_INDEX + INDEX_COUNT] + keys <= m[KEY_INDEX + INDEX_MASK] >> ONE
        and m[TIMERS] + timers_needed(m, size) <= m[TIMERS_SIZE]
    )


@inline
def memory_needed(m: Words, size: np.uint64, rows: np.uint64) -> np.uint64:
    """A bound on the words of memory that a command of so many records, with so many trades, may take."""
    return MEMORY_RESERVE + (size - ONE) * _MEMBER_RESERVE + m[MORE_WORDS] + rows * m[WORDS_PER_TRADE]


@inline
def timers_needed(m: Words, size: np.uint64) -> np.uint64:
    """A bound on the timers that a command of so many records may set."""
    return size + m[INSTRUMENTS] + _KEYS_RESERVE


@kernel
def note_needs(m: Words, rows: np.uint64, size: np.uint64) -> None:
    """Tells the caller for how much there was no room."""
    m[ROWS_NEEDED] = rows * U(3) + _ROWS_RESERVE + _ROWS_RESERVE
    m[TRADES_NEEDED] = rows
    m[WORDS_NEEDED] = memory_needed(m, size, rows)
    m[KEYS_NEEDED] = size * _KEYS_RESERVE
    m[TIMERS_NEEDED] = timers_needed(m, size)


@inline
def unknown(m: Words, kind: np.uint64) -> np.uint64:
    """Check 5."""
    return refused(m, UNKNOWN_COMMAND, np.int64(kind), np.int64(0))


@inline
def is_known(kind: np.uint64) -> bool:
    """Whether some command or record of a group has this kind."""
    return bool((kind != ZERO and kind <= REARM) or is_continuation(kind) or is_of_server(kind))


@inline
def is_of_server(kind: np.uint64) -> bool:
    """Whether the server has a command of this kind."""
    if not WITH_ACCOUNTS and kind >= SET_ACCOUNT:
        return False
    return bool((kind >= FIRST_SERVER_KIND and kind <= SET_PROTECTION) or is_money_command(kind))


@inline
def client_command(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, kind: np.uint64) -> np.uint64:
    """A command of a session. Returns the reason for which it is refused, or 0."""
    if not is_known(kind):
        return unknown(m, kind)
    reason = check_alone(m, c, b)
    if reason != NO_REASON:
        return reason
    if kind == NEW_ORDER:
        return new_order(m, z, ev, md, c, b)
    if kind == CANCEL_ORDER:
        return cancel_order(m, z, ev, md, c, b)
    if kind == REPLACE_ORDER:
        return replace_order(m, z, ev, md, c, b, NONE)
    if not WITH_ACCOUNTS:  # the others are about the orders of an account
        return unknown(m, kind)
    if kind == MASS_CANCEL:
        return mass_cancel(m, z, ev, md, c, b)
    return set_dead_man(m, ev, c, b) if kind == SET_DEAD_MAN else rearm(m, ev, c, b)


@cold
def server_command(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, kind: np.uint64) -> np.uint64:
    """A command of the server. Returns the reason for which it is refused, or 0."""
    if not is_of_server(kind):
        return unknown(m, kind)
    reason = check_alone(m, c, b)
    if reason != NO_REASON:
        return reason
    if kind == TIME:
        pass_time(m, z, ev, md)
        return NO_REASON
    if kind == LIST_INSTRUMENT:
        return list_instrument(m, z, ev, c, b)
    if kind == SET_PHASE:
        return set_phase(m, z, ev, md, c, b)
    if kind == OPEN_ACCOUNT:
        return open_account(m, ev, c, b)
    if kind == ADJUST_CASH:
        return adjust_cash(m, z, ev, c, b)
    if kind == ADJUST_POSITION:
        return adjust_position(m, z, ev, c, b)
    if kind == GRANT:
        return grant(m, ev, c, b)
    if kind == SKIP:
        return note_skip(m, ev, c, b)
    if is_money_command(kind):
        return money_command(m, z, ev, md, c, b, kind)
    if kind >= SET_ACCOUNT:
        return risk_command(m, z, ev, md, c, b, kind)
    if kind >= SET_TICKS:
        return instrument_command(m, z, ev, md, c, b, kind)
    if kind == OPEN_SESSION:
        return open_session(m, ev, c, b)
    return close_session(m, z, ev, md, c, b)


@kernel
def instrument_command(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, kind: np.uint64) -> np.uint64:
    """What the operator says of an instrument. Returns the reason for which it is refused, or 0."""
    if kind == SET_TICKS:
        return set_ticks(m, ev, c, b, ONE)
    if kind == SET_RULES:
        return set_rules(m, z, ev, md, c, b)
    if kind == SET_AUCTION:
        return set_auction(m, ev, c, b)
    return set_schedule(m, ev, c, b)


@kernel
def risk_command(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, kind: np.uint64) -> np.uint64:
    """A setting of accounts and of risk. Returns the reason for which it is refused, or 0."""
    if kind == SET_ACCOUNT:
        return set_account(m, z, ev, c, b)
    if kind == SET_LIMIT:
        return set_limit(m, z, ev, c, b)
    if kind == SET_BLOCK:
        return set_block(m, z, ev, md, c, b, kind)
    if kind == SET_PERMISSION:
        return set_permission(m, z, ev, c, b, kind)
    if kind == SET_LOCATE:
        return set_locate(m, z, ev, c, b)
    return set_protection(m, ev, c, b)


@inline
def apply_command(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64) -> None:
    """One command, and its REJECTED event if it is refused."""
    kind = kind_at(c, b)
    if kind < FIRST_SERVER_KIND:
        reason = begin_client(m, z, c, b)
        if reason == NO_REASON:
            reason = client_command(m, z, ev, md, c, b, kind)
    elif kind < FAULTED:
        begin_server(m, c, b)
        reason = server_command(m, z, ev, md, c, b, kind)
    else:
        refuse_faulted(m, z, ev, c, b, b + COMMAND_WORDS)
        reason = NO_REASON
    refuse(m, z, ev, c, b, reason)


@cold
def apply_group(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, size: np.uint64) -> None:
    """One group: refused record by record if its records do not fit together."""
    end = b + size * COMMAND_WORDS
    if kind_at(c, b) >= FAULTED:
        refuse_faulted(m, z, ev, c, b, end)
    elif check_shape(m, c, b, size) != NO_REASON:
        refuse_shape(m, z, ev, c, b, end)
    elif kind_at(c, b) == SET_TICKS:
        begin_server(m, c, b)
        refuse(m, z, ev, c, b, set_ticks(m, ev, c, b, size))
        begin_server(m, c, end - COMMAND_WORDS)
    elif WITH_ACCOUNTS and kind_at(c, b) == MASS_QUOTE:
        reason = begin_client(m, z, c, b)
        if reason == NO_REASON:
            reason = mass_quote(m, z, ev, md, c, b, end)
        refuse(m, z, ev, c, b, reason)
    elif kind_at(c, b) == NEW_ORDER and counts_orders(c, b, end) > ONE:
        apply_basket(m, z, ev, md, c, b, end)
    elif kind_at(c, b) == NEW_ORDER or kind_at(c, b) == REPLACE_ORDER:
        reason = begin_client(m, z, c, b)
        if reason == NO_REASON:
            t = terms_behind(c, b, end)
            if kind_at(c, b) == NEW_ORDER:
                reason = enter_alone(m, z, ev, md, c, b, t)
            else:
                reason = replace_order(m, z, ev, md, c, b, t)
        refuse(m, z, ev, c, b, reason)
    else:
        refuse_shape(m, z, ev, c, b, end)
    end_group(m, c, end - COMMAND_WORDS)


@cold
def refuse_shape(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64, end: np.uint64) -> None:
    """Refuses each record that is a command of its own; its counter counts as used."""
    size = (end - b) // COMMAND_WORDS
    at = b
    while at < end:
        kind = kind_at(c, at)
        reason = NO_REASON
        if kind >= FIRST_SERVER_KIND:
            begin_server(m, c, at)
        elif at == b or not is_continuation(kind):
            reason = begin_client(m, z, c, at)
        if at == b or not is_continuation(kind):
            if reason == NO_REASON:
                reason = check_shape(m, c, b, size) if is_known(kind) else unknown(m, kind)
            refuse(m, z, ev, c, at, reason)
        at = at + COMMAND_WORDS


@cold
def finish_attended(m: Words, z: Signed, ev: Words, md: Words) -> bool:
    """The end of a command for the instruments that need attention. Says whether there was room for all of it."""
    while m[FIRST_ATTENDED] != NONE:
        instrument = m[FIRST_ATTENDED]
        rows = rows_of_step(m, instrument)
        size = records_of_step(m, instrument)
        if not room_for(m, ev, md, rows, size):
            note_needs(m, rows, size)
            return False
        if not take_step(m, z, ev, md, instrument):
            end_attention(m, z, md, instrument)
    return True


@cold
def end_command(m: Words, z: Signed, ev: Words, md: Words) -> bool:
    """What is left to do at the end of a command, of any instrument. Says whether there was room for all of it."""
    while m[FIRST_ATTENDED] | m[TOPS_WANTED] != ZERO:
        if m[TOPS_WANTED] != ZERO:
            if not room_for(m, ev, md, m[INSTRUMENTS], ONE):
                note_needs(m, m[INSTRUMENTS], ONE)
                return False
            m[TOPS_WANTED] = ZERO
            finish_all(m, z, md)
        if not finish_attended(m, z, ev, md):
            return False
    return True


@entry
def run(m: Words, z: Signed, c: Words, first: np.uint64, ev: Words, md: Words) -> np.uint64:
    """Applies commands from number `first` on; returns the number of the first one that it had no room for.

    UNFINISHED is added to it where the end of the command before is to be gone on with.
    """
    m, z, c, ev, md = as_words(m), as_words(z), as_words(c), as_words(ev), as_words(md)
    count = U(c.size) // COMMAND_WORDS
    first = first & ~UNFINISHED
    while True:
        if m[FIRST_ATTENDED] | m[TOPS_WANTED] != ZERO and not end_command(m, z, ev, md):
            return first | UNFINISHED
        if first >= count:
            break
        b = first * COMMAND_WORDS
        size = ONE if group_count(c, b) == ONE else group_size(c, b)
        if not has_room(m, ev, md, c, b, size):
            note_needs(m, rows_needed(m, c, b, size), size)
            break
        look_ahead(m, c, b)
        again = fires(m, c, b)
        if size == ONE:
            apply_command(m, z, ev, md, c, b)
        else:
            apply_group(m, z, ev, md, c, b, size)
        if not again:
            first = first + size
    return first
