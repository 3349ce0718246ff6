"""What the seed predicts for Immomio, counted from the company itself and not from any mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.housing import Person, Unit, UsageClass
from connectors.letting import Vacancy
from connectors.sandbox.known import Flow, Known, tally

LETTABLE = (UsageClass.RESIDENTIAL, UsageClass.COMMERCIAL, UsageClass.PARKING)
"""Immomio has a kind for each of these; the usage types of all others stand in no list."""


def master_data(known: Known) -> Flow:
    """The tree of properties and units, tenants with an e-mail address of their own, and their leases."""
    company = known.company
    homeless = known.defects["building_number_empty"]
    properties = ["C2" if building.id in homeless else "" for building in company.buildings]
    properties += [""] * (len(company.mandanten) + len(company.economic_units))
    units = [_unit(unit, known) for unit in company.units]
    tenants = dict(_tenants(known))
    rules = [*properties, *units, *tenants.values(), *_contracts(known).values()]
    return Flow(rules.count(""), tally(rules))


def sent_contracts(known: Known) -> list[str]:
    """The ids of the leases that are sent, in their order."""
    return [key for key, rule in _contracts(known).items() if not rule]


def _contracts(known: Known) -> dict[str, str]:
    """Running lease -> the rule that keeps it back, or ""."""
    units = {unit.id: _unit(unit, known) for unit in known.company.units}
    tenants = dict(_tenants(known))
    sent: dict[str, bool] = {}
    for role in known.roles:
        reached = not tenants[known.leases[role.lease_id].mandant, role.person_id]
        sent[role.lease_id] = sent.get(role.lease_id, False) or reached
    return {key: _contract(key, known, units, sent.get(key, False)) for key in known.leases}


def _unit(unit: Unit, known: Known) -> str:
    if unit.id in known.defects["unit_without_building_number"]:
        return "C2"
    return "" if unit.usage in LETTABLE else "I10"


def _tenants(known: Known) -> Iterator[tuple[tuple[str, str], str]]:
    """(Mandant, person) -> the rule that keeps a tenant back, or ""; of a shared address one has it."""
    persons = {person.id: person for person in known.company.persons}
    whose = dict.fromkeys((known.leases[r.lease_id].mandant, r.person_id) for r in known.roles)
    taken: dict[str, str] = {}
    for mandant, person_id in whose:
        rule = _tenant(persons[person_id], known)
        if not rule:
            mail = persons[person_id].emails[0].casefold()
            rule = "I4" if mail in taken else ""
            taken.setdefault(mail, person_id)
        yield (mandant, person_id), rule


def _tenant(person: Person, known: Known) -> str:
    if person.id in known.defects["separator_in_partner_number"]:
        return "C1"
    return "" if person.emails else "I4"


def _contract(lease_id: str, known: Known, units: Mapping[str, str], reached: bool) -> str:
    """``reached``: at least one of the tenants is sent."""
    if lease_id in known.defects["lease_number_missing"]:
        return "C2"
    if lease_id in known.defects["separator_in_lease_number"]:
        return "C1"
    if units[known.leases[lease_id].unit_id]:
        return "I7"
    return "" if reached else "I4"


def vacancies(known: Known) -> Flow:
    """What can be advertised: numbered, released, of a kind that Immomio has, with a Nettokaltmiete."""
    rules = [_vacancy(vacancy, known) for vacancy in known.company.vacancies]
    return Flow(rules.count(""), tally(rules))


def _vacancy(vacancy: Vacancy, known: Known) -> str:
    if vacancy.id in known.defects["vacancy_without_building_number"]:
        return "C2"
    if vacancy.id in known.defects["vacancy_not_released"]:
        return "I6"
    if vacancy.usage not in LETTABLE:
        return "I10"
    rentless = known.defects["vacancy_without_net_rent"] | known.defects["vacancy_net_rent_negative"]
    return "I8" if vacancy.id in rentless else ""


def immomio_findings(known: Known) -> Mapping[str, int]:
    """Check key -> records concerned."""
    tenants = dict(_tenants(known))
    persons = {person.id: person for person in known.company.persons}
    return {
        "immomio.separator": known.count("separator_in_lease_number", "separator_in_partner_number"),
        "immomio.usage_types": sum(unit.usage not in LETTABLE for unit in known.company.units),
        "immomio.tenants_without_email": sum(
            rule == "I4" and not persons[person].emails for (_, person), rule in tenants.items()
        ),
        "immomio.shared_email": known.count("email_shared"),
        "immomio.main_tenant": known.count("lease_without_main_tenant", "lease_with_two_main_tenants"),
        "immomio.release": known.count("vacancy_not_released"),
        "immomio.vacancy_usage": sum(v.usage not in LETTABLE for v in known.company.vacancies),
        "immomio.rents": known.count(
            "vacancy_without_net_rent", "vacancy_net_rent_zero", "vacancy_net_rent_negative"
        ),
        "immomio.rent_sums": known.count("vacancy_rent_sum_mismatch"),
    }
