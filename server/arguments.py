"""The command line of the server, as its settings.

Rules: nothing is opened here but the file of `--limits`; what is not said has the default of `server.settings`.
"""

import argparse
from pathlib import Path

from server.protocol.enums import Durability, Mode
from server.settings import Limits, ServerSettings, SnapshotSettings, read_limits


def parse_arguments(arguments: list[str]) -> ServerSettings:
    """The command line as settings. Raises SettingsError."""
    parser = argparse.ArgumentParser(prog="tradepit server", description="The Tradepit exchange server.")
    parser.add_argument("--data", type=Path, required=True, help="the data directory")
    parser.add_argument("--mode", choices=[mode.name.lower() for mode in Mode], default="live")
    parser.add_argument("--durability", choices=["os", "fsync"], default="fsync")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--order-port", type=int, default=0)
    parser.add_argument("--market-data-port", type=int, default=0)
    parser.add_argument(
        "--market-data-b-port", type=int, default=None, help="a second market data socket (0: any port)"
    )
    parser.add_argument("--spin", action="store_true", help="keep polling; needs a core of its own")
    parser.add_argument("--parent-pipe", action="store_true", help="end when standard input closes")
    parser.add_argument("--bootstrap", type=Path, help="reference data of a first start (.json or .toml)")
    parser.add_argument("--clock-start", type=int, default=0, help="a simulated clock, ns (demo, replay)")
    parser.add_argument("--clock-speed", type=int, default=1, help="how many times as fast the simulated clock runs")
    parser.add_argument("--no-history", action="store_true", help="without the history process")
    parser.add_argument("--snapshot-commands", type=int, default=SnapshotSettings().commands, help="0: none")
    parser.add_argument("--snapshot-minutes", type=int, default=SnapshotSettings().minutes)
    parser.add_argument("--snapshots-kept", type=int, default=SnapshotSettings().kept)
    parser.add_argument("--limits", type=Path, help="limits of gateway and sockets (.toml, tables of that name)")
    parser.add_argument("--name", default="Tradepit")
    given = parser.parse_args(arguments)
    limits = read_limits(given.limits) if given.limits else Limits()
    return ServerSettings(
        data=given.data,
        mode=Mode[given.mode.upper()],
        durability=Durability[given.durability.upper()],
        host=given.host,
        control_port=given.control_port,
        order_port=given.order_port,
        market_data_port=given.market_data_port,
        market_data_b_port=given.market_data_b_port,
        spin=given.spin,
        parent_pipe=given.parent_pipe,
        clock_start_ns=given.clock_start,
        clock_speed=given.clock_speed,
        bootstrap=given.bootstrap,
        history=not given.no_history,
        name=given.name,
        snapshots=SnapshotSettings(
            commands=given.snapshot_commands, minutes=given.snapshot_minutes, kept=given.snapshots_kept
        ),
        gateway=limits.gateway,
        sockets=limits.sockets,
    )
