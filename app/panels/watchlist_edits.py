"""What a person can do with the lists of a watchlist: menus, questions, files; every edit is undone by one key."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from app.desk import Desk
from app.models.expressions import ExpressionError, parse
from app.models.instrument_fields import FIELDS
from app.models.shared_watchlists import Formula
from app.models.watchlist_columns import COLUMNS
from app.models.watchlist_model import WatchlistModel
from app.panels.watchlist_files import WatchlistFiles
from app.state.watchlists import Line, Watchlist
from widgets.formula_dialog import FormulaDialog
from widgets.theme import Theme


class WatchlistEdits(QObject):
    """Edits of the list that a model shows; `shown(name)` when another list is to be shown ("" is all instruments)."""

    show_list = Signal(str)

    def __init__(self, desk: Desk, model: WatchlistModel, parent: QWidget, theme: Callable[[], Theme]) -> None:
        """Nothing is edited."""
        super().__init__(parent)
        self._desk, self._model, self._window, self._theme = desk, model, parent, theme
        self.formula_dialog: FormulaDialog | None = None
        self.files = WatchlistFiles(desk, model, parent, self.new_list)

    @property
    def listed(self) -> Watchlist | None:
        """The list that is shown, None for all instruments."""
        return self._model.listed

    def add(self, texts: Sequence[str], before: int = -1) -> list[str]:
        """Put instruments (symbols, ISINs, names) in before a line of the model; returns what is none."""
        table = self._desk.state.market.instruments
        known = {text: table.by_code(text) for text in texts}
        symbols = [one.symbol for one in known.values() if one is not None]
        self._edit(lambda listed: listed.with_symbols(symbols, self._place(before)))
        return [text for text, one in known.items() if one is None]

    def move(self, lines: Sequence[int], before: int) -> None:
        """Put lines of the model before another one (-1: at the end)."""
        place = self._place(before)
        self._edit(lambda listed: listed.moved(self._places(lines), len(listed.lines) if place < 0 else place))

    def step(self, lines: Sequence[int], down: bool) -> None:
        """Move lines past the next one."""
        self._edit(lambda listed: listed.stepped(self._places(lines), down))

    def remove(self, lines: Sequence[int]) -> None:
        """Take lines out."""
        self._edit(lambda listed: listed.without(self._places(lines)))

    def fold(self, line: int) -> None:
        """Open or close a group."""
        heading, place = self._model.line_at(line)
        if self.listed is None:
            self._model.fold_all_list(heading.heading)
        else:
            self._edit(lambda listed: listed.folded(place))

    def undo(self) -> None:
        """Take the last edit back."""
        self._desk.watchlists.edit(lambda book: book.undo())

    def redo(self) -> None:
        """Make it again."""
        self._desk.watchlists.edit(lambda book: book.redo())

    def new_list(self, name: str, lines: Sequence[Line] = ()) -> None:
        """A list of that name, shown at once."""
        book = self._desk.watchlists.book
        made = Watchlist(book.free_name(name), tuple(lines))
        self._desk.watchlists.edit(lambda lists: lists.put(made))
        self.show_list.emit(made.name)

    def rename(self, name: str) -> None:
        """Another name for the list that is shown."""
        listed = self.listed
        if listed is not None:
            got = [listed.name]
            self._desk.watchlists.edit(lambda book: got.append(book.rename(listed.name, name)))
            self.show_list.emit(got[-1])

    def delete(self) -> None:
        """The list that is shown goes; Undo brings it back."""
        listed = self.listed
        if listed is not None:
            self._desk.watchlists.edit(lambda book: book.remove(listed.name))
            self.show_list.emit("")
            self._desk.message.emit("terms", "LIST DELETED", f"{listed.name} · Ctrl+Z in the watchlist brings it back")

    def menu(self, lines: Sequence[int]) -> QMenu:
        """Everything that can be done now."""
        menu = QMenu(self._window)
        menu.aboutToHide.connect(menu.deleteLater)
        own = self.listed is not None
        heading = self._model.line_at(lines[0]) if len(lines) == 1 else None
        menu.addAction("New list…", lambda: self._ask("New list", "List", self.new_list))
        menu.addAction("Copy into a new list", self._copy)
        for text, does in (
            ("Rename list…", lambda: self._ask("Rename list", self.listed.name if self.listed else "", self.rename)),
            ("Delete list", self.delete),
        ):
            menu.addAction(text, does).setEnabled(own)
        menu.addSeparator()
        add = menu.addAction(
            "Add group…", lambda: self._ask("Add group", "Group", lambda name: self._head(name, lines))
        )
        add.setEnabled(own)
        if own and heading is not None and heading[0].heading:
            line, place = heading
            menu.addAction("Rename group…", lambda: self._ask(
                "Rename group", line.heading, lambda name: self._edit(lambda listed: listed.renamed(place, name))
            ))  # fmt: skip
        menu.addAction("Remove\tDel", lambda: self.remove(lines)).setEnabled(own and bool(lines))
        menu.addAction("Undo\tCtrl+Z", self.undo)
        menu.addAction("Redo\tCtrl+Shift+Z", self.redo)
        menu.addSeparator()
        menu.addAction("Import…", self.files.ask_import)
        menu.addAction("Export…", self.files.ask_export)
        menu.addSeparator()
        menu.addAction("Add column by formula…", self.ask_formula)
        for formula in self._desk.watchlists.formulas:
            of_its_own = menu.addMenu(f"Column {formula.title}")
            of_its_own.addAction("Change…", lambda formula=formula: self.ask_formula(formula))
            of_its_own.addAction("Remove", lambda formula=formula: self._desk.watchlists.remove_formula(formula.title))
        return menu

    def show_menu(self, at: QPoint, lines: Sequence[int]) -> None:
        """The menu, there."""
        self.menu(lines).popup(at)

    def ask_formula(self, formula: Formula | None = None) -> None:
        """Ask for a column by formula, or for what becomes of one."""
        dialog = self.formula_dialog = FormulaDialog(self._theme(), problem_of, FIELDS, self._window)
        if formula is not None:
            dialog.set_formula(formula.title, formula.text, formula.decimals)
        former = formula.title if formula else ""
        dialog.formulaTaken.connect(lambda *parts: self._take_formula(Formula(*parts), former))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take_formula(self, formula: Formula, former: str) -> None:
        """A title belongs to one column: a number comes behind one that is taken."""
        taken = {column.heading.title for column in COLUMNS}
        taken |= {one.title for one in self._desk.watchlists.formulas if one.title != former}
        title, number = formula.title, 2
        while title in taken:
            title = f"{formula.title} {number}"
            number += 1
        self._desk.watchlists.put_formula(Formula(title, formula.text, formula.decimals), former)

    def _head(self, name: str, lines: Sequence[int]) -> None:
        before = self._place(lines[0]) if lines else -1
        self._edit(lambda listed: listed.with_heading(name, before))

    def _copy(self) -> None:
        name = self.listed.name if self.listed else "All instruments"
        self.new_list(name, self.listed.lines if self.listed else self._model.all_lines())

    def _edit(self, does: Callable[[Watchlist], Watchlist]) -> None:
        listed = self.listed
        if listed is None:
            self._desk.message.emit("terms", "NOT CHANGED", "All instruments cannot be edited; make a list of your own")
            return
        changed = does(listed)
        self._desk.watchlists.edit(lambda book: book.put(changed))

    def _places(self, lines: Sequence[int]) -> list[int]:
        return [self._model.line_at(line)[1] for line in lines]

    def _place(self, line: int) -> int:
        return self._model.line_at(line)[1] if line >= 0 else -1

    def _ask(self, title: str, text: str, then: Callable[[str], None]) -> None:
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle(title)
        dialog.setLabelText("Name")
        dialog.setTextValue(text)
        dialog.textValueSelected.connect(then)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def problem_of(text: str) -> str:
    """Why a text is no formula, empty if it is one."""
    try:
        parse(text, FIELDS)
    except ExpressionError as error:
        return str(error)
    return ""
