"""The console writes the report into the customer's folder, and says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.cockpit import Cockpit
from console.report import files
from console.screens import report_action
from console.store.errors import StoreError
from tests.console.checklist_kit import only_own
from tests.console.screen_kit import main, practice_app, until


@pytest.fixture(autouse=True)
def _lists(monkeypatch: pytest.MonkeyPatch) -> None:
    only_own(monkeypatch)


async def test_f6_writes_the_report_and_f7_the_day(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        cockpit = main(app).cockpit
        folder = cockpit.workspace.folder
        await pilot.press("6", "f6")
        await until(pilot, lambda: _said(cockpit, "Bericht geschrieben"))
        found = sorted(folder.glob("report-practice-*"))
        assert [path.suffix for path in found] == [".html", ".pdf"]
        assert str(found[0]) in cockpit.feed[-1].text
        for path in found:
            assert files.verify(cockpit.workspace, *files.read(path)).agrees
        await pilot.press("f7")
        await until(pilot, lambda: len(list(folder.glob("day-practice-*.pdf"))) == 1)


async def test_what_keeps_it_from_being_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_how: object) -> tuple[Path, ...]:
        raise StoreError("disk")

    monkeypatch.setattr(report_action, "written", broken)
    async with practice_app(tmp_path) as (app, pilot):
        await pilot.press("f6")
        await until(pilot, lambda: _said(main(app).cockpit, "Der Bericht wurde nicht geschrieben"))


def _said(cockpit: Cockpit, words: str) -> bool:
    return any(words in line.text for line in cockpit.feed)
