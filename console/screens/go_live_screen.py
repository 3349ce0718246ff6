"""A use case before its go-live, with every condition, or its life, with the way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from console.cockpit import Cockpit
from console.cockpit_standing import UseCase, Weighed
from console.golive.conditions import FRESH, Point
from console.golive.step import Word, owner_of
from console.golive.words import baseline_lines, condition_lines, live_words, owner_words, title_of
from console.i18n import _
from console.planner import Plan
from console.safe import clean
from console.screens.small_dialogs import step
from console.screens.window import crash_of_worker, window_bindings
from console.sitting import Sitting
from console.widgets.safe_text import content
from console.window_keys import hint


class GoLiveScreen(ModalScreen[None]):
    """Compares, shows what has to hold, and lets the use case go live by a name; or takes it back by one."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("golive")
    on_worker_state_changed = crash_of_worker

    @dataclass
    class Seen(Message):
        """Both sides were compared, or the use case is live."""

        found: Weighed

    @dataclass
    class Refused(Message):
        """It was not noted; ``why`` tells."""

        why: str

    class Noted(Message):
        """It was noted."""

    def __init__(self, cockpit: Cockpit, use_case: UseCase) -> None:
        super().__init__()
        self._cockpit = cockpit
        self._use_case = use_case
        self._found = Weighed()

    def compose(self) -> ComposeResult:
        """The title, what holds, who says so and why, and the buttons."""
        title = title_of(self._cockpit.workspace, *self._use_case)
        with Vertical(classes="dialog full"):
            yield Static(clean(title), markup=False, classes="title")
            with VerticalScroll(id="conditions"):
                yield Static(_("Both sides are being compared …"), id="told", markup=False)
            yield Input(placeholder=_("Who says so?"), id="who")
            yield Input(placeholder=_("What was agreed, or why"), id="note")
            yield Input(placeholder=_("type the number of differences to accept them"), id="accepted")
            yield Static("", id="refusal", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(_("Let it go live"), id="go", variant="warning")
                yield Button(_("Leave it (Esc)"), id="leave")
            yield Static(hint("golive"), markup=False, classes="keys")

    def on_mount(self) -> None:
        """Compare; until then nothing can be said."""
        for name in ("#who", "#note", "#accepted", "#go"):
            self.query_one(name).display = False
        self.query_one("#leave").focus()
        self.run_worker(self._weigh(), group="go-live", description="go-live: compare", exit_on_error=False)

    async def _weigh(self) -> None:
        found = await self._cockpit.standing.weigh(self._use_case, Sitting(), self._plan())
        self.post_message(self.Seen(found))

    def _plan(self) -> Plan | None:
        """The plan on the screen, if it will do: of everything, within the hour, and not written since."""
        track = self._cockpit.tracks.get(self._use_case)
        if track is None or track.plan is None or track.result is not None or track.busy:
            return None
        plan = track.plan
        fresh = datetime.now(UTC) - plan.read_at < FRESH
        return plan if fresh and plan.selection.whole and plan.undo_of is None else None

    def on_go_live_screen_seen(self, event: Seen) -> None:
        """Show what was found, and ask what is still to be said."""
        found = self._found = event.found
        self.query_one("#told", Static).update(self._told(found))
        open_ = self._open(found)
        for name in ("#who", "#note", "#go"):
            self.query_one(name).display = open_
        differs = found.look is not None and found.look.differences > 0
        self.query_one("#accepted").display = open_ and differs
        if found.live is not None:
            self.query_one("#go", Button).label = _("Take it back")
        if not open_:
            self.query_one("#conditions").focus()  # it may be longer than there is room
        else:
            who = self.query_one("#who", Input)
            who.value = self._cockpit.checklists.who
            (self.query_one("#note") if who.value else who).focus()

    def _open(self, found: Weighed) -> bool:
        """Whether a name is all that is missing: differences may be accepted, nothing else."""
        if found.live is not None:
            return True
        missing = found.conditions.missing if found.conditions is not None else None
        return missing is not None and {one.point for one in missing} <= {Point.DIFFERENCES}

    def _told(self, found: Weighed) -> Content:
        mask = self._cockpit.masked
        partner, use_case = self._use_case
        workspace = self._cockpit.workspace
        if found.error:
            return content("\n".join(f"✗ {line}" for line in found.error), "$error", lines=True)
        lines: list[str] = []
        if found.live is not None:
            lines += [
                live_words(found.live, title_of(workspace, partner, use_case), mask=mask),
                "",
                _("Baseline:"),
            ]
            lines += baseline_lines(partner, found.live.desired, found.live.actual)
        elif found.conditions is not None and found.look is not None and found.book is not None:
            lines += condition_lines(found.conditions, found.look, found.book, mask=mask)
            owner = owner_words(owner_of(workspace, partner, use_case))
            lines += ["", _("From the go-live on: {owner}").format(owner=owner), _("Baseline:")]
            lines += baseline_lines(partner, found.look.desired, found.look.actual)
        return content("\n".join(lines), lines=True)

    # -- saying so ---------------------------------------------------------------------------------------

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter leads on to the next field, and from the last one to the button."""
        fields = [field for field in self.query(Input) if field.display]
        place = fields.index(event.input)
        (fields[place + 1] if place + 1 < len(fields) else self.query_one("#go")).focus()

    def on_key(self, event: Key) -> None:
        """Arrows change the button."""
        step(self, event)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Note it, or leave."""
        if event.button.id == "leave":
            self.dismiss(None)
            return
        typed = self.query_one("#accepted", Input).value.strip()
        accepted = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else None
        who, note = (self.query_one(f"#{name}", Input).value for name in ("who", "note"))
        self.run_worker(
            self._note(Word(who, note, accepted)),
            group="go-live",
            description="go-live: note",
            exit_on_error=False,
        )

    async def _note(self, word: Word) -> None:
        standing, found = self._cockpit.standing, self._found
        if found.live is not None:
            why = await standing.take_back(self._use_case, word)
        elif found.look is not None:
            why = await standing.go_live(self._use_case, found.look, word)
        else:
            return
        if not why:
            await self._cockpit.checklists.refresh()  # the step answers some of them
        self.post_message(self.Refused(" ".join(why)) if why else self.Noted())

    def on_go_live_screen_refused(self, event: Refused) -> None:
        """Say why not."""
        self.query_one("#refusal", Static).update(clean(event.why))

    def on_go_live_screen_noted(self) -> None:
        """Done."""
        self.dismiss(None)

    def action_leave(self) -> None:
        """Note nothing."""
        self.dismiss(None)
