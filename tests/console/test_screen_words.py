"""What the screens call things: names instead of keys, counts that agree, states that can be read in full."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.widgets import Checkbox

from connectors.contract import Text
from connectors.problems import Owner, Problem, Trouble
from console import actions, names
from console.cockpit import Activity, Cockpit, Track
from console.cockpit_words import brief_words, plan_words
from console.errors import ConsoleError
from console.i18n import setup
from console.info import collect
from console.scoping import scope_of
from console.screens.export_dialog import ExportDialog
from console.screens.main import MainScreen
from console.screens.next_step import next_step
from console.screens.overview import STATE
from console.screens.plan_view import PlanView, counts_words
from console.screens.scope_dialog import ScopeDialog
from console.screens.small_dialogs import SureDialog
from console.screens.track_words import result_words, state_words
from console.selection import EVERYTHING
from console.store.runs import Run, RunState
from console.sync.apply import Applying
from console.sync.events import Meter, Progress, Stage
from console.sync.guards import Guard
from console.sync.verify import Mismatch
from console.syncer import RunResult
from tests.console.panel_kit import cockpit
from tests.console.screen_kit import main, practice_app, shown, until

PLACE = ("bots4you", "master-data")
AMBIGUOUS = Guard(
    "ambiguous_ids", 4, 3, Text("sync.guard_ambiguous_ids", {"count": 4, "limit": 3, "entity": "tenant"})
)

SILENT = Problem("http.silent", Trouble.UNREACHABLE, Owner.NOBODY)
GUARDS = (
    "deletes", "updates", "empty_side", "format_change", "ambiguous_ids", "separator_changed",
    "mapping_changed", "filter_changed", "read_back", "stale",
)  # fmt: skip


@pytest.fixture(autouse=True)
def german() -> None:
    setup("de")


def test_entities_fields_and_credentials_have_names_in_both_languages() -> None:
    assert names.entity_name("bots4you", "tenant") == "Mieter"
    assert names.field_names("bots4you", ("contractStart", "email")) == "Vertragsbeginn, E-Mail"
    assert names.credential_name("erp", "api_key") == "API-Schlüssel"
    setup("en")
    assert names.entity_name("bots4you", "ticket_category") == "ticket category"
    assert names.credential_name("bots4you", "password") == "password"


def test_a_name_that_nobody_knows_stands_for_itself() -> None:
    assert names.entity_name("bots4you", "spaceship") == "spaceship"
    assert names.field_name("nobody", "warpDrive") == "warpDrive"
    assert names.credential_name("erp", "") == ""


def test_every_field_of_a_shipped_mapping_has_a_name() -> None:
    from connectors.bots4you.mapping import TENANT_MAPPING, TICKET_CATEGORY_MAPPING

    for mapping in (TENANT_MAPPING, TICKET_CATEGORY_MAPPING):
        assert names.entity_name("bots4you", mapping.entity) != mapping.entity
        for field in mapping.fields:
            assert names.field_name("bots4you", field.name) != field.name or field.name == "name"


def test_a_guard_speaks_of_entities_by_name_and_agrees_with_its_count() -> None:
    assert names.guard_words("bots4you", AMBIGUOUS).startswith("4 Datensätze (Mieter) haben")
    one = replace(AMBIGUOUS, message=Text(AMBIGUOUS.message.code, {**AMBIGUOUS.message.args, "count": 1}))
    assert names.guard_words("bots4you", one).startswith("Ein Datensatz (Mieter) hat ")


def test_counts_agree_with_what_they_count() -> None:
    assert counts_words(1, 1, PlanView(), 0) == "1 Datensatz"
    assert counts_words(2, 2, PlanView(), 0) == "2 Datensätze"


class _Plan:
    """As much of a plan as the overview looks at."""

    def __init__(self, counts: dict[str, int], guards: list[Guard]) -> None:
        self.guards = guards
        self.changes = sum(counts[name] for name in ("create", "update", "delete"))
        self.read_at = datetime.now(UTC)
        self.tally = self
        self._counts = counts

    def counts(self) -> dict[str, int]:
        return self._counts


def _track(plan: Any = None, **how: Any) -> Track:
    return Track(PLACE, "Bots4You", "Ticketkategorien", "erp_to_partner", plan=plan, **how)


def _counts(create: int = 0, skip: int = 0) -> dict[str, int]:
    return {"create": create, "update": 0, "delete": 0, "skip": skip, "unchanged": 0}


def test_counts_in_brief_leave_out_what_there_is_none_of() -> None:
    plan: Any = _Plan(_counts(1065, 5), [])
    assert brief_words(plan) == "1.065 neu, 5 übersprungen"
    assert plan_words(plan) == "1.065 neu, 0 geändert, 0 weg, 5 übersprungen, 0 gleich"
    nothing: Any = _Plan(_counts(), [])
    assert brief_words(nothing) == "nichts vorhanden"


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_state_at_rest_can_be_read_in_the_narrowest_column(language: str) -> None:
    setup(language)
    done = [RunResult(1, RunState.DONE, Applying(2, 2)), RunResult(1, RunState.FAILED, Applying(2, 1, 1))]
    guarded = replace(done[0], guards=[replace(AMBIGUOUS, key="read_back")])
    differing = replace(done[0], mismatches=[Mismatch("tenant", "1")] * 999)
    unread = replace(done[0], unverified=SILENT)
    results = (*done, guarded, differing, unread)
    states = [result_words(result, left)[0] for result in results for left in (0, 12345)]
    for key in GUARDS:
        states.append(state_words(_track(_Plan(_counts(1), [replace(AMBIGUOUS, key=key)] * 2)))[0])
    states += [state_words(_track(_Plan(_counts(n), [])))[0] for n in (0, 1)]
    states.append(state_words(_track())[0])
    states.append(state_words(_track(last=_run(RunState.INTERRUPTED)))[0])
    assert [state for state in states if len(state) > STATE] == []


def _run(state: RunState) -> Run:
    now = datetime.now(UTC)
    return Run(1, PLACE[0], "practice", PLACE[1], "apply", state, now, now, {}, "", "", {})


def test_an_interrupted_run_is_named_until_there_is_a_new_plan() -> None:
    assert "unterbrochen" in state_words(_track(last=_run(RunState.INTERRUPTED)))[0]
    assert "unterbrochen" not in state_words(_track(last=_run(RunState.DONE)))[0]
    plan = _Plan(_counts(65), [])
    assert state_words(_track(plan, last=_run(RunState.INTERRUPTED)))[0].startswith("zu schreiben")


def test_the_overview_names_the_guard_that_stopped_a_plan() -> None:
    assert state_words(_track(_Plan(_counts(65), [AMBIGUOUS])))[0] == "! Stopp: doppelte Nummern"
    two = [AMBIGUOUS, replace(AMBIGUOUS, key="deletes")]
    assert state_words(_track(_Plan(_counts(65), two)))[0].endswith("doppelte Nummern +1")


def test_what_counts_most_of_the_progress_stands_first() -> None:
    track = _track(activity=Activity.WRITING, progress=Progress(Stage.APPLY, 610, 1000))
    track.meter = Meter()
    for second in range(4):
        track.meter.add(float(second), second * 100)
    words = state_words(track)[0]
    assert words.index("61") < words.index("noch 0:0") < words.index("▓") < words.index("/s")


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_next_step_fits_a_line_of_80_columns(language: str, tmp_path: Path) -> None:
    setup(language)
    at = cockpit(tmp_path)
    seen = {next_step(at).text}
    at.checked_at = datetime.now(UTC)
    first, second = at.tracks.values()
    for tracks in _situations(first, second):
        at.tracks = {track.place: track for track in tracks}
        seen.add(next_step(at).text)
    assert len(seen) > 4
    assert [line for line in seen if len(line) > 78] == []


def _situations(first: Track, second: Track) -> list[tuple[Track, Track]]:
    plan: Any = _Plan(_counts(65, 5), [])
    guarded: Any = _Plan(_counts(65, 5), [AMBIGUOUS])
    planned = replace(second, plan=plan)
    partly = replace(planned, result=RunResult(1, RunState.STOPPED, Applying(65, 3)))
    return [
        (replace(first, plan=plan), second),
        (replace(first, plan=plan), planned),
        (replace(first, plan=guarded), planned),
        (replace(first, plan=plan), partly),
        (replace(first, plan=plan), replace(planned, error=("x",))),
        (replace(first, activity=Activity.PLANNING), second),
    ]


async def test_open_is_never_greyed_out_and_makes_the_plan_that_is_missing(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        assert main(app).why_not(actions.get("overview.open")) is None
        track = main(app).cockpit.tracks[PLACE]
        await pilot.press("enter")
        await until(pilot, lambda: track.plan is not None and not track.busy)
        assert main(app).panel.SCOPE == "overview"
        await pilot.press("enter")
        assert main(app).panel.SCOPE == "differences"


async def test_a_wrong_key_leaves_the_lock_as_it_was(tmp_path: Path) -> None:
    async with practice_app(tmp_path, live=True) as (app, pilot):
        at = main(app).cockpit
        assert not at.unlock("falsch")
        assert not at.unlocked
        assert at.unlock("practice")
        await pilot.press("ctrl+w")
        await until(pilot, lambda: not isinstance(app.screen, MainScreen))
        await pilot.press(*"falsch", "enter")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert at.unlocked > 1000


async def test_the_feed_names_the_party_that_is_tested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = cockpit(tmp_path)

    async def refused(_self: object, _partner: str | None) -> None:
        raise ConsoleError("nein")

    monkeypatch.setattr("console.workspace.Workspace.check", refused)
    await at.check("bots4you")
    await at.check()
    assert [line.text for line in at.feed][::2] == ["Prüfung von Bots4You begonnen.", "Prüfungen begonnen."]


async def test_only_a_part_is_compared_by_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    async def note(_self: Cockpit, place: object, selection: object = EVERYTHING) -> None:
        asked.append((place, selection))

    monkeypatch.setattr(Cockpit, "plan", note)
    async with practice_app(tmp_path) as (app, pilot):
        await pilot.press("2", "P")
        await until(pilot, lambda: isinstance(app.screen, ScopeDialog))
        await pilot.press(*"farbe=rot", "enter")
        await pilot.pause()
        assert "mandant" in shown(app)
        assert isinstance(app.screen, ScopeDialog)
        for _letter in "farbe=rot":
            await pilot.press("backspace")
        await pilot.press(*"mandant=10", "enter")
        await until(pilot, lambda: bool(asked))
        assert asked[0][0] == PLACE
        assert asked[0][1].scope == {"clientNumber": "10"}


def test_a_part_that_nobody_knows_is_refused_with_what_there_is() -> None:
    with pytest.raises(ConsoleError, match="farbe"):
        scope_of({"mandant": "clientNumber"}, ("farbe=rot",))


@pytest.mark.parametrize(("live", "sure"), [(True, False), (True, True), (False, None)])
async def test_unmasking_an_export_asks_outside_practice(
    live: bool, sure: bool | None, tmp_path: Path
) -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        dialog = ExportDialog("", tmp_path / "a.csv", masked=True, live=live)
        app.push_screen(dialog)
        await pilot.pause()
        box = dialog.query_one(Checkbox)
        box.focus()
        await pilot.press("space")
        await pilot.pause()
        assert isinstance(app.screen, SureDialog) is live
        if sure is not None:
            await pilot.press(*(("shift+tab", "enter") if sure else ("enter",)))
            await pilot.pause()
        assert app.screen is dialog
        assert box.value is (sure is False)


def test_the_encoding_is_told_although_the_screens_put_something_in_the_place_of_stdout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", object())
    info = collect(tmp_path / "config.toml", tmp_path, environ={})
    assert info.terminal["encoding"]


@pytest.mark.parametrize(("keys", "said"), [(("f9", "e"), "darin sind maskiert"), (("f12", "y"), "weder")])
async def test_what_leaves_a_window_says_whether_it_is_masked(
    keys: tuple[str, str], said: str, tmp_path: Path
) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        await pilot.press(keys[0])
        await until(pilot, lambda: not isinstance(app.screen, MainScreen))
        await until(pilot, lambda: "gesammelt" not in shown(app))
        await pilot.press(keys[1])
        await until(pilot, lambda: any(said in note.message for note in app._notifications))
        assert app.crash is None
