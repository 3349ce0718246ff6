"""One ERP may serve test and production: each knows its own tickets, also by what earlier versions wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.tickets import Author
from console.tickets.events import PassResult
from console.tickets.origin import Origin
from tests.console.tickets_kit import House, house
from tests.console.tickets_sides_kit import CUT, START, MemorySide

NOW = datetime(2026, 3, 1, 8, 15, tzinfo=UTC)
ENVIRONMENTS = st.sampled_from(["practice", "test", "production"])


async def once(home: House) -> PassResult:
    """One pass."""
    with home.session() as session:
        return await session.pass_()


def beside(home: House, folder: Path, environment: str) -> House:
    """The same ERP with another account of the partner; its tickets have the same ids."""
    return replace(home, folder=folder, environment=environment, portal=MemorySide(home.world, "portal"))


def earlier(home: House, ticket: str, at: datetime) -> str:
    """What an earlier version made in the ERP for a ticket that was born then."""
    id_ = home.erp.next_id("e")
    told = replace(home.portal.tickets[ticket], files=(), comments=())
    twin = replace(
        told, id=id_, status="10", reference=f"PORTAL:{ticket}", from_api=True, created_at=at, number=id_
    )
    home.erp.put(twin)
    return id_


@given(st.sampled_from(["immomio", "bots4you"]), ENVIRONMENTS, st.text(min_size=1))
def test_a_reference_leads_back_to_its_ticket(partner: str, environment: str, ticket: str) -> None:
    origin = Origin(partner, environment)
    assert origin.ticket(origin.reference(ticket)) == ticket
    assert origin.made_for(ticket, NOW, origin.reference(ticket), NOW)


@given(ENVIRONMENTS, ENVIRONMENTS, st.text(min_size=1))
def test_no_environment_takes_the_ticket_of_another(one: str, other: str, ticket: str) -> None:
    reference = Origin("immomio", one).reference(ticket)
    late = NOW + timedelta(minutes=1)
    assert Origin("immomio", other).made_for(ticket, NOW, reference, late) is (one == other != "production")


def test_only_outside_production_a_reference_names_its_environment() -> None:
    spelled = [Origin("immomio", e).reference("4711") for e in ("production", "test", "practice")]
    assert spelled == ["IMMOMIO:4711", "IMMOMIO-TEST:4711", "IMMOMIO-PRACTICE:4711"]
    assert Origin("bots4you", "test").ticket("IMMOMIO-TEST:4711") == ""


async def test_production_does_not_adopt_the_tickets_of_a_test_in_the_same_erp(tmp_path: Path) -> None:
    testing = replace(house(tmp_path / "test"), environment="test")
    tried = testing.ticket("Nur ein Test.")
    await once(testing)
    testing.world.tick(timedelta(minutes=5))
    real = beside(testing, tmp_path / "production", "production")
    meant = real.ticket("Die Heizung ist kalt.")
    assert tried == meant
    result = await once(real)
    assert "already_there" not in result.counts()
    assert testing.erp.creates == {f"PORTAL-TEST:{tried}": 1, f"PORTAL:{meant}": 1}
    again = await once(testing)  # and the test leaves that of the production alone
    assert (again.run, again.outcomes) == (None, [])


@pytest.mark.parametrize("environment", ["practice", "test", "production"])
async def test_what_an_earlier_version_made_is_recognised_on_a_new_machine(
    tmp_path: Path, environment: str
) -> None:
    home = replace(house(tmp_path), environment=environment)
    ticket = home.ticket()
    erp = earlier(home, ticket, home.portal.tickets[ticket].created_at)
    result = await once(home)
    assert (result.counts()["already_there"], home.erp.creates.total()) == (1, 0)
    home.erp.set(erp, status="90")
    await once(home)
    assert home.portal.tickets[ticket].status == "closed"


@pytest.mark.parametrize("environment", ["test", "production"])
async def test_a_bare_reference_of_another_moment_is_somebody_elses(tmp_path: Path, environment: str) -> None:
    home = replace(house(tmp_path), environment=environment)
    ticket = home.ticket()
    foreign = earlier(home, ticket, START - timedelta(days=3))
    result = await once(home)
    assert (result.counts().get("already_there"), home.erp.creates.total()) == (None, 1)
    home.erp.set(foreign, status="90")
    await once(home)
    assert home.portal.tickets[ticket].status == "open"


async def test_a_bare_reference_to_a_ticket_that_nobody_has_waits_for_nothing(tmp_path: Path) -> None:
    home = replace(house(tmp_path), environment="production")
    ticket = home.ticket()
    earlier(home, ticket, home.portal.tickets[ticket].created_at)
    del home.portal.tickets[ticket], home.portal.log[ticket]
    result = await once(home)
    with home.session() as session:
        standing = await session.state()
    assert (result.outcomes, standing.waiting, standing.linked) == ([], 0, 0)


async def test_a_create_that_an_earlier_version_left_unclear_is_found_under_its_spelling(
    tmp_path: Path,
) -> None:
    home = replace(house(tmp_path), environment="test")
    ticket = home.ticket()
    at = home.portal.tickets[ticket].created_at
    foreign = earlier(home, ticket, START - timedelta(days=3))  # production's, of the same number
    ours = earlier(home, ticket, at)
    for id_ in (foreign, ours):
        home.erp.log.pop(id_)  # their heads were read long ago
    home.world.faults += [("erp.create", CUT, False)]
    await once(home)
    with home.session() as session:
        assert (session.store.known(ticket).erp, home.erp.creates.total()) == (ours, 0)


# --- a number that the partner gives away again ------------------------------------------------------------


def set_up_anew(home: House, late: timedelta) -> str:
    """The partner's account is set up anew: the first number belongs to another tenant's ticket now."""
    home.world.tick(late)
    home.portal.tickets.clear()
    home.portal.log.clear()
    home.portal.number = 0
    return home.ticket("Ganz etwas anderes.", contract="0816", mandant="20")


async def test_the_number_of_a_deleted_ticket_may_come_back_as_a_new_one(tmp_path: Path) -> None:
    home = house(tmp_path)
    ticket = home.ticket()
    await once(home)
    home.portal.vanish(ticket)
    await once(home)
    assert set_up_anew(home, timedelta(minutes=1)) == ticket
    await once(home)
    texts = [t.text for t in home.erp.tickets.values()]
    assert texts == ["Die Heizung ist kalt.", "Ganz etwas anderes."]
    home.erp.set("e2", status="90")
    await once(home)
    assert home.portal.tickets[ticket].status == "closed"


async def test_nobodys_words_go_to_the_ticket_that_had_the_number_before(tmp_path: Path) -> None:
    home = house(tmp_path)
    ticket = home.ticket()
    await once(home)
    erp = home.twin(ticket).id
    assert set_up_anew(home, timedelta(days=3)) == ticket
    home.portal.person_writes(ticket, "Bitte bald.", Author.TENANT)
    home.erp.set(erp, status="90")
    result = await once(home)
    assert [o.name for o in result.bad] == ["number_reused"]
    assert (home.erp.tickets[erp].comments, home.portal.tickets[ticket].status) == ((), "open")


async def test_a_ticket_that_is_only_there_again_stays_given_up(tmp_path: Path) -> None:
    home = house(tmp_path)
    ticket = home.ticket()
    await once(home)
    kept = home.portal.tickets[ticket]
    home.portal.vanish(ticket)
    await once(home)
    home.portal.put(kept)
    assert (await once(home)).run is None
    assert home.erp.creates.total() == 1
