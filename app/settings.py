"""The workstation's own settings, kept between runs: one declaration each, with default and meaning.

Rules: everything here is taste (theme, layout, last instrument), but for what the session asks of the server; nothing
here decides what a single order does.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from platformdirs import user_config_path
from PySide6.QtCore import QByteArray, QSettings

from server.client.session import SessionWishes
from server.protocol.enums import AtEnd

THEMES: Final = ("dark", "light")
PALETTES: Final = ("standard", "colour_blind_safe", "east_asian")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its key in the file, its default, what it is for."""

    key: str
    default: str
    help: str


THEME: Final = Setting("look/theme", "dark", "dark or light")
PALETTE: Final = Setting("look/palette", "standard", "standard, colour_blind_safe or east_asian")
INSTRUMENT: Final = Setting("desk/instrument", "", "the symbol shown at start")
WINDOWS: Final = Setting("desk/windows", "", "panels, link groups and further windows, JSON")
MAIN_PLACE: Final = Setting("desk/place", "", "where the main window is: screen, x, y, width, height")
MOTION: Final = Setting("look/motion", "full", "full, or reduced: nothing flashes")
PRIVACY: Final = Setting("look/privacy", "off", "on: amounts of money are hidden")
WATCHLISTS: Final = Setting("watchlists/lists", "", "named lists of instruments and columns by formula, JSON")
WATCHLISTS_UNREAD: Final = Setting("watchlists/unread", "", "lists of another build that this one could not read")
BAR_SIZE: Final = Setting("chart/bar_size_ns", "300000000000", "length of a bar, ns")
AT_END: Final = Setting(
    "session/at_end", "cancel_on_disconnect", "orders of a lost session: keep, cancel_on_disconnect or cancel_always"
)
GRACE: Final = Setting("session/grace_ms", "30000", "how long they wait for the session to come back, ms")
HEARTBEAT_TIMEOUT: Final = Setting("session/heartbeat_timeout_ms", "10000", "silence after which it is lost, ms")
ALL: Final = (
    THEME, PALETTE, INSTRUMENT, WINDOWS, MAIN_PLACE, MOTION, PRIVACY, WATCHLISTS, WATCHLISTS_UNREAD, BAR_SIZE, AT_END,
    GRACE, HEARTBEAT_TIMEOUT,
)  # fmt: skip


class Settings:
    """Values by setting; without a path nothing is read and nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        """Settings of a file, which need not exist."""
        self._file = QSettings(str(path), QSettings.Format.IniFormat) if path else None
        self.drawings_directory = path.parent / "drawings" if path else None
        """Where drawings are kept, a file for each instrument; None: nowhere."""
        self._values: dict[str, str] = {}

    @classmethod
    def of_user(cls) -> "Settings":
        """The settings of the person at this machine."""
        return cls(user_config_path("tradepit") / "workstation.ini")

    def get(self, setting: Setting) -> str:
        """The value, or the default."""
        if setting.key in self._values:
            return self._values[setting.key]
        stored = self._file.value(setting.key, setting.default) if self._file else setting.default
        return str(stored)

    def put(self, setting: Setting, value: str) -> None:
        """Keep a value."""
        self._values[setting.key] = value
        if self._file is not None:
            self._file.setValue(setting.key, value)

    def document(self, name: str) -> str:
        """A text that a part of the workstation keeps under a name of its own (drawings, watchlists), "" if none."""
        return self.get(Setting(f"documents/{name}", "", ""))

    def put_document(self, name: str, text: str) -> None:
        """Keep such a text, JSON as a rule. The file is written anew as a whole, never half."""
        self.put(Setting(f"documents/{name}", "", ""), text)

    def wishes(self) -> SessionWishes:
        """What the session asks of the server. A value that means nothing leaves the choice to the server."""
        name, grace = self.get(AT_END).upper(), self.get(GRACE)
        timeout = self.get(HEARTBEAT_TIMEOUT)
        return SessionWishes(
            at_end=AtEnd[name] if name in AtEnd.__members__ else AtEnd.SERVERS_CHOICE,
            grace_ms=int(grace) if grace.isdecimal() else -1,
            heartbeat_timeout_ms=int(timeout) if timeout.isdecimal() else 0,
        )

    def layout(self) -> bytes:
        """The saved arrangement of the docks, empty if there is none."""
        stored = self._file.value("desk/layout", b"") if self._file else b""
        return bytes(stored.data()) if isinstance(stored, QByteArray) else b""

    def put_layout(self, layout: bytes) -> None:
        """Keep the arrangement of the docks."""
        if self._file is not None:
            self._file.setValue("desk/layout", QByteArray(layout))


class ConnectLine(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """The first line of standard input with `--connect-stdin`."""

    host: str
    control_port: int
    server_key: str
    user: str
    password: str
    orders: str = ""
    """Directory in which commands are kept; empty: nowhere."""
