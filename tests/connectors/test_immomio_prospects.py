"""Who becomes a business partner at the ERP, who is one already, and whom nobody remembers any more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import (
    ALL,
    Capability,
    EntityInfo,
    Finding,
    Limits,
    Page,
    Record,
    Scope,
    Skipped,
    Value,
)
from connectors.housing import Entity, Person
from connectors.immomio.entities import APPLICATION
from connectors.immomio.prospects import (
    actual_prospects,
    desired_prospects,
    forgotten_prospects,
    name_key,
    owns_prospect,
)
from connectors.immomio.settings import ProspectSettings
from connectors.letting import BUSINESS_PARTNER, BUSINESS_PARTNER_FIELDS, PROSPECT, PROSPECT_FIELDS
from connectors.problems import Failure
from connectors.texts import LANGUAGES, render
from connectors.wrappers import Paired

NOW = datetime(2025, 6, 15, 12, tzinfo=UTC)
BORN = date(1980, 4, 2)
SETTINGS = ProspectSettings(separator="/", mandanten=("10",))
FLAT = "10/00123/004/0050"


class Shelf:
    """A Reader over a list, two records a page."""

    name = "shelf"
    capabilities: frozenset[Capability] = frozenset()

    def __init__(self, records: Iterable[Record | Entity] = ()) -> None:
        self.records = list(records)

    async def check(self) -> list[Finding]:
        return []

    def entities(self) -> tuple[EntityInfo, ...]:
        return ()

    def limits(self) -> Limits:
        return Limits(1000, 1000)

    async def read(
        self, entity: str, *, scope: Scope = ALL, start: str | None = None
    ) -> AsyncIterator[Page[Any]]:
        found = [r for r in self.records if entity == (r.entity if isinstance(r, Record) else r.NAME)]
        for at in range(0, len(found), 2):
            yield Page(found[at : at + 2])

    async def aclose(self) -> None:
        return None


def application(id_: str = "a1", **changed: Value) -> Record:
    """An accepted application of the main tenant."""
    fields: dict[str, Value] = {
        "vacancy": FLAT,
        "state": "ACCEPTED",
        "applicant": "p1",
        "main": True,
        "changedAt": NOW,
        "salutation": "Frau",
        "title": None,
        "firstName": "Erika",
        "lastName": "Muster",
        "companyName": None,
        "birthDate": BORN,
        "email": "e.muster@example.org",
        "phoneNumbers": ("+494012345678",),
        "street": "Lindenweg",
        "houseNumber": "7a",
        "postalCode": "20095",
        "city": "Hamburg",
        "wantedStart": date(2025, 10, 1),
        "acceptedRent": Decimal("512.40"),
        "message": None,
    }
    return Record(APPLICATION, id_, fields | changed)


def person(number: str = "700815", **changed: Any) -> Person:
    """The same human being, known to the ERP."""
    own: dict[str, Any] = {"first_name": "Erika", "last_name": "Muster", "birth_date": BORN}
    return Person(id=f"e{number}", number=number, **(own | changed))


async def wanted(
    applications: Iterable[Record],
    persons: Iterable[Person] = (),
    held: Iterable[Record] = (),
    settings: ProspectSettings = SETTINGS,
) -> dict[tuple[str, str], Record | Skipped]:
    """What the ERP shall hold, by entity and id."""
    source = Paired(Shelf(applications), Shelf(persons), Shelf(held))
    found = [one async for one in desired_prospects(source, settings)]
    assert len({(one.entity, one.id) for one in found}) == len(found)
    for one in found:
        if isinstance(one, Skipped):
            assert all(render(one.reason, language) for language in LANGUAGES)
    return {(one.entity, one.id): one for one in found}


async def test_an_accepted_main_tenant_becomes_business_partner_and_prospect() -> None:
    found = await wanted([application()])
    partner = found[BUSINESS_PARTNER, "immomio:p1"]
    prospect = found[PROSPECT, "immomio:a1"]
    assert isinstance(partner, Record)
    assert isinstance(prospect, Record)
    assert tuple(partner.fields) == tuple(BUSINESS_PARTNER_FIELDS)
    assert tuple(prospect.fields) == tuple(PROSPECT_FIELDS)
    assert partner.fields["lastName"] == "Muster"
    assert prospect.fields["unit"] == FLAT
    assert prospect.fields["businessPartner"] == "immomio:p1"


@pytest.mark.parametrize("state", ["NEW", "INVITED", "REJECTED", "DELETED"])
async def test_nobody_else_is_handed_over(state: str) -> None:
    assert await wanted([application(state=state)]) == {}


async def test_who_moves_in_too_is_named_and_not_created() -> None:
    found = await wanted([application(), application("a2", applicant="p2", main=False, firstName="Jan")])
    left_out = found[PROSPECT, "immomio:a2"]
    assert isinstance(left_out, Skipped)
    assert left_out.rule == "I9"
    assert (BUSINESS_PARTNER, "immomio:p2") not in found


@pytest.mark.parametrize(
    ("first", "last"),
    [("Erika", "Muster"), (" Erika ", "Muster "), ("ERIKA", "muster"), ("Eri\u200bka", "Mus\u00a0ter")],
)
async def test_blanks_and_case_do_not_hide_somebody_the_erp_knows(first: str, last: str) -> None:
    found = await wanted([application()], [person(first_name=first, last_name=last)])
    known = found[BUSINESS_PARTNER, "immomio:p1"]
    assert isinstance(known, Skipped)
    assert known.reason.args["number"] == "700815"
    prospect = found[PROSPECT, "immomio:a1"]
    assert isinstance(prospect, Record)
    assert prospect.fields["businessPartner"] == "number:700815"


async def test_a_namesake_born_on_another_day_is_somebody_else() -> None:
    found = await wanted([application()], [person(birth_date=date(1981, 4, 2))])
    assert isinstance(found[BUSINESS_PARTNER, "immomio:p1"], Record)


@pytest.mark.parametrize(("theirs", "ours"), [(None, BORN), (BORN, None), (None, None)])
async def test_without_a_day_of_birth_nothing_is_guessed(theirs: date | None, ours: date | None) -> None:
    found = await wanted([application(birthDate=theirs)], [person(birth_date=ours)])
    assert all(isinstance(one, Skipped) for one in found.values())
    assert len(found) == 2


async def test_two_of_the_same_person_in_the_erp_are_for_people_to_decide() -> None:
    found = await wanted([application()], [person("1"), person("2")])
    undecided = found[BUSINESS_PARTNER, "immomio:p1"]
    assert isinstance(undecided, Skipped)
    assert undecided.reason.args["numbers"] == "1, 2"
    assert isinstance(found[PROSPECT, "immomio:a1"], Skipped)


async def test_whom_we_handed_over_stays_ours_although_the_erp_knows_the_person_now() -> None:
    before = await wanted([application()])
    handed = before[BUSINESS_PARTNER, "immomio:p1"]
    assert isinstance(handed, Record)
    assert await wanted([application()], [person()], [handed]) == before


async def test_one_applicant_with_two_flats_is_one_business_partner() -> None:
    found = await wanted([application(), application("a2", vacancy="10/00123/004/0060")])
    assert sorted(key for entity, key in found if entity == BUSINESS_PARTNER) == ["immomio:p1"]
    assert sorted(key for entity, key in found if entity == PROSPECT) == ["immomio:a1", "immomio:a2"]


@pytest.mark.parametrize(
    ("vacancy", "rule"),
    [("20/00123/004/0050", "C3"), ("10-00123-004-0050", "I7"), ("10//004/0050", "I7"), (None, "I7")],
)
async def test_a_flat_that_is_not_ours_is_named(vacancy: str | None, rule: str) -> None:
    found = await wanted([application(vacancy=vacancy)])
    left_out = found[PROSPECT, "immomio:a1"]
    assert isinstance(left_out, Skipped)
    assert left_out.rule == rule
    assert (BUSINESS_PARTNER, "immomio:p1") not in found, "nobody is handed over without a flat"


@given(st.text(max_size=12), st.text(max_size=12))
def test_names_are_compared_without_blanks_whatever_they_are(first: str, last: str) -> None:
    spread = " ".join(first), f"\t{last} "
    assert name_key(*spread) == name_key(first, last)


async def test_after_the_term_a_rejected_applicant_is_forgotten_and_no_other() -> None:
    long_ago = NOW - timedelta(days=91)
    source = Paired(
        Shelf(
            [
                application("a1", state="REJECTED", changedAt=long_ago),
                application("a2", state="REJECTED", changedAt=long_ago, applicant="p2"),
                application("a3", state="ACCEPTED", changedAt=long_ago, applicant="p2"),
                application("a4", state="REJECTED", changedAt=NOW, applicant="p3"),
            ]
        ),
        Shelf(),
        Shelf(),
    )
    found = {one async for one in forgotten_prospects(source, SETTINGS, now=NOW)}
    assert found == {(PROSPECT, "immomio:a1"), (BUSINESS_PARTNER, "immomio:p1"), (PROSPECT, "immomio:a2")}


async def test_what_was_handed_over_is_read_back_both_kinds_of_it() -> None:
    held = [Record(BUSINESS_PARTNER, "immomio:p1", {}), Record(PROSPECT, "immomio:a1", {})]
    shelf: Any = Shelf(held)
    assert [one async for one in actual_prospects(shelf, SETTINGS)] == held


def test_only_ids_that_came_from_immomio_are_ours() -> None:
    assert owns_prospect(PROSPECT, "immomio:a1", SETTINGS)
    assert not owns_prospect(PROSPECT, "yarowa:a1", SETTINGS)
    assert not owns_prospect("person", "immomio:a1", SETTINGS)


FEEDBACK = """<?xml version="1.0" encoding="ISO-8859-1"?>
<openimmo_feedback><version>1.2.5</version>
<sender><name>Portal</name><datum>14.06.2025</datum><makler_id>x</makler_id></sender>
<objekt><oobj_id>10/00123/004/0050</oobj_id>
<interessent><int_id>77</int_id><anrede>Frau</anrede><vorname>J\u00fcrgen</vorname><nachname>Muster</nachname>
<strasse>Lange Stra\u00dfe 7 a</strasse><plz>20095</plz><ort>Hamburg</ort><tel>040 123456</tel>
<email>j.muster@example.org</email><bevorzugt>POST</bevorzugt><wunsch>R\u00dcCKRUF</wunsch>
<user_defined_extend><feld><name>status</name><wert>angenommen</wert></feld>
<feld><name>birth_date</name><wert>02.04.1980</wert></feld>
<feld><name>rent</name><wert>512,40</wert></feld></user_defined_extend></interessent>
<interessent><vorname>Nur</vorname><nachname>Anfrage</nachname></interessent>
</objekt></openimmo_feedback>"""


async def test_feedback_files_count_as_applications_once_they_tell_a_state(tmp_path: Path) -> None:
    (tmp_path / "openimmo_feedback.xml").write_bytes(FEEDBACK.encode("iso-8859-1"))
    settings = ProspectSettings(separator="/", mandanten="all", feedback=tmp_path)
    found = await wanted([], settings=settings)
    assert len(found) == 2
    partner = found[BUSINESS_PARTNER, "immomio:feedback-77"]
    assert isinstance(partner, Record)
    assert partner.fields["firstName"] == "J\u00fcrgen"
    assert partner.fields["birthDate"] == BORN
    assert partner.fields["phoneNumbers"] == ("+4940123456",)
    (prospect,) = (one for (entity, _), one in found.items() if entity == PROSPECT)
    assert isinstance(prospect, Record)
    assert prospect.fields["acceptedRent"] == Decimal("512.40")


async def test_a_broken_feedback_file_is_named_and_nothing_is_taken_from_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(FEEDBACK.encode("iso-8859-1"))
    (tmp_path / "b.xml").write_bytes(b"<openimmo_feedback><ver")
    settings = ProspectSettings(separator="/", mandanten="all", feedback=tmp_path)
    with pytest.raises(Failure) as caught:
        await wanted([], settings=settings)
    assert "b.xml" in caught.value.problem.where


async def test_a_feedback_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    settings = ProspectSettings(separator="/", mandanten="all", feedback=tmp_path / "none")
    with pytest.raises(Failure) as caught:
        await wanted([], settings=settings)
    assert caught.value.problem.code == "immomio.feedback_folder"
