"""Panel 4 by keys: open points go out, a workbook comes back, and only what was chosen is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, RadioSet, Static

from checklists.model import Addressee
from console.credentials import MemorySecrets
from console.i18n import setup
from console.onboarding import answering
from console.onboarding.answering import Draft
from console.screens.hand_out_dialog import HandOutDialog
from console.screens.small_dialogs import SureDialog
from console.screens.take_in_screen import TakeInScreen
from console.store.said import Said
from console.widgets.record_table import RecordTable
from tests.console.answer_kit import latest, panel
from tests.console.checklist_kit import workspace
from tests.console.handouts_kit import NAME, Typed, came_back, handed_out, only_two_desks, two_desks
from tests.console.hostile_kit import ATTACKS, raw
from tests.console.panel_kit import StageApp, shown, until
from tests.console.test_onboarding import NoKeyring

SECRETS = MemorySecrets()
"""One key for the workbook and the panel."""

PROVIDER = two_desks()[0].items[0]
WAY, CONTACT, BIRTH = ("own.provider", "way"), ("own.provider", "contact"), ("own.authentication", "birth")


@pytest.fixture(autouse=True)
def _lists(monkeypatch: pytest.MonkeyPatch) -> None:
    setup("en")
    only_two_desks(monkeypatch)


def filled(folder: Path, secrets: Any = None) -> Path:
    """A workbook of both desks with two answers and one cell in doubt."""
    (written,) = handed_out(workspace(folder, secrets), folder / "all.xlsx")
    typed: Typed = {
        WAY: "Rufumleitung",
        CONTACT: "Max Kontakt",
        BIRTH: "ja",
        ("own.provider", "lines"): "viele",
    }
    return came_back(written.path, typed)


async def reading(app: StageApp, pilot: Pilot[Any], path: Path) -> TakeInScreen:
    """The window with a file read in."""
    await pilot.press("i")
    await until(pilot, lambda: isinstance(app.screen, TakeInScreen))
    screen = app.screen
    assert isinstance(screen, TakeInScreen)
    screen.query_one("#file", Input).value = str(path)
    await pilot.press("enter")
    await until(pilot, lambda: not screen._busy)
    await pilot.pause()
    return screen


async def test_open_points_go_out_by_keys(tmp_path: Path) -> None:
    async with panel(tmp_path) as (app, pilot, _cockpit):
        await pilot.press("down", "h")
        await until(pilot, lambda: isinstance(app.screen, HandOutDialog))
        dialog = app.screen
        assert "Every desk: 2 points" in shown(app)
        assert dialog.query_one("#desk", RadioSet).pressed_index == 2, "the desk of the item under the cursor"
        dialog.query_one("#place", Input).value = str(tmp_path / "out")
        dialog.query_one("#due", Input).value = "soon"
        dialog.query_one("#yes").focus()
        await pilot.press("enter")
        await until(pilot, lambda: "has to be a day" in str(dialog.query_one("#refusal", Static).render()))
        await until(pilot, lambda: not dialog.query_one("#yes").has_class("-active"))
        dialog.query_one("#due", Input).value = "31.10.2026"
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.stage)
        await until(pilot, lambda: (tmp_path / "out" / "offene-punkte-muster-telephony.txt").exists())
        assert not (tmp_path / "out" / "offene-punkte-muster-it.xlsx").exists()
        await pilot.press("h", "escape")
        await until(pilot, lambda: app.screen is app.stage)


async def test_a_workbook_is_previewed_and_what_is_chosen_is_kept(tmp_path: Path) -> None:
    async with panel(tmp_path, secrets=SECRETS) as (app, pilot, cockpit):
        path = filled(tmp_path, SECRETS)
        screen = await reading(app, pilot, path)
        assert "2 answered for the first time" in shown(app)
        assert "? unclear" in shown(app)
        assert "IT!F7" in shown(app)
        await pilot.press("end")
        await until(pilot, lambda: '"viele"' in str(screen.query_one("#proposal", Static).render()))
        await pilot.press("home", "x", "k")
        await until(pilot, lambda: latest(cockpit, "own.provider") is not None)
        said = latest(cockpit, "own.provider")
        assert (said.who, said.origin, said.values["way"]) == (NAME, "all.xlsx", "forward")
        assert latest(cockpit, "own.authentication") is None, "x took it out"
        await until(pilot, lambda: not screen._busy)
        await until(pilot, lambda: "1 answered for the first time" in shown(app))
        await pilot.press("k")
        await until(pilot, lambda: latest(cockpit, "own.authentication") is not None)
        await until(pilot, lambda: not screen._busy)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, SureDialog))
        assert "birth_date" in shown(app)
        await pilot.press("escape")


async def test_what_contradicts_is_not_chosen_unless_somebody_does(tmp_path: Path) -> None:
    async with panel(tmp_path, secrets=SECRETS) as (app, pilot, cockpit):
        path = filled(tmp_path, SECRETS)
        draft = Draft(Said.DONE, "Max", values={"way": "sip"})
        answering.keep(cockpit.workspace, PROVIDER, draft)
        screen = await reading(app, pilot, path)
        table = screen.query_one(RecordTable)
        assert table.cursor_key == "own.provider"
        assert "own.provider" not in table.selection
        assert "Answered meanwhile by Max" in shown(app)
        await pilot.press("x", "k")
        await until(pilot, lambda: latest(cockpit, "own.provider").origin == "all.xlsx")


async def test_a_file_that_cannot_be_read_is_said_and_nothing_is_chosen(tmp_path: Path) -> None:
    async with panel(tmp_path) as (app, pilot, _cockpit):
        await reading(app, pilot, tmp_path / "none.xlsx")
        await until(pilot, lambda: "cannot be read as a workbook" in shown(app).replace("\n", " "))
        await pilot.press("tab", "tab", "k", "escape")
        await until(pilot, lambda: app.screen is app.stage)


async def test_persons_in_a_workbook_are_masked_and_attacks_are_harmless(tmp_path: Path) -> None:
    (written,) = handed_out(workspace(tmp_path, SECRETS), tmp_path / "all.xlsx", Addressee.TELEPHONY)
    attack = "".join(text[:80] for text in ATTACKS if text.isprintable()) + "[/x][red]"
    path = came_back(written.path, {CONTACT: "Max Kontakt", WAY: attack, ("own.provider", "NOTE"): attack})
    async with panel(tmp_path, secrets=SECRETS) as (app, pilot, cockpit):
        screen = await reading(app, pilot, path)
        for _row in range(2):
            assert not raw(shown(app).replace("\n", ""))
            await pilot.press("down")
            await pilot.pause()
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is app.stage)
        cockpit.masked = True
        screen = await reading(app, pilot, path)
        for word in ("Kontakt", "Erika"):
            assert word not in shown(app)
        assert screen.query_one("#who", Input).password


async def test_without_a_keyring_somebody_agrees_first(tmp_path: Path) -> None:
    silent: Any = NoKeyring()
    async with panel(tmp_path, secrets=silent) as (app, pilot, cockpit):
        path = filled(tmp_path, silent)
        await reading(app, pilot, path)
        await pilot.press("k")
        await until(pilot, lambda: isinstance(app.screen, SureDialog))
        await pilot.press("up", "enter")
        await until(pilot, lambda: latest(cockpit, "own.provider") is not None)
