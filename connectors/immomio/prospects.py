"""Applicants who became tenants go back to the ERP as business partner and prospect (rules I6, I7, I9).

Who is known there already is not made a second time: first name, last name and day of birth are compared as a
person would, without regard to blanks and case. Where that leaves a doubt nothing is sent, and the record
says so.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from connectors.agreed import within
from connectors.contract import (
    Capability,
    Connector,
    Deletes,
    Direction,
    Record,
    Skipped,
    Text,
    UseCase,
    Value,
)
from connectors.housing import Person, stream
from connectors.ids import clean, parse
from connectors.immomio.entities import (
    APPLICATION,
    BUSINESS_PARTNER_MAPPING,
    PROSPECT_MAPPING,
)
from connectors.immomio.feedback import applications_in
from connectors.immomio.settings import ProspectSettings
from connectors.letting import BUSINESS_PARTNER, PROSPECT
from connectors.wrappers import Paired

ORIGIN = "immomio:"
"""What our ids at the ERP begin with: they say which system the person came from."""

KNOWN = "number:"
ACCEPTED = "ACCEPTED"
ENDED = ("REJECTED", "DELETED")
STATE = "ANGENOMMEN"

Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """A person that the ERP has under an applicant's name."""

    number: str
    birth_date: date | None = field(repr=False)


async def desired_prospects(source: Paired, settings: ProspectSettings) -> AsyncIterator[Record | Skipped]:
    """What the ERP shall hold of the accepted applications. Raises Failure."""
    accepted = [one async for one in _applications(source, settings) if one.fields["state"] == ACCEPTED]
    homes = {one.id: _home(one, settings) for one in accepted}
    mains = {
        _applicant(one): one for one in accepted if one.fields["main"] and isinstance(homes[one.id], tuple)
    }
    ours = {record.id async for page in source.held.read(BUSINESS_PARTNER) for record in page.records}
    known = await _known(source, {_name(one.fields) for key, one in mains.items() if key not in ours})
    decided = {
        key: one if key in ours else _decide(key, one, known.get(_name(one.fields), ()))
        for key, one in mains.items()
    }
    for key, decision in decided.items():
        yield decision if isinstance(decision, Skipped) else _business_partner(key, decision)
    for one in accepted:
        home = homes[one.id]
        yield home if isinstance(home, Skipped) else _prospect(one, home, decided.get(_applicant(one)))


async def _applications(source: Paired, settings: ProspectSettings) -> AsyncIterator[Record]:
    """All applications: those of Immomio, then those of the feedback files."""
    async for page in source.read(APPLICATION):
        for record in page.records:
            yield record
    for record in await applications_in(settings.feedback):
        yield record


async def _known(source: Paired, names: Collection[Name]) -> Mapping[Name, list[Known]]:
    """The ERP's persons who bear one of these names; of nobody else anything is kept."""
    found: dict[Name, list[Known]] = defaultdict(list)
    if names:
        async for person in stream(source.erp, Person):
            name = name_key(person.first_name, person.last_name or person.company_name)
            if name in names:
                found[name].append(Known(clean(person.number), person.birth_date))
    return found


def _decide(key: str, one: Record, known: Iterable[Known]) -> Record | Skipped:
    """The applicant as a new business partner, or why there is none to be made."""
    born = one.fields["birthDate"]
    same = [person.number for person in known if born and person.birth_date == born]
    unsure = [person.number for person in known if born is None or person.birth_date is None]
    if len(same) == 1:
        return _skip(BUSINESS_PARTNER, key, "I9", "partner_known", number=same[0])
    if same or unsure:
        why = "partner_several" if same else "partner_unsure"
        return _skip(BUSINESS_PARTNER, key, "I9", why, numbers=", ".join(sorted(same or unsure)))
    return one


def _business_partner(key: str, one: Record) -> Record:
    return Record(
        BUSINESS_PARTNER, key, {f.name: one.fields[f.name] for f in BUSINESS_PARTNER_MAPPING.fields}
    )


