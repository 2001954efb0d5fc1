"""Every scenario gives what its table says, on the oracle and on the engine, byte for byte the same."""

import re
from pathlib import Path

import pytest

from server.engine.exchange import Exchange
from tests.oracle import OracleExchange
from tests.scenarios.playing import AnyExchange, play
from tests.scenarios.table import Scenario, read_scenarios

SCENARIOS = read_scenarios(Path(__file__).parent)
EXCHANGES = (OracleExchange, Exchange)
DOCUMENTS = Path(__file__).parents[2] / "resources" / "docs"


def waits(scenario: Scenario, *exchanges: type[AnyExchange]) -> None:
    """Passes over a scenario that says that one of these exchanges does not know it yet."""
    if any({OracleExchange: "oracle", Exchange: "engine"}[kind] in scenario.waits_for for kind in exchanges):
        pytest.skip(f"waits for {scenario.waits_for}")


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_scenario(scenario: Scenario, exchange: type[AnyExchange]) -> None:
    waits(scenario, exchange)
    differences, _ = play(scenario, exchange)
    assert not differences, f"{scenario.file}.txt, {scenario.title}\n" + "\n".join(differences)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_oracle_and_engine_give_the_same_bytes(scenario: Scenario) -> None:
    waits(scenario, *EXCHANGES)
    assert play(scenario, OracleExchange)[1] == play(scenario, Exchange)[1]


def test_there_are_enough_scenarios_and_their_titles_differ() -> None:
    titles = [str(scenario) for scenario in SCENARIOS]
    assert len(titles) == len(set(titles)) >= 200


def test_every_scenario_names_the_rules_that_it_shows() -> None:
    assert not [str(scenario) for scenario in SCENARIOS if not scenario.rules]


def test_the_rules_that_are_named_exist() -> None:
    documents = [DOCUMENTS / "RULEBOOK.md", *(DOCUMENTS / "rulebook").glob("*.md")]
    headings = {rule for page in documents for rule in re.findall(r"^#+ (\d+(?:\.\d+)?)\.? ", page.read_text(), re.M)}
    chapters = {rule.partition(".")[0] for rule in headings}
    named = {rule: str(scenario) for scenario in SCENARIOS for rule in scenario.rules}
    assert {rule: named[rule] for rule in named if rule not in headings | chapters} == {}
