"""Time and sales: every print of an instrument, the newest on top, filtered, grouped and marked.

Rules: prints are kept in arrays and never one by one; none is lost before `CAPACITY` newer ones have come; what the
filter hides is counted, not forgotten; prices, quantities and times are integers.
"""

from widgets.tape.marks import BigMark
from widgets.tape.prints import AUCTION, BUSTED, CAPACITY, HIDDEN, OWN, PRINT, SELF_TRADE, SWEEP, PrintRing
from widgets.tape.rows import TapeFilter
from widgets.tape.tape_view import TapeView
from widgets.tape.time_form import TimeForm, TimeText

__all__ = [
    "AUCTION", "BUSTED", "CAPACITY", "HIDDEN", "OWN", "PRINT", "SELF_TRADE", "SWEEP",
    "BigMark", "PrintRing", "TapeFilter", "TapeView", "TimeForm", "TimeText",
]  # fmt: skip
