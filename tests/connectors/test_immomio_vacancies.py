"""What Immomio shall advertise: which vacancies are sent, how they are spelt, what keeps others back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.agreed import NO_BUILDING
from connectors.contract import Capability, Deletes, Record, Skipped
from connectors.housing import Address, Entity
from connectors.immomio.entities import VACANCY_MAPPING
from connectors.immomio.settings import VacancySettings
from connectors.immomio.vacancies import (
    VACANCIES,
    attachment_text,
    cold_rent,
    desired_vacancies,
    owns_vacancy,
)
from connectors.letting import (
    Attachment,
    AttachmentGroup,
    EnergyCertificate,
    EnergyKind,
    Heating,
)
from connectors.problems import Failure
from connectors.sandbox.company import build_company
from console.sync.codec import Codec
from tests.connectors.bots4you_erp import spoken
from tests.connectors.immomio_erp import TODAY, Erp, connector, mandant, of_company, told, vacancy

SETTINGS = VacancySettings(separator="/", mandanten=("10",))
ID = "10/00123/004/0050"


async def desired(
    *records: Entity, settings: VacancySettings = SETTINGS
) -> tuple[dict[str, Record], list[Skipped]]:
    sent, skipped = await told(desired_vacancies(Erp([mandant(), *records]), settings))
    return sent.get("vacancy", {}), skipped


async def fields(**given: Any) -> dict[str, Any]:
    """The fields of the one vacancy that is sent."""
    sent, skipped = await desired(vacancy(**given))
    assert skipped == []
    return dict(sent[ID].fields)


async def skip(settings: VacancySettings = SETTINGS, **given: Any) -> tuple[str, str]:
    """Rule and reason of the only answer, a skip."""
    sent, skipped = await desired(vacancy(**given), settings=settings)
    assert (len(sent), len(skipped)) == (0, 1)
    return skipped[0].rule, spoken([skipped[0].reason])[0]


async def test_a_vacancy_is_sent_with_every_field_under_the_id_of_its_unit() -> None:
    energy = EnergyCertificate(
        kind=EnergyKind.CONSUMPTION, value=Decimal("98.5"), rating="C", valid_to=date(2031, 1, 1),
        issued=date(2021, 1, 1), carrier="Fernwärme", building_year=1962, with_hot_water=True,
    )  # fmt: skip
    found = await fields(
        address=Address(street="Lindenweg ", house_number="7a", postal_code="20095", city="Hamburg"),
        storeys=4, rooms=Decimal("2.5"), living_area=Decimal("61.20"), construction_year=1962,
        surcharges=Decimal("0.00"), deposit=Decimal("1500.00"), lift=False, intercom=True,
        heating=Heating.CENTRAL, energy=energy, title="Hell  und ruhig", description="Ruhig.\n\nZentral. ",
        attachments=(Attachment(ref="media-1.jpg", group=AttachmentGroup.TITLE, title="Haus", check="ab"),),
    )  # fmt: skip
    empty = (
        "usableArea coopShares cellar fittedKitchen bikeRoom guestToilet balcony barrierFree wbsRequired "
        "equipment"
    )
    assert found == {
        "clientNumber": "10", "kind": "FLAT", "street": "Lindenweg", "houseNumber": "7a",
        "postalCode": "20095", "city": "Hamburg", "country": "DEU", "floor": 3,
        "position": "3. Etage, links", "storeys": 4, "rooms": Decimal("2.5"), "livingArea": Decimal("61.20"),
        "constructionYear": 1962, "availableFrom": date(2025, 8, 1), "baseRent": Decimal("500.00"),
        "coldRent": Decimal("590.00"), "operatingCosts": Decimal("90.00"), "heatingCosts": Decimal("60.00"),
        "heatingIncluded": True, "surcharges": Decimal("0.00"), "totalRent": Decimal("650.00"),
        "deposit": Decimal("1500.00"), "lift": False, "intercom": True, "heating": "ZENTRAL",
        "energyKind": "VERBRAUCH", "energyValue": Decimal("98.5"), "energyClass": "C",
        "energyValidTo": date(2031, 1, 1), "energyIssued": date(2021, 1, 1), "energyCarrier": "Fernwärme",
        "energyYear": 1962, "energyHotWater": True, "title": "Hell und ruhig",
        "description": "Ruhig.\n\nZentral.", "attachments": ("TITELBILD|media-1.jpg|ab|Haus",),
    } | dict.fromkeys(empty.split())  # fmt: skip


async def test_the_mapping_names_exactly_the_fields_in_their_order() -> None:
    found = await fields()
    assert [name for name in found if name != "clientNumber"] == [f.name for f in VACANCY_MAPPING.fields]
    assert all(f.rule and f.source.startswith("vacancy.") for f in VACANCY_MAPPING.fields)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({"net_cold_rent": None}, ("I8", "rent_missing")),
        ({"net_cold_rent": Decimal("-0.01")}, ("I8", "rent_negative")),
        ({"released": False}, ("I6", "not_released")),
        ({"released": None}, ("I6", "release_unknown")),
        ({"usage_raw": "Bunker"}, ("I10", "usage_in_no_list")),
        ({"usage_raw": ""}, ("I10", "usage_in_no_list")),
        ({"number": "00/50"}, ("C1", "separator_in_unit")),
    ],
)
async def test_what_keeps_a_vacancy_back_is_named_by_its_rule(
    given_: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert await skip(**given_) == expected


async def test_a_release_that_the_erp_does_not_tell_withdraws_nothing() -> None:
    unknown, no = [(await desired(vacancy(released=released)))[1][0] for released in (None, False)]
    assert unknown.id == ID  # a skip of this id protects what Immomio shows
    assert no.id != ID


async def test_a_vacancy_in_a_building_without_a_number_is_named() -> None:
    sent, skipped = await desired(replace(vacancy(), building=" "))
    assert (sent, skipped[0].rule, spoken([skipped[0].reason])) == ({}, "C2", ["empty_building"])


async def test_a_rent_of_zero_is_sent_unless_agreed_otherwise() -> None:
    zero = {"net_cold_rent": Decimal("0.00")}
    assert (await fields(**zero))["baseRent"] == 0
    assert await skip(replace(SETTINGS, zero_rent="skip"), **zero) == ("I8", "rent_zero_skipped")


@pytest.mark.parametrize("released", [True, False, None])
async def test_the_release_is_not_looked_at_where_that_is_agreed(released: bool | None) -> None:
    sent, skipped = await desired(vacancy(released=released), settings=replace(SETTINGS, release="ignored"))
    assert (list(sent), skipped) == ([ID], [])


async def test_a_skipped_vacancy_leaves_its_id_free_so_that_what_immomio_shows_is_withdrawn() -> None:
    _, skipped = await desired(vacancy(released=False))
    assert skipped[0].id == "erp:v1"
    assert (VACANCIES.deletes, owns_vacancy("vacancy", ID, SETTINGS)) == (Deletes.OWNED, True)
    assert not owns_vacancy("vacancy", "20/00123/004/0050", SETTINGS)
    assert not owns_vacancy("vacancy", "10/00123/0050", SETTINGS)
    assert not owns_vacancy("unit", ID, SETTINGS)
    assert not owns_vacancy("vacancy", ID, replace(SETTINGS, mandanten="all"))


async def test_without_buildings_the_id_has_three_parts() -> None:
    sent, _ = await desired(vacancy(), settings=replace(SETTINGS, unit_parts=NO_BUILDING))
    assert list(sent) == ["10/00123/0050"]


async def test_only_configured_mandanten_are_sent_and_unknown_ones_are_an_error() -> None:
    sent, skipped = await desired(vacancy(), replace(vacancy("v2"), mandant="20"))
    assert (list(sent), skipped) == ([ID], [])
    with pytest.raises(Failure, match="unknown_mandant at 30"):
        await desired(settings=replace(SETTINGS, mandanten=("10", "30")))


@pytest.mark.parametrize("missing", ["net_cold_rent", "operating_costs"])
def test_a_sum_with_an_unknown_part_is_not_made_up(missing: str) -> None:
    unknown: dict[str, Any] = {missing: None}
    assert cold_rent(vacancy(**unknown)) is None


async def test_the_total_rent_is_the_erps_and_never_computed() -> None:
    assert (await fields(total_rent=None))["totalRent"] is None
    assert (await fields(total_rent=Decimal("651.00")))["totalRent"] == Decimal("651.00")


@given(st.text(max_size=40), st.text(max_size=40))
def test_an_attachment_can_always_be_taken_apart_again(title: str, check: str) -> None:
    one = Attachment(ref="media-4711.pdf", group=AttachmentGroup.DOCUMENT, title=title, check=check)
    parts = attachment_text(one).split("|")
    assert len(parts) == 4
    assert parts[:2] == ["DOKUMENTE", "media-4711.pdf"]


_MONEY = st.none() | st.decimals(-10_000, 10_000, places=2)


@given(_MONEY, _MONEY, _MONEY, st.none() | st.booleans(), st.none() | st.text(max_size=20))
async def test_whatever_the_erp_says_is_sent_whole_or_named(
    net: Decimal | None, costs: Decimal | None, total: Decimal | None, released: bool | None, said: str | None
) -> None:
    one = vacancy(
        net_cold_rent=net, operating_costs=costs, total_rent=total, released=released, floor_raw=said,
        title=said, description=said,
    )  # fmt: skip
    sent, skipped = await desired(one)
    assert len(sent) + len(skipped) == 1
    assert bool(sent) == (net is not None and net >= 0 and released is True)
    for record in sent.values():
        assert Codec((VACANCY_MAPPING,)).line(record)


async def test_what_immomio_holds_names_its_mandant() -> None:
    held = [Record("vacancy", ID, {"kind": "FLAT"})]
    found = [one async for one in VACANCIES.actual(connector(held), SETTINGS)]
    assert found[0].fields == {"clientNumber": "10", "kind": "FLAT"}
    assert VACANCIES.needs == {Capability.VACANCIES}


async def test_of_the_seeded_company_exactly_the_planted_defects_are_held_back() -> None:
    company = build_company(300, 5, TODAY)
    defects = {key: set(ids) for key, ids in company.defects.items() if key.startswith("vacancy_")}
    found = desired_vacancies(Erp(of_company(company)), replace(SETTINGS, mandanten="all"))
    sent, skipped = await told(found)
    why = Counter(one.reason.code.partition(".")[2] for one in skipped)
    ids = {one.id.removeprefix("erp:") for one in skipped}
    sound = {one.id for one in company.vacancies} - ids
    assert len(sent["vacancy"]) == len(sound)
    assert why["rent_missing"] == len(defects["vacancy_without_net_rent"]) > 0
    assert why["rent_negative"] == len(defects["vacancy_net_rent_negative"]) > 0
    assert why["not_released"] == len(defects["vacancy_not_released"]) > 0
    assert why["empty_building"] == len(defects["vacancy_without_building_number"])
    assert defects["vacancy_net_rent_zero"] <= sound
    assert why.total() == len(ids)
    rest = ids - set[str]().union(
        *(
            defects[key]
            for key in (
                "vacancy_without_net_rent", "vacancy_net_rent_negative", "vacancy_not_released",
                "vacancy_without_building_number", "vacancy_usage_unknown",
            )
        )
    )  # fmt: skip
    assert {v.usage_raw for v in company.vacancies if v.id in rest} <= {"Lager"}


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"separator": "~"}, "separator: "),
        ({"mandanten": ()}, "mandanten: "),
        ({"unit_parts": ("unit",)}, "unit_parts: "),
        ({"garages": ("Wohnung",)}, "garages: "),
        ({"zero_rent": "drop"}, "zero_rent: "),
        ({"release": "maybe"}, "release: "),
        ({"owner": "me"}, "owner: "),
    ],
)
def test_a_wrong_setting_names_its_field(given_: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        replace(SETTINGS, **given_)
