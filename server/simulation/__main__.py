"""`python -m server.simulation`: the demo's market as a client process.

Rules: the password comes as the first line of standard input, which is then the pipe to the parent; ends with it.
"""

import argparse
import logging
import os
import sys
import time

from server.client.connection import Connection, ConnectionRefused
from server.client.parent_pipe import watch_parent
from server.simulation.catalogue import load_catalogue
from server.simulation.live import LiveMarket, ready_line
from server.simulation.market import SimulatedMarket


def main(arguments: list[str] | None = None) -> int:
    """Runs until the parent ends it; 2 where the server does not let us in."""
    parser = argparse.ArgumentParser(prog="python -m server.simulation", description="The demo's market.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--control-port", type=int, required=True)
    parser.add_argument("--server-key", required=True, help="the server's public CURVE key, Z85")
    parser.add_argument("--user", required=True)
    parser.add_argument("--password-stdin", action="store_true", help="the first line of standard input")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parent-pipe", action="store_true", help="end when standard input closes")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="simulation: %(message)s")
    password = sys.stdin.readline().rstrip("\n") if options.password_stdin else os.environ.get("TRADEPIT_PASSWORD", "")
    connection = Connection(options.host, options.control_port, options.server_key.encode(), time.time_ns)
    ended = watch_parent(connection.wake) if options.parent_pipe else None
    market = SimulatedMarket(load_catalogue().instruments, options.seed)
    live = LiveMarket(connection, market, time.time_ns)
    try:
        connection.logon(options.user, password)
        live.begin()
        sys.stdout.write(ready_line(os.getpid()) + "\n")
        sys.stdout.flush()
        while ended is None or not ended.is_set():
            fault = live.turn()
            if fault is not None:
                sys.stderr.write(f"The server ended the session: {fault.text}.\n")
                return 2
    except ConnectionRefused as refused:
        sys.stderr.write(f"The server did not let the simulator in: {refused}.\n")
        return 2
    except KeyboardInterrupt:
        pass
    finally:
        connection.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
