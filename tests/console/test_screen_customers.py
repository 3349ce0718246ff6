"""Customers come and go by keys: set up another one, forget one, change between them."""

from __future__ import annotations

import tomllib
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from console import actions, screen_memory
from console.app import ConsoleApp
from console.cockpit import Activity
from console.config import parse
from console.credentials import MemorySecrets
from console.doors import Doors
from console.screens.forget_dialog import ForgetDialog, ProofScreen
from console.screens.main import MainScreen
from console.screens.panel import Panel
from console.screens.welcome import ChooserScreen
from console.screens.wizard_screen import WizardScreen
from console.store.places import customer_folder
from tests.console.panel_kit import CONFIG
from tests.console.screen_kit import main, practice_app, shown, until

COMMENTED = f"# written by hand\n{CONFIG}\n# the end\n"
ANSWERS = ("zweite", "Zweite Wohnbau eG", "files", "practice", "daten", "all", "/", "")


def console_app(folder: Path, secrets: MemorySecrets | None = None, *, only: str | None = None) -> ConsoleApp:
    path = folder / "config.toml"
    path.write_text(COMMENTED, encoding="utf-8")
    doors = Doors(
        parse(COMMENTED, path), secrets or MemorySecrets(), folder / "data", only=only, config_path=path
    )
    return ConsoleApp(doors)


async def opened(app: ConsoleApp, pilot: Pilot[int]) -> None:
    await until(pilot, lambda: isinstance(app.screen, MainScreen))


async def forget(app: ConsoleApp, pilot: Pilot[int]) -> None:
    """Type the key, and wait for the proof."""
    await pilot.press("f8")
    await until(pilot, lambda: isinstance(app.screen, ForgetDialog))
    await pilot.press(*"muster", "enter")
    await until(pilot, lambda: isinstance(app.screen, ProofScreen))
    await until(pilot, lambda: "✓" in shown(app))


async def test_forgetting_says_what_goes_asks_for_the_key_proves_it_and_leads_to_the_chooser(
    tmp_path: Path,
) -> None:
    secrets = MemorySecrets()
    secrets.set("muster", "bots4you", "practice", {"username": "u", "password": "p"})
    app = console_app(tmp_path, secrets)
    data = tmp_path / "data"
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await opened(app, pilot)
        cockpit = main(app).cockpit
        folder = customer_folder(data, "muster")
        await until(pilot, folder.is_dir)
        await pilot.press("f8")
        await until(pilot, lambda: isinstance(app.screen, ForgetDialog))
        await pilot.pause()
        assert str(folder) in shown(app).replace("\n", "") or "Endgültig gelöscht" in shown(app)
        assert "muster" in shown(app)
        await pilot.press(*"wrong", "enter")
        await pilot.pause(0.1)
        assert "gelöscht wurde nichts" in shown(app)
        assert folder.is_dir()
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        await forget(app, pilot)
        assert not folder.exists()
        assert secrets.get("muster", "bots4you", "practice") == {}
        assert "keine Datei über" in shown(app)
        assert cockpit not in app.doors._opened
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ChooserScreen))
        assert "Wohnbau" not in shown(app)
        await pilot.press("escape")
    assert app.crash is None
    assert not folder.exists()
    assert screen_memory.recall(data, "muster") == screen_memory.Remembered()


async def test_a_forgotten_customer_can_be_opened_anew(tmp_path: Path) -> None:
    app = console_app(tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(app, pilot)
        await forget(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ChooserScreen))
        await pilot.press("enter")
        await opened(app, pilot)
        assert app.crash is None


async def test_a_locked_run_offers_no_other_customer_after_forgetting_nor_a_new_one(tmp_path: Path) -> None:
    app = console_app(tmp_path, only="muster")
    other = CONFIG.replace("customers.muster", "customers.other")
    app.doors._config = parse(CONFIG + other, tmp_path / "config.toml")
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(app, pilot)
        assert "festgelegt" in str(main(app).why_not(actions.get("new_customer")))
        await forget(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ChooserScreen))
        await pilot.pause()
        assert "Kunde 1" in shown(app)
        assert "Kunde 2" not in shown(app)


async def test_nobody_is_forgotten_while_work_is_under_way(tmp_path: Path) -> None:
    app = console_app(tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(app, pilot)
        cockpit = main(app).cockpit
        track = next(iter(cockpit.tracks.values()))
        for activity in (Activity.WRITING, Activity.PLANNING):
            track.activity = activity
            assert main(app).why_not(actions.get("forget"))
        track.activity = Activity.IDLE
        cockpit.checking = True
        assert main(app).why_not(actions.get("forget"))
        cockpit.checking = False
        assert main(app).why_not(actions.get("forget")) is None


async def test_another_customer_is_set_up_by_key_and_the_configuration_keeps_its_comments(
    tmp_path: Path,
) -> None:
    app = console_app(tmp_path)
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(app, pilot)
        former = main(app).cockpit
        await pilot.press("f4")
        await until(pilot, lambda: isinstance(app.screen, WizardScreen))
        wizard = app.screen
        assert isinstance(wizard, WizardScreen)
        await pilot.pause()
        assert "Ein weiterer Kunde" in shown(app)
        for answer in ANSWERS:
            await until(pilot, lambda: bool(wizard._lines))
            wizard.query_one(Input).value = answer
            await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, MainScreen) and main(app).cockpit is not former)
        assert main(app).cockpit.shown_customer == "Zweite Wohnbau eG"
        assert former not in app.doors._opened
        assert sum(isinstance(screen, MainScreen) for screen in app.screen_stack) == 1
        text = (tmp_path / "config.toml").read_text(encoding="utf-8")
        assert text.startswith("# written by hand")
        assert "# the end" in text
        assert set(tomllib.loads(text)["customers"]) == {"muster", "zweite"}
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, ChooserScreen))


async def test_leaving_the_questions_leads_back_to_the_customer(tmp_path: Path) -> None:
    app = console_app(tmp_path)
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(app, pilot)
        former = main(app).cockpit
        await pilot.press("f4")
        await until(pilot, lambda: isinstance(app.screen, WizardScreen))
        await pilot.press("escape")
        await opened(app, pilot)
        assert main(app).cockpit is former


async def test_a_change_of_customers_closes_the_plans_of_the_former_one(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        cockpit = main(app).cockpit
        place = ("bots4you", "master-data")
        await cockpit.plan(place)
        plan = cockpit.tracks[place].plan
        assert plan is not None
        app._change("practice")
        await until(pilot, lambda: main(app).cockpit is not cockpit and bool(main(app).query(Panel)))
        assert plan.store.closed
        assert len(app.doors._opened) == 1


async def test_a_customer_set_up_from_the_practice_company_goes_into_the_configuration_that_stays(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home.toml"
    doors = Doors(None, MemorySecrets(), tmp_path / "data", config_path=home)
    away, secrets = parse(CONFIG, tmp_path / "away.toml"), MemorySecrets()
    doors.visit(away, tmp_path / "away.toml", secrets, tmp_path / "elsewhere")
    assert (doors.home_path, doors.config_path, doors.secrets) == (home, tmp_path / "away.toml", secrets)
    doors.furnish(away)
    assert (doors.config_path, doors.data) == (home, tmp_path / "data")
