"""One panel on a screen of its own, without the frame, on a configuration that leads nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.worker import Worker, WorkerState

import console
from console import actions
from console.cockpit import Cockpit, Place
from console.config import customer, parse
from console.credentials import MemorySecrets, Secrets
from console.screens.panel import Panel
from console.sitting import Sitting
from console.workspace import Workspace

WAIT_S = 20.0
STYLES = Path(console.__file__).parent / "styles"
CONFIG = """
[customers.muster]
name = "Wohnbau Musterstadt eG"
mandanten = "all"
separator = "/"
[customers.muster.erp]
source = "openwowi"
url = "http://127.0.0.1:9"
[customers.muster.bots4you]
environment = "practice"
url = "http://127.0.0.1:9"
"""


def cockpit(folder: Path, secrets: Secrets | None = None, text: str = CONFIG) -> Cockpit:
    """A cockpit of the first customer in ``text``; nothing answers at its addresses."""
    config = parse(text, folder / "config.toml")
    found = customer(config, next(iter(config.customers)))
    return Cockpit(Workspace(config, found, secrets or MemorySecrets(), folder / "data", Sitting()))


class Stage(Screen[None]):
    """Runs a panel's actions as the frame does, and notes what the panel asks of the frame."""

    BINDINGS: ClassVar[list[Any]] = []

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self.panel = panel
        self.asked: list[tuple[object, ...]] = []
        self.reasons: list[str] = []
        self.errors: list[BaseException] = []
        self.descriptions: list[str] = []

    def compose(self) -> ComposeResult:
        """The panel alone."""
        yield self.panel

    def on_mount(self) -> None:
        """Show it as the frame would."""
        self.set_interval(0.05, self.panel.show)
        self.panel.focus_first()

    def action_do(self, id_: str) -> None:
        """Run an action, or note why it is not possible."""
        reason = self.panel.why_not(actions.get(id_).id)
        if reason is None:
            self.panel.handlers()[id_]()
        else:
            self.reasons.append(reason)

    def start_plan(self, place: Place) -> None:
        """Note it."""
        self.asked.append(("plan", place))

    def start_undo(self, place: Place, run: int) -> None:
        """Note it."""
        self.asked.append(("undo", place, run))

    def open_trip(self, partner: str) -> None:
        """Note it."""
        self.asked.append(("trip", partner))

    def before_reading(self, go: Callable[[], object]) -> None:
        """Nothing is real here."""
        go()

    def start_check(self, partner: str | None = None) -> None:
        """Note it."""
        self.asked.append(("check", partner))

    def open_walk(self, place: Place) -> None:
        """Note it."""
        self.asked.append(("walk", place))

    def start_fix(self, check: str) -> None:
        """Note it."""
        self.asked.append(("fix", check))

    def open_plan(self, place: Place) -> None:
        """Note it."""
        self.asked.append(("open", place))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Keep the names of all workers and the errors of those that failed."""
        self.descriptions.append(f"{event.worker!r} {event.worker.description}")
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.errors.append(event.worker.error)


class StageApp(App[None]):
    """An application with one stage."""

    CSS_PATH: ClassVar = [
        STYLES / name for name in ("theme.tcss", "checklists.tcss", "credentials.tcss", "protocol.tcss")
    ]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self.stage = Stage(panel)

    def on_mount(self) -> None:
        """Open the stage."""
        self.push_screen(self.stage)


async def until(pilot: Pilot[Any], true: Callable[[], bool]) -> None:
    """Let the application work until something holds; fails after a while."""
    async with asyncio.timeout(WAIT_S):
        while not true():
            await pilot.pause(0.02)


def shown(app: App[Any]) -> str:
    """What is on the screen, as text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)
