"""What a person chose to see on a chart: studies with their parameters, inputs and styles, as settings keep them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from app.studies.catalogue import kinds
from app.studies.kinds import CHOICES, Kind, Parameter, ParameterInvalid, Style

CHOSEN_MAX: Final = 32
SHORT: Final = {
    "SESSION_VWAP": "VWAP", "ANCHORED_VWAP": "AVWAP", "VWAP": "VWAP of all", "CUMULATIVE_DELTA": "CVD",
    "SESSION_PROFILE": "Profile session", "VISIBLE_PROFILE": "Profile in sight", "FIXED_PROFILE": "Profile range",
    "FOOTPRINT": "Footprint", "DELTA": "Delta",
}  # fmt: skip
AVERAGES: Final = (
    "SMA", "EMA", "WMA", "DEMA", "TEMA", "TRIMA", "KAMA", "MAMA", "T3", "HMA", "none", "its own", "ZLEMA", "RMA",
)  # fmt: skip
"""What the numbers of types of averages mean."""


class Line(msgspec.Struct, frozen=True):
    """How one output is drawn."""

    style: Style = "line"
    grey: int = 1
    """0 is the strongest of four greys."""
    width: float = 1.0
    shown: bool = True


class Choice(msgspec.Struct, frozen=True):
    """One study of a chart."""

    name: str
    parameters: dict[str, float] = {}
    inputs: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    own_pane: bool = False

    @property
    def kind(self) -> Kind:
        """Its entry of the catalogue. Raises `KeyError`."""
        return kinds()[self.name]

    @property
    def title(self) -> str:
        """What a legend says: the short name and the parameters."""
        told = [one for one in self.kind.parameters if one.name in self.parameters and _is_told(one, self.parameters)]
        figures = " ".join(_figure(one, self.parameters[one.name]) for one in told)
        field = "" if all(one in (i.default, "") for one, i in zip(self.inputs, self.kind.inputs, strict=True)) else (
            " " + " ".join(one for one, i in zip(self.inputs, self.kind.inputs, strict=True) if i.chosen)
        )  # fmt: skip
        name = SHORT.get(self.name) or self.name.removeprefix("CDL").replace("_", " ")
        return f"{name} {figures}{field}".strip()


def chosen(kind: Kind, **parameters: float) -> Choice:
    """A study with its defaults, but for some parameters. Raises `ParameterInvalid`, `KeyError`."""
    values = {one.name: one.checked(_plain(one.default, one.type)) for one in kind.parameters}
    for name, value in parameters.items():
        values[name] = kind.parameter(name).checked(value)
    lines = tuple(
        Line(output.style, 3 if output.style in ("upper", "lower") else min(place + 1, 2))
        for place, output in enumerate(kind.outputs)
    )
    return Choice(kind.name, values, tuple(one.default for one in kind.inputs), lines, not kind.overlay)


def checked(choice: Choice) -> Choice:
    """A choice that may come from a file: complete and within its ranges. Raises `ParameterInvalid`."""
    if choice.name not in kinds():
        raise ParameterInvalid(f"There is no study {choice.name}.")
    kind = choice.kind
    known = {one.name for one in kind.parameters}
    whole = chosen(kind, **{name: value for name, value in choice.parameters.items() if name in known})
    inputs = choice.inputs if len(choice.inputs) == len(kind.inputs) else whole.inputs
    for name, one in zip(inputs, kind.inputs, strict=True):
        if name != one.default and not (one.chosen and name in CHOICES):
            raise ParameterInvalid(f"{kind.title} cannot take {name!r} as {one.name}.")
    lines = choice.lines if len(choice.lines) == len(kind.outputs) else whole.lines
    return msgspec.structs.replace(choice, parameters=whole.parameters, inputs=inputs, lines=lines)


def builtins_of(choices: Sequence[Choice]) -> list[object]:
    """Choices as JSON values, to be kept."""
    kept: list[object] = msgspec.to_builtins(list(choices))
    return kept


def from_builtins(values: object) -> list[Choice]:
    """What was kept; a study that no longer means anything is left out."""
    good = []
    for value in values[:CHOSEN_MAX] if isinstance(values, list) else []:
        try:
            good.append(checked(msgspec.convert(value, Choice)))
        except (ParameterInvalid, msgspec.ValidationError):
            continue
    return good


def _plain(value: float, kind: str) -> float:
    return value if kind == "real" else int(value)


def _is_told(parameter: Parameter, values: dict[str, float]) -> bool:
    """A type of average or a time is told only where it is not the usual one."""
    return parameter.type not in ("average", "time") or values[parameter.name] != parameter.default


def _figure(parameter: Parameter, value: float) -> str:
    if parameter.type == "average":
        return AVERAGES[int(value)]
    if parameter.type == "time":
        return datetime.fromtimestamp(value * 60, UTC).strftime("%d %b %H:%M")
    return f"{value:g}"
