"""A drop copy stream, seen from the receiver: every event of its accounts once, in order, from a cursor on.

Rules: pure. Live messages name the event before them; one that does not follow the cursor is kept, and what is missing
is asked for by pages. `cursor` is what the owner stores after it has dealt with what was handed over. Events that came
by a page are possible resends: an owner that was killed before it stored its cursor has seen them already.
"""

from collections import deque
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from server.client.incoming import (
    DropCopyEnded,
    DropCopyReceived,
    DropCopyRolledBack,
    DropCopyStarted,
    DropCopySynced,
    Incoming,
)
from server.protocol import control
from server.protocol.codec import Records, decode_bulk
from server.protocol.enums import FaultCode
from server.protocol.errors import RemoteProtocolError

KEPT_MESSAGES_MAX: Final = 4096
_FINAL: Final = (FaultCode.NOT_PERMITTED, FaultCode.NOT_FOUND)


class Kept(NamedTuple):
    """A live message that waits for what comes before it."""

    before: int
    events: Records


@dataclass(frozen=True, slots=True)
class DropCopyCursor:
    """The newest event number that was dealt with (or looked through), and the server's epoch at that time."""

    epoch: int = 0
    sequence: int = 0


class DropCopyStream:
    """The stream of one session. Nothing is followed until `follow`."""

    def __init__(self) -> None:
        self.cursor: DropCopyCursor | None = None
        self.synced = False
        self.gaps = 0
        self._asked: control.OpenDropCopy | None = None
        self._online = False
        self._opened = False
        self._requested = False
        self._rests = False
        self._kept: deque[Kept] = deque()
        self._incoming: list[Incoming] = []

    def follow(self, asked: control.OpenDropCopy, cursor: DropCopyCursor | None) -> None:
        """Open this stream, in each session from now on. `cursor` None: only what happens from now on."""
        self._asked = asked
        self.cursor = cursor
        self._reopen()

    def on_session(self, *, is_open: bool) -> None:
        """A session begins, or is over: what was asked in the former one is not answered any more."""
        self._online = is_open
        self._reopen()

    def _reopen(self) -> None:
        self._opened = self._requested = self._rests = self.synced = False
        self._kept.clear()

    @property
    def needy(self) -> bool:
        """Whether there is something to ask for now."""
        is_idle = not (self.synced or self._requested or self._rests)
        return is_idle and self._online and self._asked is not None

    def take_request(self) -> control.OpenDropCopy | control.GetDropCopy | None:
        """What to ask for now; the answer goes to `on_reply`."""
        if not self.needy:
            return None
        self._requested = True
        if not self._opened or self.cursor is None:
            return self._asked
        return control.GetDropCopy(after_sequence=self.cursor.sequence)

    def allow_retry(self) -> None:
        """Time has passed since a refusal: what was refused for a while may be asked again."""
        self._rests = False

    def take(self) -> list[Incoming]:
        """What the owner has to know, in order."""
        taken, self._incoming = self._incoming, []
        return taken

    def on_reply(self, reply: control.AnyReply) -> None:
        """The answer to `take_request`. Raises `RemoteProtocolError` if it is none."""
        self._requested = False
        if isinstance(reply, control.DropCopyOpened):
            self._on_opened(reply)
        elif isinstance(reply, control.Records):
            self._on_page(decode_bulk(reply, "EVENT"), reply)
        elif not isinstance(reply, control.Refused):
            raise RemoteProtocolError(f"{type(reply).__name__} in answer to a drop copy request")
        elif reply.code in _FINAL:
            self._asked = None
            self._incoming.append(DropCopyEnded(FaultCode(reply.code), reply.text))
        else:
            if reply.code == FaultCode.INVALID_REQUEST:
                self._reopen()
            self._rests = True

    def _on_opened(self, reply: control.DropCopyOpened) -> None:
        self._opened = True
        self._incoming.append(DropCopyStarted(reply))
        known = self.cursor
        if known is None:
            self.cursor = DropCopyCursor(reply.epoch, reply.sequence)
            self._sync()
            return
        end = reply.epoch_sequence if known.epoch < reply.epoch else reply.sequence
        if known.sequence > end:
            self._incoming.append(DropCopyRolledBack(known.sequence, end))
        self.cursor = DropCopyCursor(reply.epoch, min(known.sequence, end))

    def _on_page(self, events: Records, reply: control.Records) -> None:
        self._deliver(events, resumed=True)
        assert self.cursor is not None, "a page is asked for from a cursor"
        self.cursor = replace(self.cursor, sequence=max(self.cursor.sequence, reply.sequence))
        if not reply.more:
            self._sync()

    def _sync(self) -> None:
        self.synced = True
        waiting, self._kept = self._kept, deque()
        for message in waiting:
            self._on_live(message)
        if self.synced and self.cursor is not None:
            self._incoming.append(DropCopySynced(self.cursor.sequence))

    def on_message(self, code: int, before: int, events: Records) -> None:
        """A live message: events after event `before` of the stream; a heartbeat or an end if there are none."""
        if self._asked is None:
            return
        if code:
            self._reopen()
            return
        self._on_live(Kept(before, events))

    def _on_live(self, message: Kept) -> None:
        if self.synced and self.cursor is not None and message.before > self.cursor.sequence:
            self.gaps += 1
            self.synced = False
        if self.synced:
            self._deliver(message.events, resumed=False)
        elif len(message.events):
            if len(self._kept) >= KEPT_MESSAGES_MAX:
                self._kept.popleft()
            self._kept.append(message)

    def _deliver(self, events: Records, *, resumed: bool) -> None:
        """Hand over what is new of these events, and move the cursor behind them."""
        assert self.cursor is not None, "delivered only behind a cursor"
        events = events[events["sequence"] > self.cursor.sequence]
        if len(events):
            self.cursor = replace(self.cursor, sequence=int(events["sequence"][-1]))
            self._incoming.append(DropCopyReceived(events, self.cursor.epoch, resumed))
