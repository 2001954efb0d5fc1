"""The suite certifies right clients and fails wrong ones in exactly what they do wrong."""

import ast
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conformance import plain_client
from tests.conformance.own_client import OwnClient
from tests.conformance.plain_client import Habits, PlainClient
from tests.conformance.suite import ALL, Certificate, UnderTest, certify

pytestmark = [pytest.mark.recovery, pytest.mark.log_warnings, pytest.mark.timeout(400)]

WRONG = {
    "lost-answer": Habits(keeps_counters=False),
    "market-data-gap": Habits(sees_gaps=False),
    "lower-epoch": Habits(refuses_lower_epoch=False),
    "heartbeat": Habits(sends_heartbeats=False),
}
"""The one item that each wrong client fails."""


@pytest.fixture(scope="module")
def certificates() -> dict[str, Certificate]:
    """All clients at the same time, each with a suite of its own: they wait most of the time."""
    clients: dict[str, Callable[[], UnderTest]] = {"own": OwnClient, "plain": PlainClient}
    for item, habits in WRONG.items():
        clients[item] = lambda habits=habits: PlainClient(habits)  # type: ignore[misc]
    with ThreadPoolExecutor(len(clients)) as pool:
        started = {name: pool.submit(certify, make) for name, make in clients.items()}
        return {name: running.result() for name, running in started.items()}


@pytest.mark.parametrize("name", ["own", "plain"])
def test_a_right_client_is_certified(certificates: dict[str, Certificate], name: str) -> None:
    certificate = certificates[name]
    assert certificate.of("failed") == certificate.of("not shown") == [], certificate.verdicts
    assert certificate.sums == {"passed": ALL, "failed": 0, "not_shown": 0}
    assert certificate.status == 0


@pytest.mark.parametrize("item", WRONG)
def test_a_wrong_client_fails_in_what_it_does_wrong(certificates: dict[str, Certificate], item: str) -> None:
    certificate = certificates[item]
    assert certificate.of("failed") == [item], certificate.verdicts
    assert certificate.of("not shown") == [], certificate.verdicts
    assert certificate.status == 1


def test_the_plain_client_knows_the_document_alone() -> None:
    tree = ast.parse(Path(plain_client.__file__).read_text(encoding="utf-8"))
    imported = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    } | {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not imported & {"server", "tests", "app", "numpy"}
