"""Make the pictures of the documents: `python -m tests.pictures [--replay FILE] [--directory DIR]`.

Rules: 1920 x 1080, dark and light, drawn offscreen by the real workstation: the demo as `desk-*.png`, and with
`--replay` a recorded day as `replay-*.png`. No market data is kept, only the pictures.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Final

IMAGES: Final = Path(__file__).resolve().parent.parent / "resources" / "docs" / "images"
SECONDS: Final = "25"
REPLAY_FROM: Final = "14:00"
REPLAY_SPEED: Final = "4"


def main() -> int:
    """Run the demo, and the replay if there is a file; returns the first exit status that is not 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replay", type=Path, default=None, help="a recorded day, as `tradepit replay` reads it")
    parser.add_argument("--directory", type=Path, default=IMAGES)
    options = parser.parse_args()
    pictures = ["--offscreen", "--seconds", SECONDS, "--screenshot", str(options.directory), "--theme", "dark"]
    commands = [["server.tools.demo", *pictures]]
    if options.replay is not None:
        speed = ["--from", REPLAY_FROM, "--speed", REPLAY_SPEED]
        commands.append(["server.tools.replay", str(options.replay), "--workstation", *speed, *pictures])
    statuses = [subprocess.run([sys.executable, "-m", *command], check=False).returncode for command in commands]
    return next((status for status in statuses if status), 0)


if __name__ == "__main__":
    sys.exit(main())
