"""Answering an item: its fields, a note, a file, who says so; what follows is shown while choosing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Paste
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
from console.onboarding.words import answer_words, hidden_file, said_name
from console.readiness import Standing
from console.safe import clean
from console.screens.small_dialogs import SureDialog
from console.screens.window import crash_of_worker, window_bindings
from console.store.said import Evidence, Said
from console.typed_path import typed_path
from console.widgets.safe_text import content
from console.window_keys import hint


class Start(StrEnum):
    """Where the focus is when the window opens."""

    FIRST = "first"
    NOTE = "note"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the item while the window is open; ``seen`` counts the words that were said of it."""

    standing: Standing
    seen: int


@dataclass(frozen=True, slots=True)
class Desk:
    """What the window asks of its panel: how the item stands now, and to keep an answer.

    ``keep`` tells why it could not be kept, () where it could.
    """

    look: Callable[[], Known]
    keep: Callable[[Draft], Awaitable[tuple[str, ...]]]


class Line(Input):
    """A line that takes a pasted text whole, not its first line only."""

    def _on_paste(self, event: Paste) -> None:
        event.text = " ".join(filter(None, map(str.strip, event.text.splitlines())))


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
    """The fields of one item. ``mask`` hides what is personal while it is typed; ``said`` is proposed.

    It stays open until the answer is kept: what was typed is never lost by a file that cannot be read.
    """

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("answer")
    on_worker_state_changed = crash_of_worker

    def __init__(self, desk: Desk, *, who: str, mask: bool, start: Start, said: Said | None = None) -> None:
        super().__init__()
        known = desk.look()
        standing, self._seen = known.standing, known.seen
        self._desk = desk
        self._storing = False
        self._before: tuple[object, ...] = ()  # what stood in it as it opened
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
            yield Line(note, id="note", password=self._mask, compact=True)
            yield Static(id="files", markup=False)
            yield Static(_("File as evidence (path)"), markup=False, classes="label")
            yield Input(id="file", password=self._mask, compact=True)
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
        self._show_files()
        self._show_effects()
        self._before = self._typed()
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
            self.action_leave()
            return
        if self._storing:
            return
        try:
            draft = self._draft()
        except ConsoleError as error:
            self._refuse(" ".join(error.lines(language())))
            return
        reason = why_not(self._item, draft)
        if reason is not None:
            self._refuse(reason)
            return
        self._storing = True
        self.run_worker(
            self._keep(draft), group="answer", description="answer: keep", exclusive=True, exit_on_error=False
        )

    async def _keep(self, draft: Draft) -> None:
        """Have it kept; where that fails everything stays as it was typed."""
        try:
            why = await self._desk.keep(draft)
        finally:
            self._storing = False
        if why:
            self._refuse(" ".join([*why, *self._meanwhile()]))
        else:
            self.dismiss(draft)

    def _meanwhile(self) -> Iterator[str]:
        """What somebody else said while this window was open; their files are kept beside ours."""
        known = self._desk.look()
        if known.seen == self._seen:
            return
        self._seen, answer = known.seen, known.standing.answer
        if answer is not None:
            self._files = tuple(dict.fromkeys((*self._files, *answer.files)))
            self._show_files()
            yield answer_words(answer, mask=self._mask)

    def action_leave(self) -> None:
        """Nothing is stored; what was typed is thrown away only when asked for."""
        if self._storing:
            return
        if self._typed() == self._before:
            self.dismiss(None)
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.dismiss(None)

        self.app.push_screen(SureDialog(_("Throw away what was typed?"), _("Throw it away")), answered)

    def _refuse(self, why: str) -> None:
        place = self.query_one("#refusal", Static)
        place.update(content(f"✗ {why}", "$error"))
        self.call_after_refresh(place.scroll_visible, animate=False)

    def _show_files(self) -> None:
        """The files that are attached already."""
        place = self.query_one("#files", Static)
        lines = [content(f"▫ {hidden_file(file.name, self._mask)}") for file in self._files]
        place.update(Content("\n").join(lines))
        place.display = bool(lines)

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
            shown = value_words(one, former)
            yield Line(shown, id=f"field-{number}", password=self._mask and one.personal, compact=True)

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
        texts = ((one, self._texts(number, one)) for number, one in enumerate(self._fields))
        values = {one.key: read_value(one, found) for one, found in texts if found}
        due = read_day(self.query_one("#due", Input).value, _("By when, if it is still open"))
        at = self.query_one("#said", RadioSet).pressed_index
        path = self.query_one("#file", Input).value.strip()
        return Draft(
            said=self._words[at] if at >= 0 else Said.OPEN,
            who=self.query_one("#who", Input).value,
            note=self.query_one("#note", Input).value,
            values=values,
            paths=(typed_path(path),) if path else (),
            files=self._files,
            due=due,
            seen=self._seen,
        )

    def _typed(self) -> tuple[object, ...]:
        """Everything that stands in the window, as it was typed: only to be compared."""
        fields = (self._texts(number, one) for number, one in enumerate(self._fields))
        lines = (self.query_one(place, Input).value for place in ("#note", "#file", "#due", "#who"))
        return (self.query_one("#said", RadioSet).pressed_index, *fields, *lines)

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
        words: Sequence[str] = [consequence_words(self._item, o, values, mask=self._mask) for o in found]
        return Content("\n").join([content(f"→ {text}", "$accent", lines=True) for text in words])


def _label(one: AnswerField) -> str:
    """A field's label; a required one is marked."""
    return one.label.in_(language()) + (" *" if one.required else "")


def _words(standing: Standing) -> tuple[Said, ...]:
    """What can be said of an item: a failure is accepted only where a check failed or warned."""
    bad = standing.checked is not None and standing.checked.finding.verdict in (Verdict.FAIL, Verdict.WARN)
    accept = standing.item.kind is Kind.AUTOMATIC and (bad or standing.accepted)
    return (Said.DONE, Said.OPEN, Said.NOT_APPLICABLE, *((Said.ACCEPTED,) if accept else ()))
