"""The windows of a chain: all links of one object, and the letters that follow from the whole."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from connectors.chains import ChainRow, Letter
from console.chains import letters, words
from console.clipboard import copy_text
from console.cockpit import Cockpit
from console.cockpit_chains import ChainTrack
from console.i18n import _
from console.masking import mask_mails
from console.safe import clean
from console.screens.chain_source import object_detail
from console.screens.plan_record import mask_words, refuse
from console.screens.window import crash_of_worker, window_bindings
from console.threads import off_loop
from console.widgets.safe_text import content
from console.window_keys import hint

LETTERS = "letters"
"""The folder beside a customer's data in which letters are saved."""


class LinksScreen(ModalScreen[None]):
    """One object with all its links."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("links")

    def __init__(self, cockpit: Cockpit, track: ChainTrack, row: ChainRow) -> None:
        super().__init__()
        self._cockpit = cockpit
        self._track = track
        self._row = row

    def compose(self) -> ComposeResult:
        """The object, its links, the keys."""
        detail = object_detail(self._track, self._row, mask=self._cockpit.masked)
        with Vertical(classes="dialog full"):
            title = f"{self._track.partner} {self._track.title}"
            yield Static(clean(title), markup=False, classes="title")
            with VerticalScroll(id="links-room"):
                yield Static(detail, markup=False)
            yield Static(hint("links"), markup=False, classes="keys")

    def on_mount(self) -> None:
        """Arrows scroll."""
        self.query_one("#links-room").focus()

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)


class LettersScreen(ModalScreen[None]):
    """The letters of the last reading, one at a time; they are written in full, and masked on the screen."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("letters")
    on_worker_state_changed = crash_of_worker

    def __init__(self, cockpit: Cockpit, track: ChainTrack) -> None:
        super().__init__()
        self._cockpit = cockpit
        self._track = track
        self._letters = track.held.reading.letters if track.held is not None else ()
        self._at = 0

    @property
    def letter(self) -> Letter:
        """The letter that is shown."""
        return self._letters[self._at]

    def compose(self) -> ComposeResult:
        """Which letter, its text, the keys."""
        with Vertical(classes="dialog full"):
            yield Static(id="letter-title", markup=False, classes="title")
            with VerticalScroll(id="letter-room"):
                yield Static(id="letter-text", markup=False)
            yield Static(hint("letters"), markup=False, classes="keys")

    def on_mount(self) -> None:
        """The first letter."""
        self.query_one("#letter-room").focus()
        self._show()

    def action_next(self) -> None:
        """The next letter; after the last one the first."""
        self._at = (self._at + 1) % len(self._letters)
        self._show()

    def action_copy(self) -> None:
        """Copy the letter in full."""
        text = words.letter_text(self.letter)
        self._work(copy_text(self.app, text, self._cockpit.workspace.folder), "copy")

    def action_save(self) -> None:
        """Save all letters as files."""
        self._work(self._save(), "save")

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)

    def _show(self) -> None:
        place = f"{self._at + 1}/{len(self._letters)}  " if len(self._letters) > 1 else ""
        masked = self._cockpit.masked
        title, text = (
            mask_mails(text) if masked else text
            for text in (words.letter_title(self.letter), words.letter_text(self.letter))
        )
        self.query_one("#letter-title", Static).update(content(f"{place}{title}"))
        self.query_one("#letter-text", Static).update(content(text, lines=True))
        self.query_one("#letter-room", VerticalScroll).scroll_home(animate=False)

    async def _save(self) -> str:
        folder = self._cockpit.workspace.folder / LETTERS
        work = partial(letters.save, self._letters, folder, self._track.place.partner)
        await off_loop(work, "export")
        return _("Written to {path}").format(path=folder)

    def _work(self, work: Coroutine[Any, Any, str], what: str) -> None:
        self.run_worker(
            self._told(work), group="letters", description=f"letters: {what}", exit_on_error=False
        )

    async def _told(self, work: Coroutine[Any, Any, str]) -> None:
        try:
            self.notify(f"{clean(await work)} {mask_words(masked=False)}", markup=False)
        except OSError as error:
            refuse(self, error)
