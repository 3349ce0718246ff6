"""An acceptance ticket on two sides in memory, with a frozen clock: hops, late and stuck, faults, kills."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.contract import Text
from connectors.problems import Failure, Owner, Problem, Trouble
from connectors.ticketing import Act
from connectors.tickets import Author, Can
from console.tickets.trip import End, Leg, LegState, Trip
from console.tickets.trip_follow import Standing, Traveller
from console.tickets.trip_judge import given_up
from console.tickets.trip_store import plain, trip_of
from tests.console.trip_kit import CUT, World, flow

QUARTER = timedelta(minutes=15)


def ends(trip: Trip) -> dict[str, str]:
    return {leg.value: (stamp.end.value if stamp.end else "-") for leg, stamp in trip.stamps.items()}


async def to_the_end(world: World, trip: Trip, *, minutes: float = 5, most: int = 60) -> Trip:
    """Rounds with time and the hub going on between them; every round by a program of its own."""
    for _ in range(most):
        trip = await world.traveller().step(trip)
        if trip.ended is not None:
            return trip
        world.time.forward(minutes=minutes)
        world.run_hub()
    raise AssertionError(ends(trip))


async def test_a_trip_with_a_hub_passes_every_hop_and_leaves_nothing_but_the_file() -> None:
    world = World()
    trip = await to_the_end(world, await world.begun())
    assert set(ends(trip).values()) == {"done"}
    assert trip.passed
    assert (world.partner.tickets, world.erp.tickets) == ({}, {})
    assert [text.code for text in trip.remains] == ["trip.remains_documents"]


async def test_the_slowest_hop_is_named() -> None:
    world = World()
    world.hub -= {"comment"}
    trip = await world.begun()
    for _ in range(3):
        trip = await world.traveller().step(trip)
        world.time.forward(minutes=5)
        world.run_hub()
    world.hub.add("comment")
    trip = await to_the_end(world, trip, minutes=1)
    assert trip.passed
    assert trip.slowest is Leg.COMMENT


async def test_waiting_is_told_from_stuck_by_the_agreed_interval() -> None:
    world = World()
    trip = await world.traveller().step(await world.begun())
    trip = await world.traveller().step(trip)
    born = trip.stamp(Leg.ERP).began
    assert born is not None
    assert trip.stamp(Leg.ERP).due == born + QUARTER
    assert trip.state(Leg.ERP, world.time.now) is LegState.WAITING
    world.time.forward(minutes=16)
    trip = await world.traveller().step(trip)
    assert trip.state(Leg.ERP, world.time.now) is LegState.STUCK
    world.run_hub()  # late, but it comes
    trip = await world.traveller().step(trip)
    assert trip.stamp(Leg.ERP).end is End.DONE
    assert trip.stamp(Leg.ERP).took == timedelta(minutes=16)


async def test_what_does_not_come_for_twice_the_time_fails_and_is_cleaned_up() -> None:
    world = World()
    world.hub = {"ticket", "file", "link", "comment", "reply"}
    trip = await to_the_end(world, await world.begun())
    assert ends(trip)["status"] == "failed"
    assert {leg for leg, end in ends(trip).items() if end == "failed"} == {"status"}
    assert not trip.passed
    assert world.partner.tickets == {}


async def test_an_own_interval_of_a_hop_counts() -> None:
    world = World(expected={"ticket": 3600})
    trip = await world.traveller().step(await world.begun())
    trip = await world.traveller().step(trip)
    world.time.forward(minutes=59)
    trip = await world.traveller().step(trip)
    assert trip.state(Leg.ERP, world.time.now) is LegState.WAITING


async def test_what_is_not_agreed_is_left_out() -> None:
    world = World(flow=flow(files=False, to_partner=frozenset({Can.STATUS})), comments_to_erp=False)
    trip = await to_the_end(world, await world.begun())
    assert trip.passed
    assert {leg for leg, end in ends(trip).items() if end == "skipped"} == {
        "filed", "linked", "comment", "reply",
    }  # fmt: skip


async def test_a_second_erp_ticket_fails_the_trip_even_afterwards() -> None:
    world = World()
    trip = await world.begun()
    for _ in range(3):
        trip = await world.traveller().step(trip)
        world.run_hub()
    assert trip.stamp(Leg.ERP).end is End.DONE
    twin = world.erp.tickets[trip.erp]
    world.erp.new(reference=twin.reference, subject=twin.subject, from_api=True)
    trip = await to_the_end(world, trip)
    assert trip.stamp(Leg.ERP).note == Text("trip.twice", {"count": 2})
    assert not trip.passed
    assert world.erp.tickets == {}


async def test_an_erp_born_ticket_that_appears_at_the_partner_fails_the_negative_case() -> None:
    world = World()
    trip = await world.begun()
    for _ in range(4):
        trip = await world.traveller().step(trip)
        world.run_hub()
    assert trip.born
    world.partner.new(subject=world.erp.tickets[trip.born].subject, from_api=True)
    trip = await to_the_end(world, trip)
    assert ends(trip)["negative"] == "failed"
    assert Text("trip.remains_partner", {"number": trip.leaked}) in trip.remains


async def test_the_negative_case_is_not_taken_for_proven_before_the_hub_could_have_sent_it() -> None:
    world = World()
    trip = await world.begun()
    while trip.stamp(Leg.NEGATIVE).began is None:
        trip = await world.traveller().step(trip)
        world.run_hub()
    world.time.forward(minutes=14)
    trip = await world.traveller().step(trip)
    assert trip.stamp(Leg.NEGATIVE).end is None
    world.time.forward(minutes=2)
    trip = await world.traveller().step(trip)
    assert trip.stamp(Leg.NEGATIVE).end is End.DONE


async def test_a_file_that_is_shown_but_not_filed_fails() -> None:
    world = World()
    world.hub -= {"file"}
    trip = await to_the_end(world, await world.begun())
    assert trip.stamp(Leg.FILED).note == Text("trip.linked_unfiled")


async def test_a_comment_that_arrives_twice_fails() -> None:
    world = World()
    trip = await world.begun()
    while trip.stamp(Leg.COMMENT).began is None:
        trip = await world.traveller().step(trip)
        world.hub -= {"comment"}
        world.run_hub()
    text = next(c.text for c in world.erp.tickets[trip.erp].comments if c.author is Author.CLERK)
    for _ in range(2):
        world.partner.say(trip.ticket, Author.API, text)
    trip = await to_the_end(world, trip)
    assert trip.stamp(Leg.COMMENT).note == Text("trip.comment_twice", {"count": 2})


async def test_a_status_without_counterpart_fails_by_name() -> None:
    world = World()
    trip = await world.begun(by_hand=True)
    while trip.stamp(Leg.ERP).end is None:
        trip = await world.traveller().step(trip)
        world.run_hub()
    world.erp.put(replace(world.erp.tickets[trip.erp], status="77"))
    trip = await world.traveller().step(trip)
    assert trip.stamp(Leg.STATUS).note == Text("trip.status_unmapped", {"status": "77"})


async def test_where_nobody_plays_people_are_asked_and_what_they_do_is_seen() -> None:
    world = World(abilities=frozenset(set(Can) - {Can.CREATE, Can.DELETE}))
    world.plays = False
    trip = await world.begun()
    world.time.forward(hours=3)  # people take their time
    trip = await world.traveller().step(trip)
    assert trip.asked(world.time.now) == (Act.REPORT,)
    world.partner.new(contract="99/9", subject="something else")
    world.partner.new(contract="10/1", subject="Heizung")  # the lease is kept for tests
    trip = await world.traveller().step(trip)
    assert trip.number == "IMMOMIO-2"
    erp = world.erp.new(subject="Heizung", reference=f"IMMOMIO-PRACTICE:{trip.ticket}", from_api=True)
    trip = await world.traveller().step(trip)
    asked = {Act.ATTACH, Act.STATUS, Act.COMMENT, Act.REPLY, Act.BORN}
    assert set(trip.asked(world.time.now)) == asked
    world.erp.put(replace(world.erp.tickets[erp.id], status="20"))
    world.erp.say(erp.id, Author.CLERK, "Wir kommen.")
    world.partner.say(trip.ticket, Author.TENANT, "Danke.")
    world.partner.attach(trip.ticket, b"x")
    world.erp.new(subject=f"{trip.born_mark}")
    trip = await world.traveller().step(trip)
    assert trip.asked(world.time.now) == ()
    trip = await to_the_end(world, trip)
    assert trip.passed
    assert [text.code for text in trip.remains] == [
        "trip.remains_erp", "trip.remains_erp", "trip.remains_partner", "trip.remains_documents",
    ]  # fmt: skip
    closed = world.partner.tickets[trip.ticket]
    assert closed.status == "DONE"
    assert trip.id in closed.comments[-1].text


async def test_a_network_that_breaks_is_told_since_when_and_it_goes_on() -> None:
    world = World()
    trip, told, waited = await world.begun(), list[Standing](), list[float]()
    broke: list[object] = []

    async def tell(standing: Standing) -> None:
        told.append(standing)

    async def wait(seconds: float) -> None:
        waited.append(seconds)
        world.time.forward(minutes=1)
        world.run_hub()
        if len(told) == 3:
            world.erp.broken = CUT
            broke.append(world.time.now)
        if len(told) == 6:
            world.erp.broken = None
        world.time.forward(seconds=seconds)

    done = await world.traveller().follow(Standing(trip), interval=60.0, tell=tell, wait=wait)
    assert done.trip.passed
    assert [bool(one.problem) for one in told[2:7]] == [False, True, True, True, False]
    assert {one.since for one in told[3:6]} == {told[3].since}
    assert told[3].since is not None
    seen = told[5].now(world.time.now)
    assert seen == told[2].trip.looked  # nobody is called late by what nobody could see


async def test_a_refusal_that_does_not_pass_ends_following_at_once() -> None:
    world = World()
    trip = await world.begun()
    world.partner.broken = Problem("http.rights", Trouble.RIGHTS, Owner.CUSTOMER)

    async def unheard(_: object) -> None:
        raise AssertionError

    with pytest.raises(Failure):
        await world.traveller().follow(Standing(trip), interval=1.0, tell=unheard, wait=unheard)


@pytest.mark.parametrize("killed", range(2, 40, 3))
async def test_a_program_that_is_killed_anywhere_goes_on_and_does_nothing_twice(killed: int) -> None:
    world = World()
    trip = await world.begun()
    for _ in range(6):
        world.kept.clear()
        with pytest.raises(asyncio.CancelledError):
            await _killed_after(world, trip, killed)
        trip = trip_of(plain(world.kept[-1])) if world.kept else trip
        world.time.forward(minutes=2)
        world.run_hub()
        if trip.ended:
            break
    trip = await to_the_end(world, trip)
    assert trip.passed, ends(trip)
    assert world.partner.made == 1
    assert world.erp.made == 2  # one that arrived, one that was born there


async def _killed_after(world: World, trip: Trip, calls: int) -> None:
    """Rounds that end after so many calls to both sides, as if the program were killed there."""
    world.left[0] = calls
    try:
        for _ in range(20):
            trip = await world.traveller().step(trip)
            world.run_hub()
            world.time.forward(minutes=2)
        raise asyncio.CancelledError  # it came to its end before
    finally:
        world.left[0] = -1


async def test_after_a_sleep_nothing_that_we_move_is_late() -> None:
    world = World(owner="einzug")
    trip = await world.begun()
    moved: list[int] = []

    async def move() -> None:
        moved.append(1)

    ports = replace(world.ports(), move=move)
    traveller = Traveller(ports)
    standing = await traveller._round(Standing(trip), 1.0)
    due = standing.trip.stamp(Leg.ERP).due
    assert due is not None
    world.time.forward(hours=8)
    standing = await traveller._round(standing, 1.0)
    assert standing.trip.state(Leg.ERP, world.time.now) is LegState.WAITING
    assert moved


async def test_what_is_given_up_is_cleaned_up_and_has_not_passed() -> None:
    world = World()
    trip = await world.traveller().step(await world.begun())
    world.run_hub()
    trip = await to_the_end(world, given_up(trip))
    assert trip.given_up
    assert not trip.passed
    assert world.partner.tickets == {}


async def test_a_trip_survives_as_plain_values() -> None:
    world = World()
    trip = await to_the_end(world, await world.begun())
    assert trip_of(plain(trip)) == trip
