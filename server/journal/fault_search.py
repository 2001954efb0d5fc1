"""Which command the engine fails on: everything before it is applied again, then one group after the other.

Rules: the state that failed is never looked at; the search begins with nothing, as every replay does. A failure that
does not come again (no memory) stays what it was, one of a batch.
"""

from collections.abc import Callable, Iterable

from server.engine.exchange import Exchange, Outputs
from server.journal.errors import EngineFault
from server.journal.skips import groups_of
from server.protocol.codec import Records


def located(
    fault: EngineFault, batches: Iterable[Records], exchange: Exchange, on_outputs: Callable[[Outputs], None]
) -> EngineFault:
    """The same fault with the command that it is, by a replay of `batches` on an exchange that begins again.

    `on_outputs` gets what came of each group from `fault.first_sequence` on up to the one that fails.
    """
    exchange.begin_again()
    for commands in batches:
        if int(commands["sequence"][-1]) < fault.first_sequence:
            exchange.apply(commands)
            continue
        for group in groups_of(commands):
            first, last = int(group["sequence"][0]), int(group["sequence"][-1])
            try:
                outputs = exchange.apply(group)
            except Exception as error:
                return EngineFault(first, last, error, is_found=True)
            if first >= fault.first_sequence:
                on_outputs(outputs)
            if last >= fault.last_sequence:
                return fault
    return fault
