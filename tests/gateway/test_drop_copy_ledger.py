"""A risk client that is attached to drop copy alone has the ledger's positions and cash, whatever breaks on the way."""

from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest

from server.client.drop_copy import DropCopyCursor
from server.engine import views, views_money
from server.engine.exchange import Exchange
from server.gateway.commands import grant
from server.protocol import control
from server.protocol.codec import Records
from server.protocol.enums import FAULTED_KIND, CommandKind, EventKind, Liquidity, OrderState, Right
from server.protocol.records import EVENT
from tests.gateway.desk import OPERATOR, Clock, Desk
from tests.gateway.drop_copy_client import RiskClient
from tests.gateway.risk_ledger import RiskLedger
from tests.oracle.flow import RandomRun, random_run
from tests.oracle.flow_world import INSTRUMENTS

AREAS = ("accounts", "rules", "terms", "fees", "currencies", "lots", "corrections", "corporate_actions")
SEEDS = range(12)
COMMANDS = 2_000
LOSS = 0.05
BREAK = 0.03
RESTART = 0.01
SCALES = {number: (int(terms["cash_scale"]), int(terms["currency"])) for number, terms in INSTRUMENTS.items()}
EVERYTHING = control.OpenDropCopy(everything=True)


def ledger_of(exchange: Exchange) -> tuple[dict[tuple[int, int], int], dict[tuple[int, int], int]]:
    """Net and cash of every account as the engine holds them, without zeros."""
    net = {
        (account, int(row["instrument"])): int(row["net"])
        for account in views.account_ids(exchange)
        for row in views.positions(exchange, account)
    }
    cash = {
        (account, int(row["currency"])): int(row["cash"])
        for account in views.account_ids(exchange)
        for row in views_money.balances(exchange, account)
    }
    return without_zeros(net), without_zeros(cash)


def without_zeros(amounts: dict[tuple[int, int], int]) -> dict[tuple[int, int], int]:
    """What is not 0."""
    return {key: value for key, value in amounts.items() if value}


class BrokenDay:
    """A random flow through a desk that is restarted, with a risk client that loses messages and its connection."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.directory = directory
        self.draw = Random(seed)
        self.run: RandomRun = random_run(seed, COMMANDS, areas=AREAS)
        self.clock = Clock()
        self.restarts = self.breaks = 0
        self.risk = RiskClient("ops", EVERYTHING, DropCopyCursor())
        self.risk.loses = lambda: self.draw.random() < LOSS
        self.desk = Desk(directory, first=False, clock=self.clock)
        self.desk.gateway.append(grant(0, OPERATOR, int(Right.OPERATE)))
        self.desk.turn()
        self.attached = False

    def play(self) -> None:
        """The whole flow, in batches of a few groups; what a loop never appends, skips, is left out."""
        starts = [*self.run.starts, len(self.run.commands)]
        commands = self.run.commands.copy()
        commands["kind"] &= np.uint8(0xFF ^ FAULTED_KIND)
        groups = [commands[first:end] for first, end in pairwise(starts) if commands["kind"][first] != CommandKind.SKIP]
        place = 0
        while place < len(groups):
            count = self.draw.choice((1, 1, 2, 5, 20))
            self.clock.now_ns = max(self.clock.now_ns, int(groups[place]["time_ns"][0]))
            for group in groups[place : place + count]:
                self.desk.gateway.append(group)
            place += count
            self.risk.turn(self.desk)
            if self.draw.random() < BREAK:
                self.breaks += 1
                self._toggle()
            if self.draw.random() < RESTART:
                self._restart()
        if not self.attached:
            self._toggle()
        self.clock.advance_ms(60_000)
        self.risk.loses = lambda: False
        self._restart()
        self._toggle()
        self.risk.catch_up(self.desk)

    def _toggle(self) -> None:
        if self.attached:
            self.risk.detach()
        else:
            self.risk.attach(self.desk)
        self.attached = not self.attached

    def _restart(self) -> None:
        """The server stops and starts; the traders log on again."""
        self.restarts += 1
        self.risk.detach()
        self.attached = False
        self.desk.close()
        self.desk = Desk(self.directory, first=False, clock=self.clock)
        opened = self.run.commands[self.run.commands["kind"] == CommandKind.SESSION_OPENED]
        self.desk.gateway.append(opened[:5])


@pytest.mark.parametrize("seed", SEEDS)
def test_positions_and_cash_equal_the_ledger(tmp_path: Path, seed: int) -> None:
    day = BrokenDay(tmp_path, seed)
    day.play()
    rows = day.risk.rows
    assert (np.diff(rows["sequence"].astype(np.int64)) > 0).all(), "each event once, in the order of the log"
    ledger = RiskLedger(SCALES)
    ledger.apply(rows)
    net, cash = ledger_of(day.desk.core.exchange)
    assert without_zeros(ledger.net) == net
    assert without_zeros(ledger.cash) == cash
    assert ledger.trades > 20 and day.restarts and day.risk.resumed and day.risk.resumed < len(rows)
    day.desk.close()


def test_busts_corrections_and_gaps_were_among_it(tmp_path: Path) -> None:
    corrections = gaps = 0
    for seed in (100, 101, 102):
        day = BrokenDay(tmp_path / str(seed), seed)
        day.play()
        kinds = day.risk.rows["kind"].tolist()
        corrections += kinds.count(EventKind.TRADE_BUSTED) + kinds.count(EventKind.TRADE_ADJUSTED)
        gaps += day.risk.stream.gaps
        day.desk.close()
    assert corrections and gaps


def order_events(rows: Records) -> Records:
    """Events that state an order: they name one, and the state that it is in."""
    kinds = (
        EventKind.ACCEPTED, EventKind.EXECUTED, EventKind.CANCELED, EventKind.REPLACED, EventKind.RESTATED,
        EventKind.TRIGGERED,
    )  # fmt: skip
    return rows[np.isin(rows["kind"], kinds)]


@pytest.mark.parametrize("seed", (200, 201, 202))
def test_execution_reports_are_complete(seed: int) -> None:
    run = random_run(seed, 4_000)
    rows = np.frombuffer(run.events.tobytes(), EVENT)
    reports = order_events(rows)
    assert len(np.unique(rows["sequence"])) == len(rows), "the execution id is given once"
    for name in ("order_id", "public_order_id", "user", "sequence", "command_sequence", "time_ns", "client_instance"):
        assert (reports[name] != 0).all(), name
    gone = reports["state"] == OrderState.CANCELED
    live = reports[~gone]
    assert (live["filled"] + live["leaves"] == live["quantity"]).all()
    assert (reports[gone]["leaves"] == 0).all()
    withdrawn = reports[reports["kind"] == EventKind.CANCELED]
    assert (withdrawn["filled"] + withdrawn["last_quantity"] == withdrawn["quantity"]).all()
    fills = reports[reports["kind"] == EventKind.EXECUTED]
    assert len(fills) > 50
    assert (fills["last_quantity"] > 0).all() and (fills["trade_id"] != 0).all()
    assert (fills["liquidity"] != Liquidity.NONE).all()
    for order_id in np.unique(fills["order_id"]):
        own = fills[fills["order_id"] == order_id]
        assert (own["filled"] == np.cumsum(own["last_quantity"])).all(), "cumulative is the sum of the fills"
    pairs = fills[["trade_id", "order_id"]]
    assert len(np.unique(pairs)) == len(pairs), "a trade fills an order once"
