"""The console on in-process sandboxes, driven by keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.server import running
from console.app import ConsoleApp
from console.config import parse
from console.credentials import MemorySecrets
from console.doors import Doors
from console.onboarding.agreement import agreement
from console.onboarding.answering import Draft, keep
from console.practice import CUSTOMER, Practice, config_text, partners, secrets_of
from console.screens.main import MainScreen
from console.sitting import Sitting
from console.store.said import Said
from console.workspace import Workspace

WAIT_S = 20.0


@asynccontextmanager
async def practice_doors(
    folder: Path,
    *,
    units: int = 60,
    live: bool = False,
    agreed: bool = True,
    make: Callable[[Clock], list[PartnerSandbox]] | None = None,
) -> AsyncIterator[Doors]:
    """Doors to the practice company; ``live`` calls the same sandboxes a test environment, for which the
    processing agreement is recorded unless it is not ``agreed``.

    ``make`` gives other sandboxes.
    """
    clock = Clock()
    served = partners(Practice(units, 1), clock) if make is None else make(clock)
    async with running(served, clock=clock) as ready:
        text = config_text(ready)
        environment = "test" if live else "practice"
        if live:  # and nobody plays people there
            text = "\n".join(line for line in text.split("\n") if not line.startswith("control = "))
            text = text.replace('environment = "practice"', 'environment = "test"')
            text = text.replace('source = "openwowi"', 'source = "openwowi"\nenvironment = "test"')
        secrets = MemorySecrets()
        for partner, entry in ready["partners"].items():
            secrets.set(CUSTOMER, partner, environment, secrets_of(entry))
        path = folder / "config.toml"
        path.write_text(text, encoding="utf-8")
        config = parse(text, path)
        doors = Doors(config, secrets, folder / "data", only=CUSTOMER, config_path=path)
        if live and agreed:
            customer = config.customers[CUSTOMER]
            record_agreement(Workspace(config, customer, secrets, folder / "data", Sitting()))
        yield doors
        doors.close()


def record_agreement(place: Workspace) -> None:
    """Erika Muster says that the processing of real data is agreed."""
    values = {"signed_on": "2026-11-02", "signed_by": "Max Beispiel"}
    keep(place, agreement(), Draft(Said.DONE, "Erika Muster", "Ordner AVV", values))


@asynccontextmanager
async def practice_app(
    folder: Path, *, size: tuple[int, int] = (120, 40), **how: Any
) -> AsyncIterator[tuple[ConsoleApp, Pilot[int]]]:
    """The console, opened on the practice company."""
    async with practice_doors(folder, **how) as doors:
        app = ConsoleApp(doors)
        async with app.run_test(size=size, notifications=True) as pilot:
            await until(pilot, lambda: isinstance(app.screen, MainScreen))
            yield app, pilot


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    """Let the application work until something holds; fails after a while."""
    async with asyncio.timeout(WAIT_S):
        while not true():
            await pilot.pause(0.02)


async def push(pilot: Pilot[int], button: str) -> None:
    """Press a button by its key; ``button`` is its selector. One that was just pressed takes no key."""
    found = pilot.app.screen.query_one(button)
    await until(pilot, lambda: not found.has_class("-active"))
    found.focus()
    await pilot.press("enter")


def main(app: ConsoleApp) -> MainScreen:
    """The main screen, below whatever is open."""
    return next(screen for screen in app.screen_stack if isinstance(screen, MainScreen))


def shown(app: ConsoleApp) -> str:
    """What is on the screen, as text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)
