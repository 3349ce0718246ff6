"""Panel 4: the checklists as a tree, and beside it the item under the cursor with all that is known of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar, Protocol, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.widgets import Input, Static

from checklists.model import Item, Kind
from console.cockpit import Cockpit, Place
from console.i18n import _
from console.onboarding.answering import Draft
from console.onboarding.book import Book
from console.onboarding.facts import ROUND_TRIP
from console.onboarding.takeover import Proposal, shown
from console.onboarding.words import readiness_words
from console.readiness import Standing
from console.safe import clean
from console.screens import answering, checklists_files, checklists_reasons, checklists_trial
from console.screens.answer_dialog import Start
from console.screens.checklists_detail import item_detail, list_detail
from console.screens.checklists_source import LIST, View, columns, rows
from console.screens.panel import Panel, bindings
from console.screens.small_dialogs import SureDialog
from console.store.said import Said
from console.widgets.filter_line import FilterLine
from console.widgets.record_model import Column, Rows
from console.widgets.record_table import RecordTable
from console.widgets.safe_text import content

WITHOUT_ITEM = frozenset(
    f"list.{name}" for name in ("filter", "open", "fold", "next", "answer", "hand_out", "take_in")
)
"""The actions that need no item under the cursor."""

BESIDE = 96
"""Columns from which the item stands beside the table instead of below it."""


class Desks(Protocol):
    """What the panel wants of the screen it is on."""

    def start_check(self, partner: str | None = None) -> None:
        """Run the checks in the background."""

    def open_walk(self, place: Place) -> None:
        """Show the guided test of a use case."""

    def open_trip(self, partner: str) -> None:
        """Show the acceptance ticket of a partner."""

    def start_fix(self, check: str) -> None:
        """Plan what mends the finding of a check, and show that plan."""


class ChecklistsPanel(Panel):
    """The table of lists and items; everything is read beside the loop and only shown here."""

    SCOPE = "checklists"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("checklists")]

    @dataclass
    class Refused(Message):
        """Something could not be written; ``why`` tells."""

        why: str

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__(cockpit)
        self._folded: set[str] = set()
        self._only_open = False
        self._drawn: tuple[Book | None, View] | None = None
        self._said: dict[str, str] = {}  # what stands where
        self._cursor = ""  # the item under the cursor at the last start, until the lists are read

    def compose(self) -> ComposeResult:
        """How far it is, filter, table, and the item."""
        yield Static(id="ready-line", markup=False)
        yield FilterLine()
        with Container(id="sides"):
            empty = _("The checklists are being read …")
            yield RecordTable(columns(), mark=Column(_("State"), 12), empty=empty, id="items")
            with VerticalScroll(id="detail"):
                yield Static(id="item", markup=False)

    def on_show(self) -> None:
        """Read whenever the panel comes into sight: another console may have answered, and checks age."""
        self.work(self.cockpit.checklists.read(), "read")

    def on_resize(self, event: Resize) -> None:
        """Beside the table where there is room for both."""
        self.set_class(event.size.width >= BESIDE, "-beside")

    def show(self) -> None:
        """Redraw what has changed; nothing is read here."""
        room = self.cockpit.checklists
        self._put("#ready-line", self._ready_words())
        wanted = self.query_one(FilterLine).filter
        view = View(frozenset(self._folded), self._only_open, wanted, self.cockpit.masked)
        if room.book is not None and (room.book, view) != self._drawn:
            self._drawn = (room.book, view)
            self._fill(room.book, view)
        self._tell()

    def _fill(self, book: Book, view: View) -> None:
        table = self.query_one(RecordTable)
        table.set_empty(self._empty_words(view))
        table.set_search(view.filter.shown)
        table.set_source(Rows(tuple(rows(book, view))))
        if self._cursor and table.move_to(self._cursor):
            self._cursor = ""

    @staticmethod
    def _empty_words(view: View) -> str:
        if view.only_open:
            return _("Nothing is open. o shows everything.")
        return (
            _("No item matches. / changes the filter.") if view.filter.query else _("No checklist applies.")
        )

    def _ready_words(self) -> Content:
        room = self.cockpit.checklists
        if room.error:
            return content(f"✗ {' '.join(room.error)}", "$error")
        if complaint := self.query_one(FilterLine).complaint:
            return content(complaint, "$warning")
        if room.book is None:
            return Content("")
        words = readiness_words(room.book.readiness)
        if room.book.consent is not None:
            words += "  ! " + _("stored readable: no keyring")
        return content(words + ("  · " + _("open ones only (o)") if self._only_open else ""), "bold")

    def _tell(self) -> None:
        """The item or list under the cursor."""
        self._put("#item", self._told())

    def _put(self, place: str, words: Content) -> None:
        """Draw words only where they say something else: a new layout costs more than anything here."""
        if self._said.get(place) != words.plain:
            self._said[place] = words.plain
            self.query_one(place, Static).update(words)

    def _told(self) -> Content:
        book, key = self.cockpit.checklists.book, self.query_one(RecordTable).cursor_key
        if book is None or key is None:
            return Content("")
        if key.startswith(LIST):
            return next((list_detail(book, one) for one in book.lists if LIST + one.id == key), Content(""))
        one = book.item(key)
        if one is None:
            return Content("")
        fixable = one.checked is not None and checklists_reasons.why_not(self, one, "list.fix") is None
        return item_detail(book, one, mask=self.cockpit.masked, now=datetime.now(UTC), fixable=fixable)

    @property
    def standing(self) -> Standing | None:
        """The item under the cursor."""
        book, key = self.cockpit.checklists.book, self.query_one(RecordTable).cursor_key
        return None if book is None or key is None else book.item(key)

    # -- actions ------------------------------------------------------------------------------------------

    def why_not(self, action: str) -> str | None:
        """Why an action is not possible for the item under the cursor."""
        if action in WITHOUT_ITEM:
            return None if self.cockpit.checklists.book is not None else _("starting …")
        one = self.standing
        if one is None:
            return _("This is a list: choose an item of it.")
        return checklists_reasons.why_not(self, one, action)

    def handlers(self) -> Mapping[str, Callable[[], None]]:
        """What the actions do."""
        return {
            "list.answer": self._open,
            "list.evidence": partial(self._ask, Start.FILE),
            "list.aside": partial(self._ask, Start.NOTE, Said.NOT_APPLICABLE),
            "list.accept": partial(self._ask, Start.NOTE, Said.ACCEPTED),
            "list.check": self._check,
            "list.walk": self._start_walk,
            "list.fix": self._fix,
            "list.open": self._toggle_open,
            "list.fold": self._fold,
            "list.next": self._next_blocker,
            "list.filter": self.query_one(FilterLine).open,
            "list.save": partial(checklists_files.save_evidence, self),
            "list.hand_out": partial(checklists_files.hand_out, self),
            "list.take_in": partial(checklists_files.take_in, self),
            "list.trial": partial(checklists_trial.try_out, self),
        }

    def memory(self) -> dict[str, str]:
        """Filter, folded lists and the cursor are restored."""
        return {
            "filter": self.query_one(FilterLine).value,
            "cursor": self.query_one(RecordTable).cursor_key or self._cursor,
            "folded": " ".join(sorted(self._folded)),
        }

    def recall(self, memory: Mapping[str, str]) -> None:
        """Take them up; the cursor follows when the lists are there."""
        self._cursor = memory.get("cursor", "")
        self._folded = set(memory.get("folded", "").split())
        line = self.query_one(FilterLine)
        line.value = memory.get("filter", "")
        line.set_class(bool(line.value), "-open")

    def focus_first(self) -> None:
        """Work begins in the table."""
        self.query_one(RecordTable).focus()

    def _open(self) -> None:
        """Answer an item, or fold a list."""
        if self.standing is None:
            self._fold()
        else:
            self._ask(Start.FIRST)

    def _ask(self, start: Start, said: Said | None = None) -> None:
        one = self.standing
        if one is not None:
            answering.ask(self.app, self.cockpit, one, partial(self._answered, one.item), start, said)

    def _answered(self, item: Item, draft: Draft | None) -> None:
        """Where the answer decides settings, ask whether they shall be written."""
        if draft is None:
            return
        self.ask_settings(self.cockpit.checklists.proposals(item, draft.values))

    def ask_settings(self, proposals: tuple[Proposal, ...]) -> None:
        """Where answers decide settings, ask whether they shall be written."""
        if not proposals:
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.work(self._take_over(proposals), "settings")

        changes = "; ".join(f"{p.setting}: {shown(p.former)} → {shown(p.value)}" for p in proposals)
        question = _("This answer decides settings. Write them into the configuration? {changes}")
        self.app.push_screen(SureDialog(question.format(changes=changes), _("Write them")), answered)

    def _check(self) -> None:
        """Run the checks of the party that the item's check belongs to."""
        one, book = self.standing, self.cockpit.checklists.book
        if one is not None and book is not None:
            party = book.party(one)
            known = {key for key, _name in self.cockpit.parties()}
            cast("Desks", self.screen).start_check(party if party in known else None)

    def walk_of(self, item: Item) -> Place | None:
        """The use case whose guided test answers for an item."""
        trails = self.cockpit.walks.trails.items()
        names = ((place, trail.guide) for place, trail in trails)
        wanted = item.key if item.kind is Kind.GUIDED else None
        return next(
            (
                place
                for place, guide in names
                if wanted in (guide.walk.key, f"{guide.partner.key}.{guide.walk.key}")
            ),
            None,
        )

    def trip_of(self, item: Item) -> str | None:
        """The partner whose acceptance ticket answers for an item."""
        wanted = item.key if item.kind is Kind.GUIDED else ""
        return next((key for key in self.cockpit.trips.trails if wanted == f"{key}.{ROUND_TRIP}"), None)

    def _start_walk(self) -> None:
        one, desks = self.standing, cast("Desks", self.screen)
        if one is None:
            return
        place, partner = self.walk_of(one.item), self.trip_of(one.item)
        if place is not None:
            desks.open_walk(place)
        elif partner is not None:
            desks.open_trip(partner)

    def _fix(self) -> None:
        one = self.standing
        if one is not None:
            cast("Desks", self.screen).start_fix(one.item.key)

    def _toggle_open(self) -> None:
        self._only_open = not self._only_open
        self.show()

    def _fold(self) -> None:
        """Fold or unfold the list under the cursor, or that of the item there."""
        key, one = self.query_one(RecordTable).cursor_key or "", self.standing
        list_ = one.checklist if one is not None else key.removeprefix(LIST)
        if list_:
            self._folded ^= {list_}
            self.show()
            self.query_one(RecordTable).move_to(LIST + list_)

    def _next_blocker(self) -> None:
        """The cursor goes to the next item that blocks, after the last one to the first."""
        book = self.cockpit.checklists.book
        if book is None or not book.readiness.blockers:
            self.notify(_("Nothing blocks."), markup=False)
            return
        order = [one.item.id for one in book.standings]
        blockers = [one.item.id for one in book.readiness.blockers]
        here = self.standing
        at = order.index(here.item.id) if here is not None else -1
        wanted = next((key for key in blockers if order.index(key) > at), blockers[0])
        found = book.item(wanted)
        if found is not None:
            self._folded.discard(found.checklist)
            self.show()
        self.query_one(RecordTable).move_to(wanted)

    def work(self, work: Coroutine[Any, Any, None], what: str) -> None:
        """The screen runs it, so that a crash is noticed there; the name holds nothing of the answer."""
        self.screen.run_worker(
            work, group="checklists", description=f"checklists: {what}", exit_on_error=False
        )

    # -- in workers ---------------------------------------------------------------------------------------

    async def _take_over(self, proposals: tuple[Proposal, ...]) -> None:
        why = await self.cockpit.checklists.take_over(proposals)
        if why:
            self.post_message(self.Refused(" ".join(why)))

    # -- messages -----------------------------------------------------------------------------------------

    def on_checklists_panel_refused(self, event: Refused) -> None:
        """Say why nothing was written."""
        self.notify(clean(event.why), title=_("Nothing was stored"), severity="error", markup=False)

    def on_record_table_row_highlighted(self) -> None:
        """The words belong to the item under the cursor, from its beginning."""
        self._tell()
        self.query_one("#detail", VerticalScroll).scroll_home(animate=False)

    def on_record_table_row_selected(self) -> None:
        """Enter answers."""
        self._open()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while typing."""
        event.stop()
        self.show()

    def on_filter_line_left(self) -> None:
        """Back to the table."""
        self.query_one(RecordTable).focus()
