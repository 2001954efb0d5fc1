"""The studies that follow from trades and are our own: VWAP, volume profiles, footprint, delta."""

from typing import Final

from app.studies.kinds import Kind, Output, Parameter

GROUP: Final = "Volume and order flow"
MINUTES_MAX: Final = 100_000_000

_BANDS: Final = (
    Parameter("band1", "Inner band, deviations", "real", 1.0, 0.0, 10.0),
    Parameter("band2", "Outer band, deviations", "real", 2.0, 0.0, 10.0),
)
_VWAP: Final = (
    Output("vwap", "line"), Output("upper1", "upper"), Output("lower1", "lower"), Output("upper2", "dashed"),
    Output("lower2", "dashed"),
)  # fmt: skip
_PROFILE: Final = (
    Parameter("percent", "Value area, percent", "whole", 70, 1, 100),
    Parameter("ticks", "Ticks a row", "whole", 0, 0, 10_000, "0: as fine as the screen shows"),
)


def _time(name: str, title: str) -> Parameter:
    return Parameter(name, title, "time", 0, 0, MINUTES_MAX, "UTC")


OWN: Final = (
    Kind("SESSION_VWAP", "VWAP of the session with bands", GROUP, (), _BANDS, _VWAP, overlay=True, source="trades"),
    Kind("ANCHORED_VWAP", "VWAP from an anchor with bands", GROUP, (), (_time("anchor", "Anchor"), *_BANDS), _VWAP,
         overlay=True, source="trades"),
    Kind("SESSION_PROFILE", "Volume profile of the session", GROUP, (), _PROFILE, (), overlay=True, source="trades"),
    Kind("VISIBLE_PROFILE", "Volume profile of what is in sight", GROUP, (), _PROFILE, (), overlay=True,
         source="trades"),
    Kind("FIXED_PROFILE", "Volume profile of a fixed range", GROUP, (),
         (_time("from", "From"), _time("to", "To"), *_PROFILE), (), overlay=True, source="trades"),
    Kind("FOOTPRINT", "Footprint: bid x ask at each price", GROUP, (),
         (Parameter("ticks", "Ticks a row", "whole", 0, 0, 10_000, "0: as fine as can be read"),
          Parameter("imbalance", "Imbalance, percent", "whole", 300, 101, 10_000),
          Parameter("least", "Imbalance, least quantity", "whole", 1, 1, 1_000_000_000)), (), overlay=True,
         source="trades"),
    Kind("DELTA", "Delta: bought less sold by aggressors", GROUP, (), (), (Output("delta", "histogram", whole=True),),
         source="trades"),
    Kind("CUMULATIVE_DELTA", "Cumulative delta of the session", GROUP, (), (), (Output("delta", "line", whole=True),),
         source="trades"),
)  # fmt: skip
