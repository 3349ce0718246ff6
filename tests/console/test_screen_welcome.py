"""The first minutes and the choice of a customer, driven by keys."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from textual.app import App
from textual.screen import Screen
from textual.widgets import Input
from textual.worker import WorkerCancelled

import console
from console.config import load, parse
from console.credentials import MemorySecrets
from console.doors import Doors
from console.practice import CUSTOMER
from console.screens.welcome import ChooserScreen, WelcomeScreen
from console.screens.wizard_screen import WizardScreen
from tests.console.panel_kit import STYLES, shown, until

TWO = """
[customers.alpha]
name = "Alpha Wohnen [/eG]"
mandanten = "all"
[customers.vesta]
name = "Vesta Bau"
mandanten = "all"
"""


class Front(App[None]):
    """An application with one first screen; ``chosen`` is what it gave."""

    CSS_PATH: ClassVar = [STYLES / name for name in ("theme.tcss", "welcome.tcss")]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, first: Callable[[], Screen[str | None]]) -> None:
        super().__init__()
        self.first = first
        self.chosen: list[str | None] = []

    def on_mount(self) -> None:
        """Open it."""
        self.push_screen(self.first(), self.chosen.append)


def doors(folder: Path, text: str | None = None) -> Doors:
    path = folder / "config.toml"
    config = parse(text, path) if text else None
    return Doors(config, MemorySecrets(), folder / "data", config_path=path)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_without_a_configuration_the_screen_says_what_einzug_does_and_both_ways(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    app = Front(lambda: WelcomeScreen(doors(tmp_path)))
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.1)
        text = " ".join(shown(app).split())
        for words in ("Einzug verbindet", "p An der Übungsfirma", "n Den ersten Kunden", "q Beenden"):
            assert words in text
        await pilot.press("q")
        await until(pilot, lambda: app.chosen == [None])


async def test_the_practice_company_is_started_and_ends_with_the_application(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(console.__file__).parent.parent))
    found = doors(tmp_path)
    app = Front(lambda: WelcomeScreen(found))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("p", "p")
        await until(pilot, lambda: app.chosen == [CUSTOMER])
        cockpit = found.open(CUSTOMER)
        folder = found.data
        assert folder.is_dir()
        assert isinstance(found.secrets, MemorySecrets)
        report = await cockpit.check()
        assert report is not None
        assert not report.no_access
        cockpit.close()
    for worker in list(app.workers):
        with pytest.raises(WorkerCancelled):
            await worker.wait()
    assert not folder.is_dir()
    assert not (tmp_path / "config.toml").exists()


async def test_sandboxes_that_do_not_start_are_told_and_the_wizard_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_args: Any, **_how: Any) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("asyncio.create_subprocess_exec", fails)
    app = Front(lambda: WelcomeScreen(doors(tmp_path)))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("p")
        await until(pilot, lambda: "Zugriff" in shown(app))
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, WizardScreen))


async def test_the_wizard_asks_again_writes_a_configuration_and_opens_the_customer(tmp_path: Path) -> None:
    found = doors(tmp_path)
    app = Front(lambda: WelcomeScreen(found))
    answers = ["Falsch!", "muster", "Wohnbau Musterstadt eG", "files", "practice", "daten", "all", "/", ""]
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, WizardScreen))
        wizard = app.screen
        assert isinstance(wizard, WizardScreen)
        for number, answer in enumerate(answers):
            await until(pilot, lambda: bool(wizard._lines) or bool(app.chosen))
            if number == 1:
                await until(pilot, lambda: "Nur Kleinbuchstaben" in shown(app))
            wizard.query_one(Input).value = answer
            await pilot.press("enter")
        await until(pilot, lambda: app.chosen == ["muster"])
    customer = load(tmp_path / "config.toml").customers["muster"]
    assert customer.name == "Wohnbau Musterstadt eG"
    assert found.customers == {"muster": "Wohnbau Musterstadt eG"}


async def test_leaving_the_wizard_writes_nothing(tmp_path: Path) -> None:
    app = Front(lambda: WelcomeScreen(doors(tmp_path)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, WizardScreen))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, WelcomeScreen))
        assert app.chosen == []
    assert not (tmp_path / "config.toml").exists()


async def test_the_chooser_hides_all_names_until_v(tmp_path: Path) -> None:
    app = Front(lambda: ChooserScreen(doors(tmp_path, TWO)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.1)
        assert "Kunde 1" in shown(app)
        assert not any(word in shown(app) for word in ("Alpha", "alpha", "Vesta", "vesta"))
        await pilot.press("v")
        await pilot.pause(0.1)
        assert "Alpha Wohnen [/eG]  (alpha)" in shown(app)
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.chosen == ["vesta"])


async def test_a_typed_letter_names_only_the_customers_it_finds(tmp_path: Path) -> None:
    app = Front(lambda: ChooserScreen(doors(tmp_path, TWO)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("b", "a", "u")
        await pilot.pause(0.1)
        assert "Vesta Bau" in shown(app)
        assert "Alpha" not in shown(app)
        await pilot.press("escape")
        await pilot.pause(0.1)
        assert "Vesta" not in shown(app)
        assert app.chosen == []
        await pilot.press("b", "enter")
        await until(pilot, lambda: app.chosen == ["vesta"])


async def test_escape_in_the_chooser_opens_nobody(tmp_path: Path) -> None:
    app = Front(lambda: ChooserScreen(doors(tmp_path, TWO)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("escape")
        await until(pilot, lambda: app.chosen == [None])
