"""The seeded letting office: the same each time, with one of each defect, and as large as is wanted."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from connectors.sandbox.company import Company, build_company
from connectors.sandbox.company_office import OBJECTS, PEOPLE, Office, build_office
from connectors.sandbox.expected_onoffice import MENDED, UNFIT, contact_chain


def _company(seed: int = 3) -> Company:
    return build_company(60, seed, date(2026, 3, 1))


def _letting(office: Office) -> list[int]:
    return [one.id for one in office.estates if one.active and one.marketing == "miete"]


def test_equal_seeds_give_equal_offices_and_others_give_others() -> None:
    assert build_office(_company()) == build_office(_company())
    assert build_office(_company()) != build_office(_company(4))


def test_every_defect_is_planted_as_often_as_it_is_named() -> None:
    defects = build_office(_company()).defects
    wanted = Counter((*PEOPLE, *OBJECTS, "external_broker"))
    assert {key: len(ids) for key, ids in defects.items()} == wanted


def test_every_vacancy_is_an_object() -> None:
    company = _company()
    office = build_office(company)
    numbers = {one.number for one in office.estates}
    assert {f"{v.mandant}-{v.id}" for v in company.vacancies} <= numbers
    assert len(numbers) == len(office.estates)


@pytest.mark.parametrize(("users", "estates"), [(0, 0), (60, 3000)])
def test_it_is_as_large_as_is_wanted_and_every_id_is_one_records(users: int, estates: int) -> None:
    office = build_office(_company(), users=users, estates=estates)
    assert len(office.users) >= users + 1  # the API user comes on top
    assert len(_letting(office)) >= estates
    for records in (office.addresses, office.estates):
        assert len({one.id for one in records}) == len(records)
    assert len({user.nr for user in office.users}) == len({user.login for user in office.users})
    assert {user.address for user in office.users if user.address} <= {one.id for one in office.addresses}
    linked = {id_ for one in office.estates for id_ in one.contacts}
    assert linked <= {one.id for one in office.addresses}


def test_nobody_in_it_can_be_written_to() -> None:
    office = build_office(_company())
    mails = [entry.value for one in office.addresses for entry in one.emails]
    assert mails
    assert all(mail.partition("@")[2] in ("example.org", "example.com", "example.net") for mail in mails)


def test_what_is_mended_and_what_is_not_are_different_defects() -> None:
    assert not set(MENDED) & set(UNFIT)
    flow = contact_chain(_company())
    assert (flow.creates, flow.updates) == (0, len(MENDED))
