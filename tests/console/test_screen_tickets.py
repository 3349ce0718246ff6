"""The panel of tickets and the acceptance ticket, driven by keys on the practice company's sandboxes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from textual.pilot import Pilot

from connectors.contract import Text
from console.app import ConsoleApp
from console.cockpit_tickets import TicketTrack
from console.cockpit_trips import Trips, TripTrail
from console.errors import ConfigError, ConfigProblem, ProblemKind
from console.i18n import setup
from console.screens.main import MainScreen
from console.screens.pass_dialog import PassDialog
from console.screens.ticket_screen import TicketScreen
from console.screens.tickets import TicketsPanel
from console.screens.trip_screen import TripScreen
from console.tickets.ops import Stand
from console.tickets.ticket_state import TicketState
from console.tickets.trip import End, Leg
from console.tickets.trip_store import TripStore
from console.widgets.record_table import RecordTable
from tests.console.panel_kit import StageApp, cockpit
from tests.console.screen_kit import main, practice_app, practice_doors, shown, until

LEASE = "10/00101.001.010.01"


def control_of(app: ConsoleApp) -> httpx.AsyncClient:
    """The sandboxes' own API."""
    url = main(app).cockpit.workspace.customer.control
    return httpx.AsyncClient(base_url=url, trust_env=False, verify=False)  # plain http: no certificates


class Desk:
    """The console on the panel of Immomio's tickets, and the sandboxes' people."""

    def __init__(self, app: ConsoleApp, pilot: Pilot[int], control: httpx.AsyncClient) -> None:
        self.app = app
        self.pilot = pilot
        self.control = control

    @property
    def track(self) -> TicketTrack:
        """Immomio's tickets."""
        return main(self.app).cockpit.tickets.tracks["immomio"]

    @property
    def trail(self) -> TripTrail:
        """Immomio's acceptance ticket."""
        return main(self.app).cockpit.trips.trails["immomio"]

    @property
    def panel(self) -> TicketsPanel:
        """The panel."""
        return self.app.screen_stack[1].query_one(TicketsPanel)

    async def act(self, partner: str, **data: Any) -> Any:
        """Somebody does something."""
        answer = await self.control.post(f"/objects/{partner}/ticket", json=data)
        return answer.raise_for_status().json()

    async def report(self, contract: str = LEASE) -> str:
        """A tenant reports; gives the ticket's id."""
        made = await self.act(
            "immomio",
            contract=contract,
            category="SCH-HEIZ",
            subject="Heizung bei Familie Sommer",
            attachments=[{"name": "bild.jpg", "size": 2048}],
        )
        return str(made["ticketId"])

    async def fault(self, kind: str, **how: Any) -> None:
        """Arm a fault at Immomio."""
        (
            await self.control.post("/faults", json={"partner": "immomio", "kind": kind, **how})
        ).raise_for_status()

    async def mend(self) -> None:
        """Take all faults away."""
        (await self.control.delete("/faults")).raise_for_status()

    async def sees(self, text: str) -> None:
        """Wait until something is on the screen."""
        await until(self.pilot, lambda: text in shown(self.app))

    async def passed(self) -> None:
        """A pass by keys: look ahead, then make it."""
        await self.pilot.press("p")
        await until(self.pilot, lambda: isinstance(self.app.screen, PassDialog) and not self.track.busy)
        await self.pilot.press("enter")
        await until(self.pilot, lambda: self.track.last is not None and not self.track.busy)
        await self.pilot.pause(0.2)


@asynccontextmanager
async def desk(folder: Path, **how: Any) -> AsyncIterator[Desk]:
    """The console with the panel open."""
    async with practice_app(folder, **how) as (app, pilot), control_of(app) as control:
        here = Desk(app, pilot, control)
        await until(pilot, lambda: "tickets" in main(app)._panels)
        await pilot.press("3", "t")
        await until(pilot, lambda: here.track.lines is not None)
        yield here


