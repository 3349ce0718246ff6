"""A workbook that came back: what it would answer, cell by cell, before anything of it is kept."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from console.cockpit import Cockpit
from console.handouts import words
from console.handouts.proposals import Found, Preview, Proposal
from console.handouts.take_in import Kept
from console.i18n import _, language
from console.onboarding.takeover import Proposal as Setting
from console.safe import clean
from console.screens.consent import consented
from console.screens.window import crash_of_worker, window_bindings
from console.typed_path import typed_path
from console.widgets.record_model import Column, Rows, Selection, TableRow, Tone
from console.widgets.record_table import RecordTable
from console.widgets.safe_text import content
from console.window_keys import hint

TONES = {Found.ANSWER: Tone.GOOD, Found.CHANGE: Tone.NORMAL, Found.CONFLICT: Tone.WARN}
DOUBT = "doubt "
"""What the key of a doubt's row begins with; no item's id holds a blank."""


class TakeInScreen(ModalScreen[tuple[Setting, ...]]):
    """Reads a file, shows every proposal with its place, keeps those that are chosen. Ends with the settings
    that the answers decide otherwise than they are."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("take_in")
    on_worker_state_changed = crash_of_worker

    @dataclass
    class Looked(Message):
        """The file was read; ``why`` tells where it could not be."""

        preview: Preview | None
        why: tuple[str, ...] = ()

    @dataclass
    class Stored(Message):
        """What was chosen is kept; ``why`` tells where nothing was."""

        kept: Kept
        why: tuple[str, ...] = ()

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__()
        self._cockpit = cockpit
        self._preview: Preview | None = None
        self._busy = False
        self._settings: dict[str, Setting] = {}

    def compose(self) -> ComposeResult:
        """File and name, the counts, the proposals, the one under the cursor."""
        with Vertical(classes="dialog full"):
            yield Static(_("Read a workbook that came back"), markup=False, classes="title")
            yield Input(placeholder=_("File (path), then Enter"), id="file", compact=True)
            yield Input(
                placeholder=_("Who answered, where the file names nobody"),
                id="who",
                password=self._cockpit.masked,
                compact=True,
            )
            yield Static(id="told", markup=False)
            empty = _("Nothing is read yet: type the file's path and press Enter.")
            yield RecordTable(columns(), mark=Column(_("Kind"), 13), empty=empty, id="proposals")
            with VerticalScroll(id="proposal-room"):
                yield Static(id="proposal", markup=False)
            yield Static(hint("take_in"), markup=False, classes="keys")

    def on_mount(self) -> None:
        """The file comes first."""
        self.query_one("#file").focus()

    def on_input_submitted(self) -> None:
        """Read the file beside the loop."""
        typed = self.query_one("#file", Input).value
        if not typed.strip() or self._busy:
            return
        self._busy = True
        who = self.query_one("#who", Input).value
        self._tell("… " + _("reading"))
        self._work(self._look(typed_path(typed), who), "read")

    def _work(self, work: Coroutine[Any, Any, None], what: str) -> None:
        """Beside the loop; the name holds nothing of the file."""
        self.run_worker(work, group="take in", description=f"take in: {what}", exit_on_error=False)

    async def _look(self, path: Path, who: str) -> None:
        found = await self._cockpit.checklists.look_into(path, who)
        self.post_message(self.Looked(found, ()) if isinstance(found, Preview) else self.Looked(None, found))

    def on_take_in_screen_looked(self, event: Looked) -> None:
        """Show what it would do; what contradicts is not chosen."""
        self._busy, self._preview = False, event.preview
        table = self.query_one(RecordTable)
        if event.preview is None:
            self._tell("✗ " + " ".join(event.why), "$error")
            table.set_source(Rows())
            self._show_proposal()
            return
        shown = event.preview
        table.set_empty(_("Nothing new is in it."))
        table.records.selection = Selection(
            frozenset(one.item.id for one in shown.proposals if one.found is not Found.CONFLICT)
        )
        table.set_source(Rows(tuple(rows(shown, mask=self._cockpit.masked))))
        self._tell(words.counts_words(shown))
        self._show_proposal()
        table.focus()

    def action_keep(self) -> None:
        """Keep what is chosen; without a keyring somebody agrees first."""
        chosen = self._chosen()
        if self._busy:
            return
        if not chosen:
            self.notify(_("Nothing is chosen: x chooses."), severity="warning", markup=False)
            return
        self._busy = True
        self._work(self._keep(chosen), "keep")

    async def _keep(self, chosen: tuple[Proposal, ...]) -> None:
        room = self._cockpit.checklists
        consent = None if room.book is None else await consented(self.app, room.book)
        if consent is None:
            why = _("Nothing was stored: nobody agreed to readable storage.")
            self.post_message(self.Stored(Kept(), (why,)))
            return
        found = await room.take_in(chosen, consent=consent)
        self.post_message(self.Stored(found) if isinstance(found, Kept) else self.Stored(Kept(), found))

    def on_take_in_screen_stored(self, event: Stored) -> None:
        """Say how it went; what is left over can still be chosen, once the file is read again."""
        self._busy = False
        if event.why:
            self._tell("✗ " + " ".join(event.why), "$error")
            return
        shown = self._preview
        for one in event.kept.kept:
            for setting in self._cockpit.checklists.proposals(one.item, one.draft.values):
                self._settings[setting.setting] = setting
        if shown is not None:
            self.notify(clean(words.kept_words(len(event.kept.kept), shown.file)), markup=False)
        left = len(shown.doubts) + len(shown.proposals) - len(event.kept.kept) if shown else 0
        if left:
            self.query_one("#file", Input).focus()
            self.on_input_submitted()
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Close; what was kept is kept."""
        self.dismiss(tuple(self._settings.values()))

    def on_record_table_row_highlighted(self) -> None:
        """The words belong to the row under the cursor."""
        self._show_proposal()

    def _chosen(self) -> tuple[Proposal, ...]:
        selection = self.query_one(RecordTable).selection
        held = self._preview.proposals if self._preview else ()
        return tuple(one for one in held if one.item.id in selection)

    def _show_proposal(self) -> None:
        key, shown = self.query_one(RecordTable).cursor_key or "", self._preview
        held = shown.proposals if shown is not None else ()
        found = next((one for one in held if one.item.id == key), None)
        lines = [] if found is None else [*proposal_lines(found, mask=self._cockpit.masked)]
        if shown is not None and key.startswith(DOUBT):
            lines = [words.doubt_words(shown.doubts[int(key.removeprefix(DOUBT))], mask=self._cockpit.masked)]
        self.query_one("#proposal", Static).update(Content("\n").join(map(content, lines)))

    def _tell(self, text: str, style: str = "bold") -> None:
        self.query_one("#told", Static).update(content(text, style))


def columns() -> tuple[Column, ...]:
    """The columns of the proposals, beside their kind."""
    return (
        Column(_("Question"), None, minimum=20),
        Column(_("What changes"), None, priority=1, minimum=20),
        Column(_("Cell"), 20, priority=2),
    )


def rows(shown: Preview, *, mask: bool) -> Iterator[TableRow]:
    """Every proposal and every doubt; what contradicts and what is in doubt stands first."""
    ordered = sorted(shown.proposals, key=lambda one: one.found is not Found.CONFLICT)
    for one in ordered:
        changes = "; ".join(words.difference_words(each, mask=mask) for each in one.differences)
        mark = f"{words.MARKS[one.found]} {words.found_name(one.found)}"
        yield TableRow(
            one.item.id, (one.item.title.in_(language()), changes, one.place), mark, TONES[one.found]
        )
    unclear = "? " + _("unclear")
    for number, doubt in enumerate(shown.doubts):
        yield TableRow(f"{DOUBT}{number}", (doubt.item, doubt.why, doubt.place), unclear, Tone.BAD)


def proposal_lines(one: Proposal, *, mask: bool) -> Iterator[str]:
    """A proposal with everything that decides about it."""
    yield one.item.title.in_(language())
    if one.found is Found.CONFLICT:
        yield f"! {words.conflict_words(one, mask=mask)}"
    yield from (words.difference_words(each, mask=mask) for each in one.differences)
    yield words.who_words(one, mask=mask)
