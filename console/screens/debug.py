"""F12: what support wants to know, redacted; the same as ``einzug info``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from console.clipboard import copy_text
from console.i18n import _
from console.os_words import os_words
from console.safe import clean
from console.screens.window import crash_of_worker, window_bindings
from console.threads import off_loop
from console.window_keys import hint

if TYPE_CHECKING:
    from console.app import ConsoleApp


class DebugScreen(ModalScreen[None]):
    """The information as text; collected beside the loop, since it asks the keyring."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("debug")
    on_worker_state_changed = crash_of_worker

    def __init__(self, host: ConsoleApp) -> None:
        super().__init__()
        self._host = host
        self._text = ""

    def compose(self) -> ComposeResult:
        """One text, which arrives a moment later."""
        with VerticalScroll(classes="dialog full"):
            yield Static(_("being collected …"), id="information", markup=False)

    def on_mount(self) -> None:
        """Collect in the background."""
        self.run_worker(
            self._collect(), group="debug", description="collect information", exit_on_error=False
        )

    async def _collect(self) -> None:
        doors, lag = self._host.doors, self._host.longest_lag
        lines = await off_loop(lambda: doors.information(lag))
        self._text = "\n".join(clean(line) for line in lines)
        self.query_one("#information", Static).update(self._text + "\n\n" + hint("debug"))

    def action_copy(self) -> None:
        """Copy everything."""
        self.run_worker(self._copy(), group="copy", description="copy information", exit_on_error=False)

    async def _copy(self) -> None:
        try:
            done = await copy_text(self.app, self._text, self._host.doors.data)
            text = _("It holds neither secrets nor personal data.")
            self.notify(f"{clean(done)} {text}", markup=False)
        except OSError as error:
            why = os_words(error)
            text = _("It could not be written: {why}.").format(why=why)
            self.notify(text, severity="error", markup=False)
