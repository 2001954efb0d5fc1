"""A data directory as a server leaves it: two traders have traded, in batches, and everything is written."""

from pathlib import Path

from server.identity.server_key import load_or_make
from server.identity.store import IdentityStore
from server.settings import encode_reference
from tests.gateway.desk import Desk, reference
from tests.pipeline.test_recovery import trade


def make_data(directory: Path, *, seed: int = 1, steps: int = 120) -> tuple[int, int]:
    """Make it in an empty place; (last sequence, state hash)."""
    directory.mkdir(parents=True, exist_ok=True)
    load_or_make(directory)
    IdentityStore(directory).add("ann", "hash of ann", 7)
    (directory / "reference.json").write_bytes(encode_reference(reference()))
    desk = Desk(directory)
    trade(desk, seed, steps, 7)
    found = desk.core.exchange.sequence, desk.core.exchange.state_hash()
    desk.close()
    return found


def trade_on(directory: Path, *, seed: int = 2, steps: int = 60) -> tuple[int, int]:
    """Another life of the server on it."""
    desk = Desk(directory, first=False)
    trade(desk, seed, steps, 5)
    found = desk.core.exchange.sequence, desk.core.exchange.state_hash()
    desk.close()
    return found
