"""Which command the engine fails on: everything before it is applied again, then one group after the other.

Rules: the state that failed is never looked at; the search begins where the replay of a start does. A failure that
does not come again (no memory) stays what it was, one of a batch.
"""

from collections.abc import Callable, Iterable

from server.engine.exchange import Exchange, Outputs
from server.journal.errors import EngineFault
from server.journal.skips import group_around, groups_of
from server.protocol.codec import Records


def fault_of(commands: Records, error: Exception) -> EngineFault:
    """That the engine raised `error` while it applied these commands, which begin and end with a group."""
    first, last = int(commands["sequence"][0]), int(commands["sequence"][-1])
    return EngineFault(first, last, error, is_found=group_around(commands, 0)[1] == len(commands))


def applied(exchange: Exchange, commands: Records) -> Outputs:
    """What the engine makes of them. Raises EngineFault; the exchange is of no use then."""
    try:
        return exchange.apply(commands)
    except Exception as error:
        raise fault_of(commands, error) from error


def located(
    fault: EngineFault, batches: Iterable[Records], exchange: Exchange, on_outputs: Callable[[Outputs], None]
) -> EngineFault:
    """The same fault with the command that it is, by a replay of `batches` on an exchange that has begun again.

    `on_outputs` gets what came of each group from `fault.first_sequence` on up to the one that fails.
    """
    for commands in batches:
        if int(commands["sequence"][-1]) < fault.first_sequence:
            exchange.apply(commands)
            continue
        for group in groups_of(commands):
            try:
                outputs = applied(exchange, group)
            except EngineFault as found:
                return found
            if int(group["sequence"][0]) >= fault.first_sequence:
                on_outputs(outputs)
            if int(group["sequence"][-1]) >= fault.last_sequence:
                return fault
    return fault
