"""The catalogue says what TA-Lib says; search finds what a trader types; choices survive settings, bad ones do not."""

import json

import numpy as np
import pytest
import talib
from talib import abstract

from app.studies.catalogue import FILE, found, kinds
from app.studies.choice import Choice, builtins_of, chosen, from_builtins
from app.studies.describe import described
from app.studies.kinds import CHOICES, ParameterInvalid
from app.studies.library import check, whole
from app.studies.own_kinds import OWN
from app.studies.tail_lengths import tail_length
from tests.app.studies.markets import UNITS, made_bars, truth

TALIB = [kind for kind in kinds().values() if kind.source == "bars"]


def test_all_functions_of_all_groups_are_listed() -> None:
    groups = talib.get_function_groups()
    assert {kind.name: kind.group for kind in TALIB} == {name: group for group in groups for name in groups[group]}
    for kind in TALIB:
        told = abstract.Function(kind.name).info
        assert kind.title == told["display_name"]
        assert [one.name for one in kind.parameters] == list(told["parameters"])
        assert [one.default for one in kind.parameters] == list(told["parameters"].values())
        assert [one.name for one in kind.outputs] == list(told["output_flags"])


def test_the_table_is_what_the_command_writes() -> None:
    for name in ("MAVP", "BBANDS", "CDLDOJI", "SAREXT", "OBV", "FRACTAL"):
        assert described(name) == kinds()[name]
    assert FILE.read_text(encoding="utf-8").count("\n{") == len(TALIB)


def test_parameters_are_taken_within_their_range_and_refused_beyond_it() -> None:
    bars = made_bars(200)
    for kind in TALIB:
        for parameter in kind.parameters:
            for value in (parameter.least, parameter.greatest):
                values = dict(chosen(kind, **{parameter.name: value}).parameters)
                if "minperiod" in values:
                    values["maxperiod"] = max(values["maxperiod"], values["minperiod"])
                columns = [np.ascontiguousarray(bars[one.default] / 1.0) for one in kind.inputs]
                whole(kind, values, columns)
            with pytest.raises(ParameterInvalid):
                parameter.checked(parameter.greatest * 2 + 1)
            with pytest.raises(ParameterInvalid):
                parameter.checked(float("nan"))
            with pytest.raises(ParameterInvalid):
                parameter.checked(float("inf"))


def test_parameters_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ParameterInvalid):
        check(kinds()["MAVP"], {"minperiod": 40, "maxperiod": 30, "matype": 0})
    check(kinds()["MAVP"], {"minperiod": 20, "maxperiod": 30, "matype": 0})


@pytest.mark.parametrize(
    ("text", "first"),
    [("rsi", "RSI"), ("bollinger", "BBANDS"), ("ema", "EMA"), ("poc", "SESSION_PROFILE"), ("cvd", "CUMULATIVE_DELTA"),
     ("footprint", "FOOTPRINT"), ("engulf", "CDLENGULFING"), ("keltner", "KC"), ("obv", "OBV"), ("heikin", "HA"),
     ("awesome", "AO"), ("true range average", "ATR"), ("psar", "SAR")],
)  # fmt: skip
def test_search_finds_what_a_trader_types(text: str, first: str) -> None:
    assert found(text)[0].name == first


def test_search_of_nothing_is_everything_and_of_nonsense_nothing() -> None:
    assert len(found("  ")) == len(TALIB) + len(OWN)
    assert found("qqqq") == []


def test_choices_survive_the_settings() -> None:
    choices = [*[chosen(kind) for kind in kinds().values()][:30], chosen(kinds()["EMA"], timeperiod=9)]
    assert from_builtins(json.loads(json.dumps(builtins_of(choices)))) == choices
    assert from_builtins(None) == []


@pytest.mark.parametrize(
    "kept",
    [{}, [1], [{"name": "NO_SUCH"}], [{"name": "EMA", "parameters": {"timeperiod": 0}}],
     [{"name": "EMA", "parameters": {"timeperiod": 2.5}}], [{"name": "EMA", "inputs": ["bid"]}], None, ["EMA"], "EMA"],
)  # fmt: skip
def test_what_was_kept_and_means_nothing_is_left_out(kept: object) -> None:
    assert from_builtins(kept) == []


def test_a_study_of_another_field() -> None:
    rows = made_bars(300)
    for field in CHOICES:
        choice = Choice("EMA", {"timeperiod": 5}, (field,))
        assert np.isfinite(truth(choice, rows)[0, 10:]).all()


def test_titles_say_what_was_chosen() -> None:
    assert chosen(kinds()["BBANDS"]).title == "BBANDS 20 2 2"
    assert chosen(kinds()["BBANDS"], matype=1).title == "BBANDS 20 2 2 EMA"
    assert chosen(kinds()["CDLDOJI"]).title == "DOJI"
    assert Choice("EMA", {"timeperiod": 5}, ("volume",)).title == "EMA 5 volume"


def test_tails_agree_with_the_whole_series() -> None:
    """On bars that the table was not measured on, and with other periods."""
    rows = made_bars(9_000, 11, middle=40_000)
    checked = 0
    for kind in TALIB:
        scaled = {one.name: 17 for one in kind.parameters if one.name in ("timeperiod", "slowperiod", "fastk_period")}
        choice = chosen(kind, **scaled)
        length = tail_length(kind, choice.parameters)
        if length is None or length > 5_000:
            continue
        checked += 1
        expected = truth(choice, rows, UNITS)
        part = truth(choice, rows[-length - 50 :], UNITS)
        np.testing.assert_allclose(
            part[:, length:], expected[:, -50:], rtol=1e-9, atol=1e-9, equal_nan=True, err_msg=kind.name
        )
    assert checked > 170
