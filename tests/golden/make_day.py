"""Makes `made-day.log`: a small invented trading day in the text form of the Shanghai exchange.

Rules: the same bytes each time; the market is the reference exchange (`tests.oracle`), so that nothing of the engine
is in the golden file; as in the real one, an aggressive order is published as its trades and an add of the rest, and
lines are not in the exchange's order. `python -m tests.golden.make_day` writes the file again.
"""

from pathlib import Path
from random import Random

import numpy as np

from server.protocol.enums import CommandKind, EventKind, Liquidity, MarketDataKind, Phase, Side
from server.protocol.records import COMMAND
from server.tools.replay_feed import SESSION, USER, Step, fill_steps, founding_commands
from server.tools.replay_messages import LEVELS, ORDERS, SNAPSHOTS, TRADES, RecordedDay
from tests.oracle.exchange import OracleExchange

PATH = Path(__file__).with_name("made-day.log")
SYMBOL = "999001"
PREVIOUS_CLOSE = 5_000
CODES = {Side.BUY: 66, Side.SELL: 83}
PHASES = {Phase.PRE_OPEN: 1, Phase.CONTINUOUS: 2, Phase.CLOSING_CALL: 4, Phase.CLOSED: 5}
SECOND_NS = 1_000_000_000


def clock(hours: int, minutes: int, seconds: int = 0) -> int:
    """Nanoseconds since midnight."""
    return ((hours * 60 + minutes) * 60 + seconds) * SECOND_NS


def written(time_ns: int) -> str:
    """HHMMSScc."""
    hundredths = time_ns // 10_000_000
    seconds, hundredths = divmod(hundredths, 100)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60}{minutes % 60:02}{seconds:02}{hundredths:02}"


