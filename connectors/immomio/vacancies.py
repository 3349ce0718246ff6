"""Vacancies for Immomio: what the ERP wants to let, under the same ids as the units of the master data.

Amounts are the ERP's. Only ``coldRent`` is a sum, for OpenImmo's ``kaltmiete`` is defined as one:
Nettokaltmiete plus operating costs (wire reference housing 4.2). ``totalRent`` is never computed: whether
heating and surcharges are part of it is the ERP's word, and a sum of our own would hide a mistake in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any

from connectors.agreed import require_mandanten, unit_numbers, within
from connectors.contract import (
    Capability,
    Connector,
    Deletes,
    Direction,
    Reader,
    Record,
    Skipped,
    Text,
    UseCase,
    Value,
)
from connectors.housing import stream
from connectors.ids import clean
from connectors.immomio.entities import VACANCY, VACANCY_MAPPING
from connectors.immomio.floor import floor
from connectors.immomio.identity import MANDANT, identify, ours, record, skipped, with_mandant
from connectors.immomio.records import address_fields
from connectors.immomio.settings import VacancySettings
from connectors.immomio.usage import kind
from connectors.letting import Attachment, EnergyCertificate, Vacancy
from connectors.spelling import paragraphs, text, unit_label

UNKNOWN = "release_unknown"
DIVIDER = "|"
"""Between the parts of an attachment's text."""


async def desired_vacancies(
    source: Reader[Any], settings: VacancySettings
) -> AsyncIterator[Record | Skipped]:
    """What Immomio shall advertise.

    Raises Failure, also for a configured Mandant that the ERP does not know (rule C3).
    """
    await require_mandanten(source, settings.scope)
    async for vacancy in stream(source, Vacancy, settings.scope):
        if within(settings.scope, vacancy.mandant):
            yield vacancy_record(vacancy, settings)


def vacancy_record(vacancy: Vacancy, settings: VacancySettings) -> Record | Skipped:
    """The vacancy as Immomio shows it, or why it is not sent (rules C1, C2, I6, I8, I10)."""
    id_ = identify(VACANCY, vacancy.id, settings.separator, unit_numbers(vacancy, settings.unit_parts))
    if isinstance(id_, Skipped):
        return id_
    refused = _refused(vacancy, settings)
    if refused is not None:
        rule, why = refused
        reason = Text(f"immomio.{why}", {"id": id_, "usage": clean(vacancy.usage_raw)})
        if why == UNKNOWN:  # what stands at Immomio under this id is not withdrawn for it
            return Skipped(VACANCY, id_, rule, reason, {MANDANT: clean(vacancy.mandant)})
        return skipped(VACANCY, vacancy.id, rule, reason, vacancy.mandant)
    what = kind(vacancy.usage_raw, settings.usage_lists)
    return record(VACANCY, id_, vacancy_fields(vacancy, what), settings.separator)


def _refused(vacancy: Vacancy, settings: VacancySettings) -> tuple[str, str] | None:
    """The rule that keeps a vacancy back, with the code of the reason."""
    rent = vacancy.net_cold_rent
    if settings.release == "required" and vacancy.released is None:
        return "I6", UNKNOWN
    if settings.release == "required" and not vacancy.released:
        return "I6", "not_released"
    if kind(vacancy.usage_raw, settings.usage_lists) is None:
        return "I10", "usage_in_no_list"
    if rent is None:
        return "I8", "rent_missing"
    if rent < 0:
        return "I8", "rent_negative"
    if rent == 0 and settings.zero_rent == "skip":
        return "I8", "rent_zero_skipped"
    return None


