"""Plays a scenario on an exchange, step by step."""

from collections.abc import Callable

import numpy as np

from server.engine.exchange import Exchange
from server.protocol.enums import EventKind
from tests.oracle import OracleExchange
from tests.scenarios.holdings import balance_of, position_in_words
from tests.scenarios.observer import Observer
from tests.scenarios.table import Scenario, Step
from tests.scenarios.values import INSTRUMENTS, NAMES
from tests.scenarios.world import World

AnyExchange = OracleExchange | Exchange
Applies = Callable[[np.ndarray], list[str]]
LOOKS = ("book", "position", "balance", "tape", "feed")


def play(scenario: Scenario, kind: type[AnyExchange]) -> tuple[list[str], list[bytes]]:
    """(what differs from the table, the bytes of all outputs and the hash) of a new exchange."""
    with np.errstate(over="ignore"):  # as plain Python, words wrap around with a warning
        return play_on(kind(), scenario)


def play_on(exchange: AnyExchange, scenario: Scenario) -> tuple[list[str], list[bytes]]:
    """As `play`, on an exchange that nothing has been done with."""
    world, observer = World(), Observer()
    outputs: list[bytes] = []

    def apply(commands: np.ndarray) -> list[str]:
        done = exchange.apply(commands)
        events, market_data = done.events.copy(), done.market_data.copy()
        outputs.extend((events.tobytes(), market_data.tobytes()))
        lines = observer.see(events, market_data)
        world.order_ids, world.due_ns = observer.order_ids, int(done.next_due_ns)
        return lines

    steps = list(scenario.steps)
    while steps and steps[0].text.startswith("given ") and not steps[0].text.startswith("given that "):
        world.given(steps.pop(0).text.removeprefix("given "))
    for command in world.founding():
        apply(command)
    differences = []
    for step in steps:
        if step.text.startswith("given that "):
            differences += set_up(step, world, apply)
            continue
        seen = look(step.text, observer, exchange) if step.text.split()[0] in LOOKS else apply(world.command(step.text))
        if seen != step.expected:
            differences.append(f"line {step.line}: {step.text}\n  expected {step.expected}\n  seen     {seen}")
    outputs.append(exchange.state_hash().to_bytes(8, "little"))
    return differences, outputs


def set_up(step: Step, world: World, apply: Applies) -> list[str]:
    """A command of which only this is expected: that it is not refused."""
    seen = apply(world.command(step.text.removeprefix("given that ")))
    refused = [line for line in seen if f" {EventKind.REJECTED.name} " in line]
    return [f"line {step.line}: {step.text}\n  refused  {refused}"] if refused else []


def look(words: str, observer: Observer, exchange: AnyExchange) -> list[str]:
    """What a look shows."""
    verb, *arguments = words.split()
    if verb == "book":
        return observer.book(INSTRUMENTS[arguments[0]] if arguments else 1)
    if verb == "position":
        instrument = INSTRUMENTS[arguments[1]] if len(arguments) == 2 else 1
        return position_in_words(exchange, NAMES[arguments[0]], instrument)
    if verb == "balance" and len(arguments) == 2:
        return observer.balance(arguments[0], int(arguments[1]))
    if verb == "balance":
        cash, reserved = balance_of(exchange, NAMES[arguments[0]])
        return [f"cash {cash} reserved {reserved}"]
    return observer.tape() if verb == "tape" else observer.feed()
