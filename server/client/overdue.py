"""Commands whose answer is due for too long while the session lives: told once, then asked about, with patience.

Rules: pure. One question at a time, about the oldest: its answer says how far the server has come with all of them.
The pauses double; after `ATTEMPTS_MAX` questions nothing is asked any more until the next session, and what is not
resolved stays unknown. Nothing is ever sent under a new key.
"""

from typing import Final

from server.client.order_entry import OrderEntry

ANSWER_DUE_NS: Final = 3_000_000_000
FIRST_PAUSE_NS: Final = 1_000_000_000
PAUSE_MAX_NS: Final = 30_000_000_000
ATTEMPTS_MAX: Final = 10


class Overdue:
    """What to tell and what to ask of one client instance's unanswered commands."""

    def __init__(self, entry: OrderEntry, answer_due_ns: int = ANSWER_DUE_NS) -> None:
        self._entry = entry
        self._answer_due_ns = answer_due_ns
        self._told = 0
        self._asking = False
        self._attempts = 0
        self._ask_at_ns = 0

    def restart(self) -> None:
        """A session begins: what is unanswered from before may be told and asked about anew, after its time."""
        self._told = 0
        self._asking = False
        self._attempts = 0
        self._ask_at_ns = 0

    def newly(self, now_ns: int) -> bytes:
        """The commands that are overdue and were not told yet, as COMMAND rows."""
        counters = [
            counter for counter in self._entry.sent_before(now_ns - self._answer_due_ns) if counter > self._told
        ]
        if counters:
            self._told = max(counters)
        return self._entry.rows_of(counters)

    def question(self, now_ns: int) -> int:
        """The counter to ask about now; 0: none. Whoever asks says what came by `answered`."""
        if self._asking or now_ns < self._ask_at_ns:
            return 0
        oldest = next(iter(self._entry.sent_before(now_ns - self._answer_due_ns)), 0)
        if not oldest:
            self._attempts = 0
            return 0
        if self._attempts >= ATTEMPTS_MAX:
            return 0
        self._asking = True
        self._attempts += 1
        self._ask_at_ns = now_ns + min(FIRST_PAUSE_NS << (self._attempts - 1), PAUSE_MAX_NS)
        return oldest

    def answered(self, *, resolved: bool) -> None:
        """The question was answered, or was not; `resolved`: one command is no longer open."""
        self._asking = False
        if resolved:
            self._attempts = 0
            self._ask_at_ns = 0
