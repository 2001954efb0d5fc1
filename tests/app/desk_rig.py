"""A desk on a link of paper: what the window would send is kept, what the server would send is put in by hand."""

import numpy as np
from numpy.typing import NDArray

from app.desk import Desk
from app.link.inbox import Inbox, Sent
from server.client.incoming import (
    Channel,
    ChannelState,
    EventsReceived,
    LoggedOn,
    ReplyReceived,
    StaleReason,
    StreamState,
)
from server.protocol import control
from server.protocol.enums import CommandKind, Durability, Mode, Right, Side, Topic
from tests.app.made import NOON, account, instrument, levels, quote, received

INSTANCE = 9
ENGINE_SEQUENCE = 7


class PaperLink:
    """Stands where the I/O thread stands."""

    def __init__(self) -> None:
        self.inbox = Inbox()
        self.client_instance = INSTANCE
        self.counter_at_start = 0
        self.sent: list[NDArray[np.void]] = []
        self.asked: list[control.AnyRequest] = []
        self.cancelled: list[control.AnyRequest] = []
        self.subscribed: list[tuple[Topic, int]] = []
        self.woken = 0
        self.resynced: list[tuple[Topic, int, StaleReason]] = []

    def send(self, commands: NDArray[np.void], *, as_group: bool = False) -> None:
        """Keep it; what is no group has no terms."""
        assert as_group == bool((commands["kind"] == CommandKind.ORDER_TERMS).any())
        self.sent.append(commands)

    def request(self, message: control.AnyRequest) -> None:
        """Keep it."""
        self.asked.append(message)

    def cancel(self, message: control.AnyRequest) -> None:
        """Keep it."""
        self.cancelled.append(message)

    def subscribe(self, topic: Topic, number: int) -> None:
        """Keep it."""
        self.subscribed.append((topic, number))

    def unsubscribe(self, topic: Topic, number: int) -> None:
        """Forget it."""
        self.subscribed.remove((topic, number))

    def resync(self, topic: Topic, number: int, reason: StaleReason) -> None:
        """Keep it."""
        self.resynced.append((topic, number, reason))

    def renewed(self) -> "PaperLink":
        """Another one."""
        return PaperLink()

    def start(self) -> None:
        """Nothing runs."""

    def stop(self, timeout_s: float = 0.0) -> None:
        """Nothing runs."""

    def wake(self) -> None:
        """Count it."""
        self.woken += 1


class DeskRig:
    """A logged-on desk with two instruments and one account; `now_ns` is its clock."""

    def __init__(self, mode: Mode = Mode.DEMO, rights: Right = Right.TRADE | Right.VIEW) -> None:
        self.now_ns = NOON
        self.link = PaperLink()
        self.desk = Desk(self.link, lambda: self.now_ns)  # type: ignore[arg-type]
        self._mode, self._rights = mode, rights

    def log_on(self) -> None:
        """Everything that the server says at the beginning; two frames pass."""
        welcome = control.Welcome(
            version_min=1, version_max=1, build="t", epoch=1, mode=self._mode, durability=Durability.OS, order_port=1,
            market_data_port=2, server_time_ns=self.now_ns, heartbeat_ms=250,
        )  # fmt: skip
        accepted = control.LogonAccepted(
            user_id=1, session=1, rights=self._rights, last_counter=0, last_stream_sequence=0, accounts=[3]
        )
        self.link.inbox.put([LoggedOn(welcome, accepted, 0)])
        self.channels(ChannelState.LIVE)
        listed = control.Instruments(instruments=[instrument(1), instrument(2, "KRNL")])
        owned = control.Accounts(accounts=[account(rights=int(self._rights))])
        self.link.inbox.put([ReplyReceived(control.GetInstruments(), listed)])
        self.link.inbox.put([ReplyReceived(control.GetAccounts(), owned)])
        self.frame()
        book = [levels((Side.BUY, 4836, 500), (Side.SELL, 4838, 700), number=number) for number in (1, 2)]
        self.link.inbox.put([received(Topic.DEPTH, one, snapshot=True) for one in book])
        self.link.inbox.put([received(Topic.QUOTE, quote(1)), received(Topic.QUOTE, quote(2))])
        self.frame()

    def channels(self, state: ChannelState, *which: Channel) -> None:
        """Channels (all, if none is named) come into a state."""
        self.link.inbox.put([StreamState(one, state) for one in which or tuple(Channel)])

    def answer(self, *events: NDArray[np.void]) -> None:
        """Private events come, and a frame passes."""
        self.link.inbox.put([EventsReceived(np.concatenate(events), resumed=False)])
        self.frame()

    def deliver(self, place: int = -1) -> NDArray[np.void]:
        """The link says that it sent the commands given to it at `place`; returns them as stamped."""
        stamped = self.link.sent[place].copy()
        stamped["client_instance"], stamped["counter"] = INSTANCE, len(self.link.sent)
        self.link.inbox.put_item(Sent(stamped, self.now_ns))
        self.frame()
        return stamped

    def frame(self) -> None:
        """A frame in which every panel that can be seen is told, 25 ms after the one before."""
        self.now_ns += 25_000_000
        self.desk.frame_for_all()
