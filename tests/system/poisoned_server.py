"""`python -m tests.system.poisoned_server ...`: the server with an engine that trips on orders of one price.

Rules: the fault is in the engine alone, on the way into the compiled call, so that all around it is the real thing.
"""

import sys

import numpy as np

from server.bootstrap import main
from server.engine.exchange import Exchange
from server.engine.kernel import Words
from server.protocol.enums import CommandKind
from server.protocol.records import COMMAND

POISON_PRICE = 6_666


def poison() -> None:
    """From here on every exchange of this process trips."""
    run = Exchange._run

    def tripping(exchange: Exchange, words: Words) -> None:
        rows = np.frombuffer(words, COMMAND)
        if ((rows["kind"] == CommandKind.NEW_ORDER) & (rows["price"] == POISON_PRICE)).any():
            run(exchange, words[: len(words) // 2])
            raise ZeroDivisionError("a case that was never thought of")
        run(exchange, words)

    Exchange._run = tripping  # type: ignore[method-assign]


if __name__ == "__main__":
    poison()
    sys.exit(main())
