"""Before real data is read for the first time it is asked who signed the processing agreement, and when."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.widgets import Input

from console.commands import asking
from console.onboarding.agreement import ITEM, unsettled
from console.screens.agreement import AgreementDialog
from console.screens.answer_dialog import AnswerDialog
from console.store.said import Said
from tests.console.cli_kit import Told
from tests.console.report_kit import LIVE, answer, workspace
from tests.console.screen_kit import main, practice_app, until

Einzug = Callable[..., Told]
SIGNED = {"signed_on": "2026-11-02", "signed_by": "Max Beispiel"}


def test_it_is_settled_by_an_answer_or_by_a_reason_and_never_asked_for_in_practice(tmp_path: Path) -> None:
    assert not unsettled(workspace(tmp_path / "practice"))
    place = workspace(tmp_path / "live", text=LIVE)
    assert unsettled(place)
    answer(place, ITEM, note="Ordner AVV")
    assert unsettled(place), "who signed it, and when, is missing"
    answer(place, ITEM, note="Ordner AVV", values=SIGNED)
    assert not unsettled(place)
    answer(place, ITEM, Said.OPEN)
    assert unsettled(place)
    answer(place, ITEM, Said.NOT_APPLICABLE, note="Nur Testdaten")
    assert not unsettled(place)


@pytest.fixture
def live(einzug: Einzug, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Einzug:
    """A customer outside practice, whose partners are silent."""
    path = tmp_path / "config.toml"
    path.write_text(LIVE, encoding="utf-8")
    monkeypatch.setenv("EINZUG_CONFIG", str(path))
    return einzug


def test_a_person_answers_four_questions_and_is_not_asked_again(
    live: Einzug, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "can_ask", lambda: True)
    lines = ("Max Beispiel", "neulich", "02.11.2026", "Ordner AVV", "Erika Muster", "ja")
    told = live("check", "muster", "bots4you", stdin="\n".join(lines) + "\n")
    assert "Artikel 28 DSGVO" in told.err
    assert told.err.count("Wann wurde sie unterschrieben?") == 2, "what is no day is asked for again"
    shown = live("checklist", "muster", "data_protection", "--unmask")
    assert "erledigt · Erika Muster" in shown.out
    assert "Artikel 28" not in live("check", "muster", "bots4you").err


@pytest.mark.parametrize("lines", ["", "\n", "Max Beispiel\n\n", "Max Beispiel\n02.11.2026\n\n"])
@pytest.mark.parametrize(
    "command",
    [
        ("check", "muster"),
        ("plan", "muster", "bots4you", "master-data"),
        ("sync", "muster", "bots4you", "master-data"),
        ("tickets", "muster", "bots4you", "--dry-run"),
        ("roundtrip", "muster", "bots4you"),
    ],
)
def test_without_an_answer_nothing_is_read(
    live: Einzug, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], lines: str
) -> None:
    monkeypatch.setattr(asking, "can_ask", lambda: True)
    told = live(*command, stdin=lines)
    assert told.code == 2
    assert "Nichts wurde gelesen" in told.err
    assert "einzug checklist answer muster" in told.err


def test_a_script_is_told_and_goes_on(live: Einzug) -> None:
    told = live("check", "muster", "bots4you")
    assert "Für muster hat noch niemand die Auftragsverarbeitung" in told.err
    assert "EINZUG_SECRET" in told.err, "it went on, to the credentials that are missing"


async def test_the_console_asks_before_the_first_check_and_records_the_answer(tmp_path: Path) -> None:
    async with practice_app(tmp_path, live=True, agreed=False) as (app, pilot):
        cockpit = main(app).cockpit
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(app.screen, AgreementDialog))
        await pilot.press("escape")
        await pilot.pause()
        assert not cockpit.checking
        assert cockpit.checked_at is None
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(app.screen, AgreementDialog))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, AnswerDialog))
        for place, text in (
            ("#field-0", "02.11.2026"),
            ("#field-1", "Max Beispiel"),
            ("#note", "Ordner"),
            ("#who", "E. M."),
        ):
            app.screen.query_one(place, Input).value = text
        app.screen.query_one("#yes").focus()
        await pilot.press("enter")
        await until(pilot, lambda: cockpit.checked_at is not None)
        assert not unsettled(cockpit.workspace)


async def test_who_reads_all_the_same_is_not_asked_again_and_it_is_said(tmp_path: Path) -> None:
    async with practice_app(tmp_path, live=True, agreed=False) as (app, pilot):
        cockpit = main(app).cockpit
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, AgreementDialog))
        await pilot.press("down", "enter")
        place = next(iter(cockpit.tracks))
        await until(pilot, lambda: cockpit.tracks[place].plan is not None)
        assert any("ohne dass die Auftragsverarbeitung" in line.text for line in cockpit.feed)
        await pilot.press("f5")
        await until(pilot, lambda: cockpit.checked_at is not None)
