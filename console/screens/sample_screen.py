"""A sample check: records of every kind, both sides beside each other, one key a verdict."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from connectors.problems import Failure
from console import formats
from console.cockpit import Cockpit, Place
from console.cockpit_words import told
from console.errors import ConsoleError
from console.i18n import _
from console.names import entity_name, field_name, stage_name
from console.safe import clean
from console.sampling import words
from console.sampling.marking import Word, say
from console.sampling.take import Beside, Sample, Side, Wish, draw, keep, latest, new_seed
from console.screens.consent import consented
from console.screens.note_dialog import NoteDialog
from console.screens.window import crash_of_worker, window_bindings
from console.source_words import source_words
from console.store.errors import StoreError
from console.store.samples import Mark, Sampled
from console.sync.events import Progress, SyncEvent
from console.threads import off_loop
from console.widgets.record_model import Column, Rows, TableRow, Tone
from console.widgets.record_table import RecordTable
from console.widgets.safe_text import content
from console.window_keys import hint

TICK_S = 0.2
TONES = {Mark.RIGHT: Tone.GOOD, Mark.WRONG: Tone.BAD, Mark.NOTE: Tone.WARN}


class SampleScreen(ModalScreen[None]):
    """The sample that was worked on last, drawn again by its seed; else a new one."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("sample")
    on_worker_state_changed = crash_of_worker

    @dataclass
    class Known(Message):
        """The sample was drawn, or a word was kept; ``why`` tells where that failed."""

        sample: Sample | None
        sampled: Sampled | None
        why: tuple[str, ...] = ()

    def __init__(self, cockpit: Cockpit, place: Place) -> None:
        super().__init__()
        self._cockpit = cockpit
        self._place = place
        self._sample: Sample | None = None
        self._sampled: Sampled | None = None
        self._progress: Progress | None = None
        self._busy = False

    def compose(self) -> ComposeResult:
        """Title, counts, the records beside their fields, what is said of the one under the cursor."""
        track = self._cockpit.tracks[self._place]
        with Vertical(classes="dialog full"):
            title = _("Sample check: {title}").format(title=f"{track.partner} {track.title}")
            yield Static(clean(title), markup=False, classes="title")
            yield Static(id="sample-told", markup=False)
            with Container(id="sample-sides"):
                records = (Column(_("Record"), None, minimum=20), Column(_("Both sides"), 12))
                yield RecordTable(records, mark=Column(_("Mark"), 12), empty="…", id="sampled")
                fields = (Column(_("Field"), 22), Column(_("ERP"), None), Column(_("Partner"), None))
                yield RecordTable(fields, mark=Column("", 2), empty="", id="beside")
            yield Static(id="sample-said", markup=False)
            yield Static(hint("sample"), markup=False, classes="keys")

    def on_mount(self) -> None:
        """Draw at once."""
        self.query_one("#sampled").focus()
        self.set_interval(TICK_S, self._tick)
        self._start(None)

    # -- drawing ------------------------------------------------------------------------------------------

    def _start(self, wish: Wish | None) -> None:
        self._busy = True
        self._work(self._draw(wish), "draw")

    async def _draw(self, wish: Wish | None) -> None:
        """Draw what was asked for, else what was worked on last."""
        workspace = self._cockpit.workspace
        try:
            place = workspace.connections.job(*self._place).place
            last = await latest(workspace, place)
            chosen = wish or (Wish(last.seed, last.size) if last else Wish(new_seed()))
            async with workspace.session(*self._place) as session:
                sample = await draw(session, chosen, self._hear)
            await keep(workspace, sample, words.names(sample))
            self.post_message(self.Known(sample, await latest(workspace, place)))
        except (ConsoleError, StoreError, Failure) as error:
            self.post_message(self.Known(None, None, told(error)))

    def _hear(self, event: SyncEvent) -> None:
        if isinstance(event, Progress):
            self._progress = event

    def _tick(self) -> None:
        """How far the drawing is."""
        if self._busy and self._sample is None and self._progress is not None:
            self._tell(f"… {stage_name(self._progress.stage)}: {formats.count(self._progress.done)}")

    def action_again(self) -> None:
        """Another sample, by another seed; what was said of this one stays."""
        if not self._busy:
            self._sample = None
            self._start(Wish(new_seed()))

    def on_sample_screen_known(self, event: Known) -> None:
        """Show it; the cursor goes to the first record that nobody has looked at."""
        self._busy = False
        if event.sample is None:
            self._tell("✗ " + " ".join(event.why), "$error")
            return
        fresh = event.sample is not self._sample
        self._sample, self._sampled = event.sample, event.sampled
        if self._sampled is not None and self._sampled.seed != event.sample.wish.seed:
            self._sampled = None  # it could not be kept: without a keyring nobody has agreed yet
        if event.why:
            self._tell("✗ " + " ".join(event.why), "$error")
        else:
            counts = f" · {words.counts_words(self._sampled)}" if self._sampled else ""
            self._tell(words.head_words(event.sample) + counts)
        self._fill()
        if fresh:
            self._next()

    # -- what is shown ------------------------------------------------------------------------------------

    def _fill(self) -> None:
        if self._sample is None:
            return
        rows = tuple(self._row(number, one) for number, one in enumerate(self._sample.records))
        self.query_one("#sampled", RecordTable).set_source(Rows(rows), same_rows=True)
        self._show_record()

    def _row(self, number: int, one: Beside) -> TableRow:
        mark = self._sampled.mark_of(*one.key) if self._sampled else None
        name = f"{one.id}  {entity_name(self._place[0], one.entity)}"
        tone = TONES[mark] if mark else Tone.NORMAL
        return TableRow(str(number), (name, words.brief_state(one)), words.mark_words(mark), tone)

    @property
    def record(self) -> Beside | None:
        """The record under the cursor."""
        key = self.query_one("#sampled", RecordTable).cursor_key
        return self._sample.records[int(key)] if self._sample is not None and key is not None else None

    def on_record_table_row_highlighted(self, event: RecordTable.RowHighlighted) -> None:
        """The fields belong to the record under the cursor, the whole values to the field."""
        if event.table.id == "sampled":
            self._show_record()
        elif event.table.has_focus:
            self._show_values(event.key)

    def on_descendant_focus(self) -> None:
        """In the fields the whole values are of interest, in the records what they stand for."""
        fields = self.query_one("#beside", RecordTable)
        if fields.has_focus:
            self._show_values(fields.cursor_key)
        else:
            self._show_said()

    def _show_record(self) -> None:
        one, fields = self.record, self.query_one("#beside", RecordTable)
        if one is not None:
            mask = self._cockpit.masked
            fields.set_empty(words.state_words(one))
            fields.set_source(Rows(tuple(side_row(side, self._place[0], mask=mask) for side in one.sides)))
        self._show_said()

    def _show_said(self) -> None:
        """How both sides stand, what the record stands for, and what was said of it."""
        one, text = self.record, ""
        if one is not None:
            text = f"{words.state_words(one)} · {words.strata_words(self._place[0], one)}"
            said = self._sampled.marks.get(one.key) if self._sampled else None
            if said is not None:
                text += "\n" + words.marked_words(said, mask=self._cockpit.masked)
        self._below(text)

    def _show_values(self, name: str | None) -> None:
        """Both values of a field in full, with where it comes from."""
        one, mask = self.record, self._cockpit.masked
        side = next((side for side in one.sides if side.name == name), None) if one is not None else None
        if side is not None:
            erp, theirs = (words.value_words(side, erp=erp, mask=mask) for erp in (True, False))
            erp_name, partner_name = _("ERP"), _("Partner")
            origin = f"{source_words(side.source)}, {side.rule}"
            self._below(f"{erp_name}: {erp}\n{partner_name}: {theirs}\n{origin}")

    def _below(self, text: str) -> None:
        self.query_one("#sample-said", Static).update(content(text, "dim", lines=True))

    def _next(self) -> None:
        """To the next record that nobody has looked at, if there is one."""
        if self._sample is None:
            return
        table, sampled = self.query_one("#sampled", RecordTable), self._sampled
        here = int(table.cursor_key or 0)
        count = len(self._sample.records)
        order = [(here + step) % count for step in range(count)]
        records = self._sample.records
        open_ = (n for n in order if sampled is None or sampled.mark_of(*records[n].key) is None)
        table.move_to(str(next(open_, here)))

    # -- marking ------------------------------------------------------------------------------------------

    def action_mark(self, value: str) -> None:
        """Say what one thinks of the record under the cursor; note and name are asked for where needed."""
        one, mark = self.record, Mark(value)
        if one is None or self._busy:
            return
        who = self._cockpit.checklists.who
        if mark is Mark.RIGHT and who:
            self._said(one, Word(mark, who))
            return
        dialog = NoteDialog(one.id, mark, who=who, mask=self._cockpit.masked)
        self.app.push_screen(dialog, partial(self._said, one))

    def _said(self, one: Beside, word: Word | None) -> None:
        if word is not None and self._sample is not None:
            self._cockpit.checklists.who = word.who
            self._busy = True
            self._work(self._keep(self._sample, one, word), "mark")

    async def _keep(self, sample: Sample, one: Beside, word: Word) -> None:
        book, workspace, consent = self._cockpit.checklists.book, self._cockpit.workspace, False
        if book is not None:
            agreed = await consented(self.app, book)
            if agreed is None:
                why = (_("Nothing was stored: nobody agreed to readable storage."),)
                self.post_message(self.Known(sample, self._sampled, why))
                return
            consent = agreed
        names = words.names(sample)
        records = [(each.entity, each.id, [names[s] for s in each.strata]) for each in sample.records]
        try:
            call = partial(say, workspace, sample, one, word, records, consent=consent)
            self.post_message(self.Known(sample, await off_loop(call, "samples")))
            self.call_later(self._next)
        except (ConsoleError, StoreError) as error:
            self.post_message(self.Known(sample, self._sampled, told(error)))

    def action_leave(self) -> None:
        """Close; what was said is kept."""
        self.dismiss(None)

    def _tell(self, text: str, style: str = "bold") -> None:
        self.query_one("#sample-told", Static).update(content(text, style))

    def _work(self, work: Coroutine[Any, Any, None], what: str) -> None:
        """Beside the loop; the name holds nothing of a record."""
        self.run_worker(work, group="sample", description=f"sample: {what}", exit_on_error=False)


def side_row(side: Side, partner: str, *, mask: bool) -> TableRow:
    """A field with both sides."""
    cells = (
        field_name(partner, side.name),
        words.value_words(side, erp=True, mask=mask),
        words.value_words(side, erp=False, mask=mask),
    )
    return TableRow(side.name, cells, "=" if side.same else "≠", Tone.NORMAL if side.same else Tone.WARN)
