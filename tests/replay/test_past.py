"""The past of a replayed day is what the check replays, cut where it should be, and nobody but the street may trade."""

import numpy as np

from server.engine.exchange import Exchange
from server.protocol.enums import CommandKind, EventKind, Phase, RejectReason
from server.protocol.records import COMMAND
from server.tools.replay_check import compare_deletes, compare_trades
from server.tools.replay_feed import fill_steps
from server.tools.replay_messages import read_day
from server.tools.replay_past import CLIENT_INSTANCE, VIEWER, cut, past_commands, replay_reference
from server.tools.replay_run import apply_all
from tests.golden import make_day

MIDNIGHT_NS = 1_675_699_200 * 10**9
HOUR_NS = 3600 * 10**9
PASSWORDS = ("one", "two")


def test_the_whole_day_as_past_gives_every_trade_and_delete() -> None:
    day = read_day(make_day.PATH)
    script = cut(day, MIDNIGHT_NS, 24 * HOUR_NS)
    assert script.coming == []
    events, _ = apply_all(Exchange(), past_commands(replay_reference(day, PASSWORDS), script))
    assert not (events["kind"] == EventKind.REJECTED).any()
    for comparison in (*compare_trades(day, events), compare_deletes(day, events)):
        assert comparison.equal == comparison.published > 0
        assert comparison.differences == ()


def test_the_day_is_cut_at_the_time() -> None:
    day = read_day(make_day.PATH)
    script = cut(day, MIDNIGHT_NS, 10 * HOUR_NS)
    assert script.past[-1].time_ns < 10 * HOUR_NS <= script.coming[0].time_ns
    assert script.start_ns == MIDNIGHT_NS + 10 * HOUR_NS
    commands = past_commands(replay_reference(day, PASSWORDS), script)
    assert (np.diff(commands["time_ns"]) > 0).all()
    assert commands["time_ns"][-1] < script.start_ns
    assert commands["sequence"].tolist() == list(range(1, len(commands) + 1))
    assert commands["kind"][-1] == CommandKind.SESSION_CLOSED


def test_a_day_from_its_beginning_has_a_founded_market_as_past() -> None:
    day = read_day(make_day.PATH)
    script = cut(day, MIDNIGHT_NS, 9 * HOUR_NS)
    assert script.past == []
    events, _ = apply_all(Exchange(), past_commands(replay_reference(day, PASSWORDS), script))
    assert not (events["kind"] == EventKind.REJECTED).any()


def test_the_viewer_may_not_trade() -> None:
    day = read_day(make_day.PATH)
    script = cut(day, MIDNIGHT_NS, 10 * HOUR_NS)
    exchange = Exchange()
    past = past_commands(replay_reference(day, PASSWORDS), script)
    apply_all(exchange, past)
    commands = np.zeros(3, COMMAND)
    fill_steps(commands, [step for step in script.coming if step.kind == CommandKind.NEW_ORDER][:3])
    commands["kind"][0], commands["session"][0] = CommandKind.SESSION_OPENED, 9
    commands["user"], commands["session"], commands["client_instance"] = VIEWER, 9, CLIENT_INSTANCE
    commands["counter"] = (0, 1, 2)
    commands["account"][2] = 2
    commands["sequence"] = past["sequence"][-1] + np.arange(1, 4)
    commands["time_ns"] = script.start_ns + np.arange(3)
    events = exchange.apply(commands).events
    assert events["reason"][1:].tolist() == [RejectReason.NOT_PERMITTED] * 2


def test_phases_are_steps_of_their_own() -> None:
    script = cut(read_day(make_day.PATH), MIDNIGHT_NS, 9 * HOUR_NS)
    phases = [step.side for step in script.coming if step.kind == CommandKind.SET_PHASE]
    assert phases == [Phase.PRE_OPEN, Phase.CONTINUOUS, Phase.CLOSING_CALL, Phase.CLOSED]