async def test_a_ticket_is_shown_with_its_hops_after_a_pass_that_was_shown_before(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        ticket = await here.report()
        await here.pilot.press("p")
        await here.sees(ticket)
        assert isinstance(here.app.screen, PassDialog)
        assert here.track.lines == ()  # nothing was written yet
        await here.pilot.press("enter")
        await here.sees("✓ verknüpft")
        text = shown(here.app)
        assert "✓ 1/1" in text
        assert ticket in text


async def test_a_preview_that_broke_off_says_why_and_nothing_is_written(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.report()
        await here.fault("401", path="*/tickets*")
        await here.pilot.press("p")
        await here.sees("Die Vorschau brach ab")
        assert "Es gibt nichts zu tun" not in shown(here.app)
        await here.pilot.press("enter")
        await here.pilot.pause(0.2)
        assert (isinstance(here.app.screen, PassDialog), here.track.last) == (True, None)


async def test_the_detail_shows_both_sides_and_masks_what_is_personal(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        ticket = await here.report()
        await here.passed()
        erp = here.track.lines[0].row.known.erp if here.track.lines else ""
        await here.act("erp", id=erp, do="comment", text="Wir kommen am Montag zu Frau Sommer.")
        await here.pilot.press("enter")
        await here.sees("Heizung bei Familie Sommer")
        text = shown(here.app)
        assert isinstance(here.app.screen, TicketScreen)
        assert "Wir kommen am Montag" in text
        assert "2.048 B" in text
        assert "[/" not in text
        main(here.app).cockpit.masked = True
        await until(here.pilot, lambda: "Sommer" not in shown(here.app))
        assert "2.048 B" in shown(here.app)
        assert ticket in shown(here.app)


async def test_a_side_that_cannot_be_read_is_told_and_what_we_know_stays(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.report()
        await here.passed()
        await here.fault("401", path="/tickets*")
        await here.pilot.press("enter")
        await until(here.pilot, lambda: "✗" in shown(here.app))
        assert "Partner → ERP" in shown(here.app)


async def test_the_stuck_ones_come_first_with_their_reason_and_can_be_filtered(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        fine, stuck = await here.report(), await here.report("10/gibt-es-nicht")
        later = await here.report()
        await here.passed()
        lines = here.track.lines or ()
        assert lines[0].row.known.ticket == stuck
        assert {line.row.known.ticket for line in lines} == {fine, stuck, later}
        await here.sees("! steckt")
        await here.pilot.press("slash", *"steckt", "enter")
        await until(here.pilot, lambda: fine not in shown(here.app))
        assert stuck in shown(here.app)
        assert here.panel.why_not("ticket.retry") is None


async def test_watching_brings_new_tickets_across_until_it_is_ended(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.track.interval = 0.05
        await here.pilot.press("w")
        await until(here.pilot, lambda: here.track.watching)
        await here.report()
        await here.sees("✓ verknüpft")
        assert "wird beobachtet" in shown(here.app)
        await here.pilot.press("w")
        await until(here.pilot, lambda: not here.track.watching)


async def test_the_acceptance_ticket_says_who_notices_it_and_goes_to_its_end(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.pilot.press("n")
        await here.sees("niemand wird benachrichtigt")
        await here.pilot.press("enter")
        await until(here.pilot, lambda: here.trail.over)
        await here.sees("Bleibt: Dateien im Archiv: 1")
        assert "Bestanden. Langsamste Etappe" in shown(here.app)
        assert len(here.trail.guide.stored(TripStore.trips)) == 1


async def test_a_network_that_breaks_shows_since_when_and_the_closed_window_goes_on(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.pilot.press("n")
        await here.sees("niemand wird benachrichtigt")
        await here.pilot.press("enter")
        await until(here.pilot, lambda: here.trail.standing is not None)
        await here.fault("cut", path="/tickets*")
        await here.sees("! Seit ")
        await here.pilot.press("escape")
        await until(here.pilot, lambda: isinstance(here.app.screen, MainScreen))
        assert "Abnahmeticket" in shown(here.app)
        await here.mend()
        await until(here.pilot, lambda: here.trail.over)
        assert here.trail.standing is not None
        assert here.trail.standing.trip.passed


async def test_after_a_restart_it_goes_on_by_itself(tmp_path: Path) -> None:
    async with practice_doors(tmp_path) as doors:
        app = ConsoleApp(doors)
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: isinstance(app.screen, MainScreen))
            trips = main(app).cockpit.trips
            trip = await trips.trails["bots4you"].guide.begin()
        again = ConsoleApp(doors)
        async with again.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: isinstance(again.screen, MainScreen))
            trail = main(again).cockpit.trips.trails["bots4you"]
            await until(pilot, lambda: trail.over)
            assert trail.standing is not None
            assert trail.standing.trip.id == trip.id
            assert trail.standing.trip.passed


async def test_giving_up_cleans_up(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.pilot.press("n")
        await here.sees("niemand wird benachrichtigt")
        await here.pilot.press("enter")
        await until(
            here.pilot, lambda: here.trail.standing is not None and bool(here.trail.standing.trip.ticket)
        )
        await here.fault("cut", path="/tickets*")  # so that it cannot come to its end
        await here.sees("! Seit ")
        await here.pilot.press("x")
        await here.pilot.press("up", "enter")
        await here.mend()
        await until(here.pilot, lambda: here.trail.over)
        standing = here.trail.standing
        assert standing is not None
        assert standing.trip.given_up
        assert standing.trip.stamp(Leg.CLEANUP).end is End.DONE
        assert (await here.control.get("/state/immomio/ticket")).json() == []


async def test_what_keeps_one_from_being_begun_is_said_in_the_language_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = ConfigProblem(ProblemKind.MISSING_FILE, "config.toml")

    def broken(*_arguments: object) -> list[str]:
        raise ConfigError((problem,))

    async with desk(tmp_path) as here:
        monkeypatch.setattr(Trips, "alerts", broken)
        await here.pilot.press("n")
        await here.sees("Die Datei gibt es nicht.")
        setup("en")
        await here.sees("There is no such file.")


async def test_outside_practice_nothing_begins_before_it_is_unlocked(tmp_path: Path) -> None:
    async with practice_app(tmp_path, live=True) as (app, pilot):
        await until(pilot, lambda: "tickets" in main(app)._panels)
        await pilot.press("3", "n")
        await until(pilot, lambda: isinstance(app.screen, TripScreen))
        await until(pilot, lambda: "test_lease" in shown(app))
        await pilot.press("enter")
        await pilot.pause(0.2)
        cockpit_ = main(app).cockpit
        assert all(trail.standing is None for trail in cockpit_.trips.trails.values())
        assert cockpit_.tickets.why_not_write("immomio") is not None


async def test_a_customer_without_tickets_has_no_such_panel(tmp_path: Path) -> None:
    of = cockpit(tmp_path)
    assert "tickets" in of.absent
    panel = TicketsPanel(of)
    app = StageApp(panel)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("p", "n", "w", "r", "t", "enter")
        assert set(app.stage.reasons) == {"Mit keinem Partner sind Tickets vereinbart."}


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_hostile_ids_and_reasons_do_no_harm(tmp_path: Path, size: tuple[int, int]) -> None:
    hostile = "T-[/b]\x1b]52;c;x\x07‮x"
    async with practice_app(tmp_path, size=size) as (app, pilot):
        workspace = main(app).cockpit.workspace

        def write() -> None:
            with workspace.store() as conn:
                state = TicketState(conn, workspace.vault, "immomio", "practice")
                state.stand(hostile, Stand.PARKED, Text("tickets.refused_lease_unknown"))

        await asyncio.to_thread(write)
        await until(pilot, lambda: "tickets" in main(app)._panels)
        await pilot.press("3", "t")
        await until(pilot, lambda: "[/b]" in shown(app))
        assert "\x1b" not in shown(app)
        assert main(app).query_one("#tickets-list", RecordTable).cursor_key == hostile