def _home(one: Record, settings: ProspectSettings) -> tuple[str, ...] | Skipped:
    """The numbers of the unit that was applied for, or why it is none of ours."""
    key, vacancy = f"{ORIGIN}{one.id}", str(one.fields["vacancy"] or "")
    parts = parse(settings.separator, vacancy, len(settings.unit_parts))
    if parts is None:
        return _skip(PROSPECT, key, "I7", "object_id_foreign", id=vacancy)
    if not within(settings.scope, parts[0]):
        return _skip(PROSPECT, key, "C3", "other_mandant", mandant=parts[0])
    return parts


def _prospect(one: Record, home: tuple[str, ...], decision: Record | Skipped | None) -> Record | Skipped:
    """The prospect of an accepted application, or why it is not sent."""
    key, partner = f"{ORIGIN}{one.id}", _applicant(one)
    if not one.fields["main"] or decision is None:
        return _skip(PROSPECT, key, "I9", "not_main_tenant")
    if isinstance(decision, Skipped):
        number = decision.reason.args.get("number")
        if number is None:
            return _skip(PROSPECT, key, "I9", "partner_undecided")
        partner = f"{KNOWN}{number}"
    fields: dict[str, Value] = {
        "clientNumber": home[0],
        "unit": "/".join(home),
        "businessPartner": partner,
        "state": STATE,
    }
    taken = {name: one.fields[name] for name in ("wantedStart", "acceptedRent", "message")}
    return Record(PROSPECT, key, fields | taken)


def name_key(first: str | None, last: str | None) -> Name:
    """A name as it is compared: NFC, without case, blanks and what cannot be seen."""
    return _bare(first), _bare(last)


def _bare(text: str | None) -> str:
    plain = unicodedata.normalize("NFKC", text or "").casefold()
    return "".join(c for c in plain if not c.isspace() and unicodedata.category(c) != "Cf")


def _name(fields: Mapping[str, Value]) -> Name:
    first, last, company = (fields[name] for name in ("firstName", "lastName", "companyName"))
    return name_key(str(first or ""), str(last or company or ""))


def _applicant(one: Record) -> str:
    return f"{ORIGIN}{one.fields['applicant']}"


def _skip(entity: str, id_: str, rule: str, why: str, **args: str) -> Skipped:
    return Skipped(entity, id_, rule, Text(f"immomio.{why}", args))


async def actual_prospects(target: Connector, settings: ProspectSettings) -> AsyncIterator[Record]:
    """What the ERP was handed in before. Raises Failure."""
    for entity in (BUSINESS_PARTNER, PROSPECT):
        async for page in target.read(entity):
            for record in page.records:
                yield record


async def forgotten_prospects(
    source: Paired, settings: ProspectSettings, *, now: datetime | None = None
) -> AsyncIterator[tuple[str, str]]:
    """Entity and id of everything local about applicants whose every application ended longer ago than
    agreed.

    Raises Failure.
    """
    before = (now or datetime.now(UTC)) - timedelta(days=settings.forget_rejected_after_days)
    alive: set[str] = set()
    ended: dict[str, list[str]] = defaultdict(list)
    async for one in _applications(source, settings):
        changed = one.fields["changedAt"]
        over = one.fields["state"] in ENDED and isinstance(changed, datetime) and changed < before
        if over:
            ended[_applicant(one)].append(f"{ORIGIN}{one.id}")
        else:
            alive.add(_applicant(one))
    for applicant, applications in ended.items():
        for application in applications:
            yield PROSPECT, application
        if applicant not in alive:
            yield BUSINESS_PARTNER, applicant


def owns_prospect(entity: str, id_: str, settings: Any) -> bool:
    """Whether the id's form says that it came from Immomio through us."""
    return entity in (BUSINESS_PARTNER, PROSPECT) and id_.startswith(ORIGIN)


PROSPECTS: UseCase[ProspectSettings] = UseCase(
    key="prospects",
    direction=Direction.TO_ERP,
    settings=ProspectSettings,
    mappings=lambda settings: (BUSINESS_PARTNER_MAPPING, PROSPECT_MAPPING),
    deletes=Deletes.NEVER,
    desired=desired_prospects,
    actual=actual_prospects,
    owns=owns_prospect,
    scopes={"mandant": "clientNumber", "unit": "unit"},
    strata=("clientNumber", "state"),
    needs=frozenset({Capability.PROSPECTS}),
    forgets=forgotten_prospects,
)
