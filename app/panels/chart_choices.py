"""What the head of a chart chooses: type, scale, axis, time zone, session breaks. Applied to the chart and kept."""

from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from PySide6.QtCore import QTimeZone

from widgets.chart import ChartView
from widgets.chart.chart_type import ChartType
from widgets.chart.value_scale import ScaleKind
from widgets.chart_bar import ChartBar

LOCAL: Final = "Local"


class ChartChoices:
    """The choices of one chart. `size_chosen` is told a size of bars."""

    def __init__(self, bar: ChartBar, view: ChartView, size_chosen: Callable[[str], None]) -> None:
        self._bar, self._view, self._size_chosen = bar, view, size_chosen
        self.chart_type, self.scale = ChartType.CANDLES, ScaleKind.LINEAR
        self.by_time, self.zone, self.breaks = False, "UTC", True
        bar.chosen.connect(self.choose)

    def choose(self, group: str, value: object) -> None:
        """Take one choice. A value of another group is a mistake of the caller."""
        match group, value:
            case "size", str(word):
                self._size_chosen(word)
            case "type", ChartType():
                self.chart_type = value
                self._view.set_chart_type(value)
            case "scale", ScaleKind():
                self.scale = value
                self._view.set_scale(value)
            case "by_time", bool():
                self.by_time = value
                self._view.set_by_time(value)
            case "zone", str(name):
                self.zone = name
                self._view.set_zone(zone_of(name))
            case "breaks", bool():
                self.breaks = value
                self._view.set_breaks(value)
        self._bar.set_choices(self.chart_type, self.scale, by_time=self.by_time, zone=self.zone, breaks=self.breaks)

    def saved(self) -> dict[str, object]:
        """As JSON values."""
        return {
            "type": self.chart_type.value, "scale": self.scale.value, "by_time": self.by_time, "zone": self.zone,
            "breaks": self.breaks,
        }  # fmt: skip

    def restore(self, saved: dict[str, object]) -> None:
        """Take what `saved` gave; unknown or missing values are left as they are."""
        for kind in ChartType:
            if saved.get("type") == kind.value:
                self.choose("type", kind)
        for scale in ScaleKind:
            if saved.get("scale") == scale.value:
                self.choose("scale", scale)
        for group in ("by_time", "breaks"):
            if isinstance(saved.get(group), bool):
                self.choose(group, saved[group])
        if isinstance(saved.get("zone"), str):
            self.choose("zone", saved["zone"])


def zone_of(name: str) -> tzinfo:
    """The time zone of a name, or of this machine; UTC where it is not known here."""
    if name == LOCAL:
        name = bytes(QTimeZone.systemTimeZoneId().data()).decode()
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
