"""Handing over and taking in on the screens, by keys; what is handed over says so before it is written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from console.app import ConsoleApp
from console.config import load
from console.doors import Doors
from console.errors import ConfigError
from console.handover import staging
from console.handover.export import export
from console.handover.mark import given
from console.screens.arrival_screen import ArrivalScreen
from console.screens.handover_dialog import HandoverDialog, TakeBackDialog
from console.screens.main import MainScreen
from console.screens.secret_dialog import HiddenInput
from console.screens.welcome import WelcomeScreen
from tests.console.checklist_kit import only_own
from tests.console.handover_kit import CUSTOMER, PASSPHRASE, Machine, cheap, first, second
from tests.console.hostile_kit import ATTACKS, raw
from tests.console.screen_kit import main, push, shown, until


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cheap(monkeypatch)
    only_own(monkeypatch)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)


@asynccontextmanager
async def opened(machine: Machine) -> AsyncIterator[tuple[ConsoleApp, Pilot[int]]]:
    """The console on a machine."""
    try:
        config = load(machine.config)
    except ConfigError:
        config = None
    app = ConsoleApp(Doors(config, machine.secrets, machine.folder / "data", config_path=machine.config))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, MainScreen | WelcomeScreen))
        yield app, pilot
        app.doors.close()


def files(folder: Path) -> list[Path]:
    """The hand-over files of a folder."""
    return list(folder.glob("muster-*.einzug"))


async def typed(pilot: Pilot[int], *texts: str) -> None:
    """Type into one field after the other."""
    for text in texts:
        field = pilot.app.focused
        assert isinstance(field, Input)
        field.value = text
        await pilot.press("enter")


async def handed_over(app: ConsoleApp, pilot: Pilot[int], first_: str, again: str) -> None:
    """Open the dialog and fill it in up to its button."""
    await pilot.press("H")
    await until(pilot, lambda: isinstance(app.screen, HandoverDialog))
    await pilot.pause()
    app.screen.query_one("#who", Input).value = "Erika Muster"
    app.screen.query_one("#to", Input).focus()
    await typed(pilot, "Max Beispiel", first_, again)
    await push(pilot, "#write")


async def test_a_customer_is_handed_over_by_keys_and_taken_back_by_name(tmp_path: Path) -> None:
    one = first(tmp_path / "one")
    async with opened(one) as (app, pilot):
        cockpit = main(app).cockpit
        await until(pilot, lambda: cockpit.checklists.book is not None)
        await handed_over(app, pilot, PASSPHRASE, "something else altogether")
        assert "verschieden" in shown(app)
        await pilot.press("escape")
        await handed_over(app, pilot, "kurz", "kurz")
        await until(pilot, lambda: "zu kurz" in shown(app))
        await pilot.press("escape")
        assert files(tmp_path) == []
        await handed_over(app, pilot, PASSPHRASE, PASSPHRASE)
        await until(
            pilot, lambda: "Zugangsdaten und Schlüssel dieses Rechners sind nicht dabei" in shown(app)
        )
        await pilot.press("escape")
        assert PASSPHRASE not in repr(app.screen_stack)
        assert len(files(tmp_path)) == 1
        await until(pilot, lambda: "Übergeben an Max Beispiel am" in shown(app))
        place = ("bots4you", "master-data")
        assert "Übergeben an" in str(cockpit.standing.why_not_write(place))
        await pilot.press("H")
        await until(pilot, lambda: isinstance(app.screen, TakeBackDialog))
        await pilot.press("enter")
        await until(pilot, lambda: "Ein Name wird gebraucht" in shown(app))
        await typed(pilot, "Erika Muster")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        await until(pilot, lambda: cockpit.standing.given is None)
        assert cockpit.standing.why_not_write(place) is None
    assert given(one.open()) is None


async def read(app: ConsoleApp, pilot: Pilot[int], file: Path, passphrase: str = PASSPHRASE) -> None:
    """Type file and passphrase and read it."""
    await until(pilot, lambda: isinstance(app.screen, ArrivalScreen))
    await pilot.pause()
    await typed(pilot, str(file), passphrase)
    await push(pilot, "#go")


async def test_a_customer_is_taken_in_from_another_one_and_opened(tmp_path: Path) -> None:
    one, two, file = first(tmp_path / "one"), second(tmp_path / "two"), tmp_path / "muster.einzug"
    one.export(file)
    async with opened(two) as (app, pilot):
        assert main(app).cockpit.workspace.customer.key == "other"
        await pilot.press("I")
        await read(app, pilot, file, "wrong")
        await until(pilot, lambda: "passt nicht" in shown(app))
        await typed(pilot, PASSPHRASE)
        await push(pilot, "#go")
        await until(pilot, lambda: "Erika Muster hat am" in shown(app))
        assert "Wohnbau Musterstadt eG (muster)" in shown(app)
        await push(pilot, "#go")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        await until(pilot, lambda: main(app).cockpit.workspace.customer.key == CUSTOMER)
        book = main(app).cockpit.checklists
        await until(pilot, lambda: book.book is not None and bool(book.book.history("own.provider")))
    assert not (two.folder / "data" / staging.FOLDER).exists()


async def test_leaving_changes_nothing(tmp_path: Path) -> None:
    one, two, file = first(tmp_path / "one"), second(tmp_path / "two"), tmp_path / "muster.einzug"
    one.export(file)
    before = two.config.read_bytes()
    async with opened(two) as (app, pilot):
        await pilot.press("I")
        await read(app, pilot, file)
        await until(pilot, lambda: "Erika Muster hat am" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        await until(pilot, lambda: not (two.folder / "data" / staging.FOLDER).exists())
    assert two.config.read_bytes() == before


async def test_on_the_first_start_a_customer_can_be_taken_in(tmp_path: Path) -> None:
    one, file = first(tmp_path / "one"), tmp_path / "muster.einzug"
    one.export(file)
    (tmp_path / "two").mkdir()
    async with opened(Machine(tmp_path / "two")) as (app, pilot):
        await pilot.press("i")
        await read(app, pilot, file)
        await until(pilot, lambda: "Hier neu" in shown(app))
        await push(pilot, "#go")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert main(app).cockpit.workspace.customer.key == CUSTOMER


async def test_a_passphrase_never_shows(tmp_path: Path) -> None:
    one = first(tmp_path / "one")
    async with opened(one) as (app, pilot):
        await pilot.press("H")
        await until(pilot, lambda: isinstance(app.screen, HandoverDialog))
        app.screen.query(HiddenInput).first().focus()
        await pilot.press(*"canary")
        assert "canary" not in shown(app)
        await pilot.press("escape")


@pytest.mark.parametrize("attack", ATTACKS)
async def test_hostile_names_reach_no_screen_raw(tmp_path: Path, attack: str) -> None:
    one, two, file = first(tmp_path / "one"), second(tmp_path / "two"), tmp_path / "muster.einzug"
    export(one.open(), file, PASSPHRASE, who=attack, to=f"Max {attack}")
    async with opened(one) as (app, pilot):
        await until(pilot, lambda: main(app).cockpit.standing.given is not None)
        await pilot.pause(0.2)
        assert "Max" in shown(app)
        assert raw(shown(app).replace("\n", "")) == set()
        await pilot.press("H")
        await until(pilot, lambda: isinstance(app.screen, TakeBackDialog))
        assert raw(shown(app).replace("\n", "")) == set()
        await pilot.press("escape")
    async with opened(two) as (app, pilot):
        await pilot.press("I")
        await read(app, pilot, file)
        await until(pilot, lambda: "Wohnbau Musterstadt eG" in shown(app))
        assert raw(shown(app).replace("\n", "")) == set()
        await pilot.press("escape")
