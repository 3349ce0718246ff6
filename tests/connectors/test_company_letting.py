"""The letting side of the seeded company: its vacancies, their defects, their files."""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from datetime import date
from decimal import Decimal

import pytest

from connectors.housing import RentCategory, UsageClass
from connectors.letting import AttachmentGroup, Vacancy
from connectors.sandbox import media, names
from connectors.sandbox.company import Company, build_company
from connectors.sandbox.company_letting import DEFECTS
from connectors.sandbox.expected import sendable_vacancies

TODAY = date(2026, 3, 15)


@pytest.fixture(scope="module", params=(60, 250, 2_000))
def company(request: pytest.FixtureRequest) -> Company:
    return build_company(request.param, 7, TODAY)


def parts(vacancy: Vacancy) -> Decimal:
    """The sum that a total rent ought to be."""
    rest = (vacancy.operating_costs, vacancy.heating_costs, vacancy.surcharges)
    return sum((part for part in rest if part is not None), vacancy.net_cold_rent or Decimal(0))


def same(company: Company, key: str, found: object) -> bool:
    return set(company.defects[key]) == found


def test_every_row_that_marks_a_vacancy_has_one_and_their_positions_say_the_rent(company: Company) -> None:
    rows = {lease.id: lease for lease in company.leases if lease.is_vacancy}
    units = {unit.id: unit for unit in company.units}
    assert [v.id for v in company.vacancies] == list(rows)
    for vacancy in company.vacancies:
        unit = units[rows[vacancy.id].unit_id]
        assert (vacancy.mandant, vacancy.economic_unit, vacancy.building, vacancy.unit) == (
            unit.mandant,
            unit.economic_unit,
            unit.building,
            unit.number,
        )
        net = [
            item.amount_net
            for item in company.rent_items
            if item.lease_id == vacancy.id and item.category is RentCategory.NETTOKALTMIETE
        ]
        assert net == [amount for amount in (vacancy.net_cold_rent,) if amount is not None]


def test_the_planted_defects_are_the_only_ones(company: Company) -> None:
    found = {v.id: v for v in company.vacancies}

    def ids(test: object) -> set[str]:
        assert callable(test)
        return {key for key, vacancy in found.items() if test(vacancy)}

    assert same(company, "vacancy_without_net_rent", ids(lambda v: v.net_cold_rent is None))
    assert same(company, "vacancy_net_rent_zero", ids(lambda v: v.net_cold_rent == 0))
    assert same(company, "vacancy_net_rent_negative", ids(lambda v: (v.net_cold_rent or 0) < 0))
    assert same(company, "vacancy_not_released", ids(lambda v: v.released is False))
    assert same(company, "vacancy_missing_fields", ids(lambda v: v.title is None))
    wrong = ids(lambda v: v.total_rent is not None and v.total_rent != parts(v))
    assert same(company, "vacancy_rent_sum_mismatch", wrong)
    assert same(company, "vacancy_without_building_number", ids(lambda v: not v.building))
    assert same(company, "vacancy_floor_text", ids(lambda v: v.floor_raw in names.ODD_FLOORS))
    assert same(company, "vacancy_usage_unknown", ids(lambda v: v.usage_raw in names.ODD_USAGES))


def test_the_number_of_each_defect_follows_the_vacancies_and_one_always_stays_sound(company: Company) -> None:
    planted = {key: company.defects[key] for key, text in DEFECTS.items() if text.endswith(": n")}
    hit = [vacancy for ids in planted.values() for vacancy in ids]
    assert len(set(hit)) == len(hit) < len(company.vacancies)
    n = max(1, len(company.vacancies) // 24)
    assert all(len(ids) in (0, n) for ids in planted.values())
    assert len(hit) == min(len(company.vacancies) - 1, n * len(planted))
    assert set(sendable_vacancies(company)) == {
        v.id
        for v in company.vacancies
        if v.released and v.building and v.net_cold_rent is not None and v.net_cold_rent >= 0
    }
    assert sendable_vacancies(company)


def test_the_rest_of_the_company_does_not_depend_on_its_letting_side() -> None:
    company = build_company(250, 3, TODAY)
    ended = [item for item in company.rent_items if item.lease_id in {v.id for v in company.vacancies}]
    assert company.rent_items[-len(ended) :] == ended
    assert [user.name for user in company.users] == list(names.ERP_USERS)


def test_every_file_of_a_vacancy_is_there_once_with_bytes_of_its_own(company: Company) -> None:
    files = {medium.attachment: medium for medium in company.media}
    shown = [attachment for vacancy in company.vacancies for attachment in vacancy.attachments]
    assert shown == list(files)
    assert len({attachment.check for attachment in shown}) == len({a.ref for a in shown}) == len(shown) > 0
    for attachment, medium in files.items():
        assert attachment.check == hashlib.md5(medium.content, usedforsecurity=False).hexdigest()
        assert re.fullmatch(r"[A-Za-z0-9_-]+\.(jpg|png|pdf)", attachment.ref)
    flats = [v for v in company.vacancies if v.usage is UsageClass.RESIDENTIAL and v.attachments]
    assert all(
        {a.group for a in v.attachments} > {AttachmentGroup.TITLE, AttachmentGroup.FLOOR_PLAN} for v in flats
    )


def test_the_pictures_and_documents_are_what_their_endings_say() -> None:
    picture, drawing, page = media.jpeg("Küche"), media.png("Küche"), media.pdf("Küche (1)")
    assert (picture[:2], picture[-2:]) == (b"\xff\xd8", b"\xff\xd9")
    place, markers = 2, []
    while picture[place + 1] != 0xDA:
        markers.append(picture[place + 1])
        place += 2 + struct.unpack(">H", picture[place + 2 : place + 4])[0]
    assert markers == [0xE0, 0xFE, 0xDB, 0xC0, 0xC4, 0xC4]
    assert drawing.startswith(b"\x89PNG\r\n\x1a\n")
    place, rows = 8, b""
    while place < len(drawing):
        size = struct.unpack(">I", drawing[place : place + 4])[0]
        kind, body = drawing[place + 4 : place + 8], drawing[place + 8 : place + 8 + size]
        assert struct.unpack(">I", drawing[place + 8 + size : place + 12 + size])[0] == zlib.crc32(
            kind + body
        )
        rows += body if kind == b"IDAT" else b""
        place += 12 + size
    assert len(zlib.decompress(rows)) == 48 * 65
    table = int(page.rpartition(b"startxref\n")[2].split()[0])
    assert page[table:].startswith(b"xref\n0 6\n")
    places = [int(line.split()[0]) for line in page[table:].splitlines()[3:8]]
    assert [page[at:].split(b" ", 1)[0] for at in places] == [b"1", b"2", b"3", b"4", b"5"]
