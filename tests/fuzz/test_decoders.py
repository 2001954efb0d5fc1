"""Invariant: any bytes whatever are either decoded to what they say, or refused with the decoder's own error.

Nothing else may happen: no other exception, no endless loop, no value that was not in the bytes. A failure prints the
seed and the input; `python -m tests.fuzz TARGET --seed N --count N` runs longer.
"""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.rig import Finding, fuzz, judge
from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS

pytestmark = pytest.mark.differential

SEED = int(os.environ.get("TRADEPIT_SEED", "20261122"))
COUNT = 3000
NAMES = [target.name for target in TARGETS]


@pytest.mark.parametrize("target", TARGETS, ids=NAMES)
def test_the_corpus_is_good(target: Target) -> None:
    for data in target.corpus[:1]:
        target.check(data, target.decode(data))


@pytest.mark.parametrize("target", TARGETS, ids=NAMES)
def test_mutations_are_decoded_or_refused(target: Target) -> None:
    finding = fuzz(target, SEED, COUNT)
    assert finding is None, str(finding)


@pytest.mark.parametrize("target", TARGETS, ids=NAMES)
@given(data=st.binary(max_size=400))
def test_noise_is_decoded_or_refused(target: Target, data: bytes) -> None:
    error = judge(target, data)
    assert error is None, repr(error)


def test_the_canary_dies() -> None:
    def fragile(data: bytes) -> int:
        if len(data) > 3 and data[2] == 0xFF:
            return data[len(data)]
        return len(data)

    canary = Target("canary", (b"a good input of some length",), fragile, (ValueError,))
    finding = fuzz(canary, SEED, COUNT)
    assert isinstance(finding, Finding)
    assert isinstance(finding.error, IndexError)


def test_the_second_canary_dies() -> None:
    def wrong(data: bytes, result: int) -> None:
        assert result == len(data)

    canary = Target("canary", (b"abc",), lambda data: min(len(data), 60), (ValueError,), wrong)
    assert fuzz(canary, SEED, COUNT) is not None
