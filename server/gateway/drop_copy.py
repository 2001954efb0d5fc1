"""Drop copy: everything that happens to a set of accounts, to whoever may view them, live and from the event log.

Rules: a stream belongs to a session and has no counter of its own: each message names the event of the stream before
it, so that a gap is seen, also over a restart. What a stream shows is decided by the engine's rights when it is opened
and again whenever a right or an account changes; it ends if the answer is another one. Pages of the past are read from
the event log, at most one a turn. Nobody waits for a stream: what a peer is too slow for is missing, and it sees that.
"""

import struct
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import structlog
from numpy.typing import NDArray

from server.gateway.authenticator import PrivateHistory
from server.gateway.control_plane import RESUME_PAGE, Asked
from server.gateway.counters import Counters
from server.gateway.egress import EVENT_SIZE, ROWS_MAX
from server.gateway.exchange_view import ExchangeView
from server.gateway.frames import FrameWriter
from server.gateway.outbox import Outbox
from server.gateway.sessions import Session
from server.journal.errors import JournalError
from server.journal.event_pages import EventsGone
from server.protocol import control
from server.protocol.codec import encode_control
from server.protocol.enums import EnvelopeKind, EventKind, FaultCode, Right
from server.protocol.records import EVENT

_DROP_COPY: Final = int(EnvelopeKind.DROP_COPY)
_FEW: Final = 16
_FIELDS = EVENT.fields
assert _FIELDS is not None
_ACCOUNT: Final = int(_FIELDS["account"][1])
_SEQUENCE: Final = int(_FIELDS["sequence"][1])
_CHANGES_RIGHTS: Final = (int(EventKind.GRANTED), int(EventKind.ACCOUNT_OPENED), int(EventKind.SETTING_CHANGED))
_unpack_account = struct.Struct("<I").unpack_from
_unpack_sequence = struct.Struct("<Q").unpack_from
Shown = frozenset[int] | None
"""The accounts of a stream; None: all."""
log = structlog.get_logger("gateway.drop_copy")


class NotShown(Exception):
    """The user may not have this stream; the text is one sentence."""


@dataclass(slots=True)
class DropCopyStream:
    """One session's stream. `newest`: the newest event that it was given, or stood behind when it was opened."""

    session: Session
    asked: control.OpenDropCopy
    shown: Shown
    newest: int

    def rows_of(self, events: NDArray[Any]) -> NDArray[Any]:
        """Those of the EVENT rows that belong to the stream."""
        accounts = events["account"]
        return events[accounts != 0 if self.shown is None else np.isin(accounts, sorted(self.shown))]


@dataclass(frozen=True, slots=True)
class PageWanted:
    """A request for a page that waits for its turn, or for the log to have it."""

    address: bytes
    session: int
    request: control.GetDropCopy