class MadeExchange:
    """Runs the oracle and writes down what the exchange would publish."""

    def __init__(self) -> None:
        orders = np.zeros(1, ORDERS)
        orders["price"] = 10_000
        empty = RecordedDay(SYMBOL, PREVIOUS_CLOSE, orders, np.zeros(0, TRADES), np.zeros(0, SNAPSHOTS))
        self.oracle = OracleExchange()
        self.lines: list[str] = []
        self.sequence = self.counter = self.place = 0
        self.number = 7
        self.time_ns = clock(9, 15)
        for row in range(4):
            self.apply(founding_commands(empty)[row : row + 1])

    def apply(self, command: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Stamp and apply one command."""
        self.sequence += 1
        command["sequence"], command["time_ns"] = self.sequence, max(self.time_ns, self.oracle.time_ns + 1)
        outputs = self.oracle.apply(command)
        return outputs.events, outputs.market_data

    def do(self, step: Step) -> None:
        """Apply a step of the feed and publish what comes of it."""
        command = np.zeros(1, COMMAND)
        fill_steps(command, [step])
        if step.kind < CommandKind.TIME:
            self.counter += 1
            command["counter"] = self.counter
            command["user"], command["session"], command["client_instance"] = USER, SESSION, 1
        events, market_data = self.apply(command)
        assert not (events["kind"] == EventKind.REJECTED).any(), events
        published = [self.trade_line(*pair) for pair in pairs(events[events["kind"] == EventKind.EXECUTED])]
        for event in events[events["kind"] == EventKind.CANCELED]:
            published.append(self.order_line(68, event, event["last_quantity"]))
        for record in market_data[market_data["kind"] == MarketDataKind.ADD]:
            accepted = events[events["kind"] == EventKind.ACCEPTED][0]
            published.append(self.order_line(65, accepted, record["quantity"]))
        self.lines += reversed(published)

    def next_place(self) -> int:
        """The exchange counts over all instruments, so that ours sees gaps."""
        self.place += 1 + self.place % 3
        return self.place

    def trade_line(self, first: np.void, second: np.void) -> str:
        """A trade; `first` rested or bought in an auction."""
        bid, ask = (first, second) if first["side"] == Side.BUY else (second, first)
        code = 78 if first["liquidity"] == Liquidity.AUCTION else CODES[Side(int(second["side"]))]
        return (
            f"{self.head(191, 72)} BidApplSeqNum={int(bid['label'])} OfferApplSeqNum={int(ask['label'])} "
            f"LastPx={first['last_price'] * 10} LastQty={first['last_quantity'] * 1000} ExecType={code} "
            f"TransactTime={written(self.time_ns)} resv= BizIndex={self.next_place()}"
        )

    def order_line(self, kind: int, event: np.void, quantity: int) -> str:
        """An add of what rests, or a delete of what was left."""
        return (
            f"{self.head(192, 64)} OrderNo={int(event['label'])} Price={event['price'] * 10} "
            f"OrderQty={quantity * 1000} OrdType={kind} Side={CODES[Side(int(event['side']))]} "
            f"TransactTime={written(self.time_ns)} resv= BizIndex={self.next_place()}"
        )

    def snapshot(self, phase: int | None = None, *, empty: bool = False) -> None:
        """Ten levels, or the empty placeholder."""
        instrument = self.oracle.instruments[1]
        shown = phase or PHASES[Phase(instrument.phase)]
        levels = [[(0, 0)] * LEVELS, [(0, 0)] * LEVELS]
        if not empty:
            for side in Side:
                prices = instrument.book.prices[side][:: -1 if side == Side.BUY else 1][:LEVELS]
                for at, price in enumerate(prices):
                    levels[side][at] = (price * 10, instrument.book.level(side, price)[0] * 1000)
        last = max(instrument.last, 0) * 10
        text = " ".join(
            f"{name}Level[{at}].Price={price} {name}Level[{at}].Qty={quantity}"
            for name, side in (("Bid", levels[0]), ("Ask", levels[1]))
            for at, (price, quantity) in enumerate(side)
        )
        self.lines.append(
            f"{self.head(111, 336, shown)} NumTrades={instrument.trades} PrevClosePx={PREVIOUS_CLOSE * 10} "
            f"LastPx={last} DataTimeStamp={written(self.time_ns)[:-2]} {text} resv="
        )

    def head(self, kind: int, size: int, phase: int = 0) -> str:
        """How each line begins."""
        return (
            f"//SecurityIDSource=101 MsgType={kind} MsgLen={size} SecurityID={SYMBOL} ChannelNo=6 TradingPhase={phase}"
        )


def pairs(executed: np.ndarray) -> list[tuple[np.void, np.void]]:
    """The two sides of each trade."""
    return list(zip(executed[0::2], executed[1::2], strict=True))


class MadeTraders:
    """Draws orders around a wandering price."""

    def __init__(self, exchange: MadeExchange) -> None:
        self.exchange = exchange
        self.draw = Random(999_001)
        self.centre = PREVIOUS_CLOSE

    def trade(self, count: int, end_ns: int, width: int) -> None:
        """`count` orders and cancels up to `end_ns`, a snapshot now and then."""
        exchange, draw = self.exchange, self.draw
        begin_ns = exchange.time_ns
        for done in range(count):
            at_ns = begin_ns + (end_ns - begin_ns) * (done + 1) // (count + 1)
            exchange.time_ns = at_ns // 10_000_000 * 10_000_000
            self.centre += draw.choice((-1, 0, 0, 1))
            live = list(exchange.oracle.live.values())
            if live and draw.random() < 0.3:
                exchange.do(Step(CommandKind.CANCEL_ORDER, 0, int(draw.choice(live).label)))
            else:
                exchange.number += draw.randint(1, 9)
                side = draw.choice(list(Side))
                price = self.centre + draw.randint(-width, width)
                quantity = draw.choice((1, 7, 100, 100, 200, 500, 1_300))
                exchange.do(Step(CommandKind.NEW_ORDER, 0, exchange.number, side, price, quantity))
            if done % 20 == 19:
                exchange.snapshot()


def phase_step(phase: Phase) -> Step:
    """SET_PHASE."""
    return Step(CommandKind.SET_PHASE, 0, side=phase, price=PREVIOUS_CLOSE)


def made_day() -> bytes:
    """The text of the day."""
    exchange = MadeExchange()
    traders = MadeTraders(exchange)
    exchange.do(phase_step(Phase.PRE_OPEN))
    traders.trade(70, clock(9, 25), width=12)
    exchange.time_ns = clock(9, 25) + 80_000_000
    exchange.do(phase_step(Phase.CONTINUOUS))
    exchange.snapshot()
    exchange.time_ns = clock(9, 30)
    traders.trade(420, clock(14, 57), width=9)
    exchange.time_ns = clock(14, 57)
    exchange.snapshot(PHASES[Phase.CONTINUOUS], empty=True)
    exchange.do(phase_step(Phase.CLOSING_CALL))
    traders.trade(40, clock(15, 0), width=12)
    exchange.time_ns = clock(15, 0) + 50_000_000
    exchange.do(phase_step(Phase.CLOSED))
    exchange.snapshot()
    return ("\n".join(exchange.lines) + "\n").encode()


if __name__ == "__main__":
    PATH.write_bytes(made_day())
