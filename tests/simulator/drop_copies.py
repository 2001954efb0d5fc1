"""Clients that follow a drop copy, each from the cursor that it stored, through whatever breaks.

Rules: the cursor is stored some time after the events were dealt with, so that a process which is killed sees the
newest ones again: the same ones, as resends, and nothing between them and what follows is left out. At the end each
has every event of its accounts once, in order, as the journal alone gives them.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from server.client.drop_copy import DropCopyCursor
from server.client.incoming import DropCopyEnded, DropCopyReceived, DropCopyRolledBack, Incoming
from server.protocol import control
from server.protocol.codec import Records
from server.protocol.records import EVENT
from tests.simulator.schedule import MILLISECOND
from tests.simulator.trader import Trader
from tests.simulator.verdict import Wrong


class DropCopyClient(Trader):
    """One receiver. `accounts` empty: all, as an operator may."""

    def __init__(self, *given: Any, accounts: Iterable[int] = (), **named: Any) -> None:
        self.accounts = sorted(accounts)
        self.stored_cursor = DropCopyCursor()
        """It outlives the process, as the file of `tradepit drop-copy` does."""
        self.received: list[bytes] = []
        """Every event that was new, as bytes; it outlives the process too, as what the owner has done with them."""
        self.newest = 0
        self._sequences: dict[int, bytes] = {}
        super().__init__(*given, **named)

    def _begin(self) -> None:
        super()._begin()
        asked = control.OpenDropCopy(accounts=self.accounts, everything=not self.accounts)
        self.session.drop_copy.follow(asked, self.stored_cursor)

    def restart(self, _: Iterable[int]) -> None:
        """The process is killed and another one begins; it follows no market data."""
        self._counts["drop_copy.restart"] += 1
        super().restart(())

    @property
    def is_caught_up(self) -> bool:
        """Whether it knows that it misses nothing."""
        return self.session.drop_copy.synced

    def _know(self, item: Incoming) -> None:
        if isinstance(item, DropCopyReceived):
            self._deal_with(item.events, resumed=item.resumed)
            cursor = DropCopyCursor(item.epoch, int(item.events["sequence"][-1]))
            self._schedule.between(0, 60 * MILLISECOND, partial(self._store_cursor, self._life, cursor))
        elif isinstance(item, DropCopyRolledBack):
            self.broken.append(f"{self.user} was told that events after {item.sequence} never happened")
        elif isinstance(item, DropCopyEnded):
            self.broken.append(f"the drop copy of {self.user} ended: {item.text}")
        else:
            super()._know(item)

    def _store_cursor(self, life: int, cursor: DropCopyCursor) -> None:
        if life == self._life:
            self.stored_cursor = cursor

    def _deal_with(self, events: Records, *, resumed: bool) -> None:
        """Take what is new; what is not has to be as it was. Raises Wrong."""
        self._on_events(self, events)
        for row, sequence in zip(events, events["sequence"].tolist(), strict=True):
            event = row.tobytes()
            if sequence > self.newest:
                self.newest = sequence
                self._sequences[sequence] = event
                self.received.append(event)
            elif not resumed or self._sequences.get(sequence) != event:
                raise Wrong(f"{self.user} was handed event {sequence} after {self.newest}, and not as a resend of it")
            else:
                self._counts["drop_copy.resent"] += 1
        self._counts["drop_copy.resumed" if resumed else "drop_copy.live"] += len(events)

    def check(self, events: Records) -> None:
        """`events`: all of the journal. Raises Wrong unless it has each of its accounts', once and in order."""
        ours = np.frombuffer(b"".join(self.received), EVENT)
        is_ours = np.isin(events["account"], self.accounts) if self.accounts else events["account"] != 0
        theirs = events[is_ours]
        if ours.tobytes() == theirs.tobytes():
            return
        missing = np.setdiff1d(theirs["sequence"], ours["sequence"]).tolist()
        strange = np.setdiff1d(ours["sequence"], theirs["sequence"]).tolist()
        raise Wrong(
            f"the drop copy of {self.user} lacks events {missing[:4]}, and has {strange[:4]}, which are not its own"
        )
