"""Counters of the gateway by name, for `admin status` and the benchmarks.

Rules: a name is dotted, lower case but for reject reasons, and never changes its meaning; counting is a plain
dictionary addition. Rejects are counted from the events that go out, so that they equal what the clients saw.
"""

from collections import defaultdict

import numpy as np

from server.protocol.enums import EventKind, FaultCode, RejectReason
from server.protocol.records import EVENT

_REASONS = {int(reason): f"rejects.{reason.name}" for reason in RejectReason}
_FAULTS = {int(code): f"faults.{code.name}" for code in FaultCode}
_EVENT_SIZE = EVENT.itemsize
_ACCEPTED = int(EventKind.ACCEPTED)
_EXECUTED = int(EventKind.EXECUTED)
_REJECTED = int(EventKind.REJECTED)


class Counters:
    """Names to whole numbers, from 0 at each start of the server."""

    __slots__ = ("values",)

    def __init__(self) -> None:
        self.values: dict[str, int] = defaultdict(int)

    def add(self, name: str, count: int = 1) -> None:
        """Add to a counter, which begins at 0."""
        self.values[name] += count

    def fault(self, code: int) -> None:
        """Count a closed session or a refused request by its `FaultCode`."""
        self.values[_FAULTS.get(code, f"faults.{code}")] += 1

    def events(self, content: bytes) -> None:
        """Count the kinds of a batch of EVENT rows, and rejects by reason."""
        kinds = content[::_EVENT_SIZE]
        values = self.values
        values["events"] += len(kinds)
        values["accepts"] += kinds.count(_ACCEPTED)
        values["executions"] += kinds.count(_EXECUTED)
        rejected = kinds.count(_REJECTED)
        if rejected:
            values["rejects"] += rejected
            events = np.frombuffer(content, EVENT)
            for reason in events["reason"][events["kind"] == _REJECTED].tolist():
                values[_REASONS.get(reason, f"rejects.{reason}")] += 1

    def snapshot(self) -> dict[str, int]:
        """A copy, by name."""
        return dict(self.values)
