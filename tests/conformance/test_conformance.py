"""The suite certifies right clients and fails wrong ones in exactly what they do wrong."""

import ast
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from tests.conformance import plain_client
from tests.conformance.own_client import OwnClient
from tests.conformance.plain_client import PlainClient
from tests.conformance.suite import ALL, PROJECT, Certificate, UnderTest, certify

pytestmark = [pytest.mark.recovery, pytest.mark.log_warnings, pytest.mark.timeout(400)]

WRONG_ONCE = ("lost-answer", "market-data-gap", "lower-epoch", "heartbeat")
"""Wrong clients that are run through the whole suite, and fail in this item alone."""
WRONG_ALONE = (
    "hello", "wrong-password", "order-rejected", "private-gap", "repeated", "counter-gap", "busy", "lost-order",
    "fault", "silent-server", "restart", "logoff", "wire",
)  # fmt: skip
"""Wrong clients that are run through this item, to see that it can fail."""
AT_ONCE = 6


def certified(clients: dict[str, tuple[Callable[[], UnderTest], tuple[str, ...]]]) -> dict[str, Certificate]:
    """Some clients at the same time, each with a suite of its own: they wait most of the time."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        started = {name: pool.submit(certify, make, *arguments) for name, (make, arguments) in clients.items()}
        return {name: running.result() for name, running in started.items()}


@pytest.fixture(scope="module")
def certificates() -> dict[str, Certificate]:
    """The right clients, and the wrong ones that go through the whole suite."""
    wrong = {item: (partial(PlainClient, item), ()) for item in WRONG_ONCE}
    return certified({"own": (OwnClient, ()), "plain": (PlainClient, ()), **wrong})


@pytest.fixture(scope="module")
def alone() -> dict[str, Certificate]:
    """The wrong clients that are run through one item."""
    only = {item: ("--only", "heartbeat" if item == "wire" else item) for item in WRONG_ALONE}
    return certified({item: (partial(PlainClient, item), only[item]) for item in WRONG_ALONE})


@pytest.mark.parametrize("name", ["own", "plain"])
def test_a_right_client_is_certified(certificates: dict[str, Certificate], name: str) -> None:
    certificate = certificates[name]
    assert certificate.of("failed") == certificate.of("not shown") == [], certificate.verdicts
    assert certificate.sums == {"passed": ALL, "failed": 0, "not_shown": 0}
    assert certificate.status == 0


@pytest.mark.parametrize("item", WRONG_ONCE)
def test_a_wrong_client_fails_in_what_it_does_wrong(certificates: dict[str, Certificate], item: str) -> None:
    certificate = certificates[item]
    assert certificate.of("failed") == [item], certificate.verdicts
    assert certificate.of("not shown") == [], certificate.verdicts
    assert certificate.status == 1


@pytest.mark.slow
@pytest.mark.parametrize("item", WRONG_ALONE)
def test_each_item_can_fail(alone: dict[str, Certificate], item: str) -> None:
    assert item in alone[item].of("failed"), alone[item].verdicts


def test_the_plain_client_knows_the_document_alone() -> None:
    tree = ast.parse(Path(plain_client.__file__).read_text(encoding="utf-8"))
    imported = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    } | {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not imported & {"server", "tests", "app", "numpy"}


def test_without_a_client_it_says_so_and_ends() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "server.tools.conformance", "--patience", "0.2"],
        cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == f"conformance: 0 passed, 0 failed, {ALL} not shown"
    assert "say Hello" in done.stdout
