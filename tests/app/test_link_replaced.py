"""The link of a desk is replaced when somebody logs on: whatever asks and follows uses the one of the moment."""

from collections.abc import Callable

import pytest

from app.desk import Desk
from server.protocol import control
from tests.app.desk_rig import PaperLink
from tests.app.made import NOON


@pytest.mark.parametrize(
    "asked",
    [
        lambda desk: desk.pages.ask_ticks(1),
        lambda desk: desk.pages.ask_sparklines([1]),
        lambda desk: desk.pages.ask_depth(1, 0),
    ],
)
def test_history_is_asked_over_the_new_link(qapp: object, asked: Callable[[Desk], None]) -> None:
    old, new = PaperLink(), PaperLink()
    desk = Desk(old, lambda: NOON)  # type: ignore[arg-type]
    desk.link = new  # type: ignore[assignment]
    asked(desk)
    assert not old.asked
    assert new.asked
    assert isinstance(new.asked[0], control.GetTicks | control.GetBars | control.GetDepthHistory)
