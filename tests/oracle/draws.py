"""The random end of calls: draws from a seed that came in a command (13.9)."""

from tests.oracle.state import Instrument

WORD = (1 << 64) - 1


def draw_ns(instrument: Instrument) -> int:
    """The instrument's next draw, in nanoseconds; 0, and nothing counted, where its calls end on time."""
    rules = instrument.auction_rules
    if rules is None or rules.random_ms == 0:
        return 0
    instrument.draws += 1
    return mixed(rules.seed, instrument.number, instrument.draws) * (rules.random_ms * 1_000_000 + 1) >> 64


def mixed(seed: int, number: int, draws: int) -> int:
    """64 bits that depend on all of the three."""
    x = (seed + (number << 32) + draws * 0x9E3779B97F4A7C15) & WORD
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & WORD
    x = (x ^ x >> 27) * 0x94D049BB133111EB & WORD
    return x ^ x >> 31
