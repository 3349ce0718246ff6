"""Pictures of the panels on the practice company for the README: ``python scripts/screenshots.py``."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from textual.pilot import Pilot  # noqa: E402

from console.app import ConsoleApp  # noqa: E402
from console.cockpit import Cockpit  # noqa: E402
from console.doors import Doors  # noqa: E402
from console.i18n import setup  # noqa: E402
from console.practice import CUSTOMER, Practice  # noqa: E402
from console.practice_house import practice_house  # noqa: E402
from console.screens.apply_dialog import ApplyDialog  # noqa: E402
from console.screens.calls import CallsScreen  # noqa: E402
from console.screens.help import HelpScreen  # noqa: E402
from console.screens.main import MainScreen  # noqa: E402
from console.screens.run_screen import RunScreen  # noqa: E402
from console.screens.trip_screen import TripScreen  # noqa: E402
from console.widgets.record_table import RecordTable  # noqa: E402

SCREENS = ROOT / "docs" / "screens"
SIZE = (120, 40)
UNITS = 500
LONGEST_S = 60.0
PLACE = ("bots4you", "master-data")


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    """Let the application work until something holds. Raises TimeoutError."""
    async with asyncio.timeout(LONGEST_S):
        while not true():
            await pilot.pause(0.05)
    await pilot.pause(0.3)


async def take(pilot: Pilot[int], name: str) -> None:
    """Write the picture of what is on the screen."""
    await pilot.pause(0.3)
    SCREENS.mkdir(parents=True, exist_ok=True)
    text = pilot.app.export_screenshot(title="Einzug")
    (SCREENS / f"{name}.svg").write_text(text, encoding="utf-8", newline="\n")


async def tour(pilot: Pilot[int], screen: MainScreen) -> None:
    """Check, plan, look, write, look back; a picture of each."""
    app, cockpit = pilot.app, screen.cockpit
    await pilot.press("f5")
    await until(pilot, lambda: cockpit.checked_at is not None)
    await pilot.press("p")
    await until(pilot, lambda: cockpit.tracks[PLACE].plan is not None)
    await take(pilot, "overview")
    await pilot.press("enter")
    await until(pilot, lambda: screen.query_one("#changes", RecordTable).cursor_key is not None)
    await pilot.press(*["down"] * 4)
    await take(pilot, "differences")
    await pilot.press("question_mark")
    await until(pilot, lambda: isinstance(app.screen, HelpScreen))
    await take(pilot, "help")
    await pilot.press("escape", "a")
    await until(pilot, lambda: isinstance(app.screen, ApplyDialog))
    await take(pilot, "apply")
    await confirm(pilot, cockpit)
    await take(pilot, "written")
    await pilot.press("4")
    await take(pilot, "checklists")
    await pilot.press("3", "n")
    await until(pilot, lambda: isinstance(app.screen, TripScreen))
    await pilot.press("enter")
    await until(pilot, lambda: any(trail.over for trail in cockpit.trips.trails.values()))
    await take(pilot, "trip")
    await pilot.press("escape")
    await take(pilot, "tickets")
    await pilot.press("1", "c")
    await until(pilot, lambda: screen.query_one("#chain-rows", RecordTable).cursor_key is not None)
    await take(pilot, "chain")
    await pilot.press("5")
    await take(pilot, "credentials")
    await pilot.press("f9")
    await until(pilot, lambda: isinstance(app.screen, CallsScreen))
    await take(pilot, "calls")
    await pilot.press("escape", "6")
    await until(pilot, lambda: screen.query_one("#runs", RecordTable).cursor_key is not None)
    await take(pilot, "history")
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, RunScreen))
    await take(pilot, "run")


async def confirm(pilot: Pilot[int], cockpit: Cockpit) -> None:
    """Type what the dialog asks for, and wait until everything is written."""
    track = cockpit.tracks[PLACE]
    if track.plan is None or not track.plan.guards:
        await pilot.click("#write")
    for guard in track.plan.guards if track.plan else ():
        await pilot.press(*str(guard.count), "tab")
    if track.plan and track.plan.guards:
        await pilot.press("enter")
    await until(pilot, lambda: track.result is not None and not track.busy)


async def main() -> None:
    """Take the tour in German."""
    setup("de")
    async with practice_house(Practice(UNITS, 1)) as house:
        doors = Doors(house.config, house.secrets, house.folder, only=CUSTOMER, config_path=house.path)
        app = ConsoleApp(doors)
        try:
            async with app.run_test(size=SIZE) as pilot:
                await until(pilot, lambda: isinstance(app.screen, MainScreen))
                screen = app.screen
                assert isinstance(screen, MainScreen)  # noqa: S101  (waited for)
                await tour(pilot, screen)
        finally:
            doors.close()


if __name__ == "__main__":
    asyncio.run(main())
