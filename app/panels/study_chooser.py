"""Binds the study picker to the studies of a chart: searches, checks what is typed, draws it, puts it back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import msgspec
from PySide6.QtWidgets import QDialog, QWidget

from app.panels.chart_studies import ChartStudies
from app.studies.catalogue import found, kinds
from app.studies.choice import AVERAGES, CHOSEN_MAX, Choice, Line, checked, chosen
from app.studies.kinds import CHOICES, Kind, Parameter, ParameterInvalid
from app.studies.library import check
from widgets.pick_list import PickRow
from widgets.study_form import FormField, FormLine, StudyDraft
from widgets.study_picker import StudyPicker
from widgets.theme import Theme

TIME: Final = "%Y-%m-%d %H:%M"
TIME_HINT: Final = "UTC, as 2026-11-20 14:30"


class StudyChooser:
    """One opening of the picker."""

    def __init__(self, studies: ChartStudies, theme: Theme, parent: QWidget | None = None) -> None:
        """Show it."""
        self.studies = studies
        self.before = list(studies.choices)
        self.picker = StudyPicker(theme, parent)
        self.picker.searched.connect(self._search)
        self.picker.added.connect(self._add)
        self.picker.removed.connect(self._remove)
        self.picker.moved.connect(self._move)
        self.picker.marked.connect(self._mark)
        self.picker.edited.connect(self._edit)
        self.picker.finished.connect(self._finish)
        self._search("")
        self._show(0)
        self.picker.open()

    def _search(self, text: str) -> None:
        self.picker.set_found([PickRow(kind.name, _name(kind), kind.title, _group(kind)) for kind in found(text)])

    def _show(self, current: int) -> None:
        """The list of the chosen, and the form of one of them."""
        rows = [PickRow(place, choice.title) for place, choice in enumerate(self.studies.choices)]
        self.picker.set_chosen(rows, current)
        self._mark(self.picker.chosen.current)

    def _mark(self, place: int) -> None:
        if 0 <= place < len(self.studies.choices):
            self.picker.set_draft(draft_of(self.studies.choices[place]))
        else:
            self.picker.set_draft(StudyDraft())

    def _add(self, name: object) -> None:
        if len(self.studies.choices) >= CHOSEN_MAX:
            self.picker.form.show_problem(f"A chart shows at most {CHOSEN_MAX} studies.")
            return
        choice = chosen(kinds()[str(name)])
        self.studies.choose([*self.studies.choices, choice])
        self._show(len(self.studies.choices) - 1)

    def _remove(self, place: int) -> None:
        choices = list(self.studies.choices)
        del choices[place]
        self.studies.choose(choices)
        self._show(min(place, len(choices) - 1))

    def _move(self, place: int, to: int) -> None:
        choices = list(self.studies.choices)
        choices.insert(to, choices.pop(place))
        self.studies.choose(choices)
        self._show(to)

    def _edit(self, place: int, draft: StudyDraft) -> None:
        if not 0 <= place < len(self.studies.choices):
            return
        try:
            choice = choice_of(self.studies.choices[place], draft)
        except ParameterInvalid as error:
            self.picker.form.show_problem(str(error))
            return
        self.picker.form.show_problem("")
        choices = list(self.studies.choices)
        choices[place] = choice
        self.studies.choose(choices)
        rows = self.picker.chosen.rows
        rows[place] = PickRow(place, choice.title)
        self.picker.chosen.blockSignals(True)
        self.picker.set_chosen(rows, place)
        self.picker.chosen.blockSignals(False)

    def _finish(self, result: int) -> None:
        if result != QDialog.DialogCode.Accepted.value and self.studies.choices != self.before:
            self.studies.choose(self.before)
        self.picker.deleteLater()


def _name(kind: Kind) -> str:
    return kind.name.replace("_", " ")


def _group(kind: Kind) -> str:
    return kind.group.removesuffix(" Indicators").removesuffix(" Studies").removesuffix(" Functions")


def draft_of(choice: Choice) -> StudyDraft:
    """The form of a choice."""
    kind = choice.kind
    fields = [_field(one, choice.parameters[one.name]) for one in kind.parameters]
    for one, name in zip(kind.inputs, choice.inputs, strict=True):
        if one.chosen:
            title = "Of" if one.name == "price" else f"Of ({one.name})"
            fields.append(FormField(one.name, title, name, choices=CHOICES))
    lines = tuple(
        FormLine(output.name, line.style, line.grey, line.width, line.shown)
        for output, line in zip(kind.outputs, choice.lines, strict=True)
    )
    own_pane = choice.own_pane if kind.outputs and not kind.is_pattern else None
    return StudyDraft(f"{choice.title}: {kind.title}", tuple(fields), lines, own_pane)


def choice_of(before: Choice, draft: StudyDraft) -> Choice:
    """The choice that a form means. Raises `ParameterInvalid`."""
    kind, texts = before.kind, {one.name: one.value for one in draft.fields}
    parameters = {one.name: _value(one, texts[one.name]) for one in kind.parameters}
    inputs = tuple(texts.get(one.name, one.default) if one.chosen else one.default for one in kind.inputs)
    lines = tuple(Line(one.style, one.grey, one.width, one.shown) for one in draft.lines)  # type: ignore[arg-type]
    own_pane = before.own_pane if draft.own_pane is None else draft.own_pane
    choice = checked(msgspec.structs.replace(
        before, parameters=parameters, inputs=inputs, lines=lines, own_pane=own_pane
    ))  # fmt: skip
    if kind.source == "bars":
        check(kind, choice.parameters)
    return choice


def _field(parameter: Parameter, value: float) -> FormField:
    if parameter.type == "average":
        return FormField(parameter.name, parameter.title, AVERAGES[int(value)], parameter.hint, AVERAGES)
    if parameter.type == "time":
        text = datetime.fromtimestamp(value * 60, UTC).strftime(TIME) if value else ""
        return FormField(parameter.name, parameter.title, text, TIME_HINT)
    hint = f"{parameter.hint} {parameter.least:,g} to {parameter.greatest:,g}".strip()
    return FormField(parameter.name, parameter.title, f"{value:.10g}", hint)


def _value(parameter: Parameter, text: str) -> float:
    if parameter.type == "average":
        return AVERAGES.index(text)
    if parameter.type == "time":
        if not text.strip():
            return 0
        try:
            moment = datetime.strptime(text.strip(), TIME).replace(tzinfo=UTC)
        except ValueError as error:
            raise ParameterInvalid(f"{parameter.title} is a time, {TIME_HINT}.") from error
        return int(moment.timestamp()) // 60
    try:
        value = float(text.replace(",", ""))
    except ValueError as error:
        raise ParameterInvalid(f"{parameter.title} is a number.") from error
    is_whole = parameter.type != "real" and abs(value) < 1e15 and value == int(value)
    return parameter.checked(int(value) if is_whole else value)
