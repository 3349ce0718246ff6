"""What nobody shall see is left out at once: a setting, by command and by key."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from textual.widgets import Input

from console.errors import ConsoleError
from console.excluding import exclude, exclusions
from console.scoping import parts_of
from console.screens.scope_dialog import ScopeDialog
from console.widgets.record_table import RecordTable
from tests.console.screen_kit import main, practice_app, practice_doors, shown, until

DOCUMENTS = ("immomio", "documents")


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("archive=MV Mieterapp", ["archive=MV Mieterapp"]),
        (" mandant=10  archive=MV App category=Post ", ["mandant=10", "archive=MV App", "category=Post"]),
        ("", []),
        ("Mieterapp", ["Mieterapp"]),
    ],
)
def test_a_name_may_hold_blanks(typed: str, parts: list[str]) -> None:
    assert parts_of(typed) == parts


def agreed(path: Path) -> dict[str, object]:
    """The settings of the documents as they stand in the file."""
    found = tomllib.loads(path.read_text(encoding="utf-8"))["customers"]["practice"]["immomio"]["use_cases"]
    return dict(found["documents"])


async def test_an_archive_and_a_category_are_left_out_from_the_next_plan_on(tmp_path: Path) -> None:
    async with practice_doors(tmp_path) as doors:
        workspace = doors.open("practice").workspace
        path = tmp_path / "config.toml"
        exclude(workspace, *DOCUMENTS, ["archive=MV Mieterapp", "category=Post"])
        assert agreed(path)["excluded_archives"] == ["MV Mieterapp"]
        assert agreed(path)["excluded_categories"] == ["Post"]
        exclude(workspace, *DOCUMENTS, ["archive=Mieter App"])
        assert agreed(path)["excluded_archives"] == ["MV Mieterapp", "Mieter App"]
        assert exclusions(workspace, *DOCUMENTS, ["archive=Mieter App"]) == ()
        settings = workspace.connections.job(*DOCUMENTS).settings
        assert settings.excluded_archives == ("MV Mieterapp", "Mieter App")
        for wrong in ("mandant=10", "archive", "archive="):
            with pytest.raises(ConsoleError):
                exclusions(workspace, *DOCUMENTS, [wrong])
        with pytest.raises(ConsoleError):
            exclusions(workspace, "immomio", "vacancies", ["archive=MV Mieterapp"])


async def test_the_key_offers_the_archive_of_the_record_and_compares_anew(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        track = main(app).cockpit.tracks[DOCUMENTS]
        table = app.screen.query_one("#tracks", RecordTable)
        table.move_to("/".join(DOCUMENTS))
        await pilot.press("p")
        await until(pilot, lambda: track.plan is not None and not track.busy)
        await pilot.press("enter")
        await until(pilot, lambda: main(app).panel.SCOPE == "differences")
        former = track.plan
        await pilot.press("E")
        await until(pilot, lambda: isinstance(app.screen, ScopeDialog))
        entry = app.screen.query_one(Input)
        assert entry.value.startswith("archive=M")
        entry.value = "mandant=10"
        await pilot.press("enter")
        await until(pilot, lambda: "mandant=10" in shown(app))
        assert isinstance(app.screen, ScopeDialog)
        entry.value = "archive=MV Mieterapp"
        await pilot.press("enter")
        await until(pilot, lambda: track.plan is not former and track.plan is not None and not track.busy)
        assert agreed(tmp_path / "config.toml")["excluded_archives"] == ["MV Mieterapp"]
