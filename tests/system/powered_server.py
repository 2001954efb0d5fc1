"""The real server process under watch: `python -m tests.system.powered_server --witness LOG ... -- SERVER ARGUMENTS`.

Rules: everything of the server is real. A witness may write down what a power cut could not take; segments may be
small, so that many rotate; the disk may fail while a control file says so. Nothing else differs from the server,
which is imported when all that is in place.
"""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from tests.system.disk_witness import DiskWitness


def main() -> int:
    """Prepare the process and be the server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--witness", type=Path, help="a log of what was synced")
    parser.add_argument("--segment-bytes", type=int, default=0, help="size at which a segment is full")
    parser.add_argument("--failing", type=Path, help="a control file: see failing_disk.py")
    parser.add_argument("server", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    arguments = options.server[1:]
    if options.witness is not None:
        data = Path(arguments[arguments.index("--data") + 1])
        DiskWitness(data, options.witness).install()
    bootstrap = import_module("server.bootstrap")
    if options.failing is not None:
        import_module("tests.system.failing_disk").install(options.failing)
    if options.segment_bytes:
        for log in (bootstrap.Journal, bootstrap.EventLog):
            defaults = log.open.__func__.__kwdefaults__
            assert "segment_bytes" in defaults, "the size of a segment is set elsewhere now"
            defaults["segment_bytes"] = options.segment_bytes
    return bootstrap.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
