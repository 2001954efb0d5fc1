"""When the next frame comes: the rate of the screen, load, and that nothing is made up for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.frame_meter import FrameMeter, percentile
from app.models.frame_pace import FramePace

MS = 1_000_000


@pytest.mark.parametrize(
    ("screen_hz", "frames"), [(60, 60), (59.94, 59.94), (144, 48), (120, 60), (240, 60), (50, 50), (24, 30), (0, 60)]
)
def test_the_rate_follows_the_screen_from_30_to_60(screen_hz: float, frames: float) -> None:
    assert 1e9 / FramePace(screen_hz).interval_ns == pytest.approx(frames, rel=0.01)


def test_under_load_frames_come_more_slowly_and_return() -> None:
    pace = FramePace(60)
    for _ in range(100):
        pace.spent(16 * MS)
    assert pace.interval_ns == pytest.approx(16 * MS / 0.7, rel=0.02)
    for _ in range(100):
        pace.spent(400 * MS)
    assert pace.interval_ns == pytest.approx(100 * MS, rel=0.01)
    for _ in range(100):
        pace.spent(3 * MS)
    assert pace.interval_ns == pytest.approx(16.67 * MS, rel=0.01)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_late_frame_is_not_made_up_for(spent_ns: int, late_ns: int) -> None:
    pace = FramePace(60)
    pace.spent(spent_ns)
    delay_ms = pace.delay_ms(1_000 * MS, 1_000 * MS + late_ns)
    assert 1 <= delay_ms <= 101


def test_a_tick_is_measured_to_the_end_of_the_last_paint_of_its_frame() -> None:
    meter = FrameMeter()
    meter.begin_frame()
    meter.told([(100 * MS, 110 * MS)])
    meter.applied(3 * MS)
    meter.painted(5 * MS, 125 * MS, -20 * MS)
    meter.painted(2 * MS, 130 * MS, -20 * MS)
    meter.begin_frame()
    assert list(meter.from_receipt) == [20 * MS]
    assert list(meter.from_publish) == [10 * MS], "put on the market's clock"
    assert list(meter.frames) == [10 * MS]
    meter.told([(200 * MS, 210 * MS)])
    meter.begin_frame()
    assert len(meter.from_receipt) == 1, "a frame that painted nothing showed nothing"
    assert percentile(meter.frames, 0.99) == 10 * MS
