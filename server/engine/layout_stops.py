"""Where the words lie that stops, pegs and linked orders need. See `layout` for the rules.

An instrument has its two stop books in its own row; the rest of what waits is in a row of attention that is made with
the first such order. A link joins the legs of a pair, or an entry with its children.
"""

from typing import Final

from server.engine.kernel import U

# The first words of the memory ---------------------------------------------------------------------------------------
FREE_LINK: Final = U(48)
FIRST_ATTENDED: Final = U(49)  # instruments whose end of the command is still to be done, by ascending id

# Words of an instrument ----------------------------------------------------------------------------------------------
INSTRUMENT_ATTENDED: Final = U(38)  # how many stops that have not entered, pegs and linked orders need attention
INSTRUMENT_ATTENTION: Final = U(39)  # row, or none as long as there never was one
INSTRUMENT_STOPS: Final = U(48)  # the stop book of buys; that of sales follows

ATTENTION_NEXT: Final = U(1)  # attended instrument with the next higher id
ATTENTION_IS_LISTED: Final = U(2)
ATTENTION_LOWEST: Final = U(3)  # trade price since the last look; NO_PRICE: none
ATTENTION_HIGHEST: Final = U(4)
ATTENTION_ENTERING: Final = U(5)  # first | last triggered stop that has not entered
ATTENTION_TRAILING: Final = U(6)  # first | last trailing stop that waits, by ascending order_id
ATTENTION_PEGS: Final = U(7)  # first | last peg, by ascending order_id
ATTENTION_HELD: Final = U(8)  # first | last held child, by ascending order_id
ATTENTION_CHANGED: Final = U(9)  # first | last link that is to be settled
ATTENTION_BID: Final = U(10)  # what the pegs were last compared with
ATTENTION_ASK: Final = U(11)
ATTENTION_MATCHES: Final = U(12)
ATTENTION_PEG: Final = U(13)  # the pegs before it stand right
ATTENTION_WORDS: Final = U(16)

# An order's extension ------------------------------------------------------------------------------------------------
EXTENSION_STOP_PRICE: Final = U(16)
EXTENSION_OFFSET: Final = U(17)
EXTENSION_TRAIL_PPM: Final = U(18)
EXTENSION_PEG: Final = U(19)
EXTENSION_PRICE_CAP: Final = U(20)
EXTENSION_WHERE: Final = U(21)
EXTENSION_NEIGHBOURS: Final = U(22)  # next | previous in one of the lists of the instrument's attention
EXTENSION_LINK: Final = U(23)

IN_BOOK: Final = U(0)
TRIGGERED_PLACE: Final = U(1)
STOP_PLACE: Final = U(2)
PARKED_PLACE: Final = U(3)
HELD_PLACE: Final = U(4)

# A link --------------------------------------------------------------------------------------------------------------
LINK_NEXT: Final = U(1)  # changed link of the same instrument
LINK_IS_CHANGED: Final = U(2)
LINK_ENTRY: Final = U(3)  # orders; none: it has none, or it has ended
LINK_FIRST: Final = U(4)
LINK_SECOND: Final = U(5)
LINK_BASIS: Final = U(6)  # what the legs work for: the quantity of a pair, what the entry has filled
LINK_FILLED: Final = U(7)  # by the legs
LINK_BOUND: Final = U(8)  # quantity that the legs hold together, at
LINK_UNIT: Final = U(9)  # reserve a lot
LINK_INSTRUMENT: Final = U(10)
LINK_TRIGGERED: Final = U(11)  # the leg that was triggered
LINK_LEG_CANCELED: Final = U(12)
LINK_WORDS: Final = U(16)
