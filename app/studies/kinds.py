"""What a study is: its inputs, parameters and outputs, as the catalogue lists them."""

from typing import Final, Literal

import msgspec

FIELDS: Final = ("open", "high", "low", "close", "volume")
"""The fields of a bar that a study can take."""

CHOICES: Final = (*FIELDS, "median", "typical", "weighted")
"""What an input can be when it may be chosen: a field, or a mean of fields."""

Place = Literal["overlay", "pane"]
Style = Literal["line", "dashed", "dotted", "chain", "histogram", "upper", "lower", "mark", "hidden"]
"""How an output is drawn at first: `upper` and `lower` bound a band, `mark` is a sign at the bar."""

ParameterType = Literal["whole", "real", "average", "time"]
Source = Literal["bars", "trades"]


class ParameterInvalid(Exception):
    """A value that a parameter cannot take; the text says why in one sentence."""


class Parameter(msgspec.Struct, frozen=True):
    """One number that shapes a study. `average` names a type of moving average, `time` counts minutes since 1970."""

    name: str
    title: str
    type: ParameterType
    default: float
    least: float
    greatest: float
    hint: str = ""

    def checked(self, value: float) -> float:
        """`value` as the parameter holds it. Raises `ParameterInvalid`."""
        if not isinstance(value, int | float) or isinstance(value, bool) or value != value:
            raise ParameterInvalid(f"{self.title} is a number.")
        if self.type != "real" and value != int(max(min(value, 1e9), -1e9)):
            raise ParameterInvalid(f"{self.title} is a whole number.")
        if not self.least <= value <= self.greatest:
            raise ParameterInvalid(f"{self.title} is from {self.least:,g} to {self.greatest:,g}, not {value:,g}.")
        return float(value) if self.type == "real" else int(value)


class Input(msgspec.Struct, frozen=True):
    """One series that a study takes: a fixed field, or one that may be chosen."""

    name: str
    default: str
    chosen: bool


class Output(msgspec.Struct, frozen=True):
    """One series that a study gives."""

    name: str
    style: Style
    whole: bool = False
    """True where values are whole numbers, as of a pattern."""


class Kind(msgspec.Struct, frozen=True):
    """One entry of the catalogue."""

    name: str
    title: str
    group: str
    inputs: tuple[Input, ...]
    parameters: tuple[Parameter, ...]
    outputs: tuple[Output, ...]
    overlay: bool = False
    """Its values are prices, to be drawn over the bars."""
    source: Source = "bars"
    """What it follows from. What follows from trades is our own, all else is TA-Lib's."""
    path_dependent: bool = False
    """Every value depends on the first bar: older history changes all of it."""

    @property
    def is_pattern(self) -> bool:
        """Whether it marks bars instead of giving a figure."""
        return all(output.style == "mark" for output in self.outputs)

    def parameter(self, name: str) -> Parameter:
        """A parameter by its name. Raises `KeyError`."""
        for one in self.parameters:
            if one.name == name:
                return one
        raise KeyError(name)
