"""When the actions of the differences are possible, and what is chosen to be written or planned anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from console.cockpit import Activity, Track
from console.errors import ConsoleError
from console.excluding import exclusions, refused
from console.filters import FAILED
from console.i18n import _, language
from console.part import part_of
from console.safe import clean
from console.screens.plan_source import PlanSource, rules_of
from console.screens.scope_dialog import ScopeDialog
from console.selection import Selection
from console.store.plan_query import Lexicon, Term, Where, condition
from console.store.plans import Superseded
from console.sync.plan import change
from console.threads import off_loop
from console.widgets.record_model import Selection as Picked

if TYPE_CHECKING:
    from console.screens.differences import DifferencesPanel


def why_not(panel: DifferencesPanel, action: str) -> str | None:
    """Why an action is not possible now, as a sentence; None when it is."""
    track = panel.track
    if track is None or panel.place is None:
        return _("There is no use case here.")
    match action:
        case "diff.scope" if not scopes_of(panel):
            return _("This use case knows no parts.")
        case "diff.exclude" if (why := refused(_excludes(panel))) is not None:
            return why
        case "diff.plan" | "diff.scope" | "diff.exclude":
            return _("It is busy.") if track.busy else None
        case "diff.next":
            return None
        case "diff.stop":
            return None if track.activity is Activity.WRITING else _("Nothing is being written.")
        case "diff.apply":
            return panel.cockpit.why_not_write(panel.place)
    if panel.source is None:
        return _("There is no plan yet: p makes one.")
    return _why_not_record(panel, track, panel.source, action)


def _why_not_record(panel: DifferencesPanel, track: Track, source: PlanSource, action: str) -> str | None:
    match action:
        case "diff.export" if panel.searching:
            return _("The filter is being used.")
        case "diff.retry" if track.busy:
            return _("It is busy.")
        case "diff.retry" if track.result is None or not track.result.applying.failed:
            return _("Nothing has failed.")
        case "diff.rule" if panel.kinds is not None and not rules_of(source.plan, panel.kinds):
            return _("No rule decides anything in this plan.")
        case "diff.select" | "diff.why" | "diff.copy" if panel.table.cursor_key is None:
            return _("There is no record here.")
        case "diff.value" if panel.fields.field is None:
            return _("There is no field here.")
    return None


def scopes_of(panel: DifferencesPanel) -> Mapping[str, str]:
    """By what the plan that is shown can be limited: the key a person types, and its field."""
    if panel.place is None:
        return {}
    return panel.cockpit.workspace.connections.use_case(*panel.place).scopes


def _excludes(panel: DifferencesPanel) -> Mapping[str, str]:
    place = panel.place
    return panel.cockpit.workspace.connections.use_case(*place).excludes if place else {}


def ask_scope(panel: DifferencesPanel) -> None:
    """Ask for a part, then compare only that."""

    def answered(scope: dict[str, str] | None) -> None:
        if scope is not None:
            panel.ask("plan", selection=Selection(scope))

    panel.app.push_screen(ScopeDialog(scopes_of(panel)), answered)


def ask_exclusion(panel: DifferencesPanel) -> None:
    """Ask what is to be left out for good, write that into the settings, and compare anew."""
    if panel.place is None:
        return
    partner, use_case = panel.place
    workspace = panel.cockpit.workspace
    known = {key: key for key in workspace.connections.use_case(partner, use_case).excludes}

    async def settle(typed: dict[str, str]) -> None:
        wanted = [f"{name}={value}" for name, value in typed.items()]
        try:
            found = exclusions(workspace, partner, use_case, wanted)
        except ConsoleError as error:
            trouble = error.lines(language())
        else:
            trouble = await panel.cockpit.checklists.take_over(found)
        if trouble:
            panel.notify(clean(" ".join(trouble)), severity="error", markup=False)
        else:
            panel.ask("plan")

    def answered(typed: dict[str, str] | None) -> None:
        if typed:
            panel.work(settle(typed), "exclude")

    title = _("Leave out for good: it stands in the settings then, and what is there is withdrawn")
    panel.app.push_screen(ScopeDialog(known, title, _of_record(panel, known)), answered)


def _of_record(panel: DifferencesPanel, known: Mapping[str, str]) -> str:
    """What the record under the cursor belongs to, as it would be typed."""
    source, key = panel.source, panel.table.cursor_key
    if source is None or key is None or not (rows := source.plan.store.at([int(key)])):
        return ""
    shown = change(rows[0].planned, source.plan.codec)
    held = shown.after or shown.before or {}
    name = next((name for name in known if held.get(name)), None)
    return "" if name is None else f"{name}={held[name]}"


async def apply(panel: DifferencesPanel) -> None:
    """Count what is selected beside the loop, then ask for it to be written."""
    if panel.source is None:
        return
    plan = panel.source.plan
    rows = chosen(panel.source, panel.table.selection)
    try:
        part = None if rows is None else await off_loop(partial(part_of, plan, rows))
    except sqlite3.Error:
        if not plan.store.closed:
            raise
        return  # another plan has taken its place: what was chosen is no more
    panel.ask("apply", part=part)


async def retry(panel: DifferencesPanel) -> None:
    """Ask for a plan of what failed."""
    if panel.source is None:
        return
    store, selection = panel.source.plan.store, panel.source.plan.selection
    where = condition((Term(Where.RESULT, FAILED),), Lexicon())
    try:
        numbers = await off_loop(partial(store.numbers, where))
        ids = await off_loop(partial(store.ids, numbers))
    except Superseded:
        return
    except sqlite3.Error:
        if not store.closed:
            raise
        return
    panel.ask("plan", selection=replace(selection, only=ids))


def chosen(source: PlanSource, selection: Picked) -> frozenset[int] | None:
    """The numbers of the selected rows; None when nothing or everything is selected."""
    keys = frozenset(int(key) for key in selection.keys)
    if not selection.all_but:
        return keys or None
    if source.numbers is None:
        return frozenset(range(1, source.count() + 1)) - keys if keys else None
    return frozenset(source.numbers) - keys