class DropCopy:
    """All drop copy streams of a gateway."""

    def __init__(
        self, view: ExchangeView, history: PrivateHistory, counters: Counters, frames: FrameWriter, epoch: int
    ) -> None:
        self._view = view
        self._history = history
        self._counters = counters
        self._frames = frames
        self._epoch = epoch
        self._epoch_sequence = 0
        self._streams: dict[int, DropCopyStream] = {}
        self._pages: deque[PageWanted] = deque()
        self.is_busy = False
        """Whether a page is being looked for that the next turn can go on with."""

    def begin(self) -> None:
        """After recovery, before anything happens in this epoch."""
        self._epoch_sequence = self._view.event_sequence

    def handlers(self) -> Mapping[type[Any], Callable[[Asked, Any], control.Reply | None]]:
        """Its requests. They are answered after the turn's batch."""
        return {control.OpenDropCopy: self._open, control.GetDropCopy: self._want_page}

    def _open(self, asked: Asked, request: control.OpenDropCopy) -> control.Reply:
        try:
            shown = self._shown(asked.session.user, request)
        except NotShown as refusal:
            self._counters.fault(FaultCode.NOT_PERMITTED)
            return control.Refused(request_id=request.request_id, code=FaultCode.NOT_PERMITTED, text=str(refusal))
        newest = self._view.event_sequence
        self._streams[asked.session.number] = DropCopyStream(asked.session, request, shown, newest)
        self._counters.add("drop_copy.opened")
        log.info("drop copy opened", session=asked.session.number, user=asked.session.user)
        return control.DropCopyOpened(
            request_id=request.request_id,
            sequence=newest,
            epoch=self._epoch,
            epoch_sequence=self._epoch_sequence,
            accounts=sorted(shown or ()),
            everything=shown is None,
        )

    def _shown(self, user: int, asked: control.OpenDropCopy) -> Shown:
        """What the user is shown for this request now. Raises NotShown."""
        rights = dict(self._view.grants(user))
        is_operator = bool(rights.get(0, 0) & Right.OPERATE)
        if asked.everything:
            if not is_operator:
                raise NotShown("All accounts are for operators.")
            return None
        existing = set(self._view.account_ids())
        visible = {account for account, granted in rights.items() if account and granted & Right.VIEW} & existing
        if is_operator and (asked.accounts or asked.firms or asked.desks):
            visible = existing
        hidden = [account for account in asked.accounts if account not in visible]
        if hidden:
            raise NotShown(f"Account {hidden[0]} may not be viewed.")
        if asked.accounts or asked.firms or asked.desks:
            groups = {account: self._view.firm_and_desk(account) for account in visible}
            visible = set(asked.accounts) | {
                account for account, (firm, desk) in groups.items() if firm in asked.firms or desk in asked.desks
            }
        if not visible:
            raise NotShown("There is no account here that may be viewed.")
        return frozenset(visible)

    def forget(self, session: Session) -> None:
        """The session is over, and its stream with it."""
        if self._streams.pop(session.number, None) is not None:
            self._pages = deque(page for page in self._pages if page.session != session.number)

    # ---- live ----

    def on_events(self, content: bytes, outbox: Outbox, engine_sequence: int, time_ns: int) -> None:
        """Put the messages for a batch of EVENT rows into the outbox, behind the private ones."""
        if not self._streams:
            return
        kinds = content[::EVENT_SIZE]
        if any(kind in kinds for kind in _CHANGES_RIGHTS):
            self._end_changed(outbox, engine_sequence, time_ns)
        if len(content) <= _FEW * EVENT_SIZE:
            rows = [content[place : place + EVENT_SIZE] for place in range(0, len(content), EVENT_SIZE)]
            accounts = [_unpack_account(row, _ACCOUNT)[0] for row in rows]
            for stream in self._streams.values():
                shown = stream.shown
                part = b"".join(
                    [
                        row
                        for row, account in zip(rows, accounts, strict=True)
                        if account and (shown is None or account in shown)
                    ]
                )
                self._send(stream, part, outbox, engine_sequence, time_ns)
            return
        events = np.frombuffer(content, EVENT)
        for stream in self._streams.values():
            self._send(stream, stream.rows_of(events).tobytes(), outbox, engine_sequence, time_ns)

    def _end_changed(self, outbox: Outbox, engine_sequence: int, time_ns: int) -> None:
        """End the streams that would not be opened as they are now."""
        for stream in list(self._streams.values()):
            try:
                if self._shown(stream.session.user, stream.asked) == stream.shown:
                    continue
            except NotShown:
                pass
            self.forget(stream.session)
            self._counters.add("drop_copy.changed")
            self._mark(stream, outbox, engine_sequence, time_ns, FaultCode.DROP_COPY_CHANGED)

    def _send(self, stream: DropCopyStream, content: bytes, outbox: Outbox, engine_sequence: int, time_ns: int) -> None:
        address, number = stream.session.order_address, stream.session.number
        for begin in range(0, len(content), ROWS_MAX * EVENT_SIZE):
            part = content[begin : begin + ROWS_MAX * EVENT_SIZE]
            count = len(part) // EVENT_SIZE
            before = stream.newest
            stream.newest = _unpack_sequence(part, len(part) - EVENT_SIZE + _SEQUENCE)[0]
            self._counters.add("drop_copy.events", count)
            if not address:
                self._counters.add("drops.drop_copy_unbound", count)
                continue
            frame = self._frames.content(_DROP_COPY, count, part, number, 0, before, engine_sequence, time_ns)
            outbox.orders.append((address, frame))

    def heartbeats(self, outbox: Outbox, engine_sequence: int, time_ns: int) -> None:
        """Tell each stream its newest event, so that a lost tail is seen."""
        for stream in self._streams.values():
            self._mark(stream, outbox, engine_sequence, time_ns)

    def _mark(self, stream: DropCopyStream, outbox: Outbox, engine_sequence: int, time_ns: int, code: int = 0) -> None:
        session = stream.session
        if session.order_address:
            frame = self._frames.drop_copy_mark(
                session=session.number, newest=stream.newest, engine_sequence=engine_sequence, time_ns=time_ns,
                code=code,
            )  # fmt: skip
            outbox.orders.append((session.order_address, frame))

    # ---- pages of the past ----

    def _want_page(self, asked: Asked, request: control.GetDropCopy) -> control.Reply | None:
        number = asked.session.number
        if number not in self._streams or not 0 <= request.after_sequence < 1 << 63:
            self._counters.fault(FaultCode.INVALID_REQUEST)
            return control.Refused(
                request_id=request.request_id, code=FaultCode.INVALID_REQUEST, text="No drop copy is open, or no event."
            )
        self._pages = deque(page for page in self._pages if page.session != number)
        self._pages.append(PageWanted(asked.address, number, request))
        return None

    def serve(self, outbox: Outbox) -> None:
        """Go one step on with the oldest page that is wanted; one that the log has not yet goes to the end."""
        self.is_busy = False
        if not self._pages:
            return
        wanted = self._pages.popleft()
        reply = self._page(wanted, self._streams[wanted.session])
        if reply is None:
            self._pages.append(wanted)
        else:
            self._counters.add("drop_copy.pages")
            outbox.control.append((wanted.address, encode_control(reply)))
            self.is_busy = bool(self._pages)

    def _page(self, wanted: PageWanted, stream: DropCopyStream) -> control.Reply | None:
        request = wanted.request
        after = request.after_sequence
        try:
            page = self._history.page(after)
        except EventsGone as error:
            return control.Refused(request_id=request.request_id, code=FaultCode.NOT_FOUND, text=str(error))
        except (JournalError, OSError) as error:
            log.error("event log cannot be read", error=str(error))
            return control.Refused(
                request_id=request.request_id, code=FaultCode.UNAVAILABLE, text="The event log cannot be read."
            )
        if page is None:
            self.is_busy = True
            return None
        if page.reached == after and after < stream.newest:
            return None  # what is missing waits for the disk
        rows = stream.rows_of(page.events)
        reached = page.reached
        if len(rows) > RESUME_PAGE:
            rows = rows[:RESUME_PAGE]
            reached = int(rows["sequence"][-1])
        return control.Records(
            request_id=request.request_id,
            layout="EVENT",
            records=rows.tobytes(),
            sequence=reached,
            more=reached < stream.newest,
        )
