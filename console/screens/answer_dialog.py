"""Answering an item: its fields, a note, a file, who says so; what follows is shown while choosing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Checkbox, Input, RadioButton, RadioSet, Static

from checklists.model import AnswerField, FieldKind, Kind
from connectors.contract import Verdict
from console import formats
from console.errors import ConsoleError
from console.i18n import _, language
from console.onboarding.answering import (
    Draft,
    Values,
    consequence_words,
    consequences,
    read_day,
    read_value,
    value_words,
    why_not,
)
from console.onboarding.words import said_name
from console.readiness import Standing
from console.safe import clean
from console.screens.window import window_bindings
from console.store.said import Evidence, Said
from console.widgets.safe_text import content
from console.window_keys import hint


class Start(StrEnum):
    """Where the focus is when the window opens."""

    FIRST = "first"
    NOTE = "note"
    FILE = "file"


class OneOf(RadioButton):
    """A choice whose mark can be seen without colours."""

    def on_mount(self) -> None:
        """Fill or empty the mark."""
        self.BUTTON_INNER = "●" if self.value else " "

    def watch_value(self) -> None:
        """Fill or empty the mark."""
        self.on_mount()
        super().watch_value()


class AnyOf(Checkbox):
    """The same where several can be chosen."""

    def on_mount(self) -> None:
        """Fill or empty the mark."""
        self.BUTTON_INNER = "X" if self.value else " "

    def watch_value(self) -> None:
        """Fill or empty the mark."""
        self.on_mount()
        super().watch_value()


class AnswerDialog(ModalScreen[Draft | None]):
    """The fields of one item. ``mask`` hides what is personal while it is typed; ``said`` is proposed."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("answer")

    def __init__(
        self, standing: Standing, *, who: str, mask: bool, start: Start, said: Said | None = None
    ) -> None:
        super().__init__()
        self._item = standing.item
        self._fields = tuple(one for one in self._item.fields if one.kind is not FieldKind.FILE)
        self._former = standing.answer
        self._who = who or (standing.answer.who if standing.answer else "")
        self._mask = mask
        self._start = start
        self._words = _words(standing)
        kept = self._former.said if self._former else Said.DONE if start is Start.FIRST else Said.OPEN
        self._said = said or kept
        due = self._former.due if self._former else None
        self._due = formats.date(due) if due is not None and self._said is Said.OPEN else ""
        self._files: tuple[Evidence, ...] = self._former.files if self._former else ()

    def compose(self) -> ComposeResult:
        """How to do it, what is said, the fields, what follows, note, file, name, two buttons."""
        with VerticalScroll(classes="dialog wide"):
            yield Static(content(self._item.title.in_(language())), markup=False, classes="title")
            yield Static(content(self._item.how.in_(language()), lines=True), markup=False, classes="hint")
            with RadioSet(id="said", compact=True):
                for word in self._words:
                    yield OneOf(said_name(word), value=word is self._said)
            for number, one in enumerate(self._fields):
                yield Static(content(_label(one)), markup=False, classes="label")
                yield from self._widget(number, one)
            yield Static(id="effects", markup=False)
            yield Static(_("Note (what was found or agreed, or the reason)"), markup=False, classes="label")
            note = self._former.note if self._former else ""
            yield Input(note, id="note", password=self._mask, compact=True)
            for file in self._files:
                yield Static(content(f"▫ {file.name}"), markup=False)
            yield Static(_("File as evidence (path)"), markup=False, classes="label")
            yield Input(id="file", compact=True)
            yield Static(_("By when, if it is still open"), markup=False, classes="label")
            yield Input(self._due, id="due", compact=True)
            yield Static(_("Who says so"), markup=False, classes="label")
            yield Input(self._who, id="who", password=self._mask, compact=True)
            yield Static(id="refusal", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(_("Store"), id="yes", variant="primary")
                yield Button(_("Leave it (Esc)"), id="no")
            yield Static(hint("answer"), markup=False, classes="hint")

    def on_mount(self) -> None:
        """Begin where the work is."""
        self._show_effects()
        focus = {Start.NOTE: "#note", Start.FILE: "#file"}.get(self._start, "#said")
        if self._start is Start.FIRST and self._fields:
            focus = "#field-0 AnyOf" if self._fields[0].kind is FieldKind.CHOICES else "#field-0"
        self.query(focus).first().focus()

    def on_input_changed(self) -> None:
        """What follows may depend on it."""
        self._show_effects()

    def on_radio_set_changed(self) -> None:
        """What follows may depend on it."""
        self._show_effects()

    def on_checkbox_changed(self) -> None:
        """What follows may depend on it."""
        self._show_effects()

    def on_input_submitted(self) -> None:
        """Enter leads to the next line."""
        self.focus_next()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Hand on the answer, or say what is wrong with it."""
        if event.button.id != "yes":
            self.dismiss(None)
            return
        try:
            draft = self._draft()
        except ConsoleError as error:
            self._refuse(" ".join(error.lines(language())))
            return
        reason = why_not(self._item, draft)
        if reason is None:
            self.dismiss(draft)
        else:
            self._refuse(reason)

    def action_leave(self) -> None:
        """Nothing is stored."""
        self.dismiss(None)

    def _refuse(self, why: str) -> None:
        self.query_one("#refusal", Static).update(content(f"✗ {why}", "$error"))

    def _widget(self, number: int, one: AnswerField) -> ComposeResult:
        """The widget of a field, with what was answered last."""
        former = self._former.values.get(one.key, "") if self._former else ""
        if one.kind is FieldKind.CHOICE:
            with RadioSet(id=f"field-{number}", compact=True):
                for choice in one.choices:
                    label = Content(clean(choice.label.in_(language())))
                    yield OneOf(label, value=choice.key == former)
        elif one.kind is FieldKind.CHOICES:
            held = (former,) if isinstance(former, str) else former
            with Vertical(id=f"field-{number}", classes="boxes"):
                for choice in one.choices:
                    label = Content(clean(choice.label.in_(language())))
                    yield AnyOf(label, value=choice.key in held, compact=True)
        else:
            personal = self._mask and one.kind in (FieldKind.PERSON, FieldKind.TEXT)
            shown = value_words(one, former) if one.kind is FieldKind.DATE else str(former)
            yield Input(shown, id=f"field-{number}", password=personal, compact=True)

    def _texts(self, number: int, one: AnswerField) -> tuple[str, ...]:
        """What stands in a field now."""
        if one.kind is FieldKind.CHOICE:
            at = self.query_one(f"#field-{number}", RadioSet).pressed_index
            return (one.choices[at].key,) if at >= 0 else ()
        if one.kind is FieldKind.CHOICES:
            boxes = self.query(f"#field-{number} AnyOf").results(AnyOf)
            return tuple(choice.key for choice, box in zip(one.choices, boxes, strict=True) if box.value)
        text = self.query_one(f"#field-{number}", Input).value.strip()
        return (text,) if text else ()

    def _draft(self) -> Draft:
        """The answer as it stands. Raises ConsoleError for a field that cannot hold what is in it."""
        at = self.query_one("#said", RadioSet).pressed_index
        path = self.query_one("#file", Input).value.strip()
        due = read_day(self.query_one("#due", Input).value, _("By when, if it is still open"))
        return Draft(
            said=self._words[at] if at >= 0 else Said.OPEN,
            who=self.query_one("#who", Input).value,
            note=self.query_one("#note", Input).value,
            values=dict(self._values()),
            paths=(Path(path).expanduser(),) if path else (),
            files=self._files,
            due=due,
        )

    def _values(self) -> Iterator[tuple[str, str | tuple[str, ...]]]:
        for number, one in enumerate(self._fields):
            if texts := self._texts(number, one):
                yield one.key, read_value(one, texts)

    def _show_effects(self) -> None:
        """What follows from what stands there now; a field that is not finished counts as empty."""
        values: dict[str, str | tuple[str, ...]] = {}
        for number, one in enumerate(self._fields):
            try:
                texts = self._texts(number, one)
                values |= {one.key: read_value(one, texts)} if texts else {}
            except ConsoleError:
                continue
        self.query_one("#effects", Static).update(self._effects(values))

    def _effects(self, values: Values) -> Content:
        found = consequences(self._item, values)
        words: Sequence[str] = [consequence_words(self._item, one, values) for one in found]
        return Content("\n").join([content(f"→ {text}", "$accent", lines=True) for text in words])


def _label(one: AnswerField) -> str:
    """A field's label; a required one is marked."""
    return one.label.in_(language()) + (" *" if one.required else "")


def _words(standing: Standing) -> tuple[Said, ...]:
    """What can be said of an item: a failure is accepted only where a check failed or warned."""
    bad = standing.checked is not None and standing.checked.finding.verdict in (Verdict.FAIL, Verdict.WARN)
    accept = standing.item.kind is Kind.AUTOMATIC and (bad or standing.accepted)
    return (Said.DONE, Said.OPEN, Said.NOT_APPLICABLE, *((Said.ACCEPTED,) if accept else ()))
