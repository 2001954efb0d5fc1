"""Which streams of market data are taken: those that somebody wants, and those of the instruments shown last.

Rules: a stream is subscribed once however many want it, and left when the last one leaves; `forget` is called with a
stream that is not taken any more, as what is known of it ends there.
"""

from collections.abc import Callable, Iterable
from typing import Final

from server.protocol.enums import Topic

KEPT_MAX: Final = 32
"""Books and trades of so many instruments are kept live, so that switching shows them at once."""
KEPT_TOPICS: Final = (Topic.TRADES, Topic.DEPTH)
_RECENT: Final = "shown lately"
_Turn = Callable[[Topic, int], None]


class Following:
    """The streams by who wants them."""

    def __init__(self, subscribe: _Turn, unsubscribe: _Turn, forget: _Turn) -> None:
        """Nothing is taken."""
        self._subscribe, self._unsubscribe, self._forget = subscribe, unsubscribe, forget
        self._owners: dict[tuple[Topic, int], set[str]] = {}
        self._recent: dict[int, None] = {}

    def want(self, owner: str, topic: Topic, instrument: int) -> None:
        """`owner` needs a stream from now on."""
        owners = self._owners.setdefault((topic, instrument), set())
        if not owners:
            self._subscribe(topic, instrument)
        owners.add(owner)

    def leave(self, owner: str, topic: Topic, instrument: int) -> None:
        """`owner` needs it no longer."""
        owners = self._owners.get((topic, instrument))
        if owners is None or owner not in owners:
            return
        owners.discard(owner)
        if not owners:
            del self._owners[topic, instrument]
            self._unsubscribe(topic, instrument)
            self._forget(topic, instrument)

    def leave_all(self, owner: str) -> None:
        """`owner` is gone."""
        for topic, instrument in [key for key, owners in self._owners.items() if owner in owners]:
            self.leave(owner, topic, instrument)

    def is_taken(self, topic: Topic, instrument: int) -> bool:
        """Whether anybody wants it."""
        return (topic, instrument) in self._owners

    def show(self, instrument: int, shown: Iterable[int] = ()) -> None:
        """Keep book and trades of an instrument; beyond the bound the one shown longest ago goes, never a shown one."""
        self._recent.pop(instrument, None)
        self._recent[instrument] = None
        for topic in KEPT_TOPICS:
            self.want(_RECENT, topic, instrument)
        held = {instrument, *shown}
        for old in [one for one in self._recent if one not in held][: max(0, len(self._recent) - KEPT_MAX)]:
            del self._recent[old]
            for topic in KEPT_TOPICS:
                self.leave(_RECENT, topic, old)

    def room(self) -> int:
        """How many more can be shown before one goes."""
        return max(0, KEPT_MAX - len(self._recent))

    def renew(self) -> None:
        """Another link knows nothing yet: ask it for all that is wanted."""
        for topic, instrument in self._owners:
            self._subscribe(topic, instrument)
