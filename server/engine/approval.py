"""Two persons: who made a command and who approved it. Equal ids are refused, and a missing one where it is needed.

Rules: user 0 is the system and needs nobody. Commands with a body of their own name the approver there, the others in
`algorithm`.
"""

import numpy as np

from server.engine.bits import high
from server.engine.kernel import Words, kernel
from server.engine.layout import C_SESSION_USER, ZERO
from server.engine.refusal import refused
from server.engine.vocabulary import APPROVAL_REQUIRED, NO_REASON, SAME_PERSON


@kernel
def check_approval(m: Words, c: Words, b: np.uint64, approver: np.uint64, needed: bool) -> np.uint64:
    """Whether the maker of a command is not its own approver, and has one where one is needed."""
    maker = high(c[b + C_SESSION_USER])
    if approver != ZERO and approver == maker:
        return refused(m, SAME_PERSON, np.int64(maker), np.int64(approver))
    if needed and approver == ZERO and maker != ZERO:
        return refused(m, APPROVAL_REQUIRED, np.int64(maker), np.int64(0))
    return NO_REASON
