"""No ZeroMQ socket is made anywhere but where all of its options are chosen."""

import ast
from collections.abc import Iterator

import pytest
import zmq

from server.client.client_sockets import CLIENT_CONTROL, CLIENT_MARKET_DATA, CLIENT_ORDERS
from server.client.socket_options import INTERNAL, SocketOptions, open_socket
from server.gateway.gateway_sockets import CONTROL, HISTORY_CLIENT, MARKET_DATA, ORDERS
from server.history.history_socket_options import HISTORY
from tests.architecture.source_tree import PROJECT, sources

PLACE = "server/client/socket_options.py"
NETWORK = {
    "control (server)": CONTROL,
    "orders (server)": ORDERS,
    "market data (server)": MARKET_DATA,
    "control (client)": CLIENT_CONTROL,
    "orders (client)": CLIENT_ORDERS,
    "market data (client)": CLIENT_MARKET_DATA,
    "history (gateway)": HISTORY_CLIENT,
    "history (process)": HISTORY,
}
OPTIONS = {
    zmq.SNDHWM: "send_messages", zmq.RCVHWM: "receive_messages", zmq.MAXMSGSIZE: "message_bytes",
    zmq.LINGER: "linger_ms", zmq.HANDSHAKE_IVL: "handshake_ms", zmq.HEARTBEAT_IVL: "heartbeat_ms",
    zmq.HEARTBEAT_TIMEOUT: "silence_ms", zmq.IMMEDIATE: "immediate",
}  # fmt: skip


def made_elsewhere(tree: ast.AST, path: str) -> Iterator[str]:
    """Calls of `<context>.socket(...)`; `socket.socket` of the standard library is none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "socket":
            owner = node.func.value
            if not (isinstance(owner, ast.Name) and owner.id == "socket"):
                yield f"{path}:{node.lineno}: make it by open_socket"


def test_sockets_are_made_in_one_place() -> None:
    product = [source for source in sources() if not source.path.startswith("tests/") and source.path != PLACE]
    assert [line for source in product for line in made_elsewhere(source.tree, source.path)] == []


def test_one_made_elsewhere_is_found() -> None:
    assert list(made_elsewhere(ast.parse("self._context.socket(zmq.SUB)"), "x.py")) == [
        "x.py:1: make it by open_socket"
    ]


@pytest.mark.parametrize("name", NETWORK)
def test_every_option_is_set_as_chosen(name: str) -> None:
    options = NETWORK[name]
    with zmq.Context() as context, open_socket(context, zmq.DEALER, options) as socket:
        for option, field in OPTIONS.items():
            assert socket.getsockopt(option) == int(getattr(options, field)), field
        assert socket.getsockopt(zmq.TCP_KEEPALIVE) == 1
        assert min(socket.getsockopt(option) for option in (zmq.TCP_KEEPALIVE_IDLE, zmq.TCP_KEEPALIVE_CNT)) > 0


@pytest.mark.parametrize("name", NETWORK)
def test_what_the_network_reaches_is_bounded(name: str) -> None:
    options = NETWORK[name]
    assert 0 < options.send_messages <= 20_000
    assert 0 < options.receive_messages <= 20_000
    assert 0 < options.message_bytes <= 3 << 20
    assert 0 <= options.linger_ms <= 500
    assert 0 < options.handshake_ms <= 5000
    assert 0 < options.heartbeat_ms < options.silence_ms <= 6000


def test_only_what_is_inside_the_process_is_not() -> None:
    assert INTERNAL.receive_messages == 0
    assert INTERNAL.message_bytes == -1


@pytest.mark.parametrize("name", NETWORK)
def test_the_document_says_the_same(name: str) -> None:
    options: SocketOptions = NETWORK[name]
    cells = [
        name, f"{options.send_messages:,}", f"{options.receive_messages:,}", f"{options.message_bytes:,}",
        str(options.linger_ms), str(options.handshake_ms), f"{options.heartbeat_ms} / {options.silence_ms}",
        "yes" if options.immediate else "no",
    ]  # fmt: skip
    document = (PROJECT / "resources" / "docs" / "PROTOCOL.md").read_text(encoding="utf-8")
    assert "| " + " | ".join(cells) + " |" in document
