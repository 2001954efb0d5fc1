"""`python -m app.studies.describe`: asks TA-Lib for all of its functions and writes `catalogue.json`.

Rules: ranges are found by trying, since TA-Lib does not tell them; what its flags say wrongly or not at all for a
chart is corrected here, each with its reason.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

import msgspec
import numpy as np

from app.studies.catalogue import FILE
from app.studies.kinds import FIELDS, Input, Kind, Output, Parameter, ParameterType, Style

talib: Any = import_module("talib")
abstract: Any = import_module("talib.abstract")

_BARS: Final = 400
_WHOLE_MIN: Final = (0, 1, 2, 3, 4, 5)
_WHOLE_MAX: Final = (100, 1_000, 10_000, 100_000, 1_000_000)
_REAL_MIN: Final = (-3e37, -1e6, -100.0, -1.0, 0.0, 0.01, 0.1, 1.0)
_REAL_MAX: Final = (0.99, 1.0, 10.0, 100.0, 1e6, 3e37)
_AVERAGES: Final = 13
_SAME_SCALE: Final = "Output scale same as input"
_PATH: Final = "Output is path-dependent"
_CANDLE: Final = "Output is a candlestick"

_NOT_PRICES: Final = {"AVGDEV"}
"""Same unit as the price, and yet nowhere near it."""
_COUNTS_FROM_THE_FIRST_BAR: Final = {"MAXINDEX", "MININDEX", "MINMAXINDEX"}
"""Bars are numbered from the first: older history renumbers them."""
_STYLES: Final[dict[tuple[str, str], Style]] = {
    ("FRACTAL", "swinghigh"): "mark", ("FRACTAL", "swinglow"): "mark", ("SUPERTREND", "trend"): "hidden",
    ("STOCH", "slowk"): "line", ("KDJ", "d"): "dashed", ("STOCHF", "fastd"): "dashed", ("STOCHRSI", "fastd"): "dashed",
    ("VORTEX", "minusvi"): "dashed", ("ERI", "bullpower"): "histogram", ("ERI", "bearpower"): "dashed",
}  # fmt: skip
"""Two lines that nothing tells apart, or whole numbers that are no line."""


def _series() -> dict[str, Any]:
    draw = np.random.default_rng(1)
    close = 180.0 + np.cumsum(draw.integers(-5, 6, _BARS)) / 10
    opened = close + draw.integers(-3, 4, _BARS) / 10
    high = np.maximum(opened, close) + draw.integers(0, 4, _BARS) / 10
    low = np.minimum(opened, close) - draw.integers(0, 4, _BARS) / 10
    volume = draw.integers(1, 1000, _BARS).astype(np.float64)
    return {"open": opened, "high": high, "low": low, "close": close, "volume": volume}


def _takes(name: str, series: list[Any], values: dict[str, float]) -> bool:
    if "minperiod" in values:  # TA-Lib wants it below the other one
        values = {**values, "maxperiod": _WHOLE_MAX[-2]}
    try:
        getattr(talib, name)(*series, **values)
    except Exception:  # noqa: BLE001 - TA-Lib raises a bare Exception for a bad parameter
        return False
    return True


def _type(code: int) -> ParameterType:
    return {0: "real", 2: "whole", 3: "average"}[code]  # type: ignore[return-value]


def _parameter(name: str, place: int, takes: Callable[[dict[str, float]], bool]) -> Parameter:
    told = talib._ta_lib._ta_getOptInputParameterInfo(name.encode(), place)  # noqa: SLF001 - nothing public has titles
    kind, key, default = _type(told["type"]), told["name"], told["default_value"]
    if kind == "average":
        least, greatest = 0.0, float(_AVERAGES)
    else:
        lower, upper = (_REAL_MIN, _REAL_MAX) if kind == "real" else (_WHOLE_MIN, _WHOLE_MAX)
        least = next(float(value) for value in lower if takes({key: value}))
        greatest = next(float(value) for value in reversed(upper) if takes({key: value}))
    return Parameter(key, told["display_name"], kind, float(default), least, greatest, told["help"])


def _inputs(told: dict[str, Any]) -> tuple[Input, ...]:
    inputs: list[Input] = []
    for name, fields in told.items():
        if isinstance(fields, list):
            inputs += [Input(field, field, chosen=False) for field in fields]
        else:
            inputs.append(Input(name, fields if fields in FIELDS else "close", chosen=True))
    return tuple(inputs)


def _output(name: str, output: str, flags: list[str], *, candle: bool) -> Output:
    style: Style = "line"
    if candle:
        style = "mark"
    elif "Histogram" in flags:
        style = "histogram"
    elif "Values represent an upper limit" in flags:
        style = "upper"
    elif "Values represent a lower limit" in flags:
        style = "lower"
    elif "Dashed Line" in flags:
        style = "dashed"
    return Output(output, _STYLES.get((name, output), style), whole=output == "integer" or candle)


def described(name: str) -> Kind:
    """One function of TA-Lib as the catalogue lists it."""
    told = abstract.Function(name).info
    flags = told["function_flags"] or []
    inputs = _inputs(told["input_names"])
    columns = _series()
    series = [columns[one.default] for one in inputs]
    candle = _CANDLE in flags
    parameters = tuple(
        _parameter(name, place, lambda values: _takes(name, series, values)) for place in range(len(told["parameters"]))
    )
    results = getattr(talib, name)(*series)
    dtypes = [one.dtype.kind for one in (results if isinstance(results, tuple) else (results,))]
    outputs = tuple(
        msgspec.structs.replace(_output(name, output, marks, candle=candle), whole=kind == "i")
        for (output, marks), kind in zip(told["output_flags"].items(), dtypes, strict=True)
    )
    return Kind(
        name, told["display_name"], told["group"], inputs, parameters, outputs,
        overlay=(_SAME_SCALE in flags and name not in _NOT_PRICES) or all(one.style == "mark" for one in outputs),
        path_dependent=_PATH in flags or name in _COUNTS_FROM_THE_FIRST_BAR,
    )  # fmt: skip


def described_all() -> list[Kind]:
    """All functions, in TA-Lib's order of groups."""
    return [described(name) for names in talib.get_function_groups().values() for name in names]


def main() -> int:
    """Writes the table. Returns the exit status."""
    lines = [msgspec.json.encode(kind).decode() for kind in described_all()]
    FILE.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    sys.stdout.write(f"{FILE.name}: {len(lines)} functions\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
