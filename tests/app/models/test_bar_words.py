"""Sizes of bars as words."""

import pytest

from app.models.bar_words import parse, tidy
from app.state.bar_size import DAY_NS, MINUTE_NS, BarSize
from server.protocol.enums import BarUnit


@pytest.mark.parametrize(
    ("word", "size"),
    [
        ("90s", BarSize(BarUnit.TIME, 90_000_000_000)), ("5m", BarSize.of_time(5 * MINUTE_NS)),
        ("4H", BarSize.of_time(240 * MINUTE_NS)), ("1d", BarSize(BarUnit.DAY, 1)), ("2w", BarSize(BarUnit.WEEK, 2)),
        ("1M", BarSize(BarUnit.MONTH, 1)), ("200t", BarSize(BarUnit.TRADES, 200)),
        ("10kv", BarSize(BarUnit.VOLUME, 10_000)), ("8R", BarSize(BarUnit.RANGE, 200)),
    ],
)  # fmt: skip
def test_words_mean_sizes(word: str, size: BarSize) -> None:
    assert parse(word, 25) == size
    assert tidy(f" {word} ") == tidy(str(tidy(word)))


@pytest.mark.parametrize("word", ["", "m", "0m", "5", "5x", "-5m", "1.5m", "999999999h", "400D", "99999999999T"])
def test_other_words_mean_none(word: str) -> None:
    assert parse(word) is None and tidy(word) is None


def test_the_end_of_a_bar_follows_the_calendar() -> None:
    at = 20_000 * DAY_NS + 7 * MINUTE_NS  # Friday, 4 October 2024
    assert BarSize.of_time(5 * MINUTE_NS).ends_ns(at) == 20_000 * DAY_NS + 10 * MINUTE_NS
    assert BarSize(BarUnit.DAY, 1).ends_ns(at) == 20_001 * DAY_NS
    assert BarSize(BarUnit.WEEK, 1).ends_ns(at) == 20_003 * DAY_NS
    assert BarSize(BarUnit.MONTH, 1).ends_ns(at) == 20_028 * DAY_NS
    assert BarSize(BarUnit.TRADES, 100).ends_ns(at) == 0
