"""Every action once: its name, words, keys and where it stands; menus, shortcuts and the palette follow from it.

Rules: the main window binds each name to what it does; an action without a binding is an error at start.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a person can ask for."""

    name: str
    text: str
    keys: str = ""
    menu: str = ""


ACTIONS: Final = (
    Action("palette", "Command line", "Ctrl+K"),
    Action("arm", "Arm or disarm one-click trading", "F9", "Trade"),
    Action("send", "Send the ticket", "Ctrl+Return", "Trade"),
    Action("buy", "Ticket: buy", "Ctrl+B", "Trade"),
    Action("sell", "Ticket: sell", "Ctrl+S", "Trade"),
    Action("cancel_selected", "Cancel the selected order", "Del", "Trade"),
    Action("cancel_buys", "Cancel buys of this instrument", "F10", "Trade"),
    Action("cancel_instrument", "Cancel all of this instrument", "F11", "Trade"),
    Action("cancel_all", "Cancel all orders of the account", "F12", "Trade"),
    Action("next", "Next instrument", "Ctrl+Down", "View"),
    Action("previous", "Previous instrument", "Ctrl+Up", "View"),
    Action("centre", "Centre the ladder", "Ctrl+Space", "View"),
    Action("studies", "Studies of the chart", "Ctrl+I", "View"),
    Action("theme", "Dark or light", "Ctrl+Shift+L", "View"),
    Action("overlay", "Performance overlay", "Ctrl+Shift+D", "View"),
    Action("palette_standard", "Colours: standard", "", "View"),
    Action("palette_colour_blind_safe", "Colours: colour-blind safe", "", "View"),
    Action("palette_east_asian", "Colours: East Asian", "", "View"),
    Action("motion", "Reduced motion on or off", "", "View"),
    Action("privacy", "Hide or show amounts of money", "Ctrl+Shift+M", "View"),
    Action("next_link", "Next link group of this panel", "Ctrl+L", "View"),
    Action("pop_out", "This panel to a window of its own, or back", "Ctrl+Shift+W", "View"),
    Action("reset_layout", "Reset the layout", "", "View"),
    Action("scalper_layout", "Scalper layout: heat map and ladder", "", "View"),
    Action("quit", "Quit", "Ctrl+Q", "View"),
)


def bind(owner: QWidget, actions: Iterable[Action], does: Mapping[str, Callable[[], object]]) -> dict[str, QAction]:
    """A QAction of `owner` for each action. Raises `KeyError` for one that nobody does."""
    bound = {}
    for action in actions:
        made = QAction(action.text, owner)
        if action.keys:
            made.setShortcut(QKeySequence(action.keys))
        made.triggered.connect(lambda _=False, do=does[action.name]: do())
        owner.addAction(made)
        bound[action.name] = made
    return bound
