"""Makes `made-day-sealed/` and its `.json`: the made day as a journal with its key, and the state that it ends in.

Rule: made once. A journal that stands here must be read, and give the same state, by every later build; a change of the
framing or of the rules adds another one. `python -m tests.golden.make_journal` makes the newest; `made-day-journal` is
from before the seal. The key is no secret: it opens nothing else.
"""

import json
import shutil
import tempfile
from pathlib import Path

from server.journal.key_file import FILE_NAME as KEY_FILE
from server.journal.segment_writer import RESERVE_NAME
from server.tools.replay_messages import read_day
from server.tools.replay_past import cut, past_commands, replay_reference, write_past
from tests.golden import make_day
from tests.oracle import OracleExchange

UNSEALED = Path(__file__).with_name("made-day-journal")
SEALED = Path(__file__).with_name("made-day-sealed")
EXPECTED = SEALED.with_suffix(".json")
MIDNIGHT_NS = 1_675_699_200 * 10**9
DAY_NS = 86_400 * 10**9


def make() -> None:
    """Write the journal by the real writer, and what the oracle says of its commands."""
    day = read_day(make_day.PATH)
    script = cut(day, MIDNIGHT_NS, DAY_NS)
    reference = replay_reference(day, ("street", "viewer"))
    with tempfile.TemporaryDirectory() as directory:
        write_past(Path(directory), reference, script, lambda _: None)
        shutil.rmtree(SEALED, ignore_errors=True)
        SEALED.mkdir()
        shutil.copytree(Path(directory) / "journal", SEALED / "journal", ignore=shutil.ignore_patterns(RESERVE_NAME))
        shutil.copy(Path(directory) / KEY_FILE, SEALED)
    commands = past_commands(reference, script)
    oracle = OracleExchange()
    oracle.apply(commands)
    EXPECTED.write_text(
        json.dumps(
            {
                "last_sequence": oracle.sequence,
                "last_time_ns": oracle.time_ns,
                "event_sequence": oracle.event_sequence,
                "state_hash": f"{oracle.state_hash():#018x}",
            },
            indent=1,
        )
        + "\n"
    )


if __name__ == "__main__":
    make()
