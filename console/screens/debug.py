"""F12: what support wants to know, redacted; the same as ``einzug info``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from console.clipboard import copy_text
from console.i18n import _
from console.safe import clean
from console.threads import off_loop

if TYPE_CHECKING:
    from console.app import ConsoleApp


class DebugScreen(ModalScreen[None]):
    """The information as text; collected beside the loop, since it asks the keyring."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "app.pop_screen", ""),
        ("f12", "app.pop_screen", ""),
        ("y", "copy", ""),
    ]

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

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker that failed for no reason we know is a crash: let it be treated as one."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            raise event.worker.error

    async def _collect(self) -> None:
        doors, lag = self._host.doors, self._host.longest_lag
        lines = await off_loop(lambda: doors.information(lag))
        self._text = "\n".join(clean(line) for line in lines)
        self.query_one("#information", Static).update(self._text + "\n\n" + _("y copies, Esc closes."))

    def action_copy(self) -> None:
        """Copy everything."""
        self.run_worker(self._copy(), group="copy", description="copy information", exit_on_error=False)

    async def _copy(self) -> None:
        try:
            self.notify(clean(await copy_text(self.app, self._text, self._host.doors.data)), markup=False)
        except OSError as error:
            why = error.strerror or type(error).__name__
            text = _("It could not be written: {why}.").format(why=why)
            self.notify(text, severity="error", markup=False)
