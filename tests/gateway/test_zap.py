"""Handshakes: a key is admitted where the gateway says so, and anything odd is refused."""

import pytest

from server.gateway.zap import answer

KEY = bytes(range(32))


class OneKey:
    """Admits one key to the orders domain."""

    def admits(self, domain: str, key: str) -> bool:
        """Whether it is that key and domain."""
        return domain == "orders" and key == KEY.hex()

    def has_session(self, key: str) -> bool:
        """Not asked here."""
        raise AssertionError

    def admits_subscription(self, key: str, topic: bytes) -> bool:
        """Not asked here."""
        raise AssertionError

    def ends_subscription(self, key: str, topic: bytes) -> None:
        """Not told here."""
        raise AssertionError


def request(**changes: bytes) -> list[bytes]:
    parts = {
        "version": b"1.0", "id": b"42", "domain": b"orders", "address": b"127.0.0.1", "identity": b"",
        "mechanism": b"CURVE", "key": KEY,
    }  # fmt: skip
    return list({**parts, **changes}.values())


def test_an_admitted_key_becomes_the_user_id() -> None:
    assert answer(request(), OneKey()) == [b"1.0", b"42", b"200", b"OK", KEY.hex().encode(), b""]


@pytest.mark.parametrize(
    "changes",
    [
        {"domain": b"market_data"}, {"domain": b"\xff\xfe"}, {"key": b"x" * 32}, {"key": b""}, {"mechanism": b"NULL"},
        {"mechanism": b"PLAIN"}, {"version": b"2.0"},
    ],
)  # fmt: skip
def test_everything_else_is_refused(changes: dict[str, bytes]) -> None:
    status = answer(request(**changes), OneKey())[2]
    assert status in (b"400", b"500")


@pytest.mark.parametrize("parts", [[], [b"1.0"], [b"1.0", b"42", b"orders"]])
def test_too_few_parts_are_refused(parts: list[bytes]) -> None:
    assert answer(parts, OneKey())[2] == b"500"
