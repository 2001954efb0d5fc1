"""Damage of every kind to a small journal and event log of real commands: the same again, or a refusal, never another.

The whole table, byte by byte, is run by hand: `python -m tests.journal.damage_table`.
"""

import pytest

from tests.golden import make_journal
from tests.journal import damage
from tests.journal.damage_table import (
    COMMANDS,
    SoundEventLog,
    event_cases,
    golden_commands,
    golden_journal,
    journal_cases,
    small_journal,
    table,
)

pytestmark = pytest.mark.recovery
SEED = 1


def test_every_damage_to_a_small_journal() -> None:
    sound = small_journal(golden_commands()[:COMMANDS])
    found = table(sound, journal_cases(sound.files, SEED, step=5))
    kinds = {what for what, _ in found}
    assert {verdict for _, verdict in found} == {"whole", "cut", "refused", "asks for its key"}
    assert {"flip", "zeroed byte", "zeroed sector", "misdirected sector", "truncated", "grown"} <= kinds
    assert {"lost frame", "doubled frame", "exchanged frames", "strange frame", "strange segment"} <= kinds


def test_every_damage_to_an_event_log() -> None:
    sound = SoundEventLog(golden_commands()[:COMMANDS])
    found = table(sound, event_cases(sound.files, SEED, step=11))
    assert {verdict for _, verdict in found} == {"whole", "refused", "found by its reader"}


@pytest.mark.parametrize("folder", [make_journal.SEALED, make_journal.UNSEALED], ids=lambda folder: folder.name)
def test_damage_to_the_golden_journals(folder) -> None:
    sound = golden_journal(folder)
    found = table(sound, damage.flips(sound.files, SEED, step=997))
    assert {verdict for _, verdict in found} == {"whole", "refused"}
