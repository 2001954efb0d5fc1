"""The rest of a recorded day as a client of a server in replay mode: each order when its time has come.

Rules: never blocks for long; orders go by the order channel, phases by the control plane, and never does one overtake
the other; the time is the server's simulated clock, which runs `speed` times as fast as ours.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

import numpy as np

from server.client.connection import Connection
from server.client.incoming import Faulted, LoggedOn, PrivateSynced, ReplyReceived
from server.protocol.control import Done, Refused, SetPhase
from server.protocol.enums import CommandKind
from server.protocol.records import COMMAND
from server.tools.replay_feed import INSTRUMENT, Step, fill_steps

COMMANDS_PER_MESSAGE: Final = 500
PENDING_MAX: Final = 4_000
WAIT_MS: Final = 5


class FeedEnded(Exception):
    """The server does not take the feed any more; the text is one sentence."""


class LiveFeed:
    """Sends the coming steps of a day over a connection that logs on as the street."""

    def __init__(
        self, connection: Connection, steps: list[Step], midnight_ns: int, speed: int, clock: Callable[[], int]
    ) -> None:
        self._connection = connection
        self._steps = deque(steps)
        self._midnight_ns = midnight_ns
        self._speed = speed
        self._clock = clock
        self._server_ns = self._heard_ns = 0
        self._online = False
        self._phase_request: int | None = None

    @property
    def done(self) -> bool:
        """True when the day is over."""
        return not self._steps

    def turn(self) -> None:
        """Hear what came, send what is due. Raises `FeedEnded`."""
        for item in self._connection.poll(WAIT_MS):
            if isinstance(item, LoggedOn):
                self._server_ns, self._heard_ns = item.welcome.server_time_ns, self._clock()
            elif isinstance(item, PrivateSynced):
                self._online = True
            elif isinstance(item, Faulted):
                self._online = False
                if item.final:
                    raise FeedEnded(f"The server ended the feed: {item.text}.")
            elif isinstance(item, ReplyReceived) and item.request.request_id == self._phase_request:
                self._phase_request = None
                if isinstance(item.reply, Refused):
                    raise FeedEnded(f"The server refused a phase: {item.reply.text}.")
                assert isinstance(item.reply, Done)
                self._steps.popleft()
        if self._online and self._phase_request is None:
            self._send_due()

    def _send_due(self) -> None:
        pending = self._connection.session.entry.pending_count
        due_ns = self._server_ns + (self._clock() - self._heard_ns) * self._speed - self._midnight_ns
        while self._steps and self._steps[0].time_ns <= due_ns and pending < PENDING_MAX:
            if self._steps[0].kind == CommandKind.SET_PHASE:
                if pending == 0:
                    self._phase_request = self._connection.request(
                        SetPhase(instrument=INSTRUMENT, phase=self._steps[0].side)
                    )
                return
            batch = self._orders_due(due_ns)
            commands = np.zeros(len(batch), COMMAND)
            fill_steps(commands, batch)
            self._connection.send(commands)
            pending += len(batch)

    def _orders_due(self, due_ns: int) -> list[Step]:
        """Takes the orders and cancels up to the next phase, a message full at most."""
        batch: list[Step] = []
        while self._steps and self._steps[0].time_ns <= due_ns and len(batch) < COMMANDS_PER_MESSAGE:
            if self._steps[0].kind == CommandKind.SET_PHASE:
                break
            batch.append(self._steps.popleft())
        return batch
