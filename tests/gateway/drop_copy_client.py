"""A risk client in memory: the real client's stream over the frames of a desk, with losses and restarts at will."""

from collections.abc import Callable

import numpy as np

from server.client.drop_copy import DropCopyCursor, DropCopyStream
from server.client.incoming import (
    DropCopyEnded,
    DropCopyReceived,
    DropCopyRolledBack,
    DropCopyStarted,
    DropCopySynced,
)
from server.protocol import control
from server.protocol.codec import decode_envelope, decode_records, decode_reply, encode_control
from server.protocol.enums import EnvelopeKind
from server.protocol.records import EVENT
from tests.gateway.desk import Client, Desk


class RiskClient:
    """Follows a stream through one session after the other; `rows` is all that was handed over, in order."""

    def __init__(
        self, name: str, asked: control.OpenDropCopy, cursor: DropCopyCursor | None = None, key: int = 77
    ) -> None:
        self.name = name
        self.key = key
        self.stream = DropCopyStream()
        self.stream.follow(asked, cursor)
        self.rows = np.empty(0, EVENT)
        self.resumed = 0
        self.told: list[DropCopyStarted | DropCopySynced | DropCopyRolledBack | DropCopyEnded] = []
        self.loses: Callable[[], bool] = lambda: False
        self._client: Client | None = None

    def attach(self, desk: Desk) -> None:
        """A new session on the desk."""
        self._client = desk.trader(self.name, key=self.key)
        self.stream.on_session(is_open=True)

    def detach(self) -> None:
        """The connection goes."""
        self._client = None
        self.stream.on_session(is_open=False)

    def turn(self, desk: Desk) -> None:
        """One turn of the desk and what it brings; asks for what is needed now."""
        client = self._client
        if client is not None:
            request = self.stream.take_request()
            if request is not None:
                desk.transport.request(client.key, client.address, encode_control(request))
        self.receive(desk.turn())

    def receive(self, outbox: object) -> None:
        """What the desk sent, less what is lost on the way."""
        client = self._client
        if client is None:
            return
        for at, frame in outbox.control:  # type: ignore[attr-defined]
            if at == client.address:
                self.stream.on_reply(decode_reply(frame))
        for at, frame in outbox.orders:  # type: ignore[attr-defined]
            envelope = decode_envelope(frame)
            if at == client.address and envelope["kind"] == EnvelopeKind.DROP_COPY and not self.loses():
                events = decode_records(frame, int(envelope["count"]), EVENT)
                self.stream.on_message(int(envelope["code"]), int(envelope["sequence"]), events)
        self.stream.allow_retry()
        self._take()

    def _take(self) -> None:
        for item in self.stream.take():
            if isinstance(item, DropCopyReceived):
                self.rows = np.concatenate([self.rows, item.events])
                self.resumed += len(item.events) if item.resumed else 0
            else:
                assert isinstance(item, DropCopyStarted | DropCopySynced | DropCopyRolledBack | DropCopyEnded)
                self.told.append(item)

    def catch_up(self, desk: Desk, turns: int = 2000) -> None:
        """Turns until the stream is synced and nothing more comes."""
        for _ in range(turns):
            self.turn(desk)
            if self.stream.synced:
                return
        raise AssertionError("the stream never caught up")
