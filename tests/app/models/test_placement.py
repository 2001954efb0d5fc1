"""Where a window comes back: on a screen, whatever became of the monitors."""

from hypothesis import given
from hypothesis import strategies as st

from app.models.placement import SEEN_PART, overlap, placed

LEFT, RIGHT = ("DP-1", (0, 0, 1920, 1040)), ("DP-2", (1920, 0, 2560, 1400))
number = st.integers(-6000, 6000)
size = st.integers(1, 5000)
rect = st.tuples(number, number, size, size)


def test_what_can_be_seen_stays() -> None:
    assert placed((2000, 50, 800, 600), "DP-2", [LEFT, RIGHT]) == (2000, 50, 800, 600)
    assert placed((1800, 50, 400, 600), "DP-1", [LEFT, RIGHT]) == (1800, 50, 400, 600)


def test_without_its_monitor_it_comes_to_one_that_there_is() -> None:
    assert placed((2000, 50, 800, 600), "DP-2", [LEFT]) == (1120, 50, 800, 600)
    assert placed((-3000, -500, 800, 600), "DP-9", [LEFT, RIGHT]) == (0, 0, 800, 600)


def test_a_larger_window_than_the_screen_shrinks() -> None:
    assert placed((1920, 0, 2560, 1400), "DP-2", [LEFT]) == (0, 0, 1920, 1040)


@given(
    rect, st.sampled_from(["DP-1", "DP-2", "gone"]), st.lists(st.sampled_from([LEFT, RIGHT]), min_size=1, max_size=2)
)
def test_most_of_it_and_its_head_are_always_seen(
    wanted: tuple[int, int, int, int], name: str, screens: list[tuple[str, tuple[int, int, int, int]]]
) -> None:
    screens = list(dict(screens).items())
    x, y, width, height = placed(wanted, name, screens)
    seen = sum(overlap((x, y, width, height), area) for _, area in screens)
    head = sum(overlap((x, y, width, 1), area) for _, area in screens)
    assert seen >= SEEN_PART * width * height - 1
    assert head >= SEEN_PART * width - 1
