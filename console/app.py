"""The full-screen application: opens a customer, guards against crashes, quits safely. Nothing else."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import deque
from functools import partial
from typing import ClassVar

from textual.app import App
from textual.worker import Worker, WorkerState

from console import collector
from console.cockpit import Cockpit
from console.doors import Doors
from console.errors import ConsoleError, Exit
from console.i18n import _
from console.screens.frame_actions import leave
from console.screens.main import MainScreen

SETTLED_S = 1.0
"""Seconds after which everything is there that a console at rest needs."""

BEAT_S = 0.05
BEATS = 1200
GRACE_S = 0.8
"""Seconds for what is being written once the program was asked to end; the next start settles the rest."""
THEMES = ("textual-dark", "textual-light", "ansi-dark", "ansi-light")


class ConsoleApp(App[int]):
    """Einzug's screens on the customers behind some doors."""

    CSS_PATH: ClassVar = [
        "styles/theme.tcss",
        "styles/main.tcss",
        "styles/chain.tcss",
        "styles/checklists.tcss",
        "styles/credentials.tcss",
        "styles/differences.tcss",
        "styles/protocol.tcss",
        "styles/tickets.tcss",
        "styles/walk.tcss",
        "styles/welcome.tcss",
    ]
    ENABLE_COMMAND_PALETTE = False  # ours is made from the actions
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (140, "-huge")]  # noqa: RUF012  (as in Textual)
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-tall")]  # noqa: RUF012
    TITLE = "Einzug"

    def __init__(self, doors: Doors) -> None:
        super().__init__()
        self.doors = doors
        self.lags: deque[float] = deque(maxlen=BEATS)
        self._expected = 0.0
        self._winding_up = False
        self.crash: BaseException | None = None
        if os.environ.get("NO_COLOR"):
            self.theme = "ansi-dark"  # bold and reverse only; truecolor greys would be colours too

    def on_mount(self) -> None:
        """Open the one customer there is, or let the person choose."""
        self._expected = time.monotonic() + BEAT_S
        self.set_interval(BEAT_S, self._beat)
        only = self.doors.only
        if only is not None:
            self.open(only)
        else:
            self._welcome()

    def _welcome(self) -> None:
        # Screens are imported when they are wanted: the first one shall not wait for the others.
        from console.screens.welcome import ChooserScreen, WelcomeScreen

        screen = ChooserScreen if self.doors.customers else WelcomeScreen
        self.push_screen(screen(self.doors), self._chosen)

    def open(self, customer: str) -> None:
        """Show a customer. What is wrong with its configuration is said, and the program ends."""
        try:
            cockpit = self.doors.open(customer)
        except ConsoleError as error:
            self.exit(Exit.USAGE, message="\n".join(error.lines()))
            return
        self.push_screen(MainScreen(cockpit))

    def _chosen(self, customer: str | None) -> None:
        if customer is None:
            self.exit(Exit.OK)
        else:
            self.open(customer)

    def choose(self) -> None:
        """Let the person choose another customer; the present one stays until then."""
        from console.screens.welcome import ChooserScreen

        self.push_screen(ChooserScreen(self.doors), self._change)

    def add_customer(self) -> None:
        """Ask what another customer needs, and open it; the present one stays until then."""
        from console.screens.wizard_screen import WizardScreen

        self.push_screen(WizardScreen(self.doors), self._change)

    def take_in(self) -> None:
        """Take a customer in from a file, and open it; the present one stays until then."""
        from console.screens.arrival_screen import ArrivalScreen

        self.push_screen(ArrivalScreen(self.doors), self._change)

    def _change(self, customer: str | None) -> None:
        """Close the present customer and open another; its view is kept for the next time."""
        if customer is not None:
            if isinstance(self.screen, MainScreen):
                self.screen.keep_view()
            self._close_customer()
            self.open(customer)

    def _close_customer(self) -> None:
        if isinstance(self.screen, MainScreen):
            self.doors.leave(self.screen.cockpit)
            self.pop_screen()

    def forget(self, customer: str) -> None:
        """Close a customer, delete everything local about it, show the proof, and offer the choice again."""
        from console.screens.forget_dialog import ProofScreen
        from console.screens.welcome import ChooserScreen

        self._close_customer()  # nothing of it may be open, and nothing may be written down again

        def seen(_done: bool | None) -> None:
            self.push_screen(ChooserScreen(self.doors), self._chosen)

        self.push_screen(ProofScreen(self.doors, customer), seen)

    async def action_quit(self) -> None:
        """Ctrl+Q, which Textual binds for every screen: ask where something is being written."""
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen):
                leave(screen)
                return
        self.end()

    def action_help_quit(self) -> None:
        """Ctrl+C, which Textual binds for every screen: it ends nothing here, and says what does."""
        self.notify(_("Ctrl+Q leaves the console."), markup=False)

    def end(self, code: int = Exit.OK) -> None:
        """Leave now. What is being written gets a moment; the next start settles the rest."""
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen):
                screen.keep_view()
        self.workers.cancel_all()
        self.exit(code, return_code=code)

    def end_when_done(self, cockpit: Cockpit) -> None:
        """Leave as soon as nothing is being written; interrupted work is an exit code of its own."""

        def look() -> None:
            if any(cockpit.writing):
                return
            left = any(t.result and t.result.applying.left for t in cockpit.tracks.values())
            self.end(Exit.INTERRUPTED if left else Exit.OK)

        self.set_interval(BEAT_S, look)

    @property
    def writing(self) -> bool:
        """Whether anything is being written."""
        return any(any(screen.cockpit.writing) for screen in self._mains)

    @property
    def _mains(self) -> list[MainScreen]:
        return [screen for screen in self.screen_stack if isinstance(screen, MainScreen)]

    def wind_up(self) -> None:
        """The program is asked to end and nobody may be there: keep the views, stop safely, leave soon."""
        if self._winding_up:
            return
        self._winding_up = True
        if not self.writing:
            self.end()
            return
        for screen in self._mains:
            screen.keep_view()
            for track in screen.cockpit.writing:
                track.stop.set()
            self.end_when_done(screen.cockpit)
        self.set_timer(GRACE_S, partial(self.end, Exit.INTERRUPTED))

    def next_theme(self) -> None:
        """The theme after the present one."""
        place = THEMES.index(self.theme) if self.theme in THEMES else -1
        self.theme = THEMES[(place + 1) % len(THEMES)]

    def _beat(self) -> None:
        """Note how late this beat is: that is how long the loop was blocked."""
        now = time.monotonic()
        self.lags.append(max(0.0, now - self._expected))
        self._expected = now + BEAT_S

    @property
    def longest_lag(self) -> float:
        """The longest stall of the event loop in the last minute, in seconds."""
        return max(self.lags, default=0.0)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker of the application itself that failed for no reason we know is a crash too."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.crashed(event.worker.error)

    def crashed(self, error: BaseException) -> None:
        """Something that should not happen has happened: end with a report, never go on in doubt."""
        self.crash = self.crash or error
        self.exit(Exit.CRASH, return_code=Exit.CRASH)

    def _fatal_error(self) -> None:
        """Textual would print every local variable, passwords included: remember the error and go."""
        self.crash = self.crash or sys.exc_info()[1]
        self.bell()
        self._close_messages_no_wait()

    def _handle_exception(self, error: Exception) -> None:
        """As in Textual, but an error after the end is no error any more, and nothing is printed."""
        if self._exit:
            return
        self.crash = error
        super()._handle_exception(error)


def guard_terminal() -> None:
    """Refuse to start where nobody could see or steer the screens. Raises ConsoleError."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ConsoleError(
            _("The screens need a terminal."), _("In scripts use the commands: einzug --help lists them.")
        )
    if os.environ.get("TERM", "") == "dumb":
        raise ConsoleError(
            _("This terminal (TERM=dumb) cannot show screens."),
            _("Use another terminal, or the commands: einzug --help lists them."),
        )


async def run_console(app: ConsoleApp) -> int:
    """Run the screens to their end and return the exit code. Raises what they crashed of."""
    asyncio.get_running_loop().call_later(SETTLED_S, collector.settle)
    try:
        code = await app.run_async()
    finally:
        app.doors.close()
    if app.crash is not None:
        raise app.crash
    return int(code or app.return_code or Exit.OK)
