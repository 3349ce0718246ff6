"""What the tests of shown plans share: a plan in a store, a cockpit around it, the panel as an app."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, cast

from textual.app import App, ComposeResult
from textual.screen import Screen

from connectors.contract import Action, EntityMapping, Equality, Field, Kind, Text, Value
from console import actions
from console.cockpit import Activity, Cockpit, Place, Track
from console.planner import Job, Plan
from console.screens.differences import DifferencesPanel
from console.selection import EVERYTHING
from console.store.plans import PlanStore
from console.store.vault import Vault
from console.sync.codec import Codec
from console.sync.guards import Guard
from console.sync.plan import Planned, Tally

TENANT = EntityMapping(
    "tenant",
    (
        Field("firstName", Kind.TEXT, "person.first_name", "B2", Equality.BLANKS, personal=True),
        Field("lastName", Kind.TEXT, "person.last_name", "B2", Equality.BLANKS, personal=True),
        Field("email", Kind.TEXT, "person.emails", "B10", Equality.EMPTY, personal=True),
        Field("unitLabel", Kind.TEXT, "unit.floor_raw", "B2"),
    ),
)
UNIT = EntityMapping("unit", (Field("label", Kind.TEXT, "unit.name", "C2"),))
CODEC = Codec((TENANT, UNIT))
PLACE: Place = ("bots4you", "master-data")


def payload(entity: str, **values: Value) -> bytes:
    """The canonical bytes of a record."""
    return CODEC.payload(entity, values)


def tenant(first: str, last: str, **values: Value) -> bytes:
    """The bytes of a tenant."""
    return payload("tenant", firstName=first, lastName=last, **values)


def rows() -> list[Planned]:
    """One row of each action, and a unit."""
    return [
        Planned(Action.CREATE, "tenant", "10/1", None, tenant("Anna", "Ahorn", email="anna@example.org"),
                ("firstName", "lastName", "email"), reason=Text("sync.missing")),
        Planned(Action.UPDATE, "tenant", "10/2", tenant("Bernd", "Birke", unitLabel="3. OG links"),
                tenant("Bernd", "Birke", unitLabel="3. OG rechts"), ("unitLabel",),
                reason=Text("sync.differs")),
        Planned(Action.UPDATE, "tenant", "10/3", tenant("Clara", "Zeder", email="c@example.org"),
                tenant("Clara", "Zeder", email="clara@example.org"), ("email",), reason=Text("sync.differs")),
        Planned(Action.DELETE, "tenant", "10/4", tenant("Doris", "Dorn"), reason=Text("sync.gone")),
        Planned(Action.SKIP, "tenant", "10/5", rule="C3", reason=Text("sync.not_ours")),
        Planned(Action.CREATE, "unit", "10/1", None, payload("unit", label="[Hof] \x1b[31m"), ("label",),
                reason=Text("sync.missing")),
    ]  # fmt: skip


def make_plan(folder: Path, planned: Sequence[Planned] = (), guards: Sequence[Guard] = ()) -> Plan:
    """A plan of these rows."""
    store, tally = PlanStore(folder, Vault.ephemeral()), Tally()
    for row in planned or rows():
        store.add(row)
        tally.actions[row.entity, row.action] += 1
        if row.action is Action.UPDATE:
            tally.updated_fields.update((row.entity, name) for name in row.fields)
    store.index()
    use_case = SimpleNamespace(review=None)
    plain = SimpleNamespace(customer="practice", partner=PLACE[0], environment="practice", use_case=use_case)
    job = cast(Job, plain)
    return Plan(job, CODEC, EVERYTHING, store, tally, list(guards), "digest", datetime.now(UTC), 0)


@dataclass
class FakeCockpit:
    """As much of a cockpit as the panel asks for."""

    tracks: dict[Place, Track]
    masked: bool = False
    live: bool = False
    refusal: str | None = None

    def why_not_write(self, _place: Place) -> str | None:
        """Why it cannot be written."""
        return self.refusal


def track(place: Place, plan: Plan | None) -> Track:
    """A use case at rest."""
    return Track(place, "Bots4You", place[1], "erp_to_partner", Activity.IDLE, plan=plan)


class PanelScreen(Screen[None]):
    """The panel, and the way from keys to its actions."""

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__()
        self.cockpit = cockpit
        self.asked: list[DifferencesPanel.Asked] = []
        self.refused: list[str] = []

    def compose(self) -> ComposeResult:
        """Only the panel."""
        yield DifferencesPanel(self.cockpit)

    def on_mount(self) -> None:
        """As the main screen does."""
        self.panel.show()
        self.panel.focus_first()

    @property
    def panel(self) -> DifferencesPanel:
        """The panel."""
        return self.query_one(DifferencesPanel)

    def action_do(self, id_: str) -> None:
        """Run an action, or note why not."""
        reason = self.panel.why_not(actions.get(id_).id)
        if reason is None:
            self.panel.handlers()[id_]()
        else:
            self.refused.append(reason)

    def on_differences_panel_asked(self, event: DifferencesPanel.Asked) -> None:
        """Note what is wanted."""
        self.asked.append(event)


class PanelApp(App[None]):
    """An application of one panel."""

    STYLES = Path(__file__).parents[2] / "console" / "styles"
    CSS_PATH: ClassVar = [STYLES / "theme.tcss", STYLES / "differences.tcss"]

    def __init__(self, cockpit: FakeCockpit) -> None:
        super().__init__()
        self.shown = PanelScreen(cast(Cockpit, cockpit))
        self.copied: list[str] = []

    def on_mount(self) -> None:
        """Show it."""
        self.push_screen(self.shown)

    def copy_to_clipboard(self, text: str) -> None:
        """Note what is copied."""
        self.copied.append(text)


async def until(pilot: Any, holds: Callable[[], bool]) -> None:
    """Wait for what a worker brings; a test's own time-out ends it."""
    while not holds():
        await pilot.pause(0.01)
