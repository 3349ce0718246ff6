"""How the panel of tickets and its windows look, in both languages, on both sizes, masked and not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.contract import Text
from connectors.problems import Owner, Problem, Trouble
from connectors.ticketing import Act
from console import formats
from console.app import ConsoleApp
from console.i18n import setup
from console.screens.main import MainScreen
from console.screens.pass_dialog import PassDialog
from console.screens.ticket_screen import TicketScreen
from console.screens.trip_screen import TripScreen
from console.tickets.trip import End, Leg, Stamp, Trip
from console.tickets.trip_follow import Standing
from tests.console.screen_kit import main, practice_doors, until
from tests.console.snapshot_kit import Album, frozen_date
from tests.console.test_screen_tickets import LEASE, Desk, control_of
from tests.console.test_snapshots import SIZES, Tour

CUT = Problem("http.cut", Trouble.UNREACHABLE, Owner.NOBODY)


def trip_at(now: datetime) -> Trip:
    """A trip with a leg of every kind."""
    ago = now - timedelta(minutes=40)
    due = timedelta(minutes=15)

    def done(minutes: float, note: Text) -> Stamp:
        return Stamp(ago, ago + due, ago + timedelta(minutes=minutes), End.DONE, note)

    stamps = {
        Leg.CREATED: done(0.01, Text("trip.number", {"number": "MA-000001"})),
        Leg.SEEN: done(0.01, Text("trip.number", {"number": "MA-000001"})),
        Leg.ERP: done(9.5, Text("trip.number", {"number": "A-2026-000007"})),
        Leg.FILED: done(9.5, Text("trip.files", {"count": 1})),
        Leg.LINKED: Stamp(ago, ago + due, now, End.FAILED, Text("trip.file_differs")),
        Leg.STATUS: Stamp(now, now + timedelta(seconds=1) + due),
        Leg.COMMENT: Stamp(ago, ago + due),
        Leg.NEGATIVE: Stamp(now, now + due, now, End.DONE, Text("trip.stayed")),
    }
    return Trip(
        "EINZUG-4EE4AA",
        ago,
        LEASE,
        people=(Act.REPLY,),
        looked=now,
        ticket="T-000001",
        number="MA-000001",
        erp="7000007",
        erp_number="A-2026-000007",
        first=("NEW", "10"),
        stamps=stamps,
    )


def over(trip: Trip) -> Trip:
    """The same at its end."""
    for leg in (Leg.STATUS, Leg.COMMENT, Leg.REPLY):
        began = trip.begun + timedelta(minutes=5)
        note = Text("trip.once")
        trip = trip.stamped(leg, Stamp(began, began, began + timedelta(seconds=3), End.DONE, note))
    trip = trip.stamped(Leg.CLEANUP, Stamp(trip.begun, None, trip.begun, End.DONE))
    remains = (
        Text("trip.remains_erp", {"number": "A-2026-000007"}),
        Text("trip.remains_documents", {"count": 1}),
    )
    return Trip(
        **{**{name: getattr(trip, name) for name in trip.__slots__}, "remains": remains, "ended": trip.begun}
    )


async def panel_and_ticket(tour: Tour, here: Desk) -> None:
    """The list, what a pass would do, one ticket."""
    await tour.press("3", "t")
    await until(tour.pilot, lambda: here.track.lines == ())
    await tour.take("tickets-new")
    await here.report()
    await here.report("10/gibt-es-nicht")
    await tour.press("p", until_=lambda: here.track.preview is not None and not here.track.busy)
    assert isinstance(tour.app.screen, PassDialog)
    await tour.pilot.pause(0.3)
    await tour.take("tickets-pass")
    await tour.press("enter", until_=lambda: len(here.track.lines or ()) == 2)
    await tour.take("tickets")
    await tour.press("down", "enter", until_=lambda: isinstance(tour.app.screen, TicketScreen))
    screen = tour.app.screen
    assert isinstance(screen, TicketScreen)
    await until(tour.pilot, lambda: screen._both is not None)
    for name, masked in (("tickets-one", False), ("tickets-one-masked", True)):
        main(tour.app).cockpit.masked = masked
        await tour.pilot.pause(0.6)
        await tour.take(name)
    main(tour.app).cockpit.masked = False
    await tour.close()


async def acceptance_ticket(tour: Tour, here: Desk) -> None:
    """Before it begins, under way with a lost network, and over."""
    await tour.press("n", until_=lambda: isinstance(tour.app.screen, TripScreen))
    await tour.pilot.pause(0.3)
    await tour.take("trip-new")
    now = datetime.now(UTC)
    here.trail.following = True
    for name, standing in (
        ("trip", Standing(trip_at(now))),
        ("trip-cut", Standing(trip_at(now), CUT, now - timedelta(minutes=2), 3)),
        ("trip-over", Standing(over(trip_at(now)))),
    ):
        here.trail.standing = standing
        await tour.pilot.pause(0.3)
        await tour.take(name)


@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_tickets_look_as_reviewed(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup(language)
    monkeypatch.setattr(formats, "date", frozen_date)
    album = Album()
    async with practice_doors(tmp_path) as doors:
        app = ConsoleApp(doors)
        async with app.run_test(size=SIZES[0]) as pilot:
            await until(pilot, lambda: isinstance(app.screen, MainScreen))
            await until(pilot, lambda: "tickets" in main(app)._panels)
            async with control_of(app) as control:
                tour, here = Tour(app, pilot, album), Desk(app, pilot, control)
                await panel_and_ticket(tour, here)
                await acceptance_ticket(tour, here)
            assert app.crash is None
    album.finish()
