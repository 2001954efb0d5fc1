"""The depth ladder: a price a row, own orders and the queue beside the depth, one click to trade.

Rules: it never moves under the pointer; a click says what was painted when the button went down, whatever came after.
"""

from widgets.ladder.ladder_view import LadderView
from widgets.ladder.levels import LadderClick, OwnLevel

__all__ = ["LadderClick", "LadderView", "OwnLevel"]