def vacancy_fields(vacancy: Vacancy, kind_: str | None) -> Mapping[str, Value]:
    """The fields of a vacancy, in the mapping's order."""
    return {
        "kind": kind_,
        **address_fields(vacancy.address),
        "country": text(vacancy.address.country),
        "floor": floor(vacancy.floor_raw),
        "position": unit_label(vacancy),
        "storeys": vacancy.storeys,
        "rooms": vacancy.rooms,
        "livingArea": vacancy.living_area,
        "usableArea": vacancy.usable_area,
        "constructionYear": vacancy.construction_year,
        "availableFrom": vacancy.available_from,
        **_amounts(vacancy),
        "cellar": vacancy.cellar,
        "fittedKitchen": vacancy.fitted_kitchen,
        "intercom": vacancy.intercom,
        "lift": vacancy.lift,
        "bikeRoom": vacancy.bike_room,
        "guestToilet": vacancy.guest_wc,
        "balcony": vacancy.balcony,
        "barrierFree": vacancy.barrier_free,
        "wbsRequired": vacancy.wbs_required,
        "heating": vacancy.heating.value if vacancy.heating else None,
        **_energy(vacancy.energy),
        "title": text(vacancy.title),
        "description": paragraphs(vacancy.description),
        "equipment": paragraphs(vacancy.equipment),
        "attachments": tuple(map(attachment_text, vacancy.attachments)),
    }


def _amounts(vacancy: Vacancy) -> Mapping[str, Value]:
    return {
        "baseRent": vacancy.net_cold_rent,
        "coldRent": cold_rent(vacancy),
        "operatingCosts": vacancy.operating_costs,
        "heatingCosts": vacancy.heating_costs,
        "heatingIncluded": vacancy.heating_included,
        "surcharges": vacancy.surcharges,
        "totalRent": vacancy.total_rent,
        "deposit": vacancy.deposit,
        "coopShares": vacancy.coop_shares,
    }


def cold_rent(vacancy: Vacancy) -> Decimal | None:
    """Nettokaltmiete plus operating costs; None where one of them is not known."""
    if vacancy.net_cold_rent is None or vacancy.operating_costs is None:
        return None
    return vacancy.net_cold_rent + vacancy.operating_costs


def _energy(energy: EnergyCertificate | None) -> Mapping[str, Value]:
    return {
        "energyKind": energy.kind.value if energy else None,
        "energyValue": energy.value if energy else None,
        "energyClass": text(energy.rating) if energy else None,
        "energyValidTo": energy.valid_to if energy else None,
        "energyIssued": energy.issued if energy else None,
        "energyCarrier": text(energy.carrier) if energy else None,
        "energyYear": energy.building_year if energy else None,
        "energyHotWater": energy.with_hot_water if energy else None,
    }


def attachment_text(attachment: Attachment) -> str:
    """``GROUP|ref|check|title``; a divider inside check or title becomes a slash."""
    parts = (attachment.group.value, attachment.ref, attachment.check, attachment.title)
    return DIVIDER.join((text(part) or "").replace(DIVIDER, "/") for part in parts)


async def actual_vacancies(target: Connector, settings: VacancySettings) -> AsyncIterator[Record]:
    """Every vacancy Immomio holds; what is not ours shows as a skip. Raises Failure."""
    async for page in target.read(VACANCY):
        for one in page.records:
            yield with_mandant(one, settings.separator)


def owns_vacancy(entity: str, id_: str, settings: VacancySettings) -> bool:
    """Whether the id's form proves that we made it for a configured Mandant."""
    counts = (len(settings.unit_parts),) if entity == VACANCY else ()
    return ours(id_, settings.separator, counts, settings.mandanten)


VACANCIES = UseCase(
    key="vacancies",
    direction=Direction.TO_PARTNER,
    settings=VacancySettings,
    mappings=lambda settings: (VACANCY_MAPPING,),
    deletes=Deletes.OWNED,
    desired=desired_vacancies,
    actual=actual_vacancies,
    owns=owns_vacancy,
    scopes={"mandant": "clientNumber"},
    strata=("clientNumber", "kind", "heating", "energyKind"),
    needs=frozenset({Capability.VACANCIES}),
    filters=("mandanten", "unit_parts", "flats", "garages", "commercial", "zero_rent", "release"),
)
