"""Panel 4, driven by keys: answering, evidence, setting aside, accepting, checks and walks, filter."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from textual.widgets import Input, RadioSet, Static

from checklists import loader
from checklists.model import When
from connectors.contract import Finding, Text, Verdict
from console.i18n import setup
from console.screens.checklists_source import View, rows
from console.screens.small_dialogs import SureDialog
from console.store.said import Said
from console.widgets.record_table import RecordTable
from tests.console.answer_kit import latest, noted, opened, panel, refusal, stored, typed
from tests.console.checklist_kit import CONFIG, only_own, own_lists
from tests.console.hostile_kit import ATTACKS, raw
from tests.console.panel_kit import shown, until
from tests.console.test_onboarding import NoKeyring

NAME = "Erika Musterfrau"
WHERE = {"code": "http.refused", "where": "127.0.0.1"}


@pytest.fixture(autouse=True)
def _only_own(monkeypatch: pytest.MonkeyPatch) -> None:
    setup("en")
    only_own(monkeypatch)


async def test_an_item_is_answered_by_keys_and_the_consequence_shows_while_choosing(tmp_path: Path) -> None:
    async with panel(tmp_path) as (app, pilot, cockpit):
        assert "Own points" in shown(app)
        dialog = await opened(app, pilot, "down", "enter")
        assert isinstance(dialog.focused, RadioSet)
        await pilot.press("space")
        await until(pilot, lambda: "All calls arrive by SIP trunk." in shown(app))
        await pilot.press("down", "space")
        await until(pilot, lambda: "The phone system forwards." in shown(app))
        await typed(pilot, dialog, "#field-2", "31.05.2026")
        await typed(pilot, dialog, "#due", "2026-06-01")
        await typed(pilot, dialog, "#who", NAME)
        await stored(app, pilot, dialog)
        await until(pilot, lambda: latest(cockpit, "own.provider") is not None)
        said = latest(cockpit, "own.provider")
        assert (said.said, said.who) == (Said.DONE, NAME)
        assert dict(said.values) == {"way": "forward", "due": "2026-05-31"}
        await until(pilot, lambda: "✓ settled" in shown(app))
        assert "Connection: Forwarding" in shown(app)
        assert "by 1 Jun 2026" in str(app.stage.query_one("#item", Static).render())
        dialog = await opened(app, pilot, "enter")
        await stored(app, pilot, dialog)  # the days that are shown can be read again


async def test_a_field_that_cannot_hold_it_is_said_in_the_window(tmp_path: Path) -> None:
    async with panel(tmp_path) as (app, pilot, _cockpit):
        dialog = await opened(app, pilot, "down", "enter")
        await typed(pilot, dialog, "#field-2", "soon")
        await typed(pilot, dialog, "#who", NAME)
        dialog.query_one("#yes").focus()
        await pilot.press("enter")
        await until(pilot, lambda: "has to be a day" in refusal(dialog))
        await pilot.press("escape")  # what was typed is not thrown away unasked
        await until(pilot, lambda: isinstance(app.screen, SureDialog))
        await pilot.press("escape")
        assert dialog.query_one("#field-2", Input).value == "soon"
        await pilot.press("escape", "up", "enter")
        await until(pilot, lambda: app.screen is app.stage)


async def test_evidence_is_attached_and_what_was_said_before_stays_readable(tmp_path: Path) -> None:
    file = tmp_path / "plan.pdf"
    file.write_bytes(b"%PDF")
    async with panel(tmp_path) as (app, pilot, cockpit):
        for note in ("asked", "answered"):
            dialog = await opened(app, pilot, *(["down"] if note == "asked" else []), "e")
            assert dialog.focused is dialog.query_one("#file")
            dialog.query_one("#file", Input).value = str(file)
            dialog.query_one("#note", Input).value = note
            dialog.query_one("#who", Input).value = NAME
            await stored(app, pilot, dialog)
            await until(pilot, partial(noted, cockpit, note))
        assert [one.name for one in latest(cockpit, "own.provider").files] == ["plan.pdf"]
        await until(pilot, lambda: "answered" in shown(app))
        assert "plan.pdf" in shown(app)
        detail = str(app.stage.query_one("#item", Static).render())
        assert "Said before" in detail
        assert "asked" in detail


async def test_an_item_is_set_aside_with_a_reason_only(tmp_path: Path) -> None:
    async with panel(tmp_path) as (app, pilot, cockpit):
        dialog = await opened(app, pilot, "down", "n")
        await typed(pilot, dialog, "#who", NAME)
        dialog.query_one("#yes").focus()
        await pilot.press("enter")
        await until(pilot, lambda: "reason" in refusal(dialog))
        await typed(pilot, dialog, "#note", "no bot by phone")
        await stored(app, pilot, dialog)
        await until(pilot, lambda: latest(cockpit, "own.provider") is not None)
        assert latest(cockpit, "own.provider").said is Said.NOT_APPLICABLE


async def test_a_failure_is_accepted_and_its_check_runs_again(tmp_path: Path) -> None:
    async with panel(tmp_path) as (app, pilot, cockpit):
        await pilot.press("down", "down", "down", "a")
        assert app.stage.reasons == ["There is no failure to accept."]
        finding = Finding("bots4you.connection", (), Verdict.FAIL, Text("sync.check_impossible", WHERE))
        cockpit.workspace._found.keep([finding])
        await cockpit.checklists.read()
        await until(pilot, lambda: "The check failed." in shown(app))
        dialog = await opened(app, pilot, "a")
        await typed(pilot, dialog, "#note", "mended on Monday")
        await typed(pilot, dialog, "#who", NAME)
        await stored(app, pilot, dialog)
        await until(pilot, lambda: "! accepted" in shown(app))
        await pilot.press("r")
        assert app.stage.asked == [("check", "bots4you")]


async def test_a_decision_is_written_into_the_configuration_once_confirmed(tmp_path: Path) -> None:
    async with panel(tmp_path) as (app, pilot, cockpit):
        dialog = await opened(app, pilot, "down", "down", "enter")
        await pilot.press("space")
        await typed(pilot, dialog, "#who", NAME)
        await stored(app, pilot, dialog)
        await until(pilot, lambda: isinstance(app.screen, SureDialog))
        assert "birth_date" in shown(app)
        assert "birth_date" not in (tmp_path / "config.toml").read_text(encoding="utf-8")
        await pilot.press("up", "enter")
        connections = cockpit.workspace.connections
        await until(pilot, lambda: connections.job("bots4you", "master-data").settings.birth_date is True)
        assert "birth_date = true" in (tmp_path / "config.toml").read_text(encoding="utf-8")


async def test_without_a_keyring_the_consent_is_asked_once(tmp_path: Path) -> None:
    async with panel(tmp_path, secrets=NoKeyring()) as (app, pilot, cockpit):  # type: ignore[arg-type]
        for nth in range(2):
            dialog = await opened(app, pilot, *([] if nth else ["down"]), "e")
            dialog.query_one("#who", Input).value = NAME
            await stored(app, pilot, dialog)
            if not nth:
                await until(pilot, lambda: isinstance(app.screen, SureDialog))
                await pilot.press("up", "enter")
            await until(
                pilot,
                lambda count=nth + 1: (
                    cockpit.checklists.book is not None  # type: ignore[misc]
                    and len(cockpit.checklists.book.history("own.provider")) == count
                ),
            )
        await until(pilot, lambda: "stored readable: no keyring" in shown(app))


async def test_persons_notes_and_names_are_masked(tmp_path: Path) -> None:
    file = tmp_path / "Brief an Meier.pdf"
    file.write_bytes(b"%PDF")
    async with panel(tmp_path) as (app, pilot, cockpit):
        dialog = await opened(app, pilot, "down", "enter")
        dialog.query_one("#field-1", Input).value = "Max Kontakt"
        dialog.query_one("#note", Input).value = "Rückruf bei Kontakt"
        dialog.query_one("#file", Input).value = str(file)
        dialog.query_one("#who", Input).value = NAME
        await stored(app, pilot, dialog)
        await until(pilot, lambda: "Calls for Max Kontakt" in shown(app))
        assert file.name in shown(app)
        cockpit.masked = True
        cockpit.changed()
        await until(pilot, lambda: "Max Kontakt" not in shown(app))
        assert "Calls for M…" in shown(app)
        assert "B….pdf" in shown(app)
        await opened(app, pilot, "enter")
        for word in ("Kontakt", "Erika", "Rückruf", "Meier"):
            assert word not in shown(app)
        await pilot.press("escape")


async def test_the_guided_test_starts_from_its_item(tmp_path: Path) -> None:
    text = CONFIG + '[customers.muster.immomio]\nenvironment = "practice"\nurl = "http://127.0.0.1:9"\n'
    async with panel(tmp_path, text=text) as (app, pilot, _cockpit):
        await pilot.press("end", "t", "up", "t")
        assert app.stage.asked == [("walk", ("immomio", "prospects"))]
        assert app.stage.reasons == ["No guided test answers for this item here."]


async def test_the_acceptance_ticket_opens_from_its_item(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mine,) = own_lists()
    trip = replace(mine.items[3], id="own.trip", key="bots4you.roundtrip", when=When())
    monkeypatch.setattr(loader, "shipped", lambda: (replace(mine, items=(mine.items[0], trip)),))
    text = CONFIG + '[customers.muster.bots4you.use_cases.tickets]\nowner = "einzug"\n'
    async with panel(tmp_path, text=text) as (app, pilot, _cockpit):
        await pilot.press("end", "t")
        assert app.stage.asked == [("trip", "bots4you")]


async def test_filter_open_ones_folding_and_the_next_blocker(tmp_path: Path) -> None:
    async with panel(tmp_path) as (app, pilot, _cockpit):
        table = app.stage.query_one(RecordTable)
        await pilot.press("slash", *"callers", "enter", "end")
        await until(pilot, lambda: table.cursor_key == "own.authentication")
        await pilot.press("slash", "escape", "end")
        await until(pilot, lambda: table.cursor_key == "own.connection")
        await pilot.press("end", "b")
        assert table.cursor_key == "own.provider"
        await pilot.press("space")
        await until(pilot, lambda: "▸ Own points" in shown(app))
        await pilot.press("b")
        assert table.cursor_key == "own.provider"
        await pilot.press("o")
        await until(pilot, lambda: "open ones only" in shown(app))


async def test_texts_of_a_list_and_an_answer_attack_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mine,) = own_lists()
    attack = "".join(text[:80] for text in ATTACKS)
    words = replace(mine.title, de=attack, en=attack)
    field = replace(mine.items[0].fields[0], label=words)
    choices = tuple(replace(one, label=words) for one in field.choices)
    item = replace(
        mine.items[0],
        title=words,
        why=words,
        how=words,
        fields=(replace(field, choices=choices), mine.items[0].fields[4]),
    )
    monkeypatch.setattr(loader, "shipped", lambda: (replace(mine, title=words, items=(item,)),))
    async with panel(tmp_path) as (app, pilot, cockpit):
        dialog = await opened(app, pilot, "down", "enter")
        assert not raw(shown(app).replace("\n", ""))
        dialog.query_one("#note", Input).value = attack
        dialog.query_one("#who", Input).value = "\x1b]52;c;ZXZpbA==\x07[/x]"
        await stored(app, pilot, dialog)
        await until(pilot, lambda: latest(cockpit, "own.provider") is not None)
        await pilot.pause()
        assert not raw(shown(app).replace("\n", ""))


async def test_five_hundred_items_are_drawn_in_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mine,) = own_lists()
    items = tuple(replace(mine.items[0], id=f"own.n{number}") for number in range(500))
    monkeypatch.setattr(loader, "shipped", lambda: (replace(mine, items=items),))
    async with panel(tmp_path, size=(80, 24)) as (app, pilot, cockpit):
        book = cockpit.checklists.book
        assert book is not None
        assert len(list(rows(book, View()))) == 501
        table = app.stage.query_one(RecordTable)
        drawn: list[object] = []
        monkeypatch.setattr(table, "set_source", lambda source: drawn.append(source))
        for _time in range(5):
            app.stage.panel.show()
        assert drawn == [], "nothing changed, so nothing is built anew"
        await pilot.press("end")
        assert table.cursor_key == "own.n499"
