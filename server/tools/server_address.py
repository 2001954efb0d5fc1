"""How a command-line tool says which server it means, and who asks.

Rules: passwords are never arguments; they come from standard input or are asked for at the terminal.
"""

import argparse
import getpass
import sys
import time
from pathlib import Path

from server.client.connection import Connection

KEY_FILE = "server.pub"


class AddressMissing(Exception):
    """The arguments do not name a server; the text is one sentence."""


def add_address_arguments(parser: argparse.ArgumentParser) -> None:
    """`--host`, `--control-port`, `--server-key` or `--data`, `--user`, `--password-stdin`."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--control-port", type=int, required=True)
    parser.add_argument("--server-key", help="the server's public CURVE key, Z85")
    parser.add_argument("--data", type=Path, help=f"the server's data directory, whose {KEY_FILE} holds that key")
    parser.add_argument("--user", required=True)
    parser.add_argument("--password-stdin", action="store_true", help="the first line of standard input")


def connect(options: argparse.Namespace) -> Connection:
    """A connection that has not said anything yet. Raises `AddressMissing`."""
    key = options.server_key
    if key is None and options.data is not None:
        try:
            key = (options.data / KEY_FILE).read_text(encoding="ascii").strip()
        except OSError as error:
            raise AddressMissing(f"{options.data / KEY_FILE} cannot be read: {error.strerror}.") from error
    if key is None or len(key) != 40:
        raise AddressMissing("Give --server-key (40 characters) or --data.")
    return Connection(options.host, options.control_port, key.encode(), time.time_ns)


def read_password(options: argparse.Namespace, prompt: str = "Password: ") -> str:
    """From standard input or the terminal."""
    if options.password_stdin:
        return sys.stdin.readline().rstrip("\n")
    return getpass.getpass(prompt)
