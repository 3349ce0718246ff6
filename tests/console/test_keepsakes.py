"""Copies of evidence: written where somebody wants them, under names that harm nobody, nothing replaced."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual.widgets import Input

from console.errors import ConsoleError
from console.i18n import setup
from console.onboarding.answering import Draft, keep
from console.onboarding.book import read
from console.onboarding.keepsakes import LONGEST, file_name, files_of, save
from console.screens.place_dialog import PlaceDialog
from console.store.errors import StoreError
from console.store.evidence import FOLDER
from console.store.said import Evidence, Said
from console.workspace import Workspace
from tests.console.answer_kit import panel
from tests.console.checklist_kit import CONFIG, only_own, workspace
from tests.console.cli_kit import Told
from tests.console.panel_kit import until

Einzug = Callable[..., Told]
SUM = "0123456789ab" + "0" * 52


@pytest.fixture(autouse=True)
def _only_own(monkeypatch: pytest.MonkeyPatch) -> None:
    setup("en")
    only_own(monkeypatch)


def attached(place: Workspace, *found: tuple[str, bytes], folder: Path) -> None:
    """Somebody attaches files one after the other, each with a word of its own."""
    standing = read(place).item("own.provider")
    assert standing is not None
    for name, content in found:
        (folder / name).write_bytes(content)
        keep(place, standing.item, Draft(Said.OPEN, "Erika Muster", paths=(folder / name,)))


def test_every_file_that_was_ever_attached_is_written_and_nothing_is_replaced(tmp_path: Path) -> None:
    place, out = workspace(tmp_path), tmp_path / "out"
    attached(place, ("plan.txt", b"one"), ("plan.txt", b"two"), ("bild.png", b"three"), folder=tmp_path)
    files = files_of(read(place).history("own.provider"))
    out.mkdir()
    (out / "bild.png").write_bytes(b"somebody else's")
    paths = save(place, files, out)
    assert [path.name for path in paths] == ["plan.txt", "plan (2).txt", "bild (2).png"]
    assert [path.read_bytes() for path in paths] == [b"one", b"two", b"three"]
    assert (out / "bild.png").read_bytes() == b"somebody else's"
    assert save(place, files, out) == paths, "what is there already is not written twice"


def test_what_is_gone_or_cannot_be_written_is_said(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    attached(place, ("plan.txt", b"one"), folder=tmp_path)
    files = files_of(read(place).history("own.provider"))
    with pytest.raises(ConsoleError, match="cannot be written"):
        save(place, files, tmp_path / "plan.txt" / "below a file")
    for kept in (place.folder / FOLDER).iterdir():
        kept.unlink()
    with pytest.raises(StoreError):
        save(place, files, tmp_path / "out")


@given(st.text(max_size=300))
@example("../../etc/passwd")
@example("C:\\Windows\\x.dll")
@example("CON.txt")
@example(".ssh")
@example("...")
@example("a" * 400 + ".pdf")
@example("")
def test_no_name_is_more_than_a_plain_file(name: str) -> None:
    found = file_name(Evidence(SUM, name, 1))
    assert found
    assert len(found) <= LONGEST
    assert Path(found).name == found
    assert not set(found) & set('/\\:*?"<>|\0\n\x1b')
    assert found[0] not in ". "
    assert found[-1] not in ". "
    assert found.split(".")[0].casefold() not in ("con", "nul", "prn", "aux", "com1", "lpt1")


def test_ordinary_names_stay_as_they_are() -> None:
    for name in ("Größe der Anlage (2).pdf", "plan-a_1.tar.gz", "Vertrag"):
        assert file_name(Evidence(SUM, name, 1)) == name


def test_the_command_lists_and_writes(
    einzug: Einzug, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(CONFIG, encoding="utf-8")
    monkeypatch.setenv("EINZUG_CONFIG", str(config))
    (tmp_path / "plan.txt").write_bytes(b"one")
    answer = ("checklist", "answer", "muster", "own.provider", "--who", "Erika Muster", "--in-clear")
    assert einzug(*answer, "--file", str(tmp_path / "plan.txt")).code == 0
    told = einzug("checklist", "evidence", "muster", "own.provider")
    assert (told.code, "plan.txt" in told.out, "3 B" in told.out) == (0, True, True)
    told = einzug("checklist", "evidence", "muster", "own.provider", "-o", str(tmp_path / "out"))
    assert told.out.strip() == str(tmp_path / "out" / "plan.txt")
    assert (tmp_path / "out" / "plan.txt").read_bytes() == b"one"
    told = einzug("checklist", "evidence", "muster", "own.authentication")
    assert "No file is attached" in told.out or "hängt keine Datei" in told.out
    told = einzug("checklist", "evidence", "muster", "own.providr")
    assert (told.code, "own.provider" in told.err) == (2, True)
    told = einzug("checklist", "evidence", "muster", "own.provider", "-o", str(tmp_path / "plan.txt"))
    assert (told.code, "plan.txt" in told.err) == (2, True)


async def test_s_writes_copies_where_somebody_wants_them(tmp_path: Path) -> None:
    async with panel(tmp_path) as (app, pilot, cockpit):
        await pilot.press("down", "s")
        assert app.stage.reasons == ["No file is attached to this item."]
        attached(cockpit.workspace, ("plan.txt", b"one"), folder=tmp_path)
        await cockpit.checklists.read()
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, PlaceDialog))
        app.screen.query_one(Input).value = f"'{tmp_path / 'mein Ordner'}'"
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "mein Ordner" / "plan.txt").exists())
        if os.name == "posix":
            assert (tmp_path / "mein Ordner" / "plan.txt").stat().st_mode & 0o077 == 0
