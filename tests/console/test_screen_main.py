from __future__ import annotations

from pathlib import Path

import pytest

from console import actions
from console.actions import ACTIONS, EVERY, PANELS, key_table
from console.errors import ConsoleError, Exit
from console.i18n import setup
from console.screens.help import HelpScreen
from console.screens.main import MainScreen
from console.screens.palette import PaletteScreen, found
from console.screens.small_dialogs import UnlockDialog
from console.widgets.footer import footer_line
from console.workspace import Workspace
from tests.console.screen_kit import main, practice_app, shown, until

CANARY = "CANARY-7f3a-secret"


def crash_files(folder: Path) -> list[Path]:
    return list(folder.rglob("crash-*"))


async def test_digits_open_the_panels(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        for scope in PANELS:
            await pilot.press(actions.get(f"panel.{scope}").key)
            assert scope == main(app).panel.SCOPE


async def test_checks_and_plans_run_by_key_and_the_overview_tells(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        cockpit = main(app).cockpit
        await pilot.press("f5")
        await until(pilot, lambda: cockpit.checked_at is not None)
        await pilot.press("p")
        track = cockpit.tracks["bots4you", "master-data"]
        await until(pilot, lambda: track.plan is not None)
        await pilot.pause(0.2)
        assert "65 neu" in shown(app)
        assert app.crash is None


async def test_an_action_that_is_not_possible_says_why(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        await pilot.press("a")
        await pilot.pause(0.1)
        assert "noch keinen Plan" in shown(app)


async def test_a_use_case_that_the_erp_makes_impossible_is_greyed_out_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def why_not(_workspace: Workspace, partner: str, _use_case: str) -> ConsoleError | None:
        return ConsoleError("Das ERP nimmt nichts zurück.") if partner == "bots4you" else None

    monkeypatch.setattr(Workspace, "why_not", why_not)
    async with practice_app(tmp_path) as (app, pilot):
        track = main(app).cockpit.tracks["bots4you", "master-data"]
        await until(pilot, lambda: track.impossible != "")
        await pilot.press("p")
        await until(pilot, lambda: "Das ERP nimmt nichts zurück." in shown(app))
        await until(pilot, lambda: "mit diesem ERP nicht" in shown(app))
        assert (track.plan, track.busy, track.error) == (None, False, ())


async def test_the_palette_finds_an_action_and_runs_it(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, PaletteScreen))
        await pilot.press(*"protokoll", "enter")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert main(app).panel.SCOPE == "protocol"


async def test_help_names_every_key_of_its_panel(tmp_path: Path) -> None:
    async with practice_app(tmp_path, size=(120, 60)) as (app, pilot):
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        text = shown(app)
        assert all(f" {a.shown_key} " in text for a in ACTIONS if a.scope in ("", "overview"))
        await pilot.press("escape")
        assert isinstance(app.screen, MainScreen)


async def test_outside_practice_it_starts_masked_and_read_only(tmp_path: Path) -> None:
    async with practice_app(tmp_path, live=True) as (app, pilot):
        cockpit = main(app).cockpit
        assert (cockpit.live, cockpit.masked, cockpit.unlocked) == (True, True, 0)
        assert "nur lesen" in shown(app)
        await pilot.press("ctrl+w")
        await until(pilot, lambda: isinstance(app.screen, UnlockDialog))
        await pilot.press(*"wrong", "enter")
        assert not cockpit.unlocked
        await pilot.press("ctrl+w")
        await until(pilot, lambda: isinstance(app.screen, UnlockDialog))
        await pilot.press(*"practice", "enter")
        await until(pilot, lambda: cockpit.unlocked > 0)


async def test_the_view_comes_back_at_the_next_start(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (_app, pilot):
        await pilot.press("6", "ctrl+q")
    async with practice_app(tmp_path) as (app, _pilot):
        assert main(app).panel.SCOPE == "protocol"


async def test_a_crash_in_a_worker_ends_with_a_report_that_tells_nothing_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from console import mishaps

    async with practice_app(tmp_path) as (app, pilot):
        cockpit = main(app).cockpit

        async def broken(*_args: object) -> None:
            secret = CANARY
            raise RuntimeError(f"it was {secret}")

        monkeypatch.setattr(cockpit, "check", broken)
        await pilot.press("f5")
        await until(pilot, lambda: app.crash is not None)
    assert app.return_code == Exit.CRASH
    assert app.crash is not None
    assert mishaps.report(app.crash, debug=True) == Exit.CRASH
    written = "".join(path.read_text() for path in crash_files(tmp_path))
    assert "broken" in written
    assert CANARY not in written + "".join(capsys.readouterr())


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("scope", EVERY)
def test_the_footer_fits_80_columns(scope: str, language: str) -> None:
    setup(language)
    offers = [(action, None) for action in actions.of(scope)]
    line = footer_line(offers, 80).plain
    assert len(line) <= 80
    assert actions.get("quit").shown_key in line
    assert actions.get("help").shown_key in line


def test_keys_and_ids_are_unique_within_a_panel() -> None:
    for scope in EVERY:
        keys = [action.key for action in actions.of(scope)]
        assert len(keys) == len(set(keys))
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)


def test_every_action_that_does_something_has_its_command() -> None:
    from console.cli import COMMANDS

    for action in ACTIONS:
        if action.command:
            assert action.command.split()[0] in COMMANDS, action.id


def test_the_palette_looks_into_label_and_help() -> None:
    offers = [(action, None) for action in actions.of("differences")]
    assert [offer[0].id for offer in found(offers, "plan neu fehl")] == ["diff.retry"]


def test_the_documented_keys_are_the_real_ones() -> None:
    documented = Path("docs/keys.md").read_text(encoding="utf-8")
    setup("en")
    assert key_table() in documented, "run: python scripts/keys.py"
