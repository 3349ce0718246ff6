"""The chain of a served onOffice through the console: confirmed once for many, mended, void after a change,
and seen on the panel of the practice company."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.chains import ChainRow, LinkState
from console.chains.reading import chains, read_chain
from console.onboarding.answering import Draft
from console.onboarding.book import read
from console.onboarding.subjects import confirm
from console.screens.chain import ChainPanel
from console.screens.main import MainScreen
from console.store.said import Said
from tests.console.onoffice_office import Account, account
from tests.console.screen_kit import main, practice_app, shown, until

SETTINGS = 'api_user = "einzug-api"'
DONE = Draft(Said.DONE, "Erika Muster", "gesehen", {"date": "2026-05-04"})
TICKED = replace(DONE, values={"tick": "yes", "date": "2026-05-04"})


async def rows(here: Account) -> dict[str, ChainRow]:
    """Every letting object as the chain finds it now."""
    workspace = here.workspace(SETTINGS)
    (place,) = chains(workspace)
    return {row.id: row for row in (await read_chain(workspace, place)).reading.rows}


def say(here: Account, item: str, draft: Draft, *subjects: str) -> None:
    """Somebody confirms these subjects."""
    workspace = here.workspace(SETTINGS)
    one = read(workspace).item(f"onoffice_agent.{item}")
    assert one is not None
    confirm(workspace, one.item, draft, subjects)


def first(row: ChainRow) -> str:
    """The link that does not hold."""
    return row.first.link if row.first else ""


async def test_a_mailbox_is_confirmed_once_and_an_object_comes_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with account(tmp_path, monkeypatch) as here:
        before = await rows(here)
        mailbox = next(
            row.first.subject for row in before.values() if row.first and row.first.link == "booking"
        )
        shared = [id_ for id_, row in before.items() if row.first and row.first.subject == mailbox]
        assert len(shared) > 1
        say(here, "booking", replace(TICKED, values={"tick": "no", "date": "2026-05-04"}), mailbox)
        assert {(await rows(here))[id_].state for id_ in shared} == {LinkState.BROKEN}
        say(here, "booking", TICKED, mailbox)
        now = await rows(here)
        assert {first(now[id_]) for id_ in shared} == {"transmitted"}
        say(here, "transmitted", DONE, *shared)
        say(here, "seen", DONE, shared[0])
        now = await rows(here)
        assert [first(now[id_]) for id_ in shared[:2]] == ["", "seen"]


async def test_what_a_plan_has_written_asks_for_a_new_look_at_the_portal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with account(tmp_path, monkeypatch) as here:
        estate = here.planted("estate_contact_no_broker")
        row = (await rows(here))[estate]
        assert row.first is not None
        assert row.first.fix
        say(here, "transmitted", DONE, estate)
        await here.fix(row.first.fix.removeprefix("onoffice."), SETTINGS)
        row = (await rows(here))[estate]
        assert first(row) == "booking"
        assert row.first is not None
        say(here, "booking", TICKED, row.first.subject)
        row = (await rows(here))[estate]
        assert (first(row), row.first and row.first.cause) == ("transmitted", "outdated")
        say(here, "transmitted", DONE, estate)
        assert first((await rows(here))[estate]) == "seen"


async def test_the_practice_company_shows_its_chain_by_cause(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        screen = main(app)
        await until(pilot, lambda: "chain" in screen._panels)
        await pilot.press("c")
        track = screen.cockpit.chains.tracks["onoffice/contact"]
        panel = screen._panels["chain"]
        assert isinstance(panel, ChainPanel)
        await until(pilot, lambda: track.held is not None and bool(panel._lines))
        await pilot.press("g", "home")
        await pilot.pause(0.2)
        text = shown(app)
        assert "Mailverbuchung" in text
        assert "Administrator" in text
        assert panel.group is not None
        assert len(panel.group.rows) > 1
        await pilot.press("t")
        await pilot.pause(0.2)
        assert {line.row.first.link for line in panel.seen if line.row.first} == {"contact"}
        assert isinstance(app.screen, MainScreen)
