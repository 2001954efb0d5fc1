"""Every scenario gives what its table says, on the oracle and on the engine, byte for byte the same."""

from pathlib import Path

import numpy as np
import pytest

from server.engine.exchange import Exchange
from tests.oracle import OracleExchange
from tests.scenarios.table import Scenario, read_scenarios
from tests.scenarios.wording import Observer
from tests.scenarios.world import World

SCENARIOS = read_scenarios(Path(__file__).parent)
EXCHANGES = (OracleExchange, Exchange)


def play(scenario: Scenario, exchange: OracleExchange | Exchange) -> tuple[list[str], list[bytes]]:
    """(what differs from the table, the bytes of all outputs and the hash)."""
    world, observer = World(), Observer()
    outputs: list[bytes] = []

    def apply(command: np.ndarray) -> list[str]:
        done = exchange.apply(command)
        events, market_data = done.events.copy(), done.market_data.copy()
        outputs.extend((events.tobytes(), market_data.tobytes()))
        lines = observer.see(events, market_data)
        world.order_ids = observer.order_ids
        return lines

    steps = list(scenario.steps)
    while steps and steps[0].text.startswith("given "):
        world.given(steps.pop(0).text.removeprefix("given "))
    for command in world.founding():
        apply(command)
    differences = []
    for step in steps:
        if step.text == "book":
            seen = observer.book()
        elif step.text.startswith("position "):
            seen = observer.position(step.text.removeprefix("position "))
        else:
            seen = apply(world.command(step.text))
        if seen != step.expected:
            differences.append(f"line {step.line}: {step.text}\n  expected {step.expected}\n  seen     {seen}")
    outputs.append(exchange.state_hash().to_bytes(8, "little"))
    return differences, outputs


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_scenario(scenario: Scenario, exchange: type[OracleExchange] | type[Exchange]) -> None:
    differences, _ = play(scenario, exchange())
    assert not differences, f"{scenario.file}.txt, {scenario.title}\n" + "\n".join(differences)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_oracle_and_engine_give_the_same_bytes(scenario: Scenario) -> None:
    assert play(scenario, OracleExchange())[1] == play(scenario, Exchange())[1]


def test_there_are_enough_scenarios_and_their_titles_differ() -> None:
    titles = [str(scenario) for scenario in SCENARIOS]
    assert len(titles) == len(set(titles)) >= 30
