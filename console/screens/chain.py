"""The panel of chains: where the way from an object to what people see is broken, and what mends it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Protocol, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.widgets import Input, Static

from checklists.model import Item
from connectors.chains import ChainRow, Group, LinkVerdict
from console.chains import words
from console.chains.kept import Held
from console.chains.view import Line, View, causes_of, key_of, lines, seen
from console.cockpit import Cockpit, Place
from console.cockpit_chains import ChainTrack
from console.i18n import _
from console.onboarding.answering import Draft
from console.screens import chain_deeds as deeds
from console.screens import chain_source as source
from console.screens.consent import consented
from console.screens.panel import Panel, bindings
from console.threads import off_loop
from console.widgets.filter_line import FilterLine
from console.widgets.record_model import Column, RecordSource, Rows
from console.widgets.record_table import RecordTable
from console.widgets.safe_text import content

BESIDE = 110
"""Columns from which the object stands beside the table instead of below it."""


class Desk(Protocol):
    """What the panel wants of the screen it is on."""

    def start_fix(self, check: str) -> None:
        """Plan what mends the finding of a check, and show that plan."""


class ChainPanel(Panel):
    """Objects, or causes of many; both are made beside the loop and only shown here."""

    SCOPE = "chain"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("chain"), ("escape", "back", "")]

    @dataclass
    class Prepared(Message):
        """A reading was put into words."""

        held: Held
        masked: bool
        lines: tuple[Line, ...]

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__(cockpit)
        self._chain = next(iter(cockpit.chains.tracks), "")
        self._lines: tuple[Line, ...] | None = None
        self._wanted: tuple[Held | None, bool] = (None, False)  # what is shown, or being put into words
        self._groups: Mapping[str, Group] = {}
        self._begun = False
        self._by_cause = False
        self._view = View()
        self._cursor = ""
        self._said: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """How it stands, filter, both tables, what is under the cursor, the first remark."""
        yield Static(id="chain-head", markup=False)
        yield FilterLine()
        with Container(id="sides"):
            mark = Column(_("State"), source.MARK)
            yield RecordTable(source.object_columns(), mark=mark, id="chain-rows")
            causes = RecordTable(source.cause_columns(), mark=mark, id="chain-causes")
            causes.display = False  # one table at a time
            yield causes
            with VerticalScroll(id="chain-detail"):
                yield Static(id="chain-item", markup=False)
        yield Static(id="chain-foot", markup=False)

    def on_resize(self, event: Resize) -> None:
        """Beside the table where there is room for both."""
        self.set_class(event.size.width >= BESIDE, "-beside")

    # -- what is shown ------------------------------------------------------------------------------------

    @property
    def track(self) -> ChainTrack | None:
        """The chain that is shown."""
        return self.cockpit.chains.tracks.get(self._chain)

    @property
    def table(self) -> RecordTable:
        """The table that is seen."""
        return self.query_one("#chain-causes" if self._by_cause else "#chain-rows", RecordTable)

    @property
    def by_cause(self) -> bool:
        """Whether causes are shown instead of objects."""
        return self._by_cause

    @property
    def row(self) -> ChainRow | None:
        """The object under the cursor."""
        key = None if self._by_cause else self.table.cursor_key
        return next((line.row for line in self._lines or () if line.row.id == key), None)

    @property
    def group(self) -> Group | None:
        """The cause under the cursor."""
        return self._groups.get(self.table.cursor_key or "") if self._by_cause else None

    @property
    def verdict(self) -> LinkVerdict | None:
        """The link that does not hold, of what is under the cursor."""
        if (group := self.group) is not None:
            return group.verdict
        return self.row.first if self.row is not None else None

    @property
    def chosen(self) -> Sequence[ChainRow]:
        """What an action is about: the objects of a cause, those that are selected, or the one under the
        cursor."""
        if self._by_cause:
            return self.group.rows if self.group is not None else ()
        picked = [line.row for line in self._lines or () if line.row.id in self.table.selection]
        return picked or ([self.row] if self.row is not None else [])

    @property
    def seen(self) -> Sequence[Line]:
        """The objects that pass the filter."""
        return tuple(seen(self._lines or (), self.view))

    def open(self, place: Place) -> None:
        """Show the chain of a use case, where it has one."""
        tracks = self.cockpit.chains.tracks
        self._chain = next((name for name, t in tracks.items() if t.place.use_case == place), self._chain)
        self.show()

    def focus_first(self) -> None:
        """Work begins in the table, not in the filter."""
        self.table.focus()

    def show(self) -> None:
        """Take up another reading or the masking; what is heavy is done beside the loop."""
        track = self.track
        if track is None:
            return
        wanted = (track.held, self.cockpit.masked)
        if track.held is not None and wanted != self._wanted:
            self._wanted = wanted
            self.work(self._prepare(track.held, track.place.partner), "prepare")
        elif track.held is None:
            self._begin(track)
        self._tell(track)

    @property
    def view(self) -> View:
        """What is wanted of the objects."""
        return replace(self._view, filter=self.query_one(FilterLine).filter)

    def _begin(self, track: ChainTrack) -> None:
        """Without any former reading look once unasked; later only when somebody asks."""
        if self.cockpit.chains.loaded and not self._begun:
            self._begun = True
            self._read()
        self.table.set_empty(
            _("Every object is being looked at …") if track.busy else _("r looks at every object.")
        )

    def _choose(self, *, by_cause: bool) -> None:
        focused = self.table.has_focus
        self._by_cause = by_cause
        self.query_one("#chain-rows").display = not by_cause
        self.query_one("#chain-causes").display = by_cause
        if focused:
            self.table.focus()

    def _fill(self) -> None:
        """Show what passes; thousands of objects are only looked at, not put into words again."""
        track, found = self.track, self.seen
        if track is None or self._lines is None:
            return
        partner, mask = track.place.partner, self.cockpit.masked
        grouped = causes_of(found)
        self._groups = {key_of(group.verdict): group for group in grouped}
        self._put_rows("#chain-rows", source.ObjectSource(found))
        rows = (source.cause_row(group, partner, mask=mask) for group in grouped)
        self._put_rows("#chain-causes", Rows(tuple(rows)))
        if self._cursor and self.table.move_to(self._cursor):
            self._cursor = ""
        self._tell(track)

    def _put_rows(self, place: str, rows: RecordSource) -> None:
        table = self.query_one(place, RecordTable)
        nothing = _("No object matches. / changes the filter.") if self._lines else _("There are no objects.")
        if place == "#chain-causes" and self._lines and not self.view.filter.query:
            nothing = _("Every object is in order.")
        table.set_empty(nothing)
        table.set_search(self.query_one(FilterLine).filter.shown)
        table.set_source(rows)

    def _tell(self, track: ChainTrack) -> None:
        self._put("#chain-head", self._head(track))
        self._put("#chain-item", self._item(track))
        remarks = track.held.reading.remarks if track.held is not None else ()
        self._put("#chain-foot", content(words.told(remarks[0]) if remarks else "", "dim"))

    def _put(self, place: str, what: Content) -> None:
        """Draw words only where they say something else."""
        if self._said.get(place) != what.plain:
            self._said[place] = what.plain
            self.query_one(place, Static).update(what)

    def _head(self, track: ChainTrack) -> Content:
        if complaint := self.query_one(FilterLine).complaint:
            return content(complaint, "$warning")
        return source.head(track, self._view, old=deeds.written_since(self.cockpit, track))

    def _item(self, track: ChainTrack) -> Content:
        mask = self.cockpit.masked
        if self.group is not None:
            return source.cause_detail(track, self.group, mask=mask)
        return Content("") if self.row is None else source.object_detail(track, self.row, mask=mask)

    # -- actions ------------------------------------------------------------------------------------------

    def why_not(self, action: str) -> str | None:
        """Why an action is not possible now."""
        track = self.track
        return _("No use case here has a chain.") if track is None else deeds.why_not(self, track, action)

    def handlers(self) -> Mapping[str, Callable[[], None]]:
        """What the actions do."""
        return {
            "chain.open": self._open,
            "chain.causes": lambda: self._turn(not self._by_cause),
            "chain.fix": self._fix,
            "chain.confirm": partial(deeds.confirm, self),
            "chain.letters": partial(deeds.show_letters, self),
            "chain.read": self._read,
            "chain.link": self._next_link,
            "chain.filter": self.query_one(FilterLine).open,
            "chain.export": partial(deeds.ask_export, self),
            "chain.web": partial(deeds.open_link, self),
            "chain.select": self.table.action_select,
            "chain.select_all": self.table.action_select_all,
            "chain.next": self._next,
        }

    def memory(self) -> dict[str, str]:
        """Chain, view, filter and cursor are restored."""
        return {
            "chain": self._chain,
            "causes": "yes" if self._by_cause else "",
            "filter": self.query_one(FilterLine).value,
            "cursor": self.query_one("#chain-rows", RecordTable).cursor_key or self._cursor,
        }

    def recall(self, memory: Mapping[str, str]) -> None:
        """Take them up, where the chain still exists."""
        if memory.get("chain") in self.cockpit.chains.tracks:
            self._chain = memory["chain"]
        self._cursor = memory.get("cursor", "")
        self._choose(by_cause=bool(memory.get("causes")))
        line = self.query_one(FilterLine)
        line.value = memory.get("filter", "")
        line.set_class(bool(line.value), "-open")

    def _open(self) -> None:
        """Of a cause its objects, of an object all that is known of it."""
        if self.group is not None:
            self._view = replace(self._view, cause=key_of(self.group.verdict))
            self._turn(False)
        elif self.row is not None and self.track is not None:
            deeds.show_links(self, self.track, self.row)

    def _turn(self, by_cause: bool) -> None:
        """Show objects or causes; causes are those of everything."""
        if by_cause:
            self._view = replace(self._view, cause="")
        self._choose(by_cause=by_cause)
        self._fill()
        self.table.focus()

    def _fix(self) -> None:
        if self.verdict is not None:
            cast("Desk", self.screen).start_fix(self.verdict.fix)

    def _next_link(self) -> None:
        """The next link at which objects are broken, after the last one all."""
        track = self.track
        if track is not None:
            ring = ("", *source.broken_links(track, self._lines or ()))
            at = ring.index(self._view.link) if self._view.link in ring else -1
            self._view = replace(self._view, link=ring[(at + 1) % len(ring)], cause="")
            self._fill()

    def _next(self) -> None:
        names = list(self.cockpit.chains.tracks)
        self._chain = names[(names.index(self._chain) + 1) % len(names)]
        self._lines, self._wanted, self._view, self._begun = None, (None, False), View(), False
        self.show()

    def _read(self) -> None:
        name = self._chain
        self.reading(lambda: self.work(self.cockpit.chains.read(name), "read"))

    def work(self, work: Coroutine[Any, Any, None], what: str) -> None:
        """Run something beside; the screen does, so that it goes on when this panel is left, and a crash is
        noticed there."""
        self.screen.run_worker(
            work, group="chains", description=f"chains: {what} {self._chain}", exit_on_error=False
        )

    async def keep(self, item: Item, subjects: tuple[str, ...], draft: Draft) -> tuple[str, ...]:
        """Keep what was confirmed; without a keyring somebody agrees first, once. Why it was not kept."""
        book = self.cockpit.checklists.book
        consent = False if book is None else await consented(self.app, book)
        if consent is None:
            return (_("Nothing was stored: nobody agreed to readable storage."),)
        return await self.cockpit.checklists.confirm(item, draft, subjects, consent=consent)

    def look_anew(self, draft: Draft | None) -> None:
        """What was confirmed may make links hold."""
        if draft is not None:
            self._read()

    async def _prepare(self, held: Held, partner: str) -> None:
        masked = self.cockpit.masked
        found = await off_loop(partial(lines, held.reading, partner, mask=masked), "chains")
        self.post_message(self.Prepared(held, masked, found))

    # -- what the widgets tell ----------------------------------------------------------------------------

    def on_chain_panel_prepared(self, event: Prepared) -> None:
        """Show it, unless a newer reading has come meanwhile."""
        if (event.held, event.masked) == self._wanted:
            self._lines = event.lines
            self._fill()

    def action_back(self) -> None:
        """Everything again; from one cause back to the causes."""
        inside = bool(self._view.cause)
        self._view = View()
        if inside:
            self._turn(True)
        else:
            self._fill()

    def on_record_table_row_highlighted(self) -> None:
        """The words belong to what is under the cursor, from their beginning."""
        if self.track is not None:
            self._tell(self.track)
            self.query_one("#chain-detail", VerticalScroll).scroll_home(animate=False)

    def on_record_table_row_selected(self) -> None:
        """Enter opens."""
        self._open()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while typing."""
        event.stop()
        self._fill()

    def on_filter_line_left(self) -> None:
        """Back to the table."""
        self.table.focus()
